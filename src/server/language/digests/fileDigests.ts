import { anomalyFrom, type Anomaly } from '../../../core/session/anomaly.ts';
import { episodesOf, type Episode } from '../../../core/anomalies/episodes.ts';
import { parseJson, recordOf } from '../../../core/words/json.ts';
import { indexLineFrom, lifecycleEventFrom } from '../../../core/session/readSession.ts';
import { causeWords, wordsOf } from '../../../core/words/vocabularyWords.ts';
import type { LogRoot } from '../../../logs/logRoot.ts';
import { transcriptFacts, type TranscriptFacts } from '../../../sessions/transcriptFacts.ts';
import { TranscriptSessions } from '../../../sessions/transcriptSessions.ts';
import { TraceJudge } from './traceJudge.ts';
import { Digests, type Digest } from './digests.ts';
import type { LogDocuments } from '../documents/logDocuments.ts';

/** The sample number of each line; `undefined` on a line that is damaged or has none. */
export type Seqs = readonly (number | undefined)[];

export interface LocatedAnomaly {
  readonly anomaly: Anomaly;
  readonly line: number;
}

/** An event of a lifecycle file or a session of the index, as an outline names it. */
export interface LocatedEvent {
  readonly line: number;
  readonly session: string;
  /** The event's name or the session's title. */
  readonly event: string;
  readonly detail: string;
  /** `2026-03-01`; empty when the record has no time. */
  readonly day: string;
}

export interface FileDigests {
  readonly events: Digests<readonly LocatedEvent[]>;
  readonly sessions: Digests<readonly LocatedEvent[]>;
  readonly seqs: Digests<Seqs>;
  /** Of a trace that nobody has judged. */
  readonly judged: Digests<readonly Episode[]>;
  readonly anomalies: Digests<readonly LocatedAnomaly[]>;
  readonly transcripts: Digests<TranscriptFacts>;
}

export function fileDigestsOf(documents: LogDocuments, roots: () => readonly LogRoot[]): FileDigests {
  const sessions = new TranscriptSessions(roots);
  return {
    events: new Digests(documents, () => recordsOfLines(eventIn)),
    sessions: new Digests(documents, () => recordsOfLines(sessionIn)),
    judged: new Digests(documents, episodesOfTrace),
    seqs: new Digests(documents, seqsOfLines),
    anomalies: new Digests(documents, () => recordsOfLines(anomalyIn)),
    transcripts: new Digests(documents, (path) => transcriptFacts(path, sessions)),
  };
}

/** A quote inside a JSON string has a backslash before it, so that no text of a log can pass for the key. */
const SEQ = /"seq":\s*(\d{1,15})(?=[,}\s])/;

/** Without JSON.parse: a hundred thousand lines are looked at for one number each. */
function seqsOfLines(): Digest<Seqs> {
  const seqs: (number | undefined)[] = [];
  return {
    take: (line) => {
      const digits = SEQ.exec(line)?.[1];
      seqs.push(digits === undefined ? undefined : Number(digits));
    },
    value: () => seqs,
  };
}

function episodesOfTrace(path: string | undefined): Digest<readonly Episode[]> {
  const judge = new TraceJudge(path);
  let episodes: readonly Episode[] | undefined;
  return {
    take: (line) => {
      const parsed = parseJson(line);
      judge.take(parsed.ok ? recordOf(parsed.value) : undefined);
      episodes = undefined;
    },
    value: () => (episodes ??= judge.episodes()),
  };
}

/** Beyond these nobody reads them one by one. */
const MOST_RECORDS = 50_000;

/** What is wanted of the records of a file, each with its line. */
function recordsOfLines<T>(wanted: (value: unknown, line: number) => T | undefined): Digest<readonly T[]> {
  const records: T[] = [];
  let line = -1;
  return {
    take: (text) => {
      line += 1;
      if (records.length >= MOST_RECORDS) return;
      const parsed = parseJson(text);
      const record = parsed.ok ? wanted(parsed.value, line) : undefined;
      if (record !== undefined) records.push(record);
    },
    value: () => records,
  };
}

function anomalyIn(value: unknown, line: number): LocatedAnomaly | undefined {
  const anomaly = anomalyFrom(value);
  return anomaly === undefined ? undefined : { anomaly: { ...anomaly, snapshot: undefined }, line };
}

function eventIn(value: unknown, line: number): LocatedEvent | undefined {
  const event = lifecycleEventFrom(value);
  if (event === undefined) return undefined;
  return {
    line,
    session: event.session_id,
    event: event.event,
    detail: (event.reason ?? '').replaceAll('_', ' ').slice(0, 100),
    day: event.timestamp.slice(0, 10),
  };
}

function sessionIn(value: unknown, line: number): LocatedEvent | undefined {
  const session = indexLineFrom(value);
  if (session === undefined) return undefined;
  const { dir_name, skill_command, timestamp, cause, subtype } = session;
  return {
    line,
    session: dir_name,
    event: skill_command || dir_name,
    detail: (cause === null ? wordsOf(subtype) : causeWords(cause)).slice(0, 100),
    day: /^\d{4}-\d\d-\d\d/.exec(timestamp)?.[0] ?? '',
  };
}

export interface LocatedEpisode {
  readonly episode: Episode;
  /** Of its records, in the file's order; never empty. */
  readonly lines: readonly number[];
}

/** Episodes with the lines of their records, in the order of their beginnings in the file. */
export function locatedEpisodes(anomalies: readonly LocatedAnomaly[]): readonly LocatedEpisode[] {
  const alike = new Map<string, LocatedAnomaly[]>();
  for (const located of anomalies) {
    const key = `${located.anomaly.kind} ${located.anomaly.pid ?? ''}`;
    const others = alike.get(key);
    if (others === undefined) alike.set(key, [located]);
    else others.push(located);
  }
  const located = [...alike.values()].flatMap((group) => {
    const episodes = episodesOf(group.map(({ anomaly }) => anomaly)).map((episode) => ({
      episode,
      lines: [] as number[],
    }));
    for (const { anomaly, line } of group) episodeAt(episodes, anomaly.seq)?.lines.push(line);
    return episodes.filter(({ lines }) => lines.length > 0);
  });
  return located.sort((a, b) => (a.lines[0] ?? 0) - (b.lines[0] ?? 0));
}

/** Of one kind's episodes, which are in order and apart from each other, the one that has begun last. */
function episodeAt<E extends { readonly episode: Episode }>(episodes: readonly E[], seq: number): E | undefined {
  let low = 0;
  for (let high = episodes.length; low < high;) {
    const middle = Math.floor((low + high) / 2);
    if ((episodes[middle]?.episode.first_seq ?? seq) <= seq) low = middle + 1;
    else high = middle;
  }
  return episodes[low - 1];
}
