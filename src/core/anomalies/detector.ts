import type { Anomaly } from '../session/anomaly.ts';
import type { Leftover } from '../session/session.ts';
import type { Snapshot } from '../session/snapshot.ts';
import type { TreeSample } from '../session/tree.ts';
import type { AnomalyKind, Severity } from '../words/vocabulary.ts';
import type { JsonRecord } from '../words/json.ts';

/** One instant of a session: the tracked process and, where it was recorded, its whole tree. */
export interface Moment {
  readonly snapshot: Snapshot;
  readonly tree: TreeSample | undefined;
}

export type DetectionMode = 'strict' | 'calibrated';

export interface DetectorOptions {
  /** `strict` decides exactly as AutoSkillit does; `calibrated` needs the fields that only we write. */
  readonly mode: DetectionMode;
  /** Used when a snapshot has no pid of its own. */
  readonly pid: number | undefined;
  readonly expectedComm: string | undefined;
  /** Cores the session could use. */
  readonly cores: number | undefined;
  /** The nominal sampling interval. */
  readonly intervalSeconds: number | undefined;
}

/** Judges moments one after the other; what all calls return together is what the whole series gives. */
export interface Detector {
  push(moment: Moment): readonly Anomaly[];
  finish(leftovers: readonly Leftover[]): readonly Anomaly[];
  /** What the tracked process is expected to be called: as given, else as it was called once it had settled. */
  readonly expectedComm: string | undefined;
}

export interface Finding {
  readonly kind: AnomalyKind;
  readonly severity: Severity;
  readonly pid: number | undefined;
  readonly detail: JsonRecord;
}

/** A finding dated by the sample that showed it. */
export function anomalyAt(snapshot: Snapshot, finding: Finding): Anomaly {
  return { ts: snapshot.ts, seq: snapshot.seq, ...finding, snapshot };
}

/** A moment with what every rule asks for first. */
export interface Sighting extends Moment {
  readonly nowMs: number;
  /** Of the tracked process. */
  readonly pid: number | undefined;
}
