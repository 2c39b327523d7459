import { anomalyRecord } from '../core/anomaly.ts';
import { createDetector, type Detector } from '../core/findAnomalies.ts';
import type { Enrollment } from '../core/session.ts';
import type { RunningSession } from '../logs/runningSession.ts';
import { readSessionFiles } from '../logs/sessionFiles.ts';
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
export function resumeSeries(store: RunningSession, detector: Detector): Progress {
  const files = readSessionFiles(store.dir);
  const treeOf = new Map(files.tree.map((sample) => [sample.seq, sample]));
  const found = files.snapshots.flatMap((snapshot) => detector.push({ snapshot, tree: treeOf.get(snapshot.seq) }));
  for (const anomaly of found.slice(files.anomalies.length)) store.append('anomalies', anomalyRecord(anomaly));
  return {
    nextSeq: (files.snapshots.at(-1)?.seq ?? -1) + 1,
    anomalyCount: Math.max(found.length, files.anomalies.length),
    hasDrifted: found.some(({ kind }) => kind === 'identity_drift'),
    peaks: files.snapshots.reduce(withSnapshot, NO_PEAKS),
    lastSnapshot: files.snapshots.at(-1),
  };
}
