import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { wrongTypes } from '../../../core/fields/fieldTypes.ts';
import { parseJson, recordOf, stringOf } from '../../../core/words/json.ts';
import { placeOf, placesIn } from '../../../core/fields/jsonPlaces.ts';
import { SUMMARY_FILE } from '../../../logs/sessionIndex.ts';
import { episodesOf } from '../../../core/anomalies/episodes.ts';
import { episodeProblems } from './anomalyProblems.ts';
import { recordedEpisodes } from '../digests/judgedEpisodes.ts';
import { TraceJudge } from '../digests/traceJudge.ts';
import { configProblems } from './configProblems.ts';
import {
  anomalyContradictions,
  indexContradictions,
  summaryContradictions,
  type ContradictionSources,
} from './contradictions.ts';
import { failureProblems } from './failureProblems.ts';
import { FIELDS } from '../documents/fields.ts';
import { LineChecks, type Writing } from './lineChecks.ts';
import type { FactsOfLines } from './factsOfLines.ts';
import { LinesOfSamples } from './linesOfSamples.ts';
import type { LogDocument } from '../documents/logDocument.ts';
import { placedText } from '../documents/placedText.ts';
import type { Problem } from './problem.ts';
import { ProblemList } from './problemList.ts';

export interface ProblemSources extends ContradictionSources {
  /** What is known of the document's lines from before the last edit. */
  readonly facts: FactsOfLines;
  /** Lets others be served, and says whether the answer is still wanted. */
  readonly yieldNow: () => boolean | Promise<boolean>;
}

/** Everything that is to be said about a file; `undefined` when nobody wants to know any more. */
export async function problemsOf(
  document: LogDocument,
  sources: ProblemSources,
): Promise<readonly Problem[] | undefined> {
  if (document.kind === 'config') return configProblems(document);
  if (document.kind === 'summary' || document.kind === 'devboy_meta') return await documentProblems(document, sources);
  if (document.kind === 'transcript' && document.uri.endsWith('.json'))
    return await transcriptProblems(document, sources);
  const problems = new ProblemList();
  const recorded = document.kind === 'proc_trace' ? await recordedEpisodes(document, sources.digests) : [];
  const judge = recorded === undefined ? new TraceJudge(document.path) : undefined;
  const samples = await checkLines(document, sources, { problems, judge });
  if (samples === undefined) return undefined;
  problems.addAll(episodeProblems(recorded ?? judge?.episodes() ?? [], ({ first_seq: seq }) => samples.lineOf(seq)));
  const more = await wholeProblems(document, sources);
  if (more === undefined) return undefined;
  problems.addAll(more);
  return problems.all();
}

/** Goes over the lines once; of a trace it returns where its samples stand. */
async function checkLines(
  document: LogDocument,
  { facts, yieldNow }: ProblemSources,
  { problems, judge }: { readonly problems: ProblemList; readonly judge: TraceJudge | undefined },
): Promise<LinesOfSamples | undefined> {
  const checks = new LineChecks(document.kind, writingOf(document), problems);
  const samples = new LinesOfSamples();
  const isTrace = document.kind === 'proc_trace';
  const { lineCount } = document;
  for (let line = 0; line < lineCount; line += 1) {
    const one = facts.at(document, line);
    checks.take(line, one, line === lineCount - 1);
    if (isTrace && one.type === 'record') samples.add(line, one.seq);
    judge?.take(document.recordAt(line));
    const goOn = yieldNow();
    if (goOn !== true && !(await goOn)) return undefined;
  }
  return samples;
}

function writingOf({ path, uri, kind }: LogDocument): Writing {
  if (kind === 'transcript' && !uri.endsWith('.jsonl')) return 'mixed';
  if (path === undefined || kind === 'session_index' || kind === 'transcript' || kind === 'devboy_trace') return 'live';
  const dir = dirname(path);
  // A session's file that nobody writes any more.
  return basename(dirname(dir)) !== 'running' && existsSync(join(dir, SUMMARY_FILE)) ? 'finished' : 'live';
}

/** What only the whole file, or files beside it, can tell. */
async function wholeProblems(document: LogDocument, sources: ProblemSources): Promise<readonly Problem[] | undefined> {
  switch (document.kind) {
    case 'anomalies': {
      const located = (await sources.digests.anomalies.ofDocument(document)) ?? [];
      const lines = new Map(located.toReversed().map(({ anomaly, line }) => [keyOf(anomaly), line]));
      const episodes = episodesOf(located.map(({ anomaly }) => anomaly));
      return [
        ...episodeProblems(episodes, (episode) => lines.get(keyOf({ ...episode, seq: episode.first_seq }))),
        ...(await anomalyContradictions(document, located, sources.digests)),
      ];
    }
    case 'session_index':
      return await indexProblems(document, sources);
    case 'transcript':
    case 'devboy_trace':
      return await transcriptProblems(document, sources);
    case 'proc_trace':
    case 'tree':
    case 'processes':
    case 'lifecycle':
    case 'summary':
    case 'devboy_meta':
    case 'config':
      return [];
  }
}

function keyOf({
  kind,
  pid,
  seq,
}: {
  readonly kind: string;
  readonly pid: number | undefined;
  readonly seq: number;
}): string {
  return `${kind} ${pid ?? ''} ${seq}`;
}

/** Of the index the newest lines: each costs the reading of a summary. */
const MOST_INDEXED = 1000;

async function indexProblems(
  document: LogDocument,
  { yieldNow }: ProblemSources,
): Promise<readonly Problem[] | undefined> {
  if (document.path === undefined) return [];
  const seen = new Set<string>();
  const problems: Problem[] = [];
  for (let line = document.lineCount - 1; line >= Math.max(0, document.lineCount - MOST_INDEXED); line -= 1) {
    const goOn = yieldNow();
    if (goOn !== true && !(await goOn)) return undefined;
    const record = document.recordAt(line);
    const name = stringOf(record?.['dir_name']);
    if (record === undefined || name === undefined || seen.has(name)) continue;
    seen.add(name); // the last line of a session counts
    for (const { field, message } of indexContradictions(document.path, record)) {
      const span = placeOf(document.lineAt(line), [field])?.value;
      problems.push({ line, span, severity: 'warning', code: 'contradiction', message: `${field}: ${message}` });
    }
  }
  return problems;
}

async function transcriptProblems(
  document: LogDocument,
  { digests }: ProblemSources,
): Promise<readonly Problem[] | undefined> {
  const facts = await digests.transcripts.ofDocument(document);
  return facts && failureProblems(facts.failures, isWritten(document));
}

/** An agent may think, or wait for a person, for minutes without a line. */
const SILENT_MS = 600_000;

/** Nothing says that an agent is done: a log that has rested this long is taken to be. */
function isWritten({ path }: LogDocument): boolean {
  const stat = path === undefined ? undefined : statSync(path, { throwIfNoEntry: false });
  return stat === undefined || Date.now() - stat.mtimeMs < SILENT_MS;
}

/** One JSON object over many lines. */
async function documentProblems(document: LogDocument, sources: ProblemSources): Promise<readonly Problem[]> {
  const placed = placedText(document, 0);
  if (placed === undefined) return [];
  const parsed = parseJson(placed.text);
  const record = parsed.ok ? recordOf(parsed.value) : undefined;
  if (record === undefined) {
    const { line } = placed.rangeOf({ start: placesIn(placed.text).at(-1)?.value.end ?? 0, end: 0 }).start;
    const message = 'Not JSON from here on: readers cannot use this file.';
    return [{ line, severity: 'critical', code: 'malformed_document', message }];
  }
  const isSummary = document.kind === 'summary';
  const types = wrongTypes(record, isSummary ? FIELDS.summary : FIELDS.devboy_meta).map(({ path, expected }) => ({
    path,
    code: 'wrong_type' as const,
    message: `${String(path.at(-1))} is to be ${expected}: readers cannot use this value.`,
  }));
  const contradictions = isSummary ? await summaryContradictions(document, record, sources) : [];
  const found = contradictions.map(({ field, message }) => ({
    path: [field],
    code: 'contradiction' as const,
    message,
  }));
  return [...types, ...found].flatMap(({ path, code, message }) => {
    const place = placeOf(placed.text, path);
    if (place === undefined) return [];
    const { start, end } = placed.rangeOf(place.value);
    const span = { start: start.character, end: end.line === start.line ? end.character : start.character + 1 };
    return [{ line: start.line, span, severity: 'warning' as const, code, message }];
  });
}
