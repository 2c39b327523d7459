import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import type { DeathFacts, OomFacts, OomKill } from '../../core/death/deathFacts.ts';
import type { Enrollment } from '../../core/session/session.ts';
import type { SignalSender } from '../../core/death/deathFacts.ts';
import { msFromIso } from '../../core/words/time.ts';
import { readBootId } from '../proc/bootId.ts';
import { readDiskSpace } from '../proc/workingDisk.ts';
import { BornPids } from './bornPids.ts';
import { openKernelLog, type KernelLog } from './kernelLog.ts';
import { ancestorsOf, findKillers, type KillerSearch } from './killers.ts';
import { OomCounters } from './oomCounters.ts';
import { OpenFiles } from '../proc/openFiles.ts';
import { LimitReader } from './resourceLimits.ts';
import { isProcessAlive, ownProcess } from '../proc/ownProcess.ts';
import { senderByPid, SignalWitness } from './signalWitness.ts';
import { MemoryGroups } from '../proc/systemReadings.ts';
import { openPrivateTrace, openSharedTrace, SHARED_TRACE, type TraceReader } from './traceInstance.ts';

export interface WitnessOptions {
  readonly cwd: string;
  readonly logRoot: string;
  /** A session that began before this recorder reads the kernel's log back to the boot. */
  readonly kernelLogFrom: 'now' | 'boot';
  /** What was logged before is of others, who may have had the same pids. */
  readonly sinceMs: number;
  readonly kernelLogPath: string;
  /** What the session began with. */
  readonly rootPid: number;
  readonly launcherPid: number | undefined;
  /** Of a recorder of many, which reads the machine's own records once for all. */
  readonly machine?: MachineRecords | undefined;
}

/** What the whole machine tells: one reader of each is enough for many sessions. Whoever opens them closes them. */
export interface MachineRecords {
  readonly log: KernelLog | undefined;
  readonly trace: TraceReader | undefined;
}

export async function openMachineRecords(): Promise<MachineRecords> {
  const trace = await openTrace();
  return { log: kernelLogFrom('/dev/kmsg', 'now'), trace: trace && retold(trace) };
}

/** What the machine, rather than the process, says about a death. */
export type MachineFacts = Pick<DeathFacts, 'oom' | 'crashes' | 'killers' | 'disk' | 'sender'>;

export interface WitnessedEnd
  extends Omit<KillerSearch, 'procRoot' | 'victimPids'>, Pick<DeathFacts, 'exit' | 'ownSignal'> {
  readonly trackedPid: number;
}

/** An agent that handles what was passed on to it may take this long to end. */
const PASSED_ON_MS = 10_000;

/** One process of the session that was killed for memory; without the log nobody knows which. */
export interface MemberKill {
  readonly pid?: number | undefined;
  readonly comm?: string | undefined;
}

/** Watches the machine around one session, so that at its death there is something to compare with. */
export class DeathWitness {
  readonly openFiles = new OpenFiles();
  readonly limits = new LimitReader();
  readonly #options: WitnessOptions;
  readonly #counters: OomCounters;
  readonly #log: KernelLog | undefined;
  readonly #isLogShared: boolean;
  readonly #memberPids = new Set<number>();
  #signals: SignalWitness | undefined;
  readonly #opening: Promise<void>;
  #ancestors: { readonly of: number; readonly pids: ReadonlySet<number> } | undefined;
  #passedOn: SignalSender | undefined;
  #threads: { readonly of: number; readonly pids: ReadonlySet<number> } | undefined;
  readonly #arePidsOurs = isInitialPidNamespace();
  /** The recorder's: what was gone before its first sample began there as well. */
  readonly #ownGroup: string | undefined;
  readonly #toldPids = new Set<number>();
  readonly #born = new BornPids();
  #groupKind: OomFacts['group'];
  #own: ReadonlySet<number> | undefined;
  /** Counted, and not yet named by the log; less than none where the log was first. */
  #untold = 0;

  constructor(options: WitnessOptions) {
    this.#options = options;
    const groups = new MemoryGroups({ procRoot: '/proc', fileRoot: '' });
    this.#ownGroup = groups.directoriesOf(process.pid)[0];
    this.#counters = new OomCounters(groups, '/proc');
    // What was logged before there was anybody to share it with has to be read back.
    const shared = options.kernelLogFrom === 'now' ? options.machine : undefined;
    this.#isLogShared = shared !== undefined;
    this.#log = shared === undefined ? kernelLogFrom(options.kernelLogPath, options.kernelLogFrom) : shared.log;
    this.#opening = this.#witnessSignals();
  }

  /** With every sample, while the tracked process lives. */
  sample(trackedPid: number, memberPids: readonly number[]): void {
    this.openFiles.look(memberPids);
    this.limits.sample(trackedPid);
    this.#counters.sample(trackedPid, performance.now());
    this.#lookUp(trackedPid);
    if (this.#signals !== undefined) this.#lookAtThreads(trackedPid);
    for (const pid of memberPids) this.#memberPids.add(pid);
    this.#lookAtGroup(trackedPid);
    this.#born.sample(Date.now());
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

  /** The launcher was sent a signal for the agent. Whoever sent it lives for milliseconds: it is looked up now. */
  passedOn(signal: string, pid: number, code: number, trackedPid: number): void {
    const [ancestors, memberPids] = [this.#lookUp(trackedPid), this.#memberPids];
    this.#passedOn = senderByPid({ signal, pid, code, trackedPid, ancestors, memberPids });
  }

  /** At the instant of death. The trace forgets soonest, then killers: they live for milliseconds. */
  atDeath({ ownPids, trackedPid, exit, ownSignal }: WitnessedEnd): MachineFacts {
    const seen = this.#signals?.atDeath({
      exit,
      ownSignal,
      trackedPid,
      rootPid: this.#options.rootPid,
      launcherPid: this.#options.launcherPid,
      memberPids: this.#memberPids,
      threads: this.#threads?.of === trackedPid ? this.#threads.pids : new Set(),
      ancestors: this.#lookUp(trackedPid),
    });
    const killers = findKillers({ procRoot: '/proc', ownPids, victimPids: [trackedPid] });
    const log = this.#log?.kills().filter(this.#isSince);
    const marked = seen?.oomKills.filter(this.#isSince) ?? [];
    const group = this.#groupKind;
    const kills = log ?? (marked.length > 0 ? marked : undefined);
    const unseen = (kills ?? []).filter((kill) => this.#isUnseen(kill, trackedPid) && this.#isInOwnGroup(kill));
    const oom: OomFacts = {
      ...this.#counters.atDeath(performance.now()),
      log: kills,
      memberPids: this.#memberPids,
      arePidsOurs: this.#arePidsOurs,
      ...(this.#arePidsOurs && { unseenPids: new Set(unseen.map(({ pid }) => pid)) }),
      ...(group !== undefined && { group }),
    };
    const { cwd, logRoot } = this.#options;
    const disk = readDiskSpace({ working_directory: cwd, temporary_directory: tmpdir(), log_root: logRoot });
    const crashes = this.#log?.crashes().filter(this.#isSince) ?? [];
    return { oom, crashes, killers, disk, sender: seen?.sender ?? this.#passedOnFor(exit) };
  }

  #isUnseen({ pid, ts }: OomKill, trackedPid: number): boolean {
    return this.#born.isUnseen(pid, { endMs: msFromIso(ts) ?? 0, trackedPid });
  }

  /** What nobody has seen is ours at most where we are; what is killed in groups of others is theirs. */
  #isInOwnGroup({ group }: OomKill): boolean {
    const own = this.#counters.group ?? this.#ownGroup;
    return group === undefined || group === '/' || own === undefined || own.endsWith(group) || isBelow(group, own);
  }

  /** The log's clock is read to a tenth of a second. */
  readonly #isSince = ({ ts }: { readonly ts: string }): boolean => (msFromIso(ts) ?? 0) >= this.#options.sinceMs - 100;

  close(): void {
    if (!this.#isLogShared) this.#log?.close();
    if (this.#options.machine !== undefined) return;
    // Also one that is still being made when the session has ended already.
    void this.#opening.then(() => this.#signals?.close());
  }

  async #witnessSignals(): Promise<void> {
    const trace = this.#options.machine === undefined ? await openTrace() : this.#options.machine.trace;
    this.#signals = trace && new SignalWitness(trace);
  }

  /** Only of an end that it explains: its own signal's, or one by code soon after. */
  #passedOnFor(exit: WitnessedEnd['exit']): SignalSender | undefined {
    const passed = this.#passedOn;
    if (passed === undefined || exit === undefined) return undefined;
    const isRecent = Date.now() - (msFromIso(passed.ts) ?? 0) <= PASSED_ON_MS;
    return isRecent && (exit.signal === null || exit.signal === passed.signal) ? passed : undefined;
  }

  #lookAtThreads(trackedPid: number): void {
    try {
      this.#threads = { of: trackedPid, pids: new Set(readdirSync(`/proc/${trackedPid}/task`).map(Number)) };
    } catch {
      // it is gone: what was seen last is what counts
    }
  }

  /** Once for each tracked process: at its death nobody can be asked any more. */
  #lookUp(trackedPid: number): ReadonlySet<number> {
    if (this.#ancestors?.of !== trackedPid) {
      const pids = new Set(ancestorsOf([trackedPid], '/proc'));
      pids.delete(trackedPid);
      this.#ancestors = { of: trackedPid, pids };
    }
    return this.#ancestors.pids;
  }
}

function kernelLogFrom(path: string, from: 'now' | 'boot'): KernelLog | undefined {
  const opened = openKernelLog({
    path,
    from,
    nowMs: Date.now,
    // performance.now() counts the same clock from our own start; hrtime gives the clock itself.
    monotonicMs: () => Number(process.hrtime.bigint()) / 1e6,
  });
  return opened.ok ? opened.log : undefined;
}

/** Some thousand events: those who die within the same second each want to hear what one reading took out. */
const MOST_RETOLD = 1 << 20;

function retold(trace: TraceReader): TraceReader {
  let told = '';
  return {
    read: () => {
      told += trace.read();
      if (told.length > MOST_RETOLD) told = told.slice(told.indexOf('\n', told.length - MOST_RETOLD) + 1);
      return told;
    },
    close: () => trace.close(),
  };
}

async function openTrace(): Promise<TraceReader | undefined> {
  if (process.platform !== 'linux') return undefined;
  const bootId = readBootId() ?? '';
  const isAlive = (identity: Enrollment['recorder']): boolean => isProcessAlive(identity, bootId);
  return (await openPrivateTrace({ self: ownProcess(), isAlive })) ?? openSharedTrace(SHARED_TRACE);
}

/** `own` has the path of its file system before it. */
function isBelow(group: string, own: string): boolean {
  return group.split('/').some((_, depth, names) => depth > 1 && own.endsWith(names.slice(0, depth).join('/')));
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
