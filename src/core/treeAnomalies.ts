import type { Anomaly } from './anomaly.ts';
import type { Detector, DetectorOptions, Moment } from './detector.ts';
export class TreeDetector implements Detector {
  constructor(_options: DetectorOptions) {}
  push(_moment: Moment): readonly Anomaly[] {
    return [];
  }
  finish(): readonly Anomaly[] {
    return [];
  }
}
