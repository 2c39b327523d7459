import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Anomaly } from '../../core/anomaly.ts';
import { episodesOf, type Episode } from '../../core/episodes.ts';
import { createDetector, type Detector } from '../../core/findAnomalies.ts';
import { integerOf, recordOf, stringOf } from '../../core/json.ts';
import { snapshotFrom } from '../../core/snapshot.ts';
import { kindWords } from '../../core/vocabularyWords.ts';
import { ANOMALY_MEANINGS } from '../../core/wordMeanings.ts';
import { readJsonFile, SUMMARY_FILE } from '../../logs/sessionIndex.ts';
import type { FileDigests } from './fileDigests.ts';
import type { LogDocument } from './logDocument.ts';
import type { Problem } from './problem.ts';

type Breathe = () => boolean | Promise<boolean>;

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

/** What the session's own recorder found; else, in a trace that nobody has judged, what is to be found in it. */
export async function episodesOfTrace(
  document: LogDocument,
  digests: FileDigests,
  breathe: Breathe,
): Promise<readonly Episode[] | undefined> {
  const dir = document.path === undefined ? undefined : dirname(document.path);
  const recorded = dir === undefined ? undefined : await digests.anomalies.ofFile(join(dir, 'anomalies.jsonl'));
  if (recorded !== undefined) return episodesOf(recorded.map(({ anomaly }) => anomaly));
  return dir !== undefined && isJudged(dir) ? [] : await detect(document, dir, breathe);
}

/** A recorder that runs, or one that found nothing. */
function isJudged(dir: string): boolean {
  if (existsSync(join(dir, 'enrollment.json'))) return true;
  return integerOf(recordOf(readJsonFile(join(dir, SUMMARY_FILE)))?.['anomaly_count']) !== undefined;
}

async function detect(
  document: LogDocument,
  dir: string | undefined,
  breathe: Breathe,
): Promise<readonly Episode[] | undefined> {
  const summary = dir === undefined ? undefined : recordOf(readJsonFile(join(dir, SUMMARY_FILE)));
  let detector: Detector | undefined;
  const anomalies: Anomaly[] = [];
  let seq = 0;
  for (let line = 0; line < document.lineCount; line += 1) {
    const snapshot = snapshotFrom(document.recordAt(line), seq);
    const goOn = breathe();
    if (goOn !== true && !(await goOn)) return undefined;
    if (snapshot === undefined) continue;
    seq += 1;
    detector ??= createDetector({
      mode: snapshot.ours === undefined ? 'strict' : 'calibrated',
      pid: snapshot.pid,
      expectedComm: stringOf(summary?.['tracked_comm']),
      cores: integerOf(summary?.['cores']),
      intervalSeconds: undefined,
    });
    for (const anomaly of detector.push({ snapshot, tree: undefined })) {
      anomalies.push({ ...anomaly, snapshot: undefined });
    }
  }
  for (const anomaly of detector?.finish([]) ?? []) anomalies.push({ ...anomaly, snapshot: undefined });
  return episodesOf(anomalies);
}
