import { readFileSync } from 'node:fs';
import type { MemoryGroups } from '../proc/systemReadings.ts';

interface Reading {
  readonly atMs: number;
  readonly system: number | undefined;
  readonly group: string | undefined;
  readonly groupKills: number | undefined;
}

export interface OomDeltas {
  readonly systemDelta: number | undefined;
  readonly groupDelta: number | undefined;
  readonly earlierGroupDelta: number;
}

/** A kill may have been counted by a sample that was taken between it and our noticing the death. */
const SETTLED_MS = 2000;

/**
 * The kernel's counts of OOM kills, read with every sample. The group is looked up each time because a process may be
 * moved after its start; each group has its own first reading.
 */
export class OomCounters {
  readonly #groups: MemoryGroups;
  readonly #procRoot: string;
  /** The last reading that is at least SETTLED_MS old, and what came after it. */
  #recent: Reading[] = [];
  #earlierGroupDelta = 0;

  constructor(groups: MemoryGroups, procRoot: string) {
    this.#groups = groups;
    this.#procRoot = procRoot;
  }

  sample(pid: number, atMs: number): void {
    this.#add(this.#reading(this.#groupOf(pid) ?? this.#recent.at(-1)?.group, atMs));
  }

  /** Version 1 shows the root group for a process that is exiting, so a zombie's group says nothing. */
  #groupOf(pid: number): string | undefined {
    const group = this.#groups.directoriesOf(pid)[0];
    if (group === this.#recent.at(-1)?.group) return group;
    return /\) [ZX] /.test(textOf(`${this.#procRoot}/${pid}/stat`) ?? '') ? undefined : group;
  }

  /** How far the counters rose around the death. The process is gone, so its group is the one it was last seen in. */
  atDeath(atMs: number): OomDeltas {
    const last = this.#recent.at(-1);
    this.#add(this.#reading(last?.group, atMs));
    const now = this.#recent.at(-1);
    return {
      systemDelta: difference(now?.system, this.#recent[0]?.system),
      groupDelta: difference(now?.groupKills, this.#recent.find((reading) => reading.group === now?.group)?.groupKills),
      earlierGroupDelta: this.#earlierGroupDelta,
    };
  }

  #reading(group: string | undefined, atMs: number): Reading {
    return {
      atMs,
      system: counterIn(`${this.#procRoot}/vmstat`),
      group,
      groupKills: group === undefined ? undefined : groupCounter(group),
    };
  }

  #add(reading: Reading): void {
    this.#recent.push(reading);
    let next = this.#recent[1];
    while (next !== undefined && reading.atMs - next.atMs >= SETTLED_MS) {
      const dropped = this.#recent.shift();
      if (dropped?.group === next.group)
        this.#earlierGroupDelta += difference(next.groupKills, dropped?.groupKills) ?? 0;
      next = this.#recent[1];
    }
  }
}

/**
 * Kills of members of this very group: version 1 counts so in memory.oom_control, version 2 in memory.events.local;
 * memory.events, all there is before Linux 5.2, includes the groups below.
 */
function groupCounter(directory: string): number | undefined {
  for (const name of ['memory.oom_control', 'memory.events.local', 'memory.events']) {
    const count = counterIn(`${directory}/${name}`);
    if (count !== undefined) return count;
  }
  return undefined;
}

/** The value of the line `oom_kill 3`. */
function counterIn(path: string): number | undefined {
  const digits = /^oom_kill (\d+)$/m.exec(textOf(path) ?? '')?.[1];
  return digits === undefined ? undefined : Number(digits);
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined; // not on this kernel, not ours to read, or the process or its group is gone
  }
}

function difference(now: number | undefined, before: number | undefined): number | undefined {
  return now === undefined || before === undefined ? undefined : Math.max(0, now - before);
}
