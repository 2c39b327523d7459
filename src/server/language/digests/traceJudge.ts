import { dirname, join } from 'node:path';
import type { Anomaly } from '../../../core/session/anomaly.ts';
import { episodesOf, type Episode } from '../../../core/anomalies/episodes.ts';
import { createDetector, type Detector } from '../../../core/anomalies/findAnomalies.ts';
import { integerOf, recordOf, stringOf, type JsonRecord } from '../../../core/words/json.ts';
import { snapshotFrom } from '../../../core/session/snapshot.ts';
import { readJsonFile, SUMMARY_FILE } from '../../../logs/sessionIndex.ts';

/** More records are one disaster that needs no more counting. */
const MOST_ANOMALIES = 50_000;

/** Judges a trace that nobody has judged, one line after the other. */
export class TraceJudge {
  readonly #summary: JsonRecord | undefined;
  readonly #anomalies: Anomaly[] = [];
  #detector: Detector | undefined;
  #count = 0;

  constructor(path: string | undefined) {
    this.#summary = path === undefined ? undefined : recordOf(readJsonFile(join(dirname(path), SUMMARY_FILE)));
  }

  take(record: JsonRecord | undefined): void {
    const snapshot = record === undefined ? undefined : snapshotFrom(record, this.#count);
    if (snapshot === undefined) return;
    this.#count += 1;
    this.#detector ??= createDetector({
      mode: snapshot.ours === undefined ? 'strict' : 'calibrated',
      pid: snapshot.pid,
      expectedComm: stringOf(this.#summary?.['tracked_comm']),
      cores: integerOf(this.#summary?.['cores']),
      intervalSeconds: undefined,
    });
    this.#keep(this.#detector.push({ snapshot, tree: undefined }));
  }

  episodes(): readonly Episode[] {
    this.#keep(this.#detector?.finish([]) ?? []);
    return episodesOf(this.#anomalies);
  }

  #keep(anomalies: readonly Anomaly[]): void {
    for (const anomaly of anomalies) {
      if (this.#anomalies.length < MOST_ANOMALIES) this.#anomalies.push({ ...anomaly, snapshot: undefined });
    }
  }
}
