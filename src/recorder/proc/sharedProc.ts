import { ProcFiles } from './procFiles.ts';
import { SystemReader, type SystemReadings } from './systemReadings.ts';
import type { MachineMemory } from './treeMemory.ts';

/** Samples of several sessions that are due together look at one moment. */
export const SAME_MOMENT_MS = 40;
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
    }
    return this.#pids;
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
