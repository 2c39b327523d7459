import { tmpdir } from 'node:os';
import type { DeathFacts, OomFacts } from '../../core/death/deathFacts.ts';
import { msFromIso } from '../../core/words/time.ts';
import { readDiskSpace } from '../proc/diskSpace.ts';
import { openKernelLog, type KernelLog } from './kernelLog.ts';
import { findKillers, type KillerSearch } from './killers.ts';
import { OomCounters } from './oomCounters.ts';
import { MemoryGroups } from '../proc/systemReadings.ts';

export interface WitnessOptions {
  readonly cwd: string;
  readonly logRoot: string;
  /** A session that began before this recorder reads the kernel's log back to the boot. */
  readonly kernelLogFrom: 'now' | 'boot';
  /** What was logged before is of others, who may have had the same pids. */
  readonly sinceMs: number;
  readonly kernelLogPath: string;
}

/** What the machine, rather than the process, says about a death. */
export type MachineFacts = Pick<DeathFacts, 'oom' | 'crashes' | 'killers' | 'disk'>;

/** Watches the machine around one session, so that at its death there is something to compare with. */
export class DeathWitness {
  readonly #options: WitnessOptions;
  readonly #counters: OomCounters;
  readonly #log: KernelLog | undefined;
  readonly #memberPids = new Set<number>();

  constructor(options: WitnessOptions) {
    this.#options = options;
    this.#counters = new OomCounters(new MemoryGroups({ procRoot: '/proc', fileRoot: '' }), '/proc');
    const opened = openKernelLog({
      path: options.kernelLogPath,
      from: options.kernelLogFrom,
      nowMs: Date.now,
      // performance.now() counts the same clock from our own start; hrtime gives the clock itself.
      monotonicMs: () => Number(process.hrtime.bigint()) / 1e6,
    });
    this.#log = opened.ok ? opened.log : undefined;
  }

  /** With every sample, while the tracked process lives. */
  sample(trackedPid: number, memberPids: Iterable<number>): void {
    this.#counters.sample(trackedPid, performance.now());
    for (const pid of memberPids) this.#memberPids.add(pid);
    this.#log?.readOn(); // 5 µs: dates what it finds, and the ring buffer cannot forget it
  }

  /** At the instant of death. Killers first: they live for milliseconds. */
  atDeath({ ownPids, victimPids }: Omit<KillerSearch, 'procRoot'>): MachineFacts {
    const killers = findKillers({ procRoot: '/proc', ownPids, victimPids });
    const oom: OomFacts = {
      ...this.#counters.atDeath(performance.now()),
      log: this.#log?.kills().filter(this.#isSince),
      memberPids: this.#memberPids,
    };
    const { cwd, logRoot } = this.#options;
    const disk = readDiskSpace({ working_directory: cwd, temporary_directory: tmpdir(), log_root: logRoot });
    return { oom, crashes: this.#log?.crashes().filter(this.#isSince) ?? [], killers, disk };
  }

  /** The log's clock is read to a tenth of a second. */
  readonly #isSince = ({ ts }: { readonly ts: string }): boolean => (msFromIso(ts) ?? 0) >= this.#options.sinceMs - 100;

  close(): void {
    this.#log?.close();
  }
}
