import type { Anomaly } from '../session/anomaly.ts';
import { CalibratedDetector } from './calibratedAnomalies.ts';
import type { DetectionMode, Detector, DetectorOptions, Moment } from './detector.ts';
import type { Leftover } from '../session/session.ts';
import type { Snapshot } from '../session/snapshot.ts';
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

/** What a series says of how it is to be judged, sample by sample. */
export class SeriesFacts {
  readonly #knownComm: string | undefined;
  readonly #counts = new Map<string, number>();
  #isOurs = false;

  constructor(knownComm?: string) {
    this.#knownComm = knownComm;
  }

  /** Whether further samples can change nothing. */
  get isKnown(): boolean {
    return this.#isOurs && this.#knownComm !== undefined;
  }

  /** Calibration needs the fields that only we write; a series without them is judged as its writer would. */
  get mode(): DetectionMode {
    return this.#isOurs ? 'calibrated' : 'strict';
  }

  /** The comm that most snapshots show; of two equals the one seen first. */
  get expectedComm(): string | undefined {
    let expected = this.#knownComm;
    let most = this.#knownComm === undefined ? 0 : Number.POSITIVE_INFINITY;
    for (const [comm, count] of this.#counts) {
      if (count > most) [expected, most] = [comm, count];
    }
    return expected;
  }

  push({ comm, ours }: Snapshot): void {
    this.#isOurs ||= ours !== undefined;
    if (comm !== undefined && this.#knownComm === undefined) this.#counts.set(comm, (this.#counts.get(comm) ?? 0) + 1);
  }
}
