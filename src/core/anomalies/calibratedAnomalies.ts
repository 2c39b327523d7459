import type { Anomaly } from '../session/anomaly.ts';
import { mayBeSameProgram } from './commIdentity.ts';
import { anomalyAt, type DetectorOptions, type Finding, type Moment } from './detector.ts';
import { GROWING, GrowthWatch } from './growthWatch.ts';
import { calibratedOomShare, provenOomFormula, type OomFormula } from './oomShare.ts';
import { memoryLeftKb } from './budgets.ts';
import { waitingSignals } from './pendingSignals.ts';
import { sampledMs, type Snapshot } from '../session/snapshot.ts';
import { fdFinding, isStuckInKernel, STANDARD_LIMITS } from './standardAnomalies.ts';

/**
 * Samples come every 200 ms at times, so "twice in a row" needs a time as well: this long is the nominal interval, on
 * which the standard's counts were chosen.
 */
const SUSTAINED_MS = 5000;
/** A signal that is delivered late by a starved machine is gone after this long; a blocked one is not. */
const BLOCKED_MS = 1000;
/** A shell that was the expected program for a moment may still be on its way to becoming it. */
const STARTING_MS = 10_000;
/** A program that has not become the expected one by now will not. */
const NEVER_SEEN_MS = 60_000;

/** A condition that holds on consecutive samples. */
interface Run {
  count: number;
  sinceMs: number;
}

/** The standard's kinds on the tracked process, without what is no pressure. */
export class CalibratedDetector {
  readonly #options: DetectorOptions;
  #formula: OomFormula | undefined;
  #lastShare: { readonly share: number; readonly rssKb: number | undefined } | undefined;
  #zombie: Run | undefined;
  #isZombieReported = false;
  #dState: Run | undefined;
  #highCpu: Run | undefined;
  #signals: (Run & { mask: bigint; isReported: boolean }) | undefined;
  #firstMs: number | undefined;
  #expectedComm: string | undefined;
  #isExpectedSeen = false;
  #drifts = 0;
  #isDriftReported = false;
  #last: Snapshot | undefined;
  #growth = new GrowthWatch(GROWING.trackedMemory);

  constructor(options: DetectorOptions) {
    this.#options = options;
    this.#expectedComm = options.expectedComm;
  }

  push({ snapshot }: Moment): readonly Anomaly[] {
    const pid = snapshot.pid ?? this.#options.pid;
    const nowMs = sampledMs(snapshot) ?? 0;
    this.#firstMs ??= nowMs;
    if (this.#last !== undefined && this.#last.pid !== snapshot.pid) this.#beginWithNewProcess();
    // What a dying process still shows is the end, not an anomaly of the session.
    const isExit = snapshot.event === 'exit_snapshot';
    const findings = [
      ...this.#oom(snapshot, pid),
      ...(isExit ? [] : this.#zombieFindings(snapshot, pid, nowMs)),
      this.#dStateFinding(snapshot, pid, nowMs),
      this.#highCpuFinding(snapshot, pid, nowMs),
      isExit ? undefined : this.#signalsFinding(snapshot, pid, nowMs),
      fdFinding(snapshot, pid),
      this.#growth.push({ value: snapshot.vm_rss_kb, nowMs, seq: snapshot.seq, pid }),
      this.#driftFinding(snapshot, pid, nowMs),
    ];
    this.#last = snapshot;
    return findings.flatMap((finding) => (finding === undefined ? [] : anomalyAt(snapshot, finding)));
  }

  get expectedComm(): string | undefined {
    return this.#expectedComm;
  }

  /** The agent was found behind its wrapper: its memory is not the wrapper's memory grown. */
  #beginWithNewProcess(): void {
    this.#growth = new GrowthWatch(GROWING.trackedMemory);
    this.#lastShare = undefined;
    this.#last = undefined;
    this.#dState = undefined;
    this.#signals = undefined;
  }

  #oom(snapshot: Snapshot, pid: number | undefined): Finding[] {
    const { oom_score, ours } = snapshot;
    if (oom_score !== undefined && ours?.oom_score_adj !== undefined) {
      this.#formula ??= provenOomFormula(oom_score, ours.oom_score_adj);
    }
    const share = calibratedOomShare(oom_score, ours?.oom_score_adj, this.#formula);
    const before = this.#lastShare;
    this.#lastShare = share === undefined ? undefined : { share, rssKb: snapshot.vm_rss_kb };
    if (share === undefined) return [];
    const findings: Finding[] = [];
    if (before !== undefined && share - before.share > STANDARD_LIMITS.oomSpike) {
      // A jump that would fit once more is a large program, not pressure.
      const jumpKb = (snapshot.vm_rss_kb ?? 0) - (before.rssKb ?? 0);
      const severity = (memoryLeftKb(ours) ?? 0) > jumpKb ? 'info' : 'warning';
      const detail = { from: before.share, to: share, delta: share - before.share, oom_score };
      findings.push({ kind: 'oom_spike', severity, pid, detail });
    }
    if (share >= STANDARD_LIMITS.oomCritical) {
      findings.push({ kind: 'oom_critical', severity: 'critical', pid, detail: { oom_score, share_per_mille: share } });
    }
    return findings;
  }

  /** With threads left only its first one has ended, and the rest works on. */
  #zombieFindings({ state, threads }: Snapshot, pid: number | undefined, nowMs: number): Finding[] {
    this.#zombie = state === 'zombie' && (threads ?? 0) <= 1 ? extended(this.#zombie, nowMs) : undefined;
    if (this.#zombie === undefined) {
      this.#isZombieReported = false;
      return [];
    }
    // A parent collects its child a moment later; a sample that falls in between proves nothing yet.
    if (this.#zombie.count === 1) return [{ kind: 'zombie_detected', severity: 'info', pid, detail: { state } }];
    const isPersistent =
      this.#zombie.count >= STANDARD_LIMITS.zombiesInARow && lasts(this.#zombie, nowMs, SUSTAINED_MS);
    if (!isPersistent || this.#isZombieReported) return [];
    this.#isZombieReported = true;
    return [
      { kind: 'zombie_persistent', severity: 'critical', pid, detail: { consecutive_count: this.#zombie.count } },
    ];
  }

  /** Stuck is who has not run in between: a process that reads a slow disk is seen in the same state all the time. */
  #dStateFinding(snapshot: Snapshot, pid: number | undefined, nowMs: number): Finding | undefined {
    const hasRun =
      this.#last?.ctx_switches_voluntary !== undefined &&
      this.#last.ctx_switches_voluntary !== snapshot.ctx_switches_voluntary;
    if (hasRun) this.#dState = undefined;
    this.#dState = isStuckInKernel(snapshot) ? extended(this.#dState, nowMs) : undefined;
    const run = this.#dState;
    if (run === undefined || run.count < STANDARD_LIMITS.dStatesInARow || !lasts(run, nowMs, SUSTAINED_MS))
      return undefined;
    const detail = { state: snapshot.state, wchan: snapshot.wchan, consecutive_count: run.count };
    return { kind: 'd_state_sustained', severity: 'warning', pid, detail };
  }

  /** All the cores it may use, busy. That is what a build does too, so it is worth knowing and nothing to warn of. */
  #highCpuFinding({ cpu_percent }: Snapshot, pid: number | undefined, nowMs: number): Finding | undefined {
    const cores = Math.max(1, this.#options.cores ?? 1);
    const isHigh = cpu_percent !== undefined && cpu_percent >= STANDARD_LIMITS.cpuPercent * cores;
    this.#highCpu = isHigh ? extended(this.#highCpu, nowMs) : undefined;
    const run = this.#highCpu;
    if (run === undefined || run.count < STANDARD_LIMITS.highCpuInARow || !lasts(run, nowMs, SUSTAINED_MS))
      return undefined;
    return {
      kind: 'high_cpu_sustained',
      severity: 'info',
      pid,
      detail: { cpu_percent, consecutive_count: run.count, cores },
    };
  }

  #signalsFinding(snapshot: Snapshot, pid: number | undefined, nowMs: number): Finding | undefined {
    const mask = waitingSignals(snapshot);
    if (mask === undefined) return undefined; // unreadable: neither a beginning nor an end
    const still = this.#signals === undefined ? mask : mask & this.#signals.mask;
    if (mask === 0n) {
      this.#signals = undefined;
      return undefined;
    }
    if (this.#signals === undefined || still === 0n) {
      this.#signals = { count: 1, sinceMs: nowMs, mask, isReported: false };
      return undefined;
    }
    this.#signals = { ...this.#signals, count: this.#signals.count + 1, mask: still };
    if (this.#signals.isReported || !lasts(this.#signals, nowMs, BLOCKED_MS)) return undefined;
    this.#signals.isReported = true;
    const detail = { from: hex(0n), to: hex(still), consecutive_count: this.#signals.count };
    return { kind: 'signals_pending', severity: 'warning', pid, detail };
  }

  #driftFinding({ comm, seq }: Snapshot, pid: number | undefined, nowMs: number): Finding | undefined {
    // Nobody can say beforehand what `sh -c`, npx or a shebang will turn into: what it is after its start counts.
    if (nowMs - (this.#firstMs ?? nowMs) >= STARTING_MS) this.#expectedComm ??= comm;
    const expected = this.#expectedComm;
    if (expected === undefined || comm === undefined || this.#isDriftReported) return undefined;
    if (comm === expected) this.#isExpectedSeen = true;
    const isStarting = nowMs - (this.#firstMs ?? nowMs) < (this.#isExpectedSeen ? STARTING_MS : NEVER_SEEN_MS);
    const isDrift = !isStarting && !mayBeSameProgram(expected, comm);
    this.#drifts = isDrift ? this.#drifts + 1 : 0;
    // Twice, because a process shows its old name for an instant while it becomes another program.
    if (this.#drifts < 2) return undefined;
    this.#isDriftReported = true;
    return {
      kind: 'identity_drift',
      severity: 'critical',
      pid,
      detail: { expected_comm: expected, actual_comm: comm, seq },
    };
  }
}

function extended(run: Run | undefined, nowMs: number): Run {
  return { count: (run?.count ?? 0) + 1, sinceMs: run?.sinceMs ?? nowMs };
}

function lasts(run: Run, nowMs: number, ms: number): boolean {
  return nowMs - run.sinceMs >= ms;
}

function hex(mask: bigint): string {
  return mask.toString(16).padStart(16, '0');
}
