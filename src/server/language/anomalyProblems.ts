import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Anomaly } from '../../core/anomaly.ts';
import { episodesOf, type Episode } from '../../core/episodes.ts';
import { createDetector, type Detector } from '../../core/findAnomalies.ts';
import { integerOf, recordOf, stringOf, type JsonRecord } from '../../core/json.ts';
import { snapshotFrom } from '../../core/snapshot.ts';
import { kindWords } from '../../core/vocabularyWords.ts';
import { ANOMALY_MEANINGS } from '../../core/wordMeanings.ts';
import { readJsonFile, SUMMARY_FILE } from '../../logs/sessionIndex.ts';
import type { FileDigests } from './fileDigests.ts';
import type { LogDocument } from './logDocument.ts';
import type { Problem } from './problem.ts';

/** Episodes at the first of their records; a leak of an hour is one problem. */
export function episodeProblems(
  episodes: readonly Episode[],
  lineOf: (episode: Episode) => number | undefined,
): readonly Problem[] {
  return episodes.flatMap((episode) => {
    const line = lineOf(episode);
    return line === undefined ? [] : [episodeProblem(episode, line)];
  });
}

function episodeProblem({ kind, severity, first_seq: first, last_seq: last, count }: Episode, line: number): Problem {
  const meaning = kind === 'other' ? 'a kind of anomaly that is not known here' : ANOMALY_MEANINGS[kind];
  const span = last === first ? '' : ` Samples ${first} to ${last}, ${count} records.`;
  return { line, severity, code: kind, message: `${kindWords(kind)}: ${meaning}.${span}` };
}

/** What the session's own recorder found; `undefined` when nobody has judged the trace. */
export async function recordedEpisodes(
  document: LogDocument,
  digests: FileDigests,
): Promise<readonly Episode[] | undefined> {
  if (document.path === undefined) return undefined;
  const dir = dirname(document.path);
  const recorded = await digests.anomalies.ofFile(join(dir, 'anomalies.jsonl'));
  if (recorded !== undefined) return episodesOf(recorded.map(({ anomaly }) => anomaly));
  return isJudged(dir) ? [] : undefined;
}

/** A recorder that runs, or one that found nothing. */
function isJudged(dir: string): boolean {
  if (existsSync(join(dir, 'enrollment.json'))) return true;
  return integerOf(recordOf(readJsonFile(join(dir, SUMMARY_FILE)))?.['anomaly_count']) !== undefined;
}

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
