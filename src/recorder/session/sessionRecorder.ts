import type { DeathFacts, ExitFacts, KillerSeen, OwnSignal } from '../../core/death/deathFacts.ts';
import type { Failures } from '../../core/session/failures.ts';
import type { Incident } from '../../core/session/incident.ts';
import { withTranscriptEnds } from '../../core/failures/incompleteEnd.ts';
import { judgeDeath } from '../../core/death/judgeDeath.ts';
import { hasLostNetwork, isDeath } from '../../core/death/simultaneousDeath.ts';
import { isSessionLoss, type TmuxLoss } from '../../core/session/tmuxLoss.ts';
import type { Verdict } from '../../core/session/verdict.ts';
import type { Detector } from '../../core/anomalies/findAnomalies.ts';
import { timeoutIn } from '../../core/death/timeoutCommand.ts';
import { isoFromMs, msFromIso } from '../../core/words/time.ts';
import type { Enrollment, Summary } from '../../core/session/session.ts';
import type { Published, RunningSession } from '../../logs/runningSession.ts';
import type { LogRoot } from '../../logs/logRoot.ts';
import { sessionDirs } from '../../logs/sessionIndex.ts';
import type { FindFailures } from '../../sessions/findFailures.ts';
import type { AgentOutput } from '../run/agentOutput.ts';
import { AgentStatus, exitWithTerminal } from '../coroner/agentStatus.ts';
import { DeathWitness, type MemberKill } from '../coroner/deathWitness.ts';
import { endAgent, type SignalTarget } from '../run/endAgent.ts';
import { deathContext, incidentEvent, summaryOf, type SessionEnd } from './endSession.ts';
import type { ExitNotices } from '../coroner/exitNotices.ts';
import { killersAmong } from '../coroner/killers.ts';
import { findLeftovers } from '../run/leftovers.ts';
import { OpenFiles } from '../proc/openFiles.ts';
import { Recording, type Progress } from './recording.ts';
import type { Sampler } from '../proc/sampler.ts';
import { joinIncident } from '../coroner/simultaneousDeaths.ts';
import { createSessionClock } from './sessionClock.ts';
import { createSystemCpu } from '../proc/systemCpu.ts';
import { TmuxWatch } from '../coroner/tmuxWatch.ts';

export interface SessionRecorderOptions {
  readonly store: RunningSession;
  readonly enrollment: Enrollment;
  readonly sampler: Sampler;
  readonly output: AgentOutput;
  readonly target: SignalTarget;
  readonly graceMs: number;
  readonly redactions: Readonly<Record<string, number>>;
  readonly findFailures: FindFailures;
  readonly root: LogRoot;
  /** Has already seen what `progress` counts. */
  readonly detector: Detector;
  readonly progress: Progress;
  readonly isRecovered: boolean;
  /** How processes end whose parent we are not. Whoever gives it closes it. */
  readonly exits: ExitNotices;
  /** Who started us and the agent, and their parents: they end us, not the agent by itself. */
  readonly callerPids: readonly number[];
  /** When the agent was started, where that was before us; what the kernel logged since then is of this session. */
  readonly beganMs?: number;
  /** Called four times a second. */
  readonly onLook?: () => void;
}

/** How an end was noticed. */
interface SeenEnd {
  readonly exit: ExitFacts | undefined;
  readonly isLeftRunning?: boolean;
  /** From the session's beginning to this end, of the clock that nobody sets. */
  readonly elapsedMs?: number;
}

/** Records one live session, from its first sample to its published summary. */
export class SessionRecorder {
  readonly #options: SessionRecorderOptions;
  readonly #recording: Recording;
  readonly #witness: DeathWitness;
  readonly #status: AgentStatus;
  readonly #systemCpu = createSystemCpu();
  readonly #openFiles = new OpenFiles();
  #enrollment: Enrollment;
  readonly #startedAt = performance.now();
  /** It may have begun before us: its launcher, or a recorder that died, was first. */
  readonly #startedLateMs: number;
  #ownSignal: OwnSignal | undefined;
  #isStopping = false;
  #lastSnapshotAgeSeconds: number | undefined;
  #isGone = false;
  readonly #tmux: TmuxWatch | undefined;
  #timeout: NodeJS.Timeout | undefined;

  constructor(options: SessionRecorderOptions) {
    const { enrollment, store, sampler, output, progress } = options;
    this.#options = options;
    this.#enrollment = enrollment;
    this.#startedLateMs = Math.max(0, Date.now() - (msFromIso(enrollment.enrolled_at) ?? Date.now()));
    this.#witness = new DeathWitness({
      cwd: enrollment.cwd,
      logRoot: options.root.path,
      kernelLogFrom: options.isRecovered || options.beganMs !== undefined ? 'boot' : 'now',
      sinceMs: options.beganMs ?? 0,
      kernelLogPath: '/dev/kmsg',
      rootPid: enrollment.spawned?.pid ?? enrollment.pid ?? sampler.tracked.pid,
      launcherPid: enrollment.launcher?.pid,
    });
    this.#status = new AgentStatus(options.exits, sampler.tracked);
    const { tmux: place, session_id: sessionId } = enrollment;
    this.#tmux =
      place &&
      new TmuxWatch({
        place,
        sessionId,
        rootPid: sampler.tracked.pid,
        tell: (event, reason, context) =>
          this.#recording.lifecycle(event, { ...(reason !== undefined && { reason }), context: { ...context } }),
      });
    this.#recording = new Recording({
      sessionId: enrollment.session_id,
      store,
      clock: createSessionClock(Date.now, msFromIso(progress.lastSnapshot?.ts)),
      sampler,
      detector: options.detector,
      intervalMs: enrollment.interval_seconds * 1000,
      outputBytes: () => output.byteCount(),
      onSample: () => this.#afterSample(),
      onLook: () => this.#afterLook(),
      progress,
    });
  }

  start(): void {
    const { timeout_seconds: timeoutSeconds, enrolled_at: enrolledAt } = this.#enrollment;
    this.#recording.start();
    this.#recording.lifecycle('sampling_started', {
      context: { pid: this.#options.sampler.tracked.pid, interval_seconds: this.#enrollment.interval_seconds },
    });
    this.#tmux?.start();
    if (timeoutSeconds !== null) {
      const leftMs = (msFromIso(enrolledAt) ?? Date.now()) + timeoutSeconds * 1000 - Date.now();
      // setTimeout holds 31 bits of milliseconds, 24.8 days; nobody waits longer for an agent.
      this.#timeout = setTimeout(() => void this.end('timeout'), Math.min(Math.max(0, leftMs), 0x7fffffff));
    }
  }

  /** Passes a signal on to the agent and remembers that we did. */
  forward(signal: NodeJS.Signals): void {
    this.noteSignal(signal);
    this.#options.target.signal(signal);
  }

  /** A signal came to where the agent was started, for the agent. */
  noteSignal(signal: string, sender?: { readonly pid: number; readonly code: number }): void {
    if (sender !== undefined) {
      this.#witness.passedOn(signal, sender.pid, sender.code, this.#options.sampler.tracked.pid);
    }
    const why = FORWARDED[signal] ?? 'terminate_forwarded';
    if (!this.#isStopping) this.#ownSignal = { signal, why, at: isoFromMs(Date.now()) };
  }

  /** Ends the agent: TERM, a time of grace, KILL. */
  async end(why: 'timeout' | 'stop'): Promise<void> {
    if (this.#isStopping || this.#isGone) return;
    this.#isStopping = true;
    if (why === 'stop') this.#recording.lifecycle('stop_requested');
    await this.#recording.sampleNow();
    this.#ownSignal = { signal: 'SIGTERM', why, at: isoFromMs(Date.now()) };
    await endAgent(this.#options.target, this.#options.graceMs, () => this.#isGone);
  }

  /** The instant the agent is known to be gone. Synchronous up to the evidence: each millisecond loses some. */
  async finish(end: SeenEnd): Promise<Published> {
    const { sampler, output, store, findFailures } = this.#options;
    this.#isGone = true;
    clearTimeout(this.#timeout);
    const elapsedMs = end.elapsedMs ?? this.#elapsedMs();
    const facts = await this.#gatherFacts(end);
    const judged = judgeDeath(facts);
    this.#tellKills(this.#witness.look(sampler.tracked.pid)); // the latest ones
    if (judged.cause === 'oom_kill') this.#tellKills([{ pid: facts.trackedPid, comm: facts.trackedComm }]);
    // The others are told before anything that takes time: who died with us wants to know within a moment.
    const told = this.#tellDeath(facts.at, judged, undefined);
    // What goes on running has left nothing behind, nor has a terminal that is still there.
    const isLeftRunning = facts.isLeftRunning || (this.#isOfTerminal() && !isSessionLoss(facts.tmux));
    const leftovers = isLeftRunning ? [] : await findLeftovers(sampler, this.#enrollment.boot_id);
    this.#recording.lifecycle('session_death_detected', {
      context: deathContext({
        facts,
        ageSeconds: elapsedMs / 1000,
        lastSnapshotAgeSeconds: this.#lastSnapshotAgeSeconds,
        snapshotCount: this.#recording.snapshotCount,
        outputBytes: output.byteCount(),
        activeSessions: sessionDirs(this.#options.root.running).length,
        cpuPercent: this.#systemCpu(),
      }),
    });
    this.#close();
    const found = findFailures({
      enrollment: this.#enrollment,
      facts,
      dir: store.dir,
      openFiles: this.#openFiles.seen,
    });
    const { ownCommand, ends } = found ?? {};
    const known = ownCommand === undefined ? judged : judgeDeath({ ...facts, ownCommand });
    const verdict = withTranscriptEnds(known, facts, ends);
    const incident = await (told ?? this.#tellDeath(facts.at, verdict, found?.failures));
    if (incident !== undefined) this.#recording.lifecycle('simultaneous_deaths', incidentEvent(incident));
    const summary = this.#summary({ facts, verdict, incident, found, leftovers, elapsedMs });
    this.#recording.lifecycle('session_finished', { reason: summary.verdict.cause });
    return store.publish(summary);
  }

  #elapsedMs(): number {
    return this.#startedLateMs + performance.now() - this.#startedAt;
  }

  async #gatherFacts(end: SeenEnd): Promise<DeathFacts> {
    const { exit, isLeftRunning = false } = end;
    const wrapperLimit = timeoutIn(this.#enrollment.skill_command);
    const { sampler, output } = this.#options;
    const at = isoFromMs(Date.now());
    // Whoever wraps us ends us, not the agent: it is a candidate only for a signal that came through us.
    const isForwarded = this.#ownSignal?.why.endsWith('_forwarded') ?? false;
    const machine = this.#witness.atDeath({
      ownPids: isForwarded ? this.#options.callerPids : [],
      trackedPid: sampler.tracked.pid,
      exit,
      ownSignal: this.#ownSignal,
    });
    this.#recording.lastWords();
    this.#lastSnapshotAgeSeconds = ageSeconds(this.#recording.lastSampleAgeMs);
    await this.#recording.end();
    await output.drained();
    if (this.#isStopping) this.#options.target.signal('SIGKILL'); // what is left of a group that we were asked to end
    const { agent, ...status } = await this.#status.atEnd(exit, sampler.tracked, this.#elapsedMs());
    const tmux = isLeftRunning ? undefined : await this.#tmuxLoss(status.exit, machine.killers);
    const isSampled = agent.pid === sampler.tracked.pid;
    return {
      mode: this.#enrollment.mode,
      at,
      ...(this.#isOfTerminal() ? exitWithTerminal(status, agent.comm, tmux) : status),
      // Of one that was gone before it was looked at there is no name.
      trackedComm:
        (isSampled ? this.#recording.trackedComm : undefined) ?? (agent.comm === '' ? undefined : agent.comm),
      agent: this.#enrollment.agent,
      ageMs: end.elapsedMs ?? this.#elapsedMs(),
      ...(wrapperLimit !== undefined && { wrapperLimit }),
      launchError: undefined,
      ownSignal: this.#ownSignal,
      ...machine,
      killers: distinctKillers([
        ...killersAmong(this.#recording.lastSample?.processes ?? []),
        ...machine.killers,
        ...(this.#tmux?.killers ?? []),
      ]),
      ...output.markers(),
      lastSnapshot: this.#recording.lastSnapshot,
      tmux,
      isRebooted: false,
      isRecorderLost: false,
      isLeftRunning,
    };
  }

  /** A tmux session is recorded as a whole. */
  #isOfTerminal(): boolean {
    return this.#enrollment.mode === 'attach' && this.#tmux !== undefined;
  }

  /** An end with a status of its own was not tmux's doing. */
  async #tmuxLoss(exit: ExitFacts | undefined, killers: DeathFacts['killers']): Promise<TmuxLoss | undefined> {
    const isHangup =
      this.#ownSignal?.why === 'hangup_forwarded' || exit?.signal === 'SIGHUP' || exit?.code === HANGUP_EXIT_CODE;
    return exit === undefined || isHangup || this.#isOfTerminal()
      ? this.#tmux?.lossAtEnd({ isHangup, killers })
      : undefined;
  }

  /** `undefined` when it was no death; the agent's failures may say of an exit by code that it was one after all. */
  #tellDeath(at: string, verdict: Verdict, failures: Failures | undefined): Promise<Incident | undefined> | undefined {
    if (!isDeath(verdict, failures)) return undefined;
    const { root, store } = this.#options;
    const death = {
      session_id: this.#enrollment.session_id,
      dir_name: store.dirName,
      ts: at,
      slack_seconds: 0,
      verdict,
      has_lost_network: hasLostNetwork(failures),
    };
    return joinIncident({ root, death, onFailure: store.onWriteFailure });
  }

  #summary(
    end: Pick<SessionEnd, 'facts' | 'verdict' | 'incident' | 'leftovers' | 'elapsedMs'> & {
      found: ReturnType<FindFailures>;
    },
  ): Summary {
    const { found, ...known } = end;
    const { leftovers } = known;
    this.#recording.finishAnomalies(leftovers);
    if (leftovers.length > 0) {
      this.#recording.lifecycle('leftovers_found', { context: { pids: leftovers.map(({ pid }) => pid) } });
    }
    const { store, redactions } = this.#options;
    return summaryOf({
      ...known,
      enrollment: this.#enrollment,
      dirName: store.dirName,
      snapshotCount: this.#recording.snapshotCount,
      anomalyCount: this.#recording.anomalyCount,
      hasDrifted: this.#recording.hasDrifted,
      peaks: this.#recording.peaks,
      failures: found?.failures,
      transcript: found?.transcript,
      candidates: found?.candidates,
      redactions,
    });
  }

  /** The agent may be found under its wrappers only after some samples; whoever recovers us must know it too. */
  #afterSample(): void {
    const { tracked } = this.#options.sampler;
    this.#status.follow(tracked, this.#elapsedMs());
    const pids = (this.#recording.lastSample?.processes ?? []).map(({ pid }) => pid);
    this.#witness.sample(tracked.pid, pids);
    this.#openFiles.look(pids);
    if (tracked.pid !== this.#enrollment.pid || tracked.startTicks !== this.#enrollment.starttime_ticks) {
      this.#enrollment = {
        ...this.#enrollment,
        pid: tracked.pid,
        starttime_ticks: tracked.startTicks,
        comm: tracked.comm,
        via: tracked.via,
      };
      this.#options.store.writeEnrollment(this.#enrollment);
    }
  }

  #tellKills(kills: readonly MemberKill[]): void {
    for (const { pid, comm } of kills) {
      const limit = this.#recording.lastSnapshot?.ours?.cgroup_memory_limit_kb;
      const detail = {
        ...(pid !== undefined && { killed_pid: pid }),
        ...(comm !== undefined && { killed_comm: comm }),
        ...(limit !== undefined && { limit_kb: limit }),
      };
      const tracked = this.#options.sampler.tracked.pid;
      this.#recording.tell({ kind: 'oom_kill', severity: 'critical', pid: pid ?? tracked, detail });
    }
  }

  #afterLook(): void {
    this.#tellKills(this.#witness.look(this.#options.sampler.tracked.pid));
    this.#options.output.tend();
    this.#options.onLook?.();
    if (!this.#isStopping && this.#options.store.isStopRequested()) void this.end('stop');
  }

  #close(): void {
    this.#options.sampler.close();
    this.#tmux?.close();
    this.#options.output.close();
    this.#witness.close();
  }
}

/** 128 + SIGHUP, as shells pass it on. */
const HANGUP_EXIT_CODE = 129;

const FORWARDED: Readonly<Record<string, OwnSignal['why']>> = {
  SIGINT: 'interrupt_forwarded',
  SIGHUP: 'hangup_forwarded',
};

/** One that lived for a while was seen when the server ended and when the session did. */
function distinctKillers(killers: readonly KillerSeen[]): readonly KillerSeen[] {
  return [...new Map(killers.map((killer) => [killer.pid, killer])).values()];
}

function ageSeconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / 1000;
}
