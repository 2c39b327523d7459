import { join } from 'node:path';
import { episodesOf } from '../../core/anomalies/episodes.ts';
import { parseJson } from '../../core/words/json.ts';
import type { Anomaly } from '../../core/session/anomaly.ts';
import { snapshotFrom } from '../../core/session/snapshot.ts';
import { treeSampleFrom } from '../../core/session/tree.ts';
import type { Activity } from '../../core/words/vocabulary.ts';
import { lastLines } from '../../logs/lastLine.ts';
import { TRACE_FILE, TREE_FILE } from '../../logs/series.ts';
import { activityNow } from '../../sessions/activityNow.ts';

const SAMPLES = 3;
/** Of a tree of a hundred processes one sample takes 25 KB. */
const TAIL_BYTES = 128 * 1024;

/** What a running session does, by its last samples. */
export function latestActivity(dir: string, anomalies: readonly Anomaly[]): Activity | undefined {
  const trees = valuesOf(join(dir, TREE_FILE)).flatMap((value) => treeSampleFrom(value) ?? []);
  const moments = valuesOf(join(dir, TRACE_FILE)).flatMap((value) => {
    const snapshot = snapshotFrom(value, 0);
    return snapshot === undefined ? [] : [{ snapshot, tree: trees.find(({ seq }) => seq === snapshot.seq) }];
  });
  const stalled = episodesOf(anomalies.filter(({ kind }) => kind === 'stalled')).at(-1);
  return activityNow(dir, moments, stalled?.last_seq);
}

function valuesOf(path: string): readonly unknown[] {
  return lastLines(path, SAMPLES + 1, TAIL_BYTES).flatMap((line) => {
    const parsed = parseJson(line);
    return parsed.ok ? [parsed.value] : [];
  });
}
