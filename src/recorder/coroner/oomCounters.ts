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
  readonly earlierKillAgoMs?: number;
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
  /** Kills in the group that the tracked process was seen to outlive. */
  #outlived = 0;
  #outlivedMs: number | undefined;
  #risen: { readonly kills: number; readonly group: string } | undefined;

  constructor(groups: MemoryGroups, procRoot: string) {
    this.#groups = groups;
    this.#procRoot = procRoot;
  }

  sample(pid: number, atMs: number): void {
    this.#add(this.#reading(this.#groupOf(pid) ?? this.#recent.at(-1)?.group, atMs));
  }

  /**
   * Between samples: a kill that was counted at one look, and at the next one the tracked process lives without a
   * SIGKILL that waits for it, was another's. The kernel counts first and sends its signal then, so one look is not
   * enough.
   * @returns how many kills were outlived since the last look
   */
  look(pid: number, atMs: number): number {
    const last = this.#recent.at(-1);
    const group = last?.group;
    const kills = group === undefined ? undefined : groupCounter(group);
    if (group === undefined || kills === undefined) return 0;
    const risen = this.#risen?.group === group ? this.#risen : undefined;
    const before = this.#recent.find((reading) => reading.group === group)?.groupKills ?? kills;
    this.#risen = kills > before ? { kills, group } : undefined;
    const added = risen === undefined ? 0 : risen.kills - before;
    if (added <= 0 || !isLivingOn(textOf(`${this.#procRoot}/${pid}/status`))) return 0;
    this.#outlived += added;
    this.#outlivedMs = atMs;
    this.#risen = undefined;
    this.#recent = this.#recent.map((reading) =>
      reading.group === group ? { ...reading, groupKills: Math.max(reading.groupKills ?? 0, before + added) } : reading,
    );
    return added;
  }

  /** The memory group that the tracked process was last seen in. */
  get group(): string | undefined {
    return this.#recent.at(-1)?.group;
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
      earlierGroupDelta: this.#earlierGroupDelta + this.#outlived,
      ...(this.#outlivedMs !== undefined && { earlierKillAgoMs: atMs - this.#outlivedMs }),
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

/** SigPnd and ShdPnd: the ninth bit is SIGKILL's. A process that is ending has no memory any more. */
function isLivingOn(status: string | undefined): boolean {
  if (status === undefined || !/^VmRSS:/m.test(status) || /^State:\s+[ZX]/m.test(status)) return false;
  return ![...status.matchAll(/^(?:SigPnd|ShdPnd):\s+[0-9a-f]*([0-9a-f])[0-9a-f]{2}$/gm)].some(
    ([, digit = '0']) => (Number.parseInt(digit, 16) & 1) === 1,
  );
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
