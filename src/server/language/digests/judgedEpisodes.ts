import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { episodesOf, type Episode } from '../../../core/anomalies/episodes.ts';
import { integerOf, recordOf } from '../../../core/words/json.ts';
import { readJsonFile, SUMMARY_FILE } from '../../../logs/sessionIndex.ts';
import type { FileDigests } from './fileDigests.ts';
import type { LogDocument } from '../documents/logDocument.ts';

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
