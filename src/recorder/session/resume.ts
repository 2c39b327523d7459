import { anomalyRecord, type Anomaly } from '../../core/session/anomaly.ts';
import { createDetector, type Detector } from '../../core/anomalies/findAnomalies.ts';
import type { Enrollment } from '../../core/session/session.ts';
import type { Snapshot } from '../../core/session/snapshot.ts';
import type { TreeSample } from '../../core/session/tree.ts';
import type { RunningSession } from '../../logs/runningSession.ts';
import { readSeries, seriesIn } from '../../logs/series.ts';
import { eachAnomaly } from '../../logs/sessionFiles.ts';
import { NO_PEAKS, withSnapshot } from './peaks.ts';
import type { Progress } from './recording.ts';

export function detectorFor(enrollment: Enrollment): Detector {
  return createDetector({
    mode: 'calibrated',
    pid: undefined, // every snapshot of ours has its own
    expectedComm: undefined,
    cores: enrollment.cores,
    intervalSeconds: enrollment.interval_seconds,
  });
}

/**
 * Shows a detector everything that an earlier recorder saw, so that what follows is judged as one series, and adds the
 * anomalies that the earlier recorder died before writing.
 */
export function resumeSeries(
  store: RunningSession,
  detector: Detector,
  onTree: (tree: TreeSample) => void = () => undefined,
): Progress {
  const written = new WrittenAnomalies();
  eachAnomaly(store.dir, (anomaly) => written.add(anomaly));
  let anomalyCount = written.count;
  let hasDrifted = written.hasDrifted;
  let peaks = NO_PEAKS;
  let lastSnapshot: Snapshot | undefined;
  readSeries(seriesIn(store.dir), {
    tree: onTree,
    moment: (moment) => {
      lastSnapshot = moment.snapshot;
      peaks = withSnapshot(peaks, moment.snapshot);
      for (const anomaly of detector.push(moment)) {
        if (written.holds(anomaly)) continue;
        store.append('anomalies', anomalyRecord(anomaly));
        anomalyCount += 1;
        hasDrifted ||= anomaly.kind === 'identity_drift';
      }
    },
  });
  return { nextSeq: (lastSnapshot?.seq ?? -1) + 1, anomalyCount, hasDrifted, peaks, lastSnapshot };
}

/** By the last of them: older trees may have been thinned since they were judged, and then judge otherwise. */
class WrittenAnomalies {
  #lastSeq = Number.NEGATIVE_INFINITY;
  #ofLast = 0;
  #seenOfLast = 0;
  count = 0;
  hasDrifted = false;

  add({ seq, kind }: Anomaly): void {
    this.count += 1;
    this.hasDrifted ||= kind === 'identity_drift';
    if (seq > this.#lastSeq) [this.#lastSeq, this.#ofLast] = [seq, 0];
    if (seq === this.#lastSeq) this.#ofLast += 1;
  }

  /** Asked of each that is found again, in order. */
  holds({ seq }: Anomaly): boolean {
    if (seq !== this.#lastSeq) return seq < this.#lastSeq;
    this.#seenOfLast += 1;
    return this.#seenOfLast <= this.#ofLast;
  }
}
