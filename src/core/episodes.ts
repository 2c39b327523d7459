import type { Anomaly } from './anomaly.ts';
import { integerOf, type JsonRecord } from './json.ts';
import { SEVERITIES, type Severity } from './vocabulary.ts';

/** A run of one kind: what a person counts as one anomaly, however many samples showed it. */
export interface Episode {
  readonly kind: Anomaly['kind'];
  /** The worst of the run. */
  readonly severity: Severity;
  readonly first_seq: number;
  readonly last_seq: number;
  readonly first_ts: string;
  readonly last_ts: string;
  /** Records in the run. */
  readonly count: number;
  readonly pid: number | undefined;
  /** Of the worst record, and of several equally bad ones the last. */
  readonly detail: JsonRecord;
}

/** In the order of their beginnings. */
export function episodesOf(anomalies: readonly Anomaly[]): Episode[] {
  const episodes: Episode[] = [];
  const openByKind = new Map<string, number>();
  for (const anomaly of anomalies) {
    const key = `${anomaly.kind} ${anomaly.pid ?? ''}`;
    const index = openByKind.get(key);
    const open = index === undefined ? undefined : episodes[index];
    if (index !== undefined && open !== undefined && continues(open, anomaly)) {
      episodes[index] = extended(open, anomaly);
    } else {
      openByKind.set(key, episodes.push(begun(anomaly)) - 1);
    }
  }
  return episodes.sort((a, b) => a.first_seq - b.first_seq);
}

/** On the next sample or, where only a worsening is recorded, by the number of the sample that it goes back to. */
function continues(open: Episode, { seq, detail }: Anomaly): boolean {
  if (seq >= open.first_seq && seq <= open.last_seq + 1) return true;
  const since = integerOf(detail['since_seq']);
  return since !== undefined && since >= open.first_seq && since <= open.last_seq;
}

function begun({ kind, severity, seq, ts, pid, detail }: Anomaly): Episode {
  return {
    kind,
    severity,
    first_seq: seq,
    last_seq: seq,
    first_ts: ts,
    last_ts: ts,
    count: 1,
    pid,
    detail,
  };
}

function extended(open: Episode, anomaly: Anomaly): Episode {
  const isAsBad = SEVERITIES.indexOf(anomaly.severity) >= SEVERITIES.indexOf(open.severity);
  return {
    ...open,
    ...(isAsBad && { severity: anomaly.severity, detail: anomaly.detail }),
    last_seq: Math.max(open.last_seq, anomaly.seq),
    last_ts: anomaly.ts,
    count: open.count + 1,
  };
}
