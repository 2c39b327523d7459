import { integerOf, isRecord, recordOf, stringOf, type JsonRecord } from '../words/json.ts';
import { snapshotFields, snapshotFrom, type Snapshot } from './snapshot.ts';
import { ANOMALY_KINDS, SEVERITIES, wordOf, type AnomalyKind, type Severity } from '../words/vocabulary.ts';

/** Something unusual at one sample: a line of anomalies.jsonl. */
export interface Anomaly {
  readonly ts: string;
  readonly seq: number;
  /** `other` is what a newer writer's kind becomes on reading. */
  readonly kind: AnomalyKind | 'other';
  readonly severity: Severity;
  readonly pid: number | undefined;
  readonly detail: JsonRecord;
  readonly snapshot: Snapshot | undefined;
}

export function anomalyRecord(anomaly: Anomaly): { [key: string]: unknown } {
  return {
    ts: anomaly.ts,
    seq: anomaly.seq,
    event: 'anomaly',
    kind: anomaly.kind,
    severity: anomaly.severity,
    pid: anomaly.pid ?? null,
    detail: anomaly.detail,
    snapshot: anomaly.snapshot === undefined ? null : snapshotFields(anomaly.snapshot),
  };
}

export function anomalyFrom(value: unknown): Anomaly | undefined {
  if (!isRecord(value) || value['event'] !== 'anomaly') return undefined;
  const seq = integerOf(value['seq']);
  if (seq === undefined || typeof value['kind'] !== 'string') return undefined;
  return {
    ts: stringOf(value['ts']) ?? '',
    seq,
    kind: wordOf(ANOMALY_KINDS, value['kind']) ?? 'other',
    severity: wordOf(SEVERITIES, value['severity']) ?? 'warning',
    pid: integerOf(value['pid']),
    detail: recordOf(value['detail']) ?? {},
    snapshot: snapshotFrom(value['snapshot'], seq),
  };
}
