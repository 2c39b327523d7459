import { readFileSync, readlinkSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { agentKindOf } from '../core/agentKind.ts';
import { commandText } from '../core/commandLine.ts';
import type { Redactor } from '../core/redact.ts';
import { SCHEMA_VERSION, type Enrollment } from '../core/session.ts';
import { isoFromMs } from '../core/time.ts';
import type { LogRoot } from '../logs/logRoot.ts';
import {
  createRunningSession,
  reopenRunningSession,
  type Published,
  type RunningSession,
} from '../logs/runningSession.ts';
import { dropTakenEnrollment } from '../logs/takeOver.ts';
import { openedOutput, uncapturedOutput } from './agentOutput.ts';
import { checkedGroup, checkedProcess } from './checkedTarget.ts';
import { forwardSignals } from './forwardSignals.ts';
import { isProcessAlive, ownProcess, startTicksOf } from './ownProcess.ts';
import { readBootId } from './bootId.ts';
import { NO_PROGRESS } from './recording.ts';
import { ENVIRONMENT_MARK } from './recordRun.ts';
import { detectorFor, resumeSeries } from './resume.ts';
import { createSampler } from './sampler.ts';
import type { TmuxSession } from './tmux.ts';
import { SessionRecorder, type FindFailures } from './sessionRecorder.ts';

export interface AttachOptions {
  readonly root: LogRoot;
  readonly id: string;
  readonly pid: number;
  /** When it runs in a tmux session that is recorded as a whole. */
  readonly tmux: TmuxSession | undefined;
  readonly intervalSeconds: number;
  readonly graceSeconds: number;
  readonly label: string | undefined;
  readonly redactor: Redactor;
  readonly findFailures: FindFailures;
  /** Called when the session's directory is there. */
  readonly onStarted: () => void;
  readonly warn: (message: string) => void;
}

/** Records a process that already runs. We are not its parent: how it ends, nobody tells us. Why it fails, `warn` told. */
export async function recordAttached(options: AttachOptions): Promise<Published> {
  const { pid, root, redactor } = options;
  const startTicks = startTicksOf(pid);
  const { text: skillCommand, removed } = redactor.credentialsOnly(commandText(commandOf(pid)));
  const enrollment: Enrollment = {
    schema_version: SCHEMA_VERSION,
    session_id: options.id,
    enrolled_at: isoFromMs(Date.now()),
    boot_id: readBootId() ?? '',
    pid,
    starttime_ticks: startTicks ?? null,
    comm: null,
    via: [],
    recorder: ownProcess(),
    spawned: null,
    mode: 'attach',
    agent: agentKindOf(commandOf(pid)),
    cwd: cwdOf(pid),
    skill_command: skillCommand,
    label: options.label === undefined ? null : redactor.credentialsOnly(options.label).text,
    interval_seconds: options.intervalSeconds,
    timeout_seconds: null,
    cores: availableParallelism(),
    ...(options.tmux !== undefined && { tmux: options.tmux.place }),
  };
  const created = createRunningSession(root, enrollment, { onProblem: options.warn });
  if (!created.ok) {
    options.warn(created.message);
    return { ok: false, reason: 'unwritable', message: created.message };
  }
  const { session: store } = created;
  const event = { timestamp: enrollment.enrolled_at, session_id: enrollment.session_id };
  store.appendLifecycle({ ...event, event: 'session_created', context: { agent: enrollment.agent, mode: 'attach' } });
  store.appendLifecycle({ ...event, event: 'attached', context: { pid } });
  options.onStarted();
  const otherRootPids = options.tmux?.panePids ?? [];
  return watch(options, { store, enrollment, otherRootPids, isRecovered: false, redactions: removed });
}

export type ResumeOptions = Pick<AttachOptions, 'root' | 'graceSeconds' | 'findFailures' | 'warn'>;

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

/** The end of a process that is not our child can only be looked for; a death is noticed this soon. */
const LOOK_FOR_END_MS = 100;

async function watch(
  options: ResumeOptions,
  { store, enrollment, otherRootPids, isRecovered, redactions }: Watched,
): Promise<Published> {
  // What was started holds the whole tree; a session that was attached to has its process alone.
  const rootProcess = enrollment.spawned ?? { pid: enrollment.pid ?? 0, starttime_ticks: enrollment.starttime_ticks };
  const isAlive = (): boolean => isProcessAlive(rootProcess, enrollment.boot_id);
  const detector = detectorFor(enrollment);
  const recorder = new SessionRecorder({
    store,
    enrollment,
    sampler: createSampler({
      rootPid: rootProcess.pid,
      otherRootPids,
      ...(rootProcess.starttime_ticks !== null && { rootStartTicks: rootProcess.starttime_ticks }),
      ...(enrollment.mode === 'run' && { environmentMark: `${ENVIRONMENT_MARK}=${enrollment.session_id}` }),
    }),
    output: isRecovered ? openedOutput(store.dir) : uncapturedOutput(true),
    target: (enrollment.spawned === null ? checkedProcess : checkedGroup)(rootProcess, enrollment.boot_id),
    graceMs: options.graceSeconds * 1000,
    redactions,
    findFailures: options.findFailures,
    root: options.root,
    detector,
    progress: isRecovered ? resumeSeries(store, detector) : NO_PROGRESS,
    isRecovered,
  });
  // Ctrl-C ends the recording, never a process that we did not start.
  let isReleased = false;
  const signals = forwardSignals();
  signals.to(() => (isReleased = true));
  recorder.start();
  while (!isReleased && isAlive()) await delay(LOOK_FOR_END_MS);
  const published = await recorder.finish({ exit: undefined, isLeftRunning: isReleased });
  signals.stop();
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
