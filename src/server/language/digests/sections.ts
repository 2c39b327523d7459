import { sampledMs } from '../../../core/session/snapshot.ts';
import { SymbolKind } from 'vscode-languageserver/node';
import { plainText } from '../../../core/words/displayText.ts';
import type { Episode } from '../../../core/anomalies/episodes.ts';
import { humanSeconds } from '../../../core/words/humanUnits.ts';
import { sampleSections } from '../../../core/fields/sampleSections.ts';
import type { TurnCall } from '../../../core/failures/transcriptTurns.ts';
import { kindWords, wordsOf } from '../../../core/words/vocabularyWords.ts';
import { locatedEpisodes, type FileDigests, type LocatedEvent } from './fileDigests.ts';
import type { LogDocument } from '../documents/logDocument.ts';
import { traceEpisodes } from './traceEpisodes.ts';

/** Lines that a person sees as one thing. Lines count from 0. */
export interface LogSection {
  readonly name: string;
  readonly detail: string;
  readonly symbol: SymbolKind;
  readonly firstLine: number;
  readonly lastLine: number;
  readonly children: readonly LogSection[];
}

/** Nobody scrolls through more of an outline, and the editor lays out each. */
const MOST_SYMBOLS = 5000;

/** A file as its phases, episodes, turns and days; nothing of kinds that other language servers outline as JSON or YAML. */
export async function sectionsOf(document: LogDocument, digests: FileDigests): Promise<readonly LogSection[]> {
  switch (document.kind) {
    case 'proc_trace':
    case 'tree':
      return await ofSamples(document, digests);
    case 'anomalies':
      return await ofAnomalies(document, digests);
    case 'lifecycle':
      return ofEvents((await digests.events.ofDocument(document)) ?? []);
    case 'session_index':
      return ofIndex((await digests.sessions.ofDocument(document)) ?? []);
    case 'transcript':
    case 'devboy_trace':
      return await ofTranscript(document, digests);
    case 'summary':
    case 'processes':
    case 'devboy_meta':
    case 'config':
      return [];
  }
}

/** Of episodes that all overlap each other nobody reads more one by one. */
const MOST_TOGETHER = 100;

async function ofSamples(document: LogDocument, digests: FileDigests): Promise<readonly LogSection[]> {
  const seqs = (await digests.seqs.ofDocument(document)) ?? [];
  const found = await traceEpisodes(document, digests);
  const startMs = timeAt(document, 0);
  return sampleSections(seqs, found).map(({ firstLine, lastLine, episodes }) => {
    const samples = countOf(lastLine - firstLine + 1, 'sample');
    const ms = timeAt(document, firstLine);
    const since = startMs === undefined || ms === undefined ? '' : `, from +${humanSeconds((ms - startMs) / 1000)}`;
    const detail = `${samples}${since}`;
    const range = { firstLine, lastLine };
    const [only, ...more] = episodes;
    if (only === undefined) return { name: 'Quiet', detail, symbol: SymbolKind.Namespace, ...range, children: [] };
    if (more.length === 0) return { ...range, ...episodeLabel(only), detail, children: [] };
    const children = episodes.slice(0, MOST_TOGETHER).map((episode) => {
      const [first, last] = linesOfEpisode(seqs, range, episode);
      return { ...episodeLabel(episode), firstLine: first, lastLine: last, children: [] };
    });
    return { name: `${episodes.length} episodes`, detail, symbol: SymbolKind.Event, ...range, children };
  });
}

function linesOfEpisode(
  seqs: readonly (number | undefined)[],
  { firstLine, lastLine }: { readonly firstLine: number; readonly lastLine: number },
  { first_seq, last_seq }: Episode,
): readonly [number, number] {
  const isIn = (line: number): boolean => {
    const seq = seqs[line];
    return seq !== undefined && seq >= first_seq && seq <= last_seq;
  };
  let first = firstLine;
  let last = lastLine;
  while (first < last && !isIn(first)) first += 1;
  while (last > first && !isIn(last)) last -= 1;
  return [first, last];
}

function episodeLabel({ kind, severity, count }: Episode): Pick<LogSection, 'name' | 'detail' | 'symbol'> {
  return { name: kindWords(kind), detail: `${severity}, ${countOf(count, 'record')}`, symbol: SymbolKind.Event };
}

async function ofAnomalies(document: LogDocument, digests: FileDigests): Promise<readonly LogSection[]> {
  const anomalies = (await digests.anomalies.ofDocument(document)) ?? [];
  return locatedEpisodes(anomalies)
    .slice(0, MOST_SYMBOLS)
    .map(({ episode, lines }) => ({
      ...episodeLabel(episode),
      firstLine: lines[0] ?? 0,
      lastLine: lines.at(-1) ?? 0,
      children: [],
    }));
}

/** Runs of one event are one thing; in the log over all sessions so are runs of one session. */
function ofEvents(events: readonly LocatedEvent[]): readonly LogSection[] {
  const runs = runsOf(events, ({ session }) => session);
  const sections = runs.map((run) => {
    const children = runsOf(run, ({ event }) => event).map((same) => ({
      ...sectionOfRun(same),
      name: wordsOf(same[0]?.event ?? ''),
      detail: same.length === 1 ? (same[0]?.detail ?? '') : `${same.length} times`,
      symbol: SymbolKind.Event,
      children: [],
    }));
    const name = plainText(run[0]?.session ?? '', 100) || 'No session';
    const detail = countOf(run.length, 'event');
    return { ...sectionOfRun(run), name, detail, symbol: SymbolKind.Namespace, children };
  });
  const isOneSession = new Set(events.map(({ session }) => session)).size <= 1;
  return isOneSession ? sections.flatMap(({ children }) => children) : sections;
}

/** The newest are at the end. */
function ofIndex(sessions: readonly LocatedEvent[]): readonly LogSection[] {
  return runsOf(sessions.slice(-MOST_SYMBOLS), ({ day }) => day).map((run) => ({
    ...sectionOfRun(run),
    name: run[0]?.day || 'No date',
    detail: countOf(run.length, 'session'),
    symbol: SymbolKind.Namespace,
    children: run.map(({ event, detail, line }) => ({
      name: plainText(event, 100),
      detail,
      symbol: SymbolKind.Object,
      firstLine: line,
      lastLine: line,
      children: [],
    })),
  }));
}

async function ofTranscript(document: LogDocument, digests: FileDigests): Promise<readonly LogSection[]> {
  const facts = await digests.transcripts.ofDocument(document);
  if (facts === undefined) return [];
  const failures = new Map(facts.failures.map((failure) => [failure.line, failure]));
  const callSection = ({ tool_kind, line, resultLine, status }: TurnCall): LogSection => {
    const failure = failures.get(resultLine ?? line);
    const isKnown = status === 'failed' && failure !== undefined && failure.category !== 'unknown';
    const why = isKnown ? `: ${`${failure.category}, ${failure.rule}`.replaceAll('_', ' ')}` : '';
    return {
      name: `${wordsOf(tool_kind)} call`,
      detail: `${status}${why}`,
      symbol: SymbolKind.Function,
      firstLine: line - 1,
      lastLine: Math.max(line, resultLine ?? line) - 1,
      children: [],
    };
  };
  return facts.turns.map(({ firstLine, lastLine, calls }, i) => {
    const failed = calls.filter(({ status }) => status === 'failed').length;
    return {
      name: `Turn ${i + 1}`,
      detail: `${countOf(calls.length, 'call')}${failed === 0 ? '' : `, ${failed} failed`}`,
      symbol: SymbolKind.Namespace,
      firstLine: firstLine - 1,
      lastLine: lastLine - 1,
      children: calls.map(callSection),
    };
  });
}

function runsOf<T>(items: readonly T[], keyOf: (item: T) => string): T[][] {
  const runs: T[][] = [];
  let key: string | undefined;
  for (const item of items) {
    const next = keyOf(item);
    if (next === key) runs.at(-1)?.push(item);
    else runs.push([item]);
    key = next;
  }
  return runs;
}

function sectionOfRun(run: readonly LocatedEvent[]): { readonly firstLine: number; readonly lastLine: number } {
  return { firstLine: run[0]?.line ?? 0, lastLine: run.at(-1)?.line ?? 0 };
}

function timeAt(document: LogDocument, line: number): number | undefined {
  const record = document.recordAt(line);
  return record && sampledMs(record);
}

/** Made once: `toLocaleString` makes one with every call. */
const NUMBERS = new Intl.NumberFormat('en');

function countOf(count: number, what: string): string {
  return `${NUMBERS.format(count)} ${what}${count === 1 ? '' : 's'}`;
}
