import { readFileSync, readlinkSync } from 'node:fs';
import { uptime } from 'node:os';
import type { Redactor } from '../../core/privacy/redact.ts';
import type { Enrollment } from '../../core/session/session.ts';
import { isoFromMs } from '../../core/words/time.ts';
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
import { ExitNotices } from '../coroner/exitNotices.ts';
import { notedExit } from '../coroner/exitNote.ts';
import { forwardSignals } from '../run/forwardSignals.ts';
import { isProcessAlive, ownProcess, startTicksOf } from '../proc/ownProcess.ts';
import { TICKS_PER_SECOND } from '../proc/procReader.ts';
import type { PreventionSettings } from './prevention.ts';
import { NO_PROGRESS } from './recording.ts';
import { detectorFor, resumeSeries } from './resume.ts';
import { createSampler } from '../proc/createSampler.ts';
import type { TmuxSession } from '../proc/tmux.ts';
import type { AgentSurroundings } from '../../sessions/judgeEnd.ts';
import { SessionRecorder } from './sessionRecorder.ts';

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
  /** Called when the session's directory is there. */
  readonly onStarted: () => void;
  readonly warn: (message: string) => void;
}

/** Records a process that already runs. We are not its parent: how it ends, only the kernel may tell. Why it fails, `warn` told. */
export async function recordAttached(options: AttachOptions): Promise<Published> {
  const { pid, root } = options;
  const startTicks = startTicksOf(pid);
  const { enrollment, redactions } = enroll({
    ...options,
    mode: 'attach',
    command: commandOf(pid),
    cwd: cwdOf(pid),
    tmux: options.tmux?.place,
    process: { pid, starttime_ticks: startTicks ?? null },
    isSpawned: false,
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

export type ResumeOptions = Pick<
  AttachOptions,
  'root' | 'graceSeconds' | 'native' | 'prevention' | 'surroundings' | 'exitCarrier' | 'warn'
>;

/** Goes on with a session whose recorder died while its agent lived. */
export async function resumeRecording(options: ResumeOptions, taken: Enrollment): Promise<Published> {
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

async function watch(
  options: ResumeOptions,
  { store, enrollment, otherRootPids, isRecovered, redactions }: Watched,
): Promise<Published> {
  // What was started holds the whole tree; a session that was attached to has its process alone.
  const rootProcess = enrollment.spawned ?? { pid: enrollment.pid ?? 0, starttime_ticks: enrollment.starttime_ticks };
  const isAlive = (): boolean => isProcessAlive(rootProcess, enrollment.boot_id);
  const exits = new ExitNotices(options.exitCarrier);
  const watched = { pid: rootProcess.pid, startTicks: rootProcess.starttime_ticks ?? 0 };
  exits.watch(watched);
  const detector = detectorFor(enrollment);
  const sampler = createSampler({
    rootPid: rootProcess.pid,
    otherRootPids,
    ...(rootProcess.starttime_ticks !== null && { rootStartTicks: rootProcess.starttime_ticks }),
    ...(enrollment.mode === 'run' && { environmentMark: environmentMark(enrollment.session_id) }),
  });
  const recorder = new SessionRecorder({
    store,
    enrollment,
    sampler,
    output: isRecovered ? openedOutput(store.dir, enrollment) : uncapturedOutput(true),
    target: checkedTarget(() => (enrollment.spawned === null ? [rootProcess] : sampler.processes()), {
      bootId: enrollment.boot_id,
      native: options.native,
    }),
    callerPids: [process.pid],
    graceMs: options.graceSeconds * 1000,
    redactions,
    prevention: options.prevention,
    native: options.native,
    surroundings: options.surroundings,
    root: options.root,
    detector,
    progress: isRecovered ? resumeSeries(store, detector) : NO_PROGRESS,
    isRecovered,
    exits,
  });
  // Ctrl-C ends the recording, never a process that we did not start.
  let isReleased = false;
  const signals = forwardSignals();
  signals.to(() => (isReleased = true));
  recorder.start();
  let wake = (): void => undefined;
  void exits.told(watched).then(() => wake());
  while (!isReleased && isAlive()) {
    await new Promise<void>((resolve) => {
      wake = resolve;
      setTimeout(resolve, LOOK_FOR_END_MS);
    });
  }
  const exit = isReleased || enrollment.spawned === null ? undefined : await notedExit(store.dir, enrollment);
  const published = await recorder.finish({ exit, isLeftRunning: isReleased });
  signals.stop();
  exits.close();
  return published;
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
