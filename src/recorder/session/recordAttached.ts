import { readFileSync, readlinkSync } from 'node:fs';
import { uptime } from 'node:os';
import type { Redactor } from '../../core/privacy/redact.ts';
import { rootOf } from '../../core/session/readSession.ts';
import type { Enrollment } from '../../core/session/session.ts';
import { isoFromMs, msFromIso } from '../../core/words/time.ts';
import type { LogRoot } from '../../logs/logRoot.ts';
import {
  createRunningSession,
  reopenRunningSession,
  type Published,
  type RunningSession,
} from '../../logs/runningSession.ts';
import { dropTakenEnrollment } from '../../logs/takeOver.ts';
import { openedOutput, uncapturedOutput } from '../run/agentOutput.ts';
import { checkedTarget } from '../run/checkedTarget.ts';
import { enroll, environmentMark } from './enrollment.ts';
import type { ExitCarrier } from '../coroner/exitCarrier.ts';
import { ExitNotices, type WatchedProcess } from '../coroner/exitNotices.ts';
import { notedExit } from '../coroner/exitNote.ts';
import { forwardSignals } from '../run/forwardSignals.ts';
import { isProcessAlive, ownProcess, startTicksOf } from '../proc/ownProcess.ts';
import { TICKS_PER_SECOND } from '../proc/procReader.ts';
import type { Sampler } from '../proc/sampler.ts';
import type { SharedProc } from '../proc/sharedProc.ts';
import type { PreventionSettings } from './prevention.ts';
import { NO_PROGRESS } from './recording.ts';
import { detectorFor, resumeSeries } from './resume.ts';
import { createSampler } from '../proc/createSampler.ts';
import type { TmuxSession } from '../proc/tmux.ts';
import type { AgentSurroundings } from '../../sessions/judgeEnd.ts';
import { SessionRecorder } from './sessionRecorder.ts';
import type { SharedParts } from './sharedParts.ts';

export interface AttachOptions {
  readonly root: LogRoot;
  readonly id: string;
  readonly pid: number;
  /** When it runs in a tmux session that is recorded as a whole. */
  readonly tmux: TmuxSession | undefined;
  readonly intervalSeconds: number;
  readonly graceSeconds: number;
  /** The native program; `undefined` where there is none. */
  readonly native: string | undefined;
  readonly label: string | undefined;
  readonly redactor: Redactor;
  readonly prevention: PreventionSettings;
  readonly surroundings: AgentSurroundings;
  readonly exitCarrier: ExitCarrier | undefined;
  readonly isInteractive?: boolean;
  /** What is known of it already: one that lives for milliseconds may be gone by now. */
  readonly seen?: SeenProcess | undefined;
  /** Called when the session's directory is there. */
  readonly onStarted: () => void;
  readonly warn: (message: string) => void;
  /** Where one recorder has many sessions: what they have in common, and how it ends. */
  readonly company?: Company | undefined;
}

export interface SeenProcess {
  readonly startTicks: number;
  readonly words: readonly string[];
  readonly cwd: string;
}

export interface Company {
  readonly shared: SharedParts;
  /** Called when the recorder ends before its sessions do; returns what takes the listener away. */
  readonly onRelease: (listener: (how: Release) => void) => () => void;
  /** Which processes a session has, for as long as it lasts. */
  readonly onSampler: (id: string, sampler: Sampler | undefined) => void;
}

/** `ended`: the session ends here, its agent goes on. `left`: another recorder goes on with it. */
export type Release = 'ended' | 'left';

/** What becomes of a recording: published, or left for the next recorder. */
export type Recorded = Published | { readonly ok: false; readonly reason: 'left'; readonly message: string };

/** Records a process that already runs. We are not its parent: how it ends, only the kernel may tell. Why it fails, `warn` told. */
export async function recordAttached(options: AttachOptions): Promise<Recorded> {
  const { pid, root, seen } = options;
  const startTicks = seen?.startTicks ?? startTicksOf(pid);
  const { enrollment, redactions } = enroll({
    ...options,
    mode: 'attach',
    command: seen?.words ?? commandOf(pid),
    cwd: seen?.cwd ?? cwdOf(pid),
    tmux: options.tmux?.place,
    process: { pid, starttime_ticks: startTicks ?? null },
    isSpawned: false,
    ...(seen !== undefined && { startedMs: beganMs(seen.startTicks) }),
  });
  const created = createRunningSession(root, enrollment, { onProblem: options.warn });
  if (!created.ok) {
    options.warn(created.message);
    return { ok: false, reason: 'unwritable', message: created.message };
  }
  const { session: store } = created;
  const event = { timestamp: enrollment.enrolled_at, session_id: enrollment.session_id };
  store.appendLifecycle({ ...event, event: 'session_created', context: { agent: enrollment.agent, mode: 'attach' } });
  store.appendLifecycle({ ...event, event: 'attached', context: { pid, ...startOf(startTicks) } });
  options.onStarted();
  const otherRootPids = options.tmux?.panePids ?? [];
  return watch(options, { store, enrollment, otherRootPids, isRecovered: false, redactions });
}

/** Since when the process runs: it was there before its recorder. */
function startOf(ticks: number | undefined): { readonly process_start_ts?: string } {
  if (ticks === undefined || process.platform !== 'linux') return {};
  return { process_start_ts: isoFromMs(Date.now() - Math.max(0, uptime() - ticks / TICKS_PER_SECOND) * 1000) };
}

/** One that was found within this time of its birth is recorded from there. */
const JUST_BORN_MS = 10_000;

function beganMs(startTicks: number): number {
  const ageMs = (uptime() - startTicks / TICKS_PER_SECOND) * 1000;
  return Date.now() - (ageMs < JUST_BORN_MS ? Math.max(0, ageMs) : 0);
}

export type ResumeOptions = Pick<
  AttachOptions,
  'root' | 'graceSeconds' | 'native' | 'prevention' | 'surroundings' | 'exitCarrier' | 'warn' | 'company'
>;

/** Goes on with a session whose recorder died while its agent lived. */
export async function resumeRecording(options: ResumeOptions, taken: Enrollment): Promise<Recorded> {
  const store = reopenRunningSession(options.root, taken.session_id, { onProblem: options.warn });
  const enrollment: Enrollment = { ...taken, recorder: ownProcess() };
  store.writeEnrollment(enrollment);
  dropTakenEnrollment(store.dir, enrollment.recorder);
  store.appendLifecycle({
    timestamp: isoFromMs(Date.now()),
    event: 'session_recovered',
    session_id: enrollment.session_id,
    reason: 'agent_alive',
  });
  return watch(options, { store, enrollment, otherRootPids: [], isRecovered: true, redactions: {} });
}

interface Watched {
  readonly store: RunningSession;
  readonly enrollment: Enrollment;
  readonly otherRootPids: readonly number[];
  readonly isRecovered: boolean;
  readonly redactions: Readonly<Record<string, number>>;
}

/** Where nobody tells the end of a process that is not our child, it is looked for; a death is noticed this soon. */
const LOOK_FOR_END_MS = 100;
/** Where it will be told: a notice that is lost costs this much. */
const LOOK_FOR_TOLD_END_MS = 2000;

async function watch(options: ResumeOptions, watched: Watched): Promise<Recorded> {
  const { company } = options;
  const { store, enrollment, isRecovered } = watched;
  const root = rootOf(enrollment);
  const exits = company?.shared.exits ?? new ExitNotices(options.exitCarrier);
  const target = { pid: root.pid, startTicks: root.starttime_ticks ?? 0 };
  exits.watch(target);
  const detector = detectorFor(enrollment);
  const sampler = samplerOf(watched, company?.shared.proc);
  const recorder = new SessionRecorder({
    store,
    enrollment,
    sampler,
    output: isRecovered ? openedOutput(store.dir, enrollment) : uncapturedOutput(true),
    target: checkedTarget(() => (enrollment.spawned === null ? [root] : sampler.processes()), {
      bootId: enrollment.boot_id,
      native: options.native,
    }),
    callerPids: [process.pid],
    graceMs: options.graceSeconds * 1000,
    redactions: watched.redactions,
    prevention: options.prevention,
    native: options.native,
    surroundings: options.surroundings,
    root: options.root,
    detector,
    progress: isRecovered ? resumeSeries(store, detector) : NO_PROGRESS,
    isRecovered,
    exits,
    shared: company?.shared,
  });
  const { session_id: id } = enrollment;
  company?.onSampler(id, sampler);
  // A signal that comes before it is listened for would end us, with what was raised left as it is.
  const ending = endOf(target, {
    exits,
    bootId: enrollment.boot_id,
    onRelease: company?.onRelease ?? onSignal,
  });
  recorder.start();
  const released = await ending;
  company?.onSampler(id, undefined);
  const isReleased = released !== undefined;
  const ended = released === 'left' ? recorder.leave() : finished();
  const recorded = (await ended) ?? { ok: false, reason: 'left', message: 'Another recorder goes on with it.' };
  if (company === undefined) exits.close();
  return recorded;

  async function finished(): Promise<Published> {
    const exit = isReleased || enrollment.spawned === null ? undefined : await notedExit(store.dir, enrollment);
    // On a busy machine some time may have gone by since.
    const endedMs = msFromIso(exits.latest(target)?.at) ?? Date.now();
    return recorder.finish({ exit, isLeftRunning: isReleased, lateMs: Math.max(0, Date.now() - endedMs) });
  }
}

function samplerOf({ enrollment, otherRootPids }: Watched, shared: SharedProc | undefined): Sampler {
  const { pid, starttime_ticks: startTicks } = rootOf(enrollment);
  return createSampler({
    rootPid: pid,
    otherRootPids,
    ...(startTicks !== null && { rootStartTicks: startTicks }),
    ...(enrollment.mode === 'run' && { environmentMark: environmentMark(enrollment.session_id) }),
    shared,
  });
}

/** Of one session alone Ctrl-C ends the recording, never a process that we did not start. */
function onSignal(listener: (how: Release) => void): () => void {
  const signals = forwardSignals();
  signals.to(() => listener('ended'));
  return signals.stop;
}

interface Ending extends Pick<Company, 'onRelease'> {
  readonly exits: ExitNotices;
  readonly bootId: string;
}

/** Waits until the process has ended, or we are to; `undefined`: it has ended. */
async function endOf(
  { pid, startTicks }: WatchedProcess,
  { exits, onRelease, bootId }: Ending,
): Promise<Release | undefined> {
  const target = { pid, startTicks };
  let released: Release | undefined;
  let wake = (): void => undefined;
  const forget = onRelease((how) => {
    released = how;
    wake();
  });
  void exits.told(target).then(() => wake());
  const isAlive = (): boolean => isProcessAlive({ pid, starttime_ticks: startTicks }, bootId);
  while (released === undefined && isAlive()) {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, exits.isAwaited(target) ? LOOK_FOR_TOLD_END_MS : LOOK_FOR_END_MS);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
  forget();
  return isAlive() ? released : undefined;
}

export function commandOf(pid: number): string[] {
  return (textOf(`/proc/${pid}/cmdline`) ?? '').split('\0').filter((word) => word !== '');
}

function cwdOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return ''; // another user's process, or no /proc
  }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined; // gone, or no /proc
  }
}
