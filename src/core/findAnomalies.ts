import type { Anomaly } from './anomaly.ts';
import { CalibratedDetector } from './calibratedAnomalies.ts';
import type { DetectionMode, Detector, DetectorOptions, Moment } from './detector.ts';
import type { Leftover } from './session.ts';
import type { Snapshot } from './snapshot.ts';
import { StandardDetector } from './standardAnomalies.ts';
import { TreeDetector } from './treeAnomalies.ts';

export type { DetectionMode, Detector, DetectorOptions, Moment } from './detector.ts';

export function createDetector(options: DetectorOptions): Detector {
  if (options.mode === 'strict') return new StandardDetector(options);
  const standard = new CalibratedDetector(options);
  const tree = new TreeDetector(options);
  return {
    push: (moment) => [...standard.push(moment), ...tree.push(moment)],
    finish: (leftovers) => tree.finish(leftovers),
    get expectedComm() {
      return standard.expectedComm;
    },
  };
}

/** What the streaming detector says over a whole series. */
export function findAnomalies(
  moments: Iterable<Moment>,
  options: DetectorOptions,
  leftovers: readonly Leftover[] = [],
): Anomaly[] {
  const detector = createDetector(options);
  const anomalies: Anomaly[] = [];
  for (const moment of moments) anomalies.push(...detector.push(moment));
  anomalies.push(...detector.finish(leftovers));
  return anomalies;
}

/** Calibration needs the fields that only we write; a series without them is judged as its writer would. */
export function modeOf(snapshots: readonly Snapshot[]): DetectionMode {
  return snapshots.some((snapshot) => snapshot.ours !== undefined) ? 'calibrated' : 'strict';
}

/** The comm that most snapshots show; of two equals the one seen first. */
export function expectedCommOf(snapshots: readonly Snapshot[]): string | undefined {
  const counts = new Map<string, number>();
  for (const { comm } of snapshots) if (comm !== undefined) counts.set(comm, (counts.get(comm) ?? 0) + 1);
  let expected: string | undefined;
  let most = 0;
  for (const [comm, count] of counts) {
    if (count > most) [expected, most] = [comm, count];
  }
  return expected;
}
