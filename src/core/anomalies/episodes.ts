import type { Anomaly } from '../session/anomaly.ts';
import { integerOf, type JsonRecord } from '../words/json.ts';
import { SEVERITIES, type Severity } from '../words/vocabulary.ts';

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
export function episodesOf(anomalies: Iterable<Anomaly>): Episode[] {
  const gatherer = new EpisodeGatherer(Number.POSITIVE_INFINITY);
  for (const anomaly of anomalies) gatherer.push(anomaly);
  return gatherer.episodes();
}

/** Of more than these no reader shows each. */
export const MOST_EPISODES = 10_000;

/** Episodes from anomalies as they are read, whose number has no bound: of too many episodes the newest are kept. */
export class EpisodeGatherer {
  readonly #most: number;
  #episodes: Episode[] = [];
  #openByKind = new Map<string, number>();
  #dropped = 0;
  #anomalies = 0;
  readonly #counts = new Map<Anomaly['kind'], number>();

  constructor(most = MOST_EPISODES) {
    this.#most = most;
  }

  get anomalyCount(): number {
    return this.#anomalies;
  }

  /** Episodes that were begun, by kind, the dropped included. */
  get counts(): ReadonlyMap<Anomaly['kind'], number> {
    return this.#counts;
  }

  /** Older ones that `episodes` does not hold any more. */
  get dropped(): number {
    return this.#dropped;
  }

  push(anomaly: Anomaly): void {
    this.#anomalies += 1;
    const key = `${anomaly.kind} ${anomaly.pid ?? ''}`;
    const index = this.#openByKind.get(key);
    const open = index === undefined ? undefined : this.#episodes[index];
    if (index !== undefined && open !== undefined && continues(open, anomaly)) {
      this.#episodes[index] = extended(open, anomaly);
      return;
    }
    this.#openByKind.set(key, this.#episodes.push(begun(anomaly)) - 1);
    this.#counts.set(anomaly.kind, (this.#counts.get(anomaly.kind) ?? 0) + 1);
    if (this.#episodes.length >= 2 * this.#most) this.#dropOldest();
  }

  /** In the order of their beginnings. */
  episodes(): Episode[] {
    return this.#episodes.toSorted((a, b) => a.first_seq - b.first_seq);
  }

  #dropOldest(): void {
    const { length } = this.#episodes;
    this.#episodes = this.#episodes.slice(-this.#most);
    const gone = length - this.#episodes.length;
    this.#dropped += gone;
    const still = [...this.#openByKind].filter(([, index]) => index >= gone);
    this.#openByKind = new Map(still.map(([key, index]) => [key, index - gone]));
  }
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
