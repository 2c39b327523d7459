import { join } from 'node:path';
import type { Redactor } from '../../core/privacy/redact.ts';
import type { LogRoot } from '../../logs/logRoot.ts';
import { sessionDirs } from '../../logs/sessionIndex.ts';
import { takeEnrollment } from '../../logs/takeOver.ts';
import type { AgentSurroundings } from '../../sessions/judgeEnd.ts';
import { openMachineRecords, type MachineRecords } from '../coroner/deathWitness.ts';
import type { ExitCarrier } from '../coroner/exitCarrier.ts';
import { ExitNotices } from '../coroner/exitNotices.ts';
import { keptFilesBound } from '../proc/linuxSampler.ts';
import { ownClaimant, startTicksOf } from '../proc/ownProcess.ts';
import type { Sampler } from '../proc/sampler.ts';
import { GLANCE_MS, SAME_MOMENT_MS, SharedProc } from '../proc/sharedProc.ts';
import type { PreventionSettings } from '../session/prevention.ts';
import { Pulse } from '../session/pulse.ts';
import {
  recordAttached,
  resumeRecording,
  type Company,
  type Recorded,
  type Release,
} from '../session/recordAttached.ts';
import { recoverSessions } from '../session/recoverSessions.ts';
import type { SharedParts } from '../session/sharedParts.ts';
import { agentOf, birthOf, type AgentProcess } from './agentProcess.ts';
import { AgentScan } from './agentScan.ts';
import { birthFrom, BIRTH_WORDS, type Birth } from './births.ts';
import { hasMarkedRecorder, isBelowRun, recordingOf } from './recordedElsewhere.ts';

export interface AgentWatchOptions {
  readonly root: LogRoot;
  readonly intervalSeconds: number;
  readonly graceSeconds: number;
  /** The native program; `undefined` where there is none. */
  readonly native: string | undefined;
  readonly exitCarrier: ExitCarrier | undefined;
  readonly redactor: Redactor;
  readonly prevention: PreventionSettings;
  readonly surroundings: AgentSurroundings;
  /** Agents and programs that are never recorded, by name. */
  readonly excepted: ReadonlySet<string>;
  /** Whether recording is switched off where an agent works. */
  readonly isSwitchedOff: (cwd: string) => boolean;
  readonly newId: () => string;
  /** Called when a session has been published. */
  readonly onPublished: (id: string) => Promise<void>;
  readonly warn: (message: string) => void;
}

/** How often /proc is looked at where the kernel tells nothing: an agent of two seconds is seen at least twice. */
const LOOK_MS = 700;
/** Where it does: for what was lost on the way. */
const LOOK_FOR_LOST_MS = 10_000;
/** For sessions whose recorder died. */
const RECOVER_MS = 60_000;

/** Finds every agent of this user, records it with all the others in this one process, and goes on with what others left. */
export class AgentWatch {
  readonly #options: AgentWatchOptions;
  readonly #shared: SharedParts;
  readonly #company: Company;
  readonly #scan = new AgentScan();
  readonly #sessions = new Map<string, Promise<void>>();
  readonly #samplers = new Map<string, Sampler>();
  readonly #releases = new Set<(how: Release) => void>();
  /** Which agents have been looked at: start times by pid. */
  readonly #judged = new Map<number, number>();
  #isTold = false;
  #hears: (isTold: boolean) => void = () => undefined;
  #lookedMs = Number.NEGATIVE_INFINITY;
  #recoveredMs = Number.NEGATIVE_INFINITY;
  #recovering: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #isEnding = false;
  #hasBegun = false;
  /** Born while those that an earlier recorder left are looked for. */
  readonly #early: Birth[] = [];

  private constructor(options: AgentWatchOptions, machine: MachineRecords) {
    this.#options = options;
    const nowMs = (): number => performance.now();
    const besides = {
      words: BIRTH_WORDS,
      onLine: (line: string) => this.#hear(line),
      onEnd: () => this.#hears(false),
    };
    this.#shared = {
      proc: new SharedProc({
        maxKept: keptFilesBound(),
        procRoot: '/proc',
        fileRoot: '',
        nowMs,
        momentMs: SAME_MOMENT_MS,
        glanceMs: GLANCE_MS,
      }),
      pulse: new Pulse(),
      machine,
      exits: new ExitNotices(options.exitCarrier, { isOfMany: true, besides }),
    };
    this.#company = {
      shared: this.#shared,
      onRelease: (listener) => {
        this.#releases.add(listener);
        return () => this.#releases.delete(listener);
      },
      onSampler: (id, sampler) =>
        void (sampler === undefined ? this.#samplers.delete(id) : this.#samplers.set(id, sampler)),
    };
  }

  static async open(options: AgentWatchOptions): Promise<AgentWatch> {
    const watch = new AgentWatch(options, await openMachineRecords());
    await watch.#begin();
    return watch;
  }

  /** Whether the kernel tells of new programs. */
  get isTold(): boolean {
    return this.#isTold;
  }

  get sessionIds(): readonly string[] {
    return [...this.#sessions.keys()];
  }

  /** The agents go on, whatever becomes of their sessions. */
  async end(how: Release): Promise<void> {
    this.#isEnding = true;
    clearInterval(this.#timer);
    await this.#recovering;
    for (const release of this.#releases) release(how);
    await Promise.all(this.#sessions.values());
    this.#shared.exits.close();
    this.#shared.machine.log?.close();
    await this.#shared.machine.trace?.close();
    this.#shared.proc.close();
  }

  /** Listens first, so that nobody is born unseen while the others are looked for. */
  async #begin(): Promise<void> {
    const heard = new Promise<boolean>((resolve) => {
      this.#hears = (isTold) => {
        this.#isTold = isTold;
        resolve(isTold);
      };
    });
    if (this.#shared.exits.askBesides()) await heard;
    await this.#recover();
    this.#look();
    this.#hasBegun = true;
    for (const birth of this.#early.splice(0)) this.#consider(birth);
    this.#timer = setInterval(() => this.#tick(), LOOK_MS);
  }

  #hear(line: string): void {
    const birth = birthFrom(line);
    if (line === 'hears' || line === 'deaf') this.#hears(line === 'hears');
    else if (line === 'lost' && this.#hasBegun) this.#look();
    else if (birth === undefined) return;
    else if (this.#hasBegun) this.#consider(birth);
    else this.#early.push(birth);
  }

  #tick(): void {
    const now = performance.now();
    if (now - this.#recoveredMs >= RECOVER_MS) void this.#recover();
    if (!this.#isTold || now - this.#lookedMs >= LOOK_FOR_LOST_MS) this.#look();
  }

  /** Those that began first come first: an agent before what it has started. */
  #look(): void {
    const nowMs = performance.now();
    this.#lookedMs = nowMs;
    const found = this.#scan.look(nowMs).map((pid) => ({ pid, startTicks: startTicksOf(pid) ?? 0 }));
    for (const { pid } of found.toSorted((one, other) => one.startTicks - other.startTicks)) {
      const birth = this.#judged.get(pid) === startTicksOf(pid) ? undefined : birthOf(pid);
      if (birth !== undefined) this.#consider(birth);
    }
  }

  #consider(birth: Birth): void {
    if (this.#isEnding || this.#judged.get(birth.pid) === birth.startTicks) return;
    const found = agentOf(birth, this.#options.excepted);
    if (found === undefined) return;
    this.#judged.set(birth.pid, birth.startTicks);
    const isAsked = !birth.isBelowRun && !this.#options.isSwitchedOff(found.cwd);
    if (isAsked && this.#isToBeRecorded(found)) this.#attach(found);
  }

  #isToBeRecorded(found: AgentProcess): boolean {
    // Of an agent that has ended meanwhile, too: what is below it was a part of its session, or is nobody's business.
    if (found.ancestry.some(({ pid, startTicks }) => this.#judged.get(pid) === startTicks)) return false;
    const recording = recordingOf([found, ...found.ancestry], this.#options.root);
    if (recording === 'orphaned') void this.#recover();
    if (recording !== undefined || isBelowRun(found.ancestry)) return false;
    if (found.mark !== undefined && (this.#isRunning(found.mark) || hasMarkedRecorder(found.mark))) return false;
    // What has left its parents is known to the tree that it was seen in.
    return ![...this.#samplers.values()].some((sampler) => sampler.processes().some(({ pid }) => pid === found.pid));
  }

  #isRunning(id: string): boolean {
    return sessionDirs(this.#options.root.running).includes(id);
  }

  #attach(found: AgentProcess): void {
    const options = this.#options;
    const id = options.newId();
    // At once: how one ends that lives for milliseconds is told to who asked before.
    this.#shared.exits.watch(found);
    const recorded = recordAttached({
      ...options,
      id,
      pid: found.pid,
      seen: found,
      isInteractive: found.isInteractive,
      tmux: undefined,
      label: undefined,
      onStarted: () => undefined,
      company: this.#company,
    });
    this.#keep(id, recorded);
  }

  #keep(id: string, recorded: Promise<Recorded>): void {
    const ended = recorded
      .then((published) => (published.ok ? this.#options.onPublished(id) : undefined))
      // One session's bad end, whatever it is, costs that session and none of the others.
      .catch((error: unknown) => this.#options.warn(`${id}: ${error instanceof Error ? error.message : String(error)}`))
      .finally(() => this.#sessions.delete(id));
    this.#sessions.set(id, ended);
  }

  /** Goes on with sessions whose recorder is gone, or finishes them; one recovery after the other. */
  #recover(): Promise<void> {
    this.#recoveredMs = performance.now();
    this.#forgetGone();
    this.#recovering = this.#recovering.then(() => this.#recoverNow());
    return this.#recovering;
  }

  async #recoverNow(): Promise<void> {
    if (this.#isEnding) return;
    const { root, surroundings, warn } = this.#options;
    try {
      await recoverSessions({ root, surroundings, resume: (id) => Promise.resolve(this.#resume(id)) });
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      warn(`Sessions whose recorder is gone could not be looked at: ${why}`);
    }
  }

  #resume(id: string): void {
    const taken = takeEnrollment(join(this.#options.root.running, id), ownClaimant());
    if (typeof taken !== 'object') return; // another recorder was first
    this.#keep(id, resumeRecording({ ...this.#options, company: this.#company }, { ...taken, session_id: id }));
  }

  #forgetGone(): void {
    for (const [pid, startTicks] of this.#judged) if (startTicksOf(pid) !== startTicks) this.#judged.delete(pid);
  }
}
