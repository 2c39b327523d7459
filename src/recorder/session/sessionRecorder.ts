import { deathFacts, type DeathFacts, type ExitFacts } from '../../core/death/deathFacts.ts';
import { judgeDeath } from '../../core/death/judgeDeath.ts';
import { isSessionLoss, type TmuxLoss } from '../../core/session/tmuxLoss.ts';
import { timeoutIn } from '../../core/death/timeoutCommand.ts';
import { isoFromMs, msFromIso } from '../../core/words/time.ts';
import type { Enrollment } from '../../core/session/session.ts';
import type { Published } from '../../logs/runningSession.ts';
import { sessionDirs } from '../../logs/sessionIndex.ts';
import { hasGivenItsResult } from '../../sessions/activityNow.ts';
import { AgentStatus, exitWithTerminal } from '../coroner/agentStatus.ts';
import type { DeathWitness, MemberKill } from '../coroner/deathWitness.ts';
import { OwnSignals } from '../run/ownSignals.ts';
import { deathContext, deathNews, endSession } from './endSession.ts';
import { distinctKillers, killersAmong } from '../coroner/killers.ts';
import { findLeftovers } from '../run/leftovers.ts';
import { Prevention } from './prevention.ts';
import { Recording } from './recording.ts';
import { joinIncident } from '../coroner/simultaneousDeaths.ts';
import { HANGUP_EXIT_CODE, type SeenEnd, type SessionRecorderOptions } from './sessionRecorderOptions.ts';
import { createSessionClock } from './sessionClock.ts';
import { createSystemCpu } from '../proc/systemCpu.ts';
import { TmuxWatch } from '../coroner/tmuxWatch.ts';
import { witnessFor } from './witnessFor.ts';

/** Records one live session, from its first sample to its published summary. */
export class SessionRecorder {
  readonly #options: SessionRecorderOptions;
  readonly #recording: Recording;
  readonly #witness: DeathWitness;
  readonly #status: AgentStatus;
  readonly #systemCpu = createSystemCpu();
  #enrollment: Enrollment;
  readonly #startedAt = performance.now();
  /** It may have begun before us: its launcher, or a recorder that died, was first. */
  readonly #startedLateMs: number;
  readonly #signals: OwnSignals;
  #lastSampleAgeMs: number | undefined;
  readonly #tmux: TmuxWatch | undefined;
  readonly #prevention: Prevention | undefined;

  constructor(options: SessionRecorderOptions) {
    const { enrollment, store, sampler, output, progress } = options;
    this.#options = options;
    this.#enrollment = enrollment;
    this.#startedLateMs = Math.max(0, Date.now() - (msFromIso(enrollment.enrolled_at) ?? Date.now()));
    this.#witness = witnessFor(options);
    this.#status = new AgentStatus(options.exits, sampler.tracked);
    this.#signals = new OwnSignals({
      target: options.target,
      graceMs: options.graceMs,
      beforeEnd: async (why) => {
        if (why === 'stop') this.#recording.lifecycle('stop_requested');
        if (why === 'after_result') this.#prevention?.tellEndAfterResult();
        await this.#recording.sampleNow();
      },
    });
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
      pulse: options.shared?.pulse,
      mayRest: options.shared !== undefined,
    });
    const { prevention: settings } = options;
    this.#prevention =
      settings &&
      new Prevention({
        settings,
        sampler,
        by: { bootId: enrollment.boot_id, native: options.native },
        graceMs: options.graceMs,
        tell: (event, details) => this.#recording.lifecycle(event, details),
        sampleNow: () => this.#recording.sampleNow(),
        outputBytes: () => output.byteCount(),
        hasGivenResult: () => hasGivenItsResult(options.root, this.#enrollment, store.dir),
      });
  }

  start(): void {
    const { timeout_seconds: timeoutSeconds, enrolled_at: enrolledAt } = this.#enrollment;
    this.#recording.start();
    this.#recording.lifecycle('sampling_started', {
      context: { pid: this.#options.sampler.tracked.pid, interval_seconds: this.#enrollment.interval_seconds },
    });
    this.#tmux?.start();
    this.#prevention?.start();
    if (timeoutSeconds !== null) this.#signals.endAt((msFromIso(enrolledAt) ?? Date.now()) + timeoutSeconds * 1000);
  }

  forward(signal: NodeJS.Signals): void {
    this.#signals.forward(signal);
  }

  /** A signal came to where the agent was started, for the agent. */
  noteSignal(signal: string, sender: { readonly pid: number; readonly code: number }): void {
    this.#witness.passedOn(signal, sender.pid, sender.code, this.#options.sampler.tracked.pid);
    this.#signals.note(signal);
  }

  /** Ends nothing but our own part: the session stays as it is, for the next recorder, which goes on with it. */
  async leave(): Promise<void> {
    this.#endOwnPart();
    await this.#recording.leave();
    this.#close();
  }

  #endOwnPart(): void {
    this.#signals.gone();
    this.#prevention?.end();
  }

  /** The instant the agent is known to be gone. Synchronous up to the evidence: each millisecond loses some. */
  async finish(end: SeenEnd): Promise<Published> {
    const { sampler, store, root, surroundings, redactions } = this.#options;
    this.#endOwnPart();
    const elapsedMs = this.#elapsedAt(end);
    const facts = await this.#gatherFacts(end);
    const judged = judgeDeath(facts);
    this.#tellKills(this.#witness.look(sampler.tracked.pid)); // the latest ones
    if (judged.cause === 'oom_kill') this.#tellKills([{ pid: facts.trackedPid, comm: facts.trackedComm }]);
    // The others are told before anything that takes time: who died with us wants to know within a moment.
    const early = deathNews({ root, store, enrollment: this.#enrollment, facts }, judged, undefined);
    const told = early && joinIncident(early);
    // What goes on running has left nothing behind, nor has a terminal that is still there.
    const isLeftRunning = facts.isLeftRunning || (this.#isOfTerminal() && !isSessionLoss(facts.tmux));
    const leftovers = isLeftRunning ? [] : await findLeftovers(sampler, this.#enrollment.boot_id);
    this.#tellDeath(facts, elapsedMs);
    this.#close();
    this.#recording.finishAnomalies(leftovers);
    const { news, publish } = endSession({
      root,
      store,
      surroundings,
      enrollment: this.#enrollment,
      facts,
      elapsedMs,
      series: this.#recording.progress,
      leftovers,
      openFiles: this.#witness.openFiles.seen,
      redactions,
      limits: this.#witness.limits.value,
    });
    return publish(await (told ?? (news && joinIncident(news))));
  }

  #tellDeath(facts: DeathFacts, elapsedMs: number): void {
    this.#recording.lifecycle('session_death_detected', {
      context: deathContext({
        facts,
        ageMs: elapsedMs,
        lastSampleAgeMs: this.#lastSampleAgeMs,
        snapshotCount: this.#recording.progress.nextSeq,
        outputBytes: this.#options.output.byteCount(),
        activeSessions: sessionDirs(this.#options.root.running).length,
        cpuPercent: this.#systemCpu(),
      }),
    });
  }

  #elapsedMs(): number {
    return this.#startedLateMs + performance.now() - this.#startedAt;
  }

  #elapsedAt({ elapsedMs, lateMs = 0 }: SeenEnd): number {
    return elapsedMs ?? Math.max(0, this.#elapsedMs() - lateMs);
  }

  async #gatherFacts(end: SeenEnd): Promise<DeathFacts> {
    const { exit, isLeftRunning = false } = end;
    const wrapperLimit = timeoutIn(this.#enrollment.skill_command);
    const { sampler, output } = this.#options;
    const at = isoFromMs(Date.now());
    // Whoever wraps us ends us, not the agent: it is a candidate only for a signal that came through us.
    const machine = this.#witness.atDeath({
      ownPids: this.#signals.isForwarded ? this.#options.callerPids : [],
      trackedPid: sampler.tracked.pid,
      exit,
      ownSignal: this.#signals.last,
    });
    this.#recording.lastWords();
    this.#lastSampleAgeMs = this.#recording.lastSampleAgeMs;
    await this.#recording.end();
    await output.drained();
    this.#signals.endRest();
    const { agent, ...status } = await this.#status.atEnd(exit, sampler.tracked, this.#elapsedMs());
    const tmux = isLeftRunning ? undefined : await this.#tmuxLoss(status.exit, machine.killers);
    const isSampled = agent.pid === sampler.tracked.pid;
    return deathFacts({
      mode: this.#enrollment.mode,
      at,
      ...(this.#isOfTerminal() ? exitWithTerminal(status, agent.comm, tmux) : status),
      // Of one that was gone before it was looked at there is no name.
      trackedComm:
        (isSampled ? this.#recording.trackedComm : undefined) ?? (agent.comm === '' ? undefined : agent.comm),
      agent: this.#enrollment.agent,
      ageMs: this.#elapsedAt(end),
      ...(wrapperLimit !== undefined && { wrapperLimit }),
      ownSignal: this.#signals.last,
      ...machine,
      killers: distinctKillers([
        ...killersAmong(this.#recording.lastSample?.processes ?? []),
        ...machine.killers,
        ...(this.#tmux?.killers ?? []),
      ]),
      ...output.markers(),
      lastSnapshot: this.#recording.lastSnapshot,
      tmux,
      isLeftRunning,
      ...(this.#prevention !== undefined && { ownLimits: this.#prevention.reached }),
    });
  }

  /** A tmux session is recorded as a whole. */
  #isOfTerminal(): boolean {
    return this.#enrollment.mode === 'attach' && this.#tmux !== undefined;
  }

  /** An end with a status of its own was not tmux's doing. */
  async #tmuxLoss(exit: ExitFacts | undefined, killers: DeathFacts['killers']): Promise<TmuxLoss | undefined> {
    const isHangup =
      this.#signals.last?.why === 'hangup_forwarded' || exit?.signal === 'SIGHUP' || exit?.code === HANGUP_EXIT_CODE;
    return exit === undefined || isHangup || this.#isOfTerminal()
      ? this.#tmux?.lossAtEnd({ isHangup, killers })
      : undefined;
  }

  /** The agent may be found under its wrappers only after some samples; whoever recovers us must know it too. */
  #afterSample(): void {
    const { tracked } = this.#options.sampler;
    this.#status.follow(tracked, this.#elapsedMs());
    const pids = (this.#recording.lastSample?.processes ?? []).map(({ pid }) => pid);
    this.#witness.sample(tracked.pid, pids);
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
    if (this.#options.store.isStopRequested()) void this.#signals.end('stop');
    else if (this.#prevention?.isDone() === true) void this.#signals.end('after_result');
  }

  #close(): void {
    this.#options.sampler.close();
    this.#tmux?.close();
    this.#options.output.close();
    this.#witness.close();
    this.#prevention?.close();
  }
}
