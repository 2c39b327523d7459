import { join } from 'node:path';
import type { ExitFacts } from '../../core/death/deathFacts.ts';
import type { Redactor } from '../../core/privacy/redact.ts';
import { isoFromMs } from '../../core/words/time.ts';
import { TRACEPARENT, traceparentOf, type TraceContext } from '../../core/words/traceContext.ts';
import { DEFAULT_CAP_BYTES, openCappedLog } from '../../logs/cappedLog.ts';
import type { LogRoot } from '../../logs/logRoot.ts';
import { createLineWriter } from '../../logs/lineWriter.ts';
import { createRunningSession, type RunningSession } from '../../logs/runningSession.ts';
import { directOutput, pipedOutput, uncapturedOutput, type SpawnedOutput } from '../run/agentOutput.ts';
import { endAgent, groupTarget } from '../run/endAgent.ts';
import { enroll, ENVIRONMENT_MARK, environmentMark, type Enrolled } from './enrollment.ts';
import type { ExitCarrier } from '../coroner/exitCarrier.ts';
import { ExitNotices } from '../coroner/exitNotices.ts';
import { forwardSignals, type SignalForwarding } from '../run/forwardSignals.ts';
import { launchExitCode, publishLaunchFailure } from './launchFailure.ts';
import type { PreventionSettings } from './prevention.ts';
import { NO_PROGRESS } from './recording.ts';
import { detectorFor } from './resume.ts';
import { createOutputIndex } from '../run/outputIndex.ts';
import { createSampler } from '../proc/createSampler.ts';
import type { AgentSurroundings } from '../../sessions/judgeEnd.ts';
import { SessionRecorder } from './sessionRecorder.ts';
import { tmuxPlaceOf } from '../proc/tmux.ts';
import { spawnAgent, type AgentOutput as AgentStdio, type Launch } from '../run/spawnAgent.ts';

export interface RunOptions {
  readonly root: LogRoot;
  readonly id: string;
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly isStdinClosed: boolean;
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number | undefined;
  readonly graceSeconds: number;
  readonly label: string | undefined;
  readonly isCaptured: boolean;
  /** Why nothing is to be recorded, for the person; `undefined` when it is. */
  readonly switchedOff: string | undefined;
  /** Nobody reads our own stdout and stderr: the agent writes to its files itself. */
  readonly isDetached: boolean;
  readonly redactor: Redactor;
  /** With `--redact-output`: what is taken out besides what looks like a credential. */
  readonly redactedSecrets: readonly string[] | undefined;
  readonly prevention: PreventionSettings;
  readonly surroundings: AgentSurroundings;
  readonly exitCarrier: ExitCarrier | undefined;
  /** Where the session is sent to a receiver: the agent is told to put its own spans below. */
  readonly trace: TraceContext | undefined;
  /** Called once the agent runs, or could not be started. */
  readonly onLaunched: (launch: Launch) => void;
  /** One sentence for the person at the terminal. */
  readonly warn: (message: string) => void;
}

export interface RunEnd {
  readonly exit: ExitFacts;
  /** False when the session could not be kept; the person has been told why. */
  readonly isPublished: boolean;
}

/** Runs one agent and keeps the evidence. Whatever happens to the log root, the agent runs as it would without us. */
export async function recordRun(options: RunOptions): Promise<RunEnd> {
  const signals = forwardSignals();
  try {
    return await runEnrolled(options, signals);
  } finally {
    signals.stop();
  }
}

async function runEnrolled(options: RunOptions, signals: SignalForwarding): Promise<RunEnd> {
  if (options.switchedOff !== undefined) {
    options.warn(options.switchedOff);
    return runUnrecorded(options, signals);
  }
  const enrolled = enroll({
    ...options,
    mode: 'run',
    // A detached session has left its terminal, whose end does not touch it.
    tmux: options.isDetached ? undefined : tmuxPlaceOf(process.pid, options.env),
    isSpawned: false,
  });
  const created = createRunningSession(options.root, enrolled.enrollment, { onProblem: options.warn });
  if (!created.ok) {
    options.warn(`${created.message} The agent runs unrecorded.`);
    return runUnrecorded(options, signals);
  }
  return runRecorded(options, { ...enrolled, store: created.session, signals });
}

async function runRecorded(
  options: RunOptions,
  {
    store,
    enrollment,
    redactions,
    signals,
  }: Enrolled & { readonly store: RunningSession; readonly signals: SignalForwarding },
): Promise<RunEnd> {
  store.appendLifecycle({
    timestamp: enrollment.enrolled_at,
    event: 'session_created',
    session_id: enrollment.session_id,
    context: { agent: enrollment.agent, mode: 'run' },
  });
  const output = openOutput(options, store);
  const launch = await spawnAgent({
    command: options.command,
    env: agentEnvironment(options),
    output: output.stdio,
    isStdinClosed: options.isStdinClosed,
  });
  options.onLaunched(launch);
  if (!launch.ok) {
    output.close();
    const published = publishLaunchFailure({ ...options, store, enrollment, redactions }, launch.code);
    return { exit: { code: launchExitCode(launch.code), signal: null }, isPublished: published.ok };
  }
  const { agent } = launch;
  output.attach(agent);
  const sampler = createSampler({ rootPid: agent.pid, environmentMark: environmentMark(options.id) });
  const spawned = { pid: agent.pid, starttime_ticks: sampler.tracked.startTicks };
  const spawnedEnrollment = { ...enrollment, pid: agent.pid, starttime_ticks: spawned.starttime_ticks, spawned };
  store.writeEnrollment(spawnedEnrollment);
  store.appendLifecycle({
    timestamp: isoFromMs(Date.now()),
    event: 'agent_spawned',
    session_id: enrollment.session_id,
    context: { pid: agent.pid },
  });
  const exits = new ExitNotices(options.exitCarrier);
  const recorder = new SessionRecorder({
    store,
    enrollment: spawnedEnrollment,
    sampler,
    output,
    target: groupTarget(agent.pid),
    callerPids: [process.pid],
    graceMs: options.graceSeconds * 1000,
    redactions,
    prevention: options.prevention,
    surroundings: options.surroundings,
    root: options.root,
    detector: detectorFor(enrollment),
    progress: NO_PROGRESS,
    isRecovered: false,
    exits,
  });
  recorder.start();
  signals.to((signal) => recorder.forward(signal));
  const exit = await agent.exit;
  const published = await recorder.finish({ exit });
  exits.close();
  return { exit, isPublished: published.ok };
}

/** The mark, and where sessions are sent to a receiver the parent of the agent's own spans; nothing else. */
function agentEnvironment({ env, id, trace }: RunOptions): NodeJS.ProcessEnv {
  return { ...env, [ENVIRONMENT_MARK]: id, ...(trace !== undefined && { [TRACEPARENT]: traceparentOf(trace) }) };
}

function openOutput(options: RunOptions, store: RunningSession): SpawnedOutput {
  if (!options.isCaptured) return uncapturedOutput(options.isDetached);
  try {
    const [stdout, stderr] = (['stdout.log', 'stderr.log'] as const).map((name) =>
      openCappedLog(join(store.dir, name), {
        capBytes: DEFAULT_CAP_BYTES,
        onFailure: store.onWriteFailure,
      }),
    );
    if (stdout === undefined || stderr === undefined) return uncapturedOutput(options.isDetached);
    if (options.isDetached) return directOutput(stdout, stderr);
    const index = createOutputIndex(createLineWriter(join(store.dir, 'output.index'), store.onWriteFailure));
    return pipedOutput({ stdout, stderr, index, redactedSecrets: options.redactedSecrets });
  } catch (error) {
    store.onWriteFailure(store.dir, errorCode(error));
    return uncapturedOutput(options.isDetached);
  }
}

async function runUnrecorded(options: RunOptions, signals: SignalForwarding): Promise<RunEnd> {
  const { command, env, isStdinClosed, isDetached } = options;
  const output: AgentStdio = { kind: isDetached ? 'discard' : 'inherit' };
  const launch = await spawnAgent({ command, env, output, isStdinClosed });
  options.onLaunched(launch);
  if (!launch.ok) return { exit: { code: launchExitCode(launch.code), signal: null }, isPublished: false };
  const target = groupTarget(launch.agent.pid);
  signals.to((signal) => target.signal(signal));
  const { timeoutSeconds } = options;
  const timeout =
    timeoutSeconds === undefined
      ? undefined
      : setTimeout(
          () => void endAgent(target, options.graceSeconds * 1000, () => !target.signal('SIGTERM')),
          Math.min(timeoutSeconds * 1000, 0x7fffffff), // more than 31 bits, 24.8 days, would be 1 ms
        );
  const exit = await launch.agent.exit;
  clearTimeout(timeout);
  return { exit, isPublished: false };
}

function errorCode(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown'; // node:fs throws nothing else
}
