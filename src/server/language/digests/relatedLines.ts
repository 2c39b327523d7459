import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { integerOf, recordOf, stringOf, type JsonRecord } from '../../../core/words/json.ts';
import { wordOf, ANOMALY_KINDS } from '../../../core/words/vocabulary.ts';
import { logRootAt } from '../../../logs/logRoot.ts';
import { findSession } from '../../../logs/sessionFiles.ts';
import type { SessionCatalog } from '../../panel/sessionCatalog.ts';
import { locatedEpisodes, type FileDigests, type Seqs } from './fileDigests.ts';
import type { LogDocument } from '../documents/logDocument.ts';
import { logPlaceOf, sessionFilesIn, type SessionFile } from '../documents/logPlace.ts';

/** A line of some file; lines count from 0. */
export interface LogLine {
  readonly uri: string;
  readonly line: number;
}

/** Where the thing that a line tells of is told too. */
export interface RelatedLines {
  /** What a person wants to see first: the snapshot of an anomaly, the call of a result, the session of an index line. */
  readonly definitions: readonly LogLine[];
  /** Every line about it, this one included. */
  readonly references: readonly LogLine[];
}

export interface RelationSources {
  readonly digests: FileDigests;
  readonly catalog: SessionCatalog;
}

const NONE: RelatedLines = { definitions: [], references: [] };

/** Files are read as far as needed; a damaged line is related to nothing. */
export async function relatedLines(
  document: LogDocument,
  line: number,
  sources: RelationSources,
): Promise<RelatedLines> {
  switch (document.kind) {
    case 'proc_trace':
    case 'tree':
      return await ofSample(document, line, sources);
    case 'anomalies':
      return await ofAnomaly(document, line, sources);
    case 'lifecycle':
      return await ofEvent(document, line, sources);
    case 'session_index':
      return ofSession(document, line);
    case 'transcript':
    case 'devboy_trace':
      return await ofCall(document, line, sources);
    case 'summary':
    case 'processes':
    case 'devboy_meta':
    case 'config':
      return NONE; // their values are links
  }
}

async function ofSample(document: LogDocument, line: number, sources: RelationSources): Promise<RelatedLines> {
  const seq = integerOf(document.recordAt(line)?.['seq']);
  if (seq === undefined || document.path === undefined) return NONE;
  const { dir } = logPlaceOf(document.path, sources.catalog);
  const anomalies = await anomaliesAt(dir, seq, sources);
  const other = await samplesAt(dir, document.kind === 'tree' ? 'proc_trace.jsonl' : 'tree.jsonl', { seq, sources });
  const own = { uri: document.uri, line };
  return {
    definitions: document.kind === 'tree' ? other : [...anomalies, ...other],
    references: [own, ...other, ...anomalies],
  };
}

async function ofAnomaly(document: LogDocument, line: number, sources: RelationSources): Promise<RelatedLines> {
  const anomalies = await sources.digests.anomalies.ofDocument(document);
  const found = anomalies?.find((one) => one.line === line)?.anomaly;
  if (anomalies === undefined || found === undefined || document.path === undefined) return NONE;
  const { dir } = logPlaceOf(document.path, sources.catalog);
  const at = { seq: found.seq, sources };
  const snapshots = await samplesAt(dir, 'proc_trace.jsonl', at);
  const trees = await samplesAt(dir, 'tree.jsonl', at);
  const lines = locatedEpisodes(anomalies).find((one) => one.lines.includes(line))?.lines ?? [line];
  const episode = lines.map((one) => ({ uri: document.uri, line: one }));
  return { definitions: snapshots, references: [...episode, ...snapshots, ...trees] };
}

/** An event of a session's own file, or of the log over all sessions. */
async function ofEvent(document: LogDocument, line: number, sources: RelationSources): Promise<RelatedLines> {
  const record = document.recordAt(line);
  const dir = document.path === undefined || record === undefined ? undefined : eventDir(document.path, record);
  if (record === undefined || dir === undefined) return NONE;
  const own = { uri: document.uri, line };
  const seq = integerOf(recordOf(record['context'])?.['seq']);
  const kind = wordOf(ANOMALY_KINDS, record['reason']);
  if (record['event'] === 'anomaly_detected' && seq !== undefined) {
    const anomalies = await anomaliesAt(dir, seq, sources, kind);
    const snapshots = await samplesAt(dir, 'proc_trace.jsonl', { seq, sources });
    return { definitions: [...anomalies, ...snapshots], references: [own, ...anomalies, ...snapshots] };
  }
  const files = sessionFilesIn(dir).map(beginOf);
  return { definitions: files.slice(0, 1), references: [own, ...files] };
}

function eventDir(path: string, record: JsonRecord): string | undefined {
  const place = join(path, '..');
  if (sessionFilesIn(place).length > 0) return place;
  return findSession(logRootAt(place), stringOf(record['session_id']) ?? '')?.dir;
}

function ofSession(document: LogDocument, line: number): RelatedLines {
  const record = document.recordAt(line);
  if (record === undefined || document.path === undefined) return NONE;
  const name = stringOf(record['dir_name']) ?? stringOf(record['session_id']) ?? '';
  const dir = findSession(logRootAt(join(document.path, '..')), name)?.dir;
  const files = dir === undefined ? [] : sessionFilesIn(dir).map(beginOf);
  return { definitions: files.slice(0, 1), references: [{ uri: document.uri, line }, ...files] };
}

/** The call of a result and the result of a call. A line may hold several calls at once. */
async function ofCall(document: LogDocument, line: number, sources: RelationSources): Promise<RelatedLines> {
  const facts = await sources.digests.transcripts.ofDocument(document);
  const here = line + 1;
  const turn = facts?.turns.find(({ firstLine, lastLine }) => here >= firstLine && here <= lastLine);
  const calls = (turn?.calls ?? []).filter((call) => call.line === here || call.resultLine === here);
  const lines = new Set(calls.flatMap((call) => [call.line, call.resultLine ?? call.line]));
  const at = (one: number): LogLine => ({ uri: document.uri, line: one - 1 });
  return {
    definitions: [...lines].filter((one) => one !== here).map(at),
    references: [...lines].toSorted((a, b) => a - b).map(at),
  };
}

async function anomaliesAt(
  dir: string,
  seq: number,
  { digests }: RelationSources,
  kind?: string,
): Promise<readonly LogLine[]> {
  const path = join(dir, 'anomalies.jsonl');
  const anomalies = (await digests.anomalies.ofFile(path)) ?? [];
  return anomalies
    .filter(({ anomaly }) => anomaly.seq === seq && (kind === undefined || anomaly.kind === kind))
    .map(({ line }) => ({ uri: uriOf(path), line }));
}

export async function samplesAt(
  dir: string,
  file: SessionFile,
  { seq, sources }: { readonly seq: number; readonly sources: RelationSources },
): Promise<readonly LogLine[]> {
  const path = join(dir, file);
  const line = lineOfSeq((await sources.digests.seqs.ofFile(path)) ?? [], seq);
  return line === undefined ? [] : [{ uri: uriOf(path), line }];
}

function lineOfSeq(seqs: Seqs, seq: number): number | undefined {
  // Most files begin with sample 0 and miss none: then the number is the line.
  if (seqs[seq] === seq) return seq;
  const line = seqs.indexOf(seq);
  return line < 0 ? undefined : line;
}

function beginOf(path: string): LogLine {
  return { uri: uriOf(path), line: 0 };
}

function uriOf(path: string): string {
  return pathToFileURL(path).href;
}
