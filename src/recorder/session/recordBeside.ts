import { setTimeout as delay } from 'node:timers/promises';
import type { ExitFacts } from '../../core/death/deathFacts.ts';
import type { Redactor } from '../../core/privacy/redact.ts';
import type { Enrollment } from '../../core/session/session.ts';
import { signalOfNumber } from '../../core/words/signals.ts';
import type { TraceContext } from '../../core/words/traceContext.ts';
import type { LogRoot } from '../../logs/logRoot.ts';
import { createRunningSession, type Published, type RunningSession } from '../../logs/runningSession.ts';
import { launcherOutput, type LauncherCapture } from '../run/agentOutput.ts';
import { checkedTarget, type Identification } from '../run/checkedTarget.ts';
import { enroll, environmentMark, type Enrolled } from './enrollment.ts';
import type { ExitCarrier } from '../coroner/exitCarrier.ts';
import { ExitNotices } from '../coroner/exitNotices.ts';
import { notedExit } from '../coroner/exitNote.ts';
import { ancestorsOf } from '../coroner/killers.ts';
import { publishLaunchFailure } from './launchFailure.ts';
import { removeLimitGroups } from '../run/limitGroups.ts';
import type { LauncherEnd, LauncherLink } from '../run/launcherLink.ts';
import { isProcessAlive, startTicksOf, statOf } from '../proc/ownProcess.ts';
import type { PreventionSettings } from './prevention.ts';
import { NO_PROGRESS } from './recording.ts';
import { detectorFor } from './resume.ts';
import { redactedOutput } from '../run/redactedOutput.ts';
import { createSampler } from '../proc/createSampler.ts';
import type { AgentSurroundings } from '../../sessions/judgeEnd.ts';
import { SessionRecorder } from './sessionRecorder.ts';
import { tmuxPlaceOf } from '../proc/tmux.ts';

/** The agent as its launcher started it. */
export interface LaunchedAgent {
  readonly pid: number;
  readonly startTicks: number | undefined;
  readonly atMs: number;
  /** ENOENT, EACCES ...: there is no agent. */
  readonly error: string | undefined;
  readonly launcherPid: number;
  readonly capture: LauncherCapture;
}

export interface BesideOptions {
  readonly root: LogRoot;
  readonly id: string;
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly agent: LaunchedAgent;
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number | undefined;
  readonly graceSeconds: number;
  readonly label: string | undefined;
  readonly isDetached: boolean;
  readonly redactor: Redactor;
  /** With `--redact-output`: what is taken out of the captured output besides what looks like a credential. */
  readonly redactedSecrets: readonly string[] | undefined;
  readonly prevention: PreventionSettings;
  readonly surroundings: AgentSurroundings;
  readonly exitCarrier: ExitCarrier | undefined;
  readonly trace: TraceContext | undefined;
  readonly link: LauncherLink;
  /** The native program; `undefined` where it has gone meanwhile. */
  readonly native: string | undefined;
}

/** Records an agent whose parent is the launcher. We may die at any moment, and the agent does not notice. */
export async function recordBeside(options: BesideOptions): Promise<Published | undefined> {
  const { link, agent, id } = options;
  const enrolled = enroll({
    ...options,
    mode: 'run',
    // A detached session has left its terminal, whose end does not touch it.
    tmux: options.isDetached ? undefined : tmuxPlaceOf(agent.launcherPid, options.env),
    startedMs: agent.atMs,
    isSpawned: true,
    launcher: { pid: agent.launcherPid, starttime_ticks: startTicksOf(agent.launcherPid) ?? null },
    ...(agent.error === undefined && {
      process: { pid: agent.pid, starttime_ticks: agent.startTicks ?? null },
    }),
  });
  const created = createRunningSession(options.root, enrolled.enrollment, {
    onProblem: (message) => link.tell(`session-diagnostics: ${message}`),
    // At once: what the launcher notes of the end must be found by whoever finishes the session for a killed recorder.
    onMade: (made) => link.handOver(made),
  });
  if (!created.ok) {
    link.tell(`session-diagnostics: ${created.message} The agent runs unrecorded.`);
    link.recordNothing();
    return undefined;
  }
  const store = created.session;
  link.onLost((stream) => store.onWriteFailure(`${store.dir}/${stream}.log`, 'its capture ended'));
  store.appendLifecycle({
    timestamp: enrolled.enrollment.enrolled_at,
    event: 'session_created',
    session_id: id,
    context: { agent: enrolled.enrollment.agent, mode: 'run' },
  });
  if (agent.error !== undefined) {
    await link.drained();
    await removeLimitGroups(options.prevention.limitGroups);
    return publishLaunchFailure({ ...options, store, ...enrolled }, agent.error);
  }
  store.appendLifecycle({
    timestamp: enrolled.enrollment.enrolled_at,
    event: 'agent_spawned',
    session_id: id,
    context: { pid: agent.pid },
  });
  return recordToItsEnd(options, store, enrolled);
}

async function recordToItsEnd(
  options: BesideOptions,
  store: RunningSession,
  { enrollment, redactions }: Enrolled,
): Promise<Published> {
  const { link, agent } = options;
  const by = { bootId: enrollment.boot_id, native: options.native };
  const sampler = createSampler({
    rootPid: agent.pid,
    ...(agent.startTicks !== undefined && { rootStartTicks: agent.startTicks }),
    environmentMark: environmentMark(options.id),
  });
  const exits = new ExitNotices(options.exitCarrier);
  const recorder = new SessionRecorder({
    store,
    enrollment,
    sampler,
    output:
      options.redactedSecrets === undefined
        ? launcherOutput(link, store.dir, agent.capture)
        : redactedOutput({
            link,
            dir: store.dir,
            capture: agent.capture,
            secrets: options.redactedSecrets,
            onFailure: store.onWriteFailure,
          }),
    target: checkedTarget(() => sampler.processes(), by),
    callerPids: ancestorsOf([agent.launcherPid], '/proc'),
    graceMs: options.graceSeconds * 1000,
    redactions,
    prevention: options.prevention,
    native: options.native,
    surroundings: options.surroundings,
    root: options.root,
    detector: detectorFor(enrollment),
    progress: NO_PROGRESS,
    isRecovered: false,
    exits,
    beganMs: agent.atMs,
    onLook: stopWithLauncher(agent, by),
  });
  recorder.start();
  link.onSignal(({ number, senderPid, code }) => {
    const signal = signalOfNumber(number);
    if (signal !== undefined) recorder.noteSignal(signal, { pid: senderPid, code });
  });
  const end = await link.end;
  const published = await recorder.finish({
    exit: await exitOf(end, enrollment, store.dir),
    ...(end.kind === 'exit' && { elapsedMs: end.elapsedMs }),
  });
  exits.close();
  return published;
}

/**
 * SIGSTOP cannot be handed on: who stops the launcher alone, by its pid, means the agent. Where both are stopped at the
 * first look it was the group, or the launcher follows its agent; then whoever continues one of them knows what he does.
 */
function stopWithLauncher({ launcherPid, pid, startTicks }: LaunchedAgent, by: Identification): () => void {
  const target = checkedTarget(() => [{ pid, starttime_ticks: startTicks ?? null }], by);
  let seen: 'going' | 'stopped_alone' | 'settled' = 'going';
  return () => {
    if (statOf(launcherPid)?.state !== 'stopped') {
      seen = 'going';
      return;
    }
    const agent = statOf(pid);
    const isGoing = agent !== undefined && agent.startTicks === startTicks && agent.state !== 'stopped';
    if (seen === 'stopped_alone' && isGoing) target.signal('SIGSTOP');
    seen = seen === 'going' && isGoing ? 'stopped_alone' : 'settled';
  };
}

/** The parent-death signal is delivered at once; whoever lives longer has left it behind. */
const DIES_WITH_LAUNCHER_MS = 1000;
const LOOK_MS = 50;

/** A launcher that was killed took its agent along, by SIGKILL; one that let it go leaves us to look for its end. */
async function exitOf(end: LauncherEnd, enrollment: Enrollment, dir: string): Promise<ExitFacts | undefined> {
  const { spawned, boot_id: bootId } = enrollment;
  if (end.kind === 'exit') return end.exit;
  if (spawned === null) return undefined;
  const since = performance.now();
  while (isProcessAlive(spawned, bootId)) await delay(LOOK_MS);
  const tookMs = performance.now() - since;
  // It may only have stopped talking to us.
  const noted = await notedExit(dir, enrollment);
  if (noted !== undefined) return noted;
  return tookMs < DIES_WITH_LAUNCHER_MS ? { code: null, signal: 'SIGKILL' } : undefined;
}
