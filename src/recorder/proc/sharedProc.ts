import { ProcFiles } from './procFiles.ts';
import { parseStat, type ProcStat } from './procReader.ts';
import { SystemReader, type SystemReadings } from './systemReadings.ts';
import type { MachineMemory } from './treeMemory.ts';

/** Samples of several sessions that are due together look at one moment, for as long as it takes to write them all. */
export const SAME_MOMENT_MS = 150;
/** A disk that fills is told of some samples later: each question of many sessions wakes another thread. */
const DISK_MS = 29_000;
/** Half of how long a tree takes a stranger for one: a pid that another process got is found out in time. */
export const GLANCE_MS = 30_000;
/** Sessions of more memory groups than this are read through files that do not stay open. */
const MOST_GROUPS = 32;

export interface SharedProcOptions {
  /** Files that may stay open. */
  readonly maxKept: number;
  readonly procRoot: string;
  /** Prefix of the mount points that /proc/self/mountinfo names. */
  readonly fileRoot: string;
  readonly nowMs: () => number;
  /** How old a reading may be; of one session alone none is read twice. */
  readonly momentMs: number;
  /** How long a stranger is known by one reading, while its pid is listed. */
  readonly glanceMs: number;
}

interface Glance {
  readonly row: ProcStat | undefined;
  readonly atMs: number;
}

interface Around {
  readonly reader: SystemReader;
  readings: SystemReadings;
  atMs: number;
}

/**
 * What the samplers of one recorder read together: which processes there are, and the memory around them. Twenty sessions
 * that each list /proc take as long for that as for their own 200 processes.
 */
export class SharedProc {
  readonly files: ProcFiles;
  readonly #options: SharedProcOptions;
  readonly #around = new Map<string, Around>();
  /** Of all processes, as they were when somebody first wanted to know. */
  #glances = new Map<number, Glance>();
  #pids: readonly number[] = [];
  #listedMs = Number.NEGATIVE_INFINITY;

  constructor(options: SharedProcOptions) {
    this.files = new ProcFiles(options.procRoot, options.maxKept);
    this.#options = options;
  }

  listPids(): readonly number[] {
    const now = this.#options.nowMs();
    if (now - this.#listedMs >= this.#options.momentMs) {
      this.#pids = this.files.listPids();
      this.#listedMs = now;
      if (this.#glances.size > 0) this.#forgetGone();
    }
    return this.#pids;
  }

  /** A process that every session has to tell from its own is read once for all of them. */
  glance(pid: number): ProcStat | undefined {
    const now = this.#options.nowMs();
    const known = this.#glances.get(pid);
    if (known !== undefined && now - known.atMs < this.#options.glanceMs) return known.row;
    const row = this.stat(pid);
    if (this.#options.glanceMs > 0) this.#glances.set(pid, { row, atMs: now });
    return row;
  }

  stat(pid: number): ProcStat | undefined {
    const text = this.files.read(pid, 'stat');
    return text === undefined ? undefined : parseStat(text);
  }

  #forgetGone(): void {
    const living = new Set(this.#pids);
    for (const pid of this.#glances.keys()) if (!living.has(pid)) this.#glances.delete(pid);
  }

  /** Whether a session is to ask for its disk again, which it did at that time. */
  isDiskDue(askedMs: number): boolean {
    return this.#options.momentMs === 0 || this.#options.nowMs() - askedMs >= DISK_MS;
  }

  /** As SystemReader reads it: `membership` is the text of a process's cgroup file. */
  around(membership: string): { readonly readings: SystemReadings; readonly machine: MachineMemory } {
    const now = this.#options.nowMs();
    const around = this.#around.get(membership);
    if (around === undefined) return this.#open(membership, now);
    if (now - around.atMs >= this.#options.momentMs) {
      around.readings = around.reader.read(membership);
      around.atMs = now;
    }
    return { readings: around.readings, machine: around.reader.machine };
  }

  close(): void {
    this.files.close();
    for (const { reader } of this.#around.values()) reader.close();
    this.#around.clear();
  }

  #open(membership: string, atMs: number): ReturnType<SharedProc['around']> {
    for (const [other, { reader }] of this.#around) {
      if (this.#around.size < MOST_GROUPS) break;
      reader.close();
      this.#around.delete(other);
    }
    const reader = new SystemReader(this.#options);
    const readings = reader.read(membership);
    this.#around.set(membership, { reader, readings, atMs });
    return { readings, machine: reader.machine };
  }
}
