import { readFileSync, readlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import type { DeathFacts, OomFacts } from '../core/deathFacts.ts';
import { msFromIso } from '../core/time.ts';
import { readDiskSpace } from './diskSpace.ts';
import { openKernelLog, type KernelLog } from './kernelLog.ts';
import { ancestorsOf, findKillers, type KillerSearch } from './killers.ts';
import { OomCounters } from './oomCounters.ts';
import { MemoryGroups } from './systemReadings.ts';

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

/** One process of the session that was killed for memory; without the log nobody knows which. */
export interface MemberKill {
  readonly pid?: number | undefined;
  readonly comm?: string | undefined;
}

/** Watches the machine around one session, so that at its death there is something to compare with. */
export class DeathWitness {
  readonly #options: WitnessOptions;
  readonly #counters: OomCounters;
  readonly #log: KernelLog | undefined;
  readonly #memberPids = new Set<number>();
  readonly #arePidsOurs = isInitialPidNamespace();
  readonly #toldPids = new Set<number>();
  #groupKind: OomFacts['group'];
  #own: ReadonlySet<number> | undefined;
  /** Counted, and not yet named by the log; less than none where the log was first. */
  #untold = 0;

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
    this.#lookAtGroup(trackedPid);
    this.#log?.readOn(); // 5 µs: dates what it finds, and the ring buffer cannot forget it
  }

  /** Four times a second: the session's processes, other than the tracked one, that were killed for memory since. */
  look(trackedPid: number): readonly MemberKill[] {
    const outlived = this.#counters.look(trackedPid, performance.now());
    // The log costs 5 µs a look, and knows of kills that no group counts.
    const named = (this.#log?.kills() ?? []).filter(this.#isSince).filter(({ pid }) => {
      return pid !== trackedPid && this.#memberPids.has(pid) && this.#arePidsOurs && !this.#toldPids.has(pid);
    });
    for (const { pid } of named) this.#toldPids.add(pid);
    this.#untold += outlived - named.length; // whichever of the two is seen first
    if (named.length > 0) return named.map(({ pid, comm }) => ({ pid, comm }));
    if (outlived === 0 || this.#untold <= 0 || this.#groupKind === 'shared') return [];
    const unnamed = this.#untold;
    this.#untold = 0;
    return Array.from({ length: unnamed }, () => ({}));
  }

  /** Who is in the tracked process's memory group besides it; one that was ever shared may have counted others. */
  #lookAtGroup(trackedPid: number): void {
    const group = this.#counters.group;
    const pids = group === undefined || this.#groupKind === 'shared' ? undefined : pidsIn(`${group}/cgroup.procs`);
    if (pids === undefined) return;
    this.#own ??= new Set([process.pid, ...ancestorsOf([process.pid], '/proc')]); // who started us holds next to nothing
    const others = pids.filter((pid) => pid !== trackedPid && this.#own?.has(pid) !== true);
    const isOurs = (pid: number): boolean =>
      this.#memberPids.has(pid) || ancestorsOf([pid], '/proc').some((each) => this.#memberPids.has(each));
    const isShared = others.length > MOST_IN_GROUP || !others.every(isOurs);
    this.#groupKind = isShared ? 'shared' : others.length === 0 && this.#groupKind !== 'ours' ? 'alone' : 'ours';
  }

  /** At the instant of death. Killers first: they live for milliseconds. */
  atDeath({ ownPids, victimPids }: Omit<KillerSearch, 'procRoot'>): MachineFacts {
    const killers = findKillers({ procRoot: '/proc', ownPids, victimPids });
    const group = this.#groupKind;
    const oom: OomFacts = {
      ...this.#counters.atDeath(performance.now()),
      log: this.#log?.kills().filter(this.#isSince),
      memberPids: this.#memberPids,
      arePidsOurs: this.#arePidsOurs,
      ...(group !== undefined && { group }),
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

/** The root group has every process of the machine: nobody asks for the parents of them all. */
const MOST_IN_GROUP = 500;

/** PROC_PID_INIT_INO (include/linux/proc_ns.h): there the kernel's log counts pids as we do. */
function isInitialPidNamespace(): boolean {
  try {
    return readlinkSync('/proc/self/ns/pid') === 'pid:[4026531836]';
  } catch {
    return false; // no /proc
  }
}

function pidsIn(path: string): readonly number[] | undefined {
  try {
    return readFileSync(path, 'latin1').split('\n').filter(Boolean).map(Number);
  } catch {
    return undefined; // the group is gone, or not ours to read
  }
}
