import type { Anomaly } from '../session/anomaly.ts';
import { anomalyAt, type Detector, type DetectorOptions, type Finding, type Moment } from './detector.ts';
import { roundHalfEven } from '../words/roundHalfEven.ts';
import type { Snapshot } from '../session/snapshot.ts';

/** The thresholds are AutoSkillit's, and so are the quirks: readers compare our decisions with its own record. */
export const STANDARD_LIMITS = {
  oomSpike: 200,
  oomCritical: 800,
  zombiesInARow: 3,
  dStatesInARow: 2,
  cpuPercent: 90,
  highCpuInARow: 2,
  fdRatio: 0.8,
  growthFactor: 2,
  growthSnapshots: 5,
} as const;

/** Where a healthy process waits, and what the kernel writes when it does not tell. */
const BENIGN_WCHANS: ReadonlySet<string> = new Set(['do_nanosleep', 'do_epoll_wait', 'schedule_hrtimeout_range', '0']);

const NO_SIGNALS = '0000000000000000';

export function isStuckInKernel(snapshot: Snapshot): boolean {
  return snapshot.state === 'disk-sleep' && snapshot.wchan !== undefined && !BENIGN_WCHANS.has(snapshot.wchan);
}

/** `fd_high` of one snapshot: without memory, and therefore the same in both modes. */
export function fdFinding({ fd_count, fd_soft_limit }: Snapshot, pid: number | undefined): Finding | undefined {
  if (fd_count === undefined || fd_soft_limit === undefined || fd_soft_limit <= 0) return undefined;
  const ratio = fd_count / fd_soft_limit;
  if (ratio <= STANDARD_LIMITS.fdRatio) return undefined;
  return {
    kind: 'fd_high',
    severity: 'warning',
    pid,
    detail: { fd_count, fd_soft_limit, ratio: roundHalfEven(ratio, 3) },
  };
}

/**
 * AutoSkillit 0.9.0's decisions on the tracked process, in its order: sample by sample, then growth over the whole
 * series, then identity drift.
 */
export class StandardDetector implements Detector {
  readonly #options: DetectorOptions;
  #zombies = 0;
  #dStates = 0;
  #highCpus = 0;
  #lastSignals: string | undefined;
  #initialRssKb: number | undefined;
  #count = 0;
  #last: Snapshot | undefined;
  #drift: Anomaly | undefined;

  constructor(options: DetectorOptions) {
    this.#options = options;
  }

  push({ snapshot }: Moment): readonly Anomaly[] {
    const pid = this.#options.pid ?? snapshot.pid;
    const findings = [
      ...this.#oom(snapshot, pid),
      ...this.#zombie(snapshot, pid),
      this.#dState(snapshot, pid),
      this.#highCpu(snapshot, pid),
      this.#signals(snapshot, pid),
      fdFinding(snapshot, pid),
    ];
    const rssKb = snapshot.vm_rss_kb ?? 0;
    if (rssKb > 0) this.#initialRssKb ??= rssKb;
    this.#drift ??= this.#driftAt(snapshot);
    this.#count++;
    this.#last = snapshot;
    return findings.flatMap((finding) => (finding === undefined ? [] : anomalyAt(snapshot, finding)));
  }

  get expectedComm(): string | undefined {
    return this.#options.expectedComm;
  }

  finish(): readonly Anomaly[] {
    return [this.#growth(), this.#drift].filter((anomaly) => anomaly !== undefined);
  }

  #oom(snapshot: Snapshot, pid: number | undefined): Finding[] {
    const to = comparableScore(snapshot);
    if (to === undefined) return [];
    const findings: Finding[] = [];
    const from = this.#last && comparableScore(this.#last);
    if (from !== undefined && to - from > STANDARD_LIMITS.oomSpike) {
      findings.push({ kind: 'oom_spike', severity: 'warning', pid, detail: { from, to, delta: to - from } });
    }
    if (to >= STANDARD_LIMITS.oomCritical) {
      findings.push({ kind: 'oom_critical', severity: 'critical', pid, detail: { oom_score: to } });
    }
    return findings;
  }

  #zombie({ state }: Snapshot, pid: number | undefined): Finding[] {
    this.#zombies = state === 'zombie' ? this.#zombies + 1 : 0;
    if (this.#zombies === 1) return [{ kind: 'zombie_detected', severity: 'warning', pid, detail: { state } }];
    if (this.#zombies !== STANDARD_LIMITS.zombiesInARow) return [];
    return [{ kind: 'zombie_persistent', severity: 'critical', pid, detail: { consecutive_count: this.#zombies } }];
  }

  #dState(snapshot: Snapshot, pid: number | undefined): Finding | undefined {
    this.#dStates = isStuckInKernel(snapshot) ? this.#dStates + 1 : 0;
    if (this.#dStates < STANDARD_LIMITS.dStatesInARow) return undefined;
    const { state, wchan } = snapshot;
    const detail = { state, wchan, consecutive_count: this.#dStates };
    return { kind: 'd_state_sustained', severity: 'warning', pid, detail };
  }

  #highCpu({ cpu_percent }: Snapshot, pid: number | undefined): Finding | undefined {
    const isHigh = cpu_percent !== undefined && cpu_percent >= STANDARD_LIMITS.cpuPercent;
    this.#highCpus = isHigh ? this.#highCpus + 1 : 0;
    if (this.#highCpus < STANDARD_LIMITS.highCpuInARow) return undefined;
    const detail = { cpu_percent, consecutive_count: this.#highCpus };
    return { kind: 'high_cpu_sustained', severity: 'warning', pid, detail };
  }

  /** An unreadable mask counts as a change, but the last readable one is remembered beyond it. */
  #signals(snapshot: Snapshot, pid: number | undefined): Finding | undefined {
    if (snapshot.malformed?.includes('sig_pnd') === true) return undefined;
    const from = this.#lastSignals;
    const to = snapshot.sig_pnd ?? '';
    this.#lastSignals = snapshot.sig_pnd ?? from;
    if (from !== NO_SIGNALS || to === NO_SIGNALS) return undefined;
    return { kind: 'signals_pending', severity: 'warning', pid, detail: { from, to } };
  }

  #growth(): Anomaly | undefined {
    const last = this.#last;
    const finalRssKb = last?.vm_rss_kb;
    const initialRssKb = this.#initialRssKb;
    if (last === undefined || finalRssKb === undefined || initialRssKb === undefined) return undefined;
    if (this.#count < STANDARD_LIMITS.growthSnapshots) return undefined;
    if (finalRssKb <= STANDARD_LIMITS.growthFactor * initialRssKb) return undefined;
    return anomalyAt(last, {
      kind: 'rss_growth',
      severity: 'warning',
      pid: this.#options.pid ?? last.pid,
      detail: {
        initial_rss_kb: initialRssKb,
        final_rss_kb: finalRssKb,
        growth_factor: roundHalfEven(finalRssKb / initialRssKb, 2),
        snapshot_count: this.#count,
      },
    });
  }

  #driftAt(snapshot: Snapshot): Anomaly | undefined {
    const expected = this.#options.expectedComm ?? '';
    const actual = snapshot.comm ?? '';
    if (expected === '' || actual === '' || actual === expected) return undefined;
    const detail = { expected_comm: expected, actual_comm: actual, seq: snapshot.seq };
    // Here, and only here, AutoSkillit names the pid of the snapshot, and 0 where it has none.
    return anomalyAt(snapshot, { kind: 'identity_drift', severity: 'critical', pid: snapshot.pid ?? 0, detail });
  }
}

/** An unreadable score counts as -1 and can start a spike; one that is no integer is not compared at all. */
function comparableScore(snapshot: Snapshot): number | undefined {
  return snapshot.malformed?.includes('oom_score') === true ? undefined : (snapshot.oom_score ?? -1);
}
