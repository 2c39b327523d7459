import { anomalyAt, type Finding } from '../../core/anomalies/detector.ts';
import type { Detector } from '../../core/anomalies/findAnomalies.ts';
import { anomalyRecord, type Anomaly } from '../../core/session/anomaly.ts';
import { numberOf } from '../../core/words/json.ts';
import type { Leftover, LifecycleEvent } from '../../core/session/session.ts';
import { snapshotRecord, type Snapshot } from '../../core/session/snapshot.ts';
import { isoFromMs } from '../../core/words/time.ts';
import type { TreeSample } from '../../core/session/tree.ts';
import type { AnomalyKind, LifecycleEventName } from '../../core/words/vocabulary.ts';
import { readFileSync } from 'node:fs';
import { nextDelayMs } from '../proc/cadence.ts';
import type { Gap } from './heartbeat.ts';
import { Pulse } from './pulse.ts';
import { ProcessLedger } from './processLedger.ts';
import { NO_PEAKS, withSnapshot, type Peaks } from './peaks.ts';
import { Rest } from './rest.ts';
import type { LastLook, Sample } from '../proc/sample.ts';
import type { Sampler } from '../proc/sampler.ts';
import type { SessionClock } from './sessionClock.ts';
import { withSockets } from '../proc/waitingSockets.ts';

/** Where a recording's lines go. Every append is one whole line; a failing disk is the store's to report. */
export interface SessionStore {
  append(file: 'proc_trace' | 'tree' | 'anomalies' | 'processes', record: object): void;
  appendLifecycle(event: LifecycleEvent): void;
}

/** What is known of a session's series so far; given again when a new recorder goes on with it. */
export interface Progress {
  readonly nextSeq: number;
  readonly anomalyCount: number;
  readonly hasDrifted: boolean;
  readonly peaks: Peaks;
  readonly lastSnapshot: Snapshot | undefined;
}

export const NO_PROGRESS: Progress = {
  nextSeq: 0,
  anomalyCount: 0,
  hasDrifted: false,
  peaks: NO_PEAKS,
  lastSnapshot: undefined,
};

export interface RecordingOptions {
  readonly sessionId: string;
  readonly store: SessionStore;
  readonly clock: SessionClock;
  readonly sampler: Sampler;
  readonly detector: Detector;
  readonly intervalMs: number;
  readonly outputBytes: () => number | undefined;
  /** Called with every sample, before the next is scheduled: counters that must be read while the agent lives. */
  readonly onSample: (trackedPid: number) => void;
  /** Called four times a second. */
  readonly onLook: () => void;
  readonly progress: Progress;
  /** Of a recorder of many: one for all of them. */
  readonly pulse?: Pulse | undefined;
  /** Where nobody waits for a rhythm: an idle session is sampled less often. */
  readonly mayRest?: boolean | undefined;
}

/** Somebody collects a process that has ended within this time, or has forgotten it: only then it is worth a sample. */
const COLLECT_MS = 100;

/** Samples one session and writes the series, from the first sample to the exit snapshot. */
export class Recording {
  readonly #options: RecordingOptions;
  #nextSeq: number;
  #anomalyCount: number;
  #peaks: Peaks;
  #lastSnapshot: Snapshot | undefined;
  #lastSample: Sample | undefined;
  #lastSampleMs: number | undefined;
  #lastLook: LastLook | undefined;
  #taken = 0;
  #underWay: Promise<void> = Promise.resolve();
  #sampleTimer: NodeJS.Timeout | undefined;
  readonly #pulse: Pulse;
  readonly #onPulse = (): void => this.#look();
  readonly #rest: Rest | undefined;
  readonly #ledger: ProcessLedger;
  #isEnded = false;
  #wasZombie = false;
  #writtenMs: number | undefined;
  readonly #announced = new Set<AnomalyKind | 'other'>();

  constructor(options: RecordingOptions) {
    this.#options = options;
    this.#pulse = options.pulse ?? new Pulse();
    this.#rest = options.mayRest === true ? new Rest() : undefined;
    this.#nextSeq = options.progress.nextSeq;
    this.#anomalyCount = options.progress.anomalyCount;
    this.#peaks = options.progress.peaks;
    this.#lastSnapshot = options.progress.lastSnapshot;
    this.#ledger = new ProcessLedger({
      append: (record) => options.store.append('processes', record),
      argumentsOf: (pid) => options.sampler.argumentsOf(pid),
    });
  }

  /** What there is by now, an earlier recorder's part included. */
  get progress(): Progress {
    return {
      nextSeq: this.#nextSeq,
      anomalyCount: this.#anomalyCount,
      hasDrifted: this.#options.progress.hasDrifted || this.#announced.has('identity_drift'),
      peaks: this.#peaks,
      lastSnapshot: this.#lastSnapshot,
    };
  }

  /** What the tracked process is called once it has settled; of a short session, what it was called last. */
  get trackedComm(): string | undefined {
    return this.#options.detector.expectedComm ?? this.#lastSnapshot?.comm;
  }

  get lastSnapshot(): Snapshot | undefined {
    return this.#lastSnapshot;
  }

  get lastSample(): Sample | undefined {
    return this.#lastSample;
  }

  /** `undefined` before the first sample. */
  get lastSampleAgeMs(): number | undefined {
    return this.#lastSampleMs === undefined ? undefined : performance.now() - this.#lastSampleMs;
  }

  start(): void {
    this.#underWay = this.#sample();
    this.#pulse.listen(this.#onPulse, (gap) => this.#tellGap(gap));
  }

  lifecycle(event: LifecycleEventName, details: { reason?: string; context?: Record<string, unknown> } = {}): void {
    this.#options.store.appendLifecycle({
      timestamp: isoFromMs(Date.now()),
      event,
      session_id: this.#options.sessionId,
      ...details,
    });
  }

  /** Takes one sample out of turn: just before a signal of ours changes what there is to see. */
  async sampleNow(): Promise<void> {
    await this.#underWay;
    if (this.#isEnded) return;
    clearTimeout(this.#sampleTimer);
    this.#underWay = this.#sample();
    await this.#underWay;
  }

  /** Keeps what can still be seen at the instant of death. Synchronous: each millisecond loses evidence. */
  lastWords(): void {
    this.#lastLook = this.#options.sampler.look() ?? this.#lastLook;
  }

  /** Samples no more, and leaves the series as it is: another recorder goes on with it. */
  async leave(): Promise<void> {
    this.#isEnded = true;
    clearTimeout(this.#sampleTimer);
    this.#pulse.leave(this.#onPulse);
    await this.#underWay;
  }

  /** Ends sampling and writes the exit snapshot. */
  async end(): Promise<void> {
    await this.leave();
    const last = this.#latestReading();
    if (last !== undefined) this.#write(last, this.#lastSample?.processes ?? [], 'exit_snapshot');
  }

  /** The last look when it is newer than the last sample, which is the rule. */
  #latestReading(): LastLook['snapshot'] | undefined {
    const look = this.#lastLook;
    const sampled = this.#lastSample?.snapshot;
    if (look === undefined || look.atMs < (this.#lastSampleMs ?? 0)) return sampled ?? look?.snapshot;
    const ours = this.#lastSnapshot?.ours;
    return ours === undefined ? look.snapshot : withTreeOf(look, ours);
  }

  /** What only the whole series can tell, once it is known who was left behind. */
  finishAnomalies(leftovers: readonly Leftover[]): void {
    this.#keep(this.#options.detector.finish(leftovers));
  }

  /** Something that others noticed, dated by the latest sample. */
  tell(finding: Finding): void {
    if (this.#lastSnapshot !== undefined) this.#keep([anomalyAt(this.#lastSnapshot, finding)]);
  }

  async #sample(): Promise<void> {
    const previous = this.#lastSample?.pressure;
    const sample = await this.#options.sampler.sample(this.#options.outputBytes());
    this.#taken += 1;
    this.#lastSample = sample;
    // Nearly every session ends so; that one waits for its exit snapshot is no anomaly.
    const isZombie = sample.snapshot?.state === 'zombie' && (sample.snapshot.threads ?? 0) <= 1;
    const isJustDead = isZombie && !this.#wasZombie;
    this.#wasZombie = isZombie;
    if (sample.snapshot !== undefined && !isJustDead) {
      this.#lastSampleMs = performance.now();
      this.#write(sample.snapshot, sample.processes, 'snapshot');
    }
    this.#options.onSample(this.#options.sampler.tracked.pid);
    this.#rest?.note(sample);
    if (this.#isEnded) return;
    this.#sampleIn(isJustDead ? COLLECT_MS : this.#delayMs(sample, previous));
  }

  #delayMs({ pressure: current }: Sample, previous: Sample['pressure'] | undefined): number {
    const { intervalMs, pulse } = this.#options;
    const delayMs = nextDelayMs({ intervalMs, taken: this.#taken, current, previous });
    if (delayMs < intervalMs) return delayMs;
    const restedMs = this.#rest?.delayMs(intervalMs) ?? delayMs;
    // Sessions of one recorder are due together: what is around them is then read once.
    return pulse === undefined ? restedMs : restedMs - (performance.now() % intervalMs);
  }

  #sampleIn(delayMs: number): void {
    this.#sampleTimer = setTimeout(() => {
      this.#underWay = this.#sample();
    }, delayMs);
  }

  #look(): void {
    if (this.#rest?.isLookDue() === false) return;
    if (this.#rest?.isResting === true) {
      const isAroundDue = this.#rest.isAroundDue();
      if (!this.#options.sampler.hasStirred()) return isAroundDue ? this.#options.onLook() : undefined;
      this.#rest.wake();
      void this.sampleNow();
    }
    this.#lastLook = this.#options.sampler.look() ?? this.#lastLook;
    this.#options.onLook();
  }

  #tellGap({ kind, gapMs }: Gap): void {
    this.lifecycle('heartbeat_missed', { reason: kind, context: { gap_seconds: Math.round(gapMs / 100) / 10 } });
  }

  #write(reading: LastLook['snapshot'], processes: TreeSample['processes'], event: Snapshot['event']): void {
    const ts = this.#options.clock.stamp();
    const snapshot: Snapshot = { ...reading, ts, captured_at: ts, seq: this.#nextSeq, event };
    const tree: TreeSample = { ts, seq: this.#nextSeq, output_bytes: this.#options.outputBytes(), processes };
    this.#nextSeq += 1;
    this.#lastSnapshot = snapshot;
    this.#peaks = withSnapshot(this.#peaks, snapshot);
    this.#options.store.append('proc_trace', snapshotRecord(snapshot));
    this.#options.store.append('tree', tree);
    if (event === 'snapshot') this.#ledger.note(processes, ts);
    this.#keep(this.#options.detector.push({ snapshot, tree }).filter((anomaly) => this.#hasPassed(anomaly)));
    this.#writtenMs = uptimeMs();
  }

  /** A gap by the stamps alone is the wall's clock that was set; the one since the boot, sleep included, knows. */
  #hasPassed({ kind, detail }: Anomaly): boolean {
    const now = uptimeMs();
    if (kind !== 'heartbeat_gap' || now === undefined || this.#writtenMs === undefined) return true;
    return 2 * (now - this.#writtenMs) >= 1000 * (numberOf(detail['gap_seconds']) ?? 0);
  }

  #keep(anomalies: readonly Anomaly[]): void {
    for (const anomaly of anomalies) {
      this.#anomalyCount += 1;
      this.#options.store.append('anomalies', anomalyRecord(withSockets(anomaly)));
      // The log over all sessions gets each kind once: its records are in anomalies.jsonl.
      if (this.#announced.has(anomaly.kind)) continue;
      this.#announced.add(anomaly.kind);
      this.lifecycle('anomaly_detected', {
        reason: anomaly.kind,
        context: { severity: anomaly.severity, seq: anomaly.seq },
      });
    }
  }
}

/** A last look reads one process; the tree around it is the last sample's. */
function withTreeOf(look: LastLook, ours: NonNullable<Snapshot['ours']>): LastLook['snapshot'] {
  const { tree_process_count, tree_rss_kb, tree_cpu_percent, tree_fd_count } = ours;
  return {
    ...look.snapshot,
    ours: { ...(look.snapshot.ours ?? ours), tree_process_count, tree_rss_kb, tree_cpu_percent, tree_fd_count },
  };
}

/** CLOCK_BOOTTIME, which nobody sets. */
function uptimeMs(): number | undefined {
  try {
    return 1000 * Number.parseFloat(readFileSync('/proc/uptime', 'latin1'));
  } catch {
    return undefined; // no /proc
  }
}
