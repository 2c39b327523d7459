import { dirname, join } from 'node:path';
import type { JsonRecord } from '../../../core/words/json.ts';
import { isRecord, numberOf, parseJson, recordOf, stringOf } from '../../../core/words/json.ts';
import { placeOf } from '../../../core/fields/jsonPlaces.ts';
import { snapshotFrom } from '../../../core/session/snapshot.ts';
import { isSafeName } from '../../../core/words/sessionId.ts';
import { readJsonFile, SUMMARY_FILE } from '../../../logs/sessionIndex.ts';
import { Digests, type Digest } from '../digests/digests.ts';
import type { FileDigests, LocatedAnomaly } from '../digests/fileDigests.ts';
import type { LogDocument } from '../documents/logDocument.ts';
import type { LogDocuments } from '../documents/logDocuments.ts';
import type { Problem } from './problem.ts';

/** What a trace has, by the names under which a summary repeats it. */
export interface TraceFacts {
  readonly snapshot_count: number;
  readonly peak_rss_kb: number;
  readonly peak_oom_score: number;
  readonly peak_tree_rss_kb: number | undefined;
}

export function traceFactsOf(documents: LogDocuments): Digests<TraceFacts> {
  return new Digests(documents, factsOfTrace);
}

function factsOfTrace(): Digest<TraceFacts> {
  let count = 0;
  let rssKb = 0;
  let oomScore = 0;
  let treeRssKb: number | undefined;
  return {
    take: (line) => {
      const parsed = parseJson(line);
      const snapshot = parsed.ok ? snapshotFrom(parsed.value, count) : undefined;
      if (snapshot === undefined) return;
      count += 1;
      rssKb = Math.max(rssKb, snapshot.vm_rss_kb ?? 0);
      oomScore = Math.max(oomScore, snapshot.oom_score ?? 0);
      const tree = snapshot.ours?.tree_rss_kb;
      if (tree !== undefined) treeRssKb = Math.max(treeRssKb ?? 0, tree);
    },
    value: () => ({
      snapshot_count: count,
      peak_rss_kb: rssKb,
      peak_oom_score: oomScore,
      peak_tree_rss_kb: treeRssKb,
    }),
  };
}

export interface ContradictionSources {
  readonly traces: Digests<TraceFacts>;
  readonly digests: FileDigests;
}

/** Where summary.json says another number than the files beside it. */
export async function summaryContradictions(
  document: LogDocument,
  summary: JsonRecord,
  { traces, digests }: ContradictionSources,
): Promise<readonly Found[]> {
  if (document.path === undefined) return [];
  const dir = dirname(document.path);
  const found: Found[] = [];
  const compare = (field: string, actual: number | undefined, words: (n: number) => string) => {
    const said = numberOf(summary[field]);
    if (said !== undefined && actual !== undefined && said !== actual) found.push({ field, message: words(actual) });
  };
  const trace = await traces.ofFile(join(dir, 'proc_trace.jsonl'));
  compare('snapshot_count', trace?.snapshot_count, (n) => `proc_trace.jsonl beside it has ${n} samples.`);
  for (const field of ['peak_rss_kb', 'peak_oom_score', 'peak_tree_rss_kb'] as const) {
    compare(field, trace?.[field], (n) => `The highest in proc_trace.jsonl beside it is ${n}.`);
  }
  const anomalies = await digests.anomalies.ofFile(join(dir, 'anomalies.jsonl'));
  compare('anomaly_count', anomalies?.length, (n) => `anomalies.jsonl beside it has ${n} records.`);
  return found;
}

export interface Found {
  readonly field: string;
  readonly message: string;
}

/** Anomalies of samples that the trace beside them does not have. */
export async function anomalyContradictions(
  document: LogDocument,
  anomalies: readonly LocatedAnomaly[],
  digests: FileDigests,
): Promise<readonly Problem[]> {
  const path = document.path === undefined ? undefined : join(dirname(document.path), 'proc_trace.jsonl');
  const seqs = path === undefined ? undefined : await digests.seqs.ofFile(path);
  const known = new Set(seqs);
  known.delete(undefined);
  if (known.size === 0) return [];
  return anomalies
    .filter(({ anomaly }) => !known.has(anomaly.seq))
    .map(({ anomaly, line }) => ({
      line,
      span: placeOf(document.lineAt(line), ['seq'])?.value,
      severity: 'warning',
      code: 'contradiction',
      message: `proc_trace.jsonl beside it has no sample ${anomaly.seq}.`,
    }));
}

const INDEXED = ['success', 'exit_code', 'snapshot_count', 'anomaly_count', 'peak_rss_kb', 'peak_oom_score'] as const;

/** Where a line of the index says something else than its session's summary. */
export function indexContradictions(indexPath: string, record: JsonRecord): readonly Found[] {
  const name = stringOf(record['dir_name']) ?? '';
  if (!isSafeName(name)) return [];
  const summary = recordOf(readJsonFile(join(dirname(indexPath), 'sessions', name, SUMMARY_FILE)));
  if (summary === undefined) return [];
  return INDEXED.flatMap((field) => {
    const [here, there] = [record[field], summary[field]];
    if (here === undefined || there === undefined || here === there || isRecord(there)) return [];
    return [{ field, message: `summary.json of the session says ${JSON.stringify(there).slice(0, 40)}.` }];
  });
}
