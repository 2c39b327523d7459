import type { FormatName } from '../core/words/agentTable.ts';
import type { Failures } from '../core/session/failures.ts';
import { integerOf, isRecord, parseJson, stringOf, type JsonRecord } from '../core/words/json.ts';
import { isoFromMs } from '../core/words/time.ts';
import type { CalledKill } from '../core/session/killCall.ts';
import {
  TranscriptEnding,
  type EndSign,
  type TranscriptEnd,
  type TranscriptStop,
} from '../core/failures/transcriptEnd.ts';
import type { TranscriptEvent } from '../core/failures/transcriptEvents.ts';
import type { CallSpan } from '../core/failures/callSpans.ts';
import {
  TranscriptTally,
  type JobCompletion,
  type LogEnding,
  type LogPosition,
} from '../core/failures/transcriptTally.ts';
import { TRANSCRIPT_FORMATS } from './agentList.ts';
import { healthyEndOf } from './healthyEnds.ts';
import { genericJsonl } from './genericJsonl.ts';
import { JsonDocument } from './jsonDocument.ts';
import type { RecordReader, TranscriptFormat } from './transcriptFormat.ts';

/** Logs begin with headers and summaries; a log that none of its first 32 records gives away is of no known format. */
const RECORDS_TO_DETECT = 32;

export interface TranscriptAnalyzer {
  /** One complete line, without its newline. */
  push(lineText: string): void;
  /** Nobody writes this log any more: what is open now will never be closed. */
  finish(): void;
  /** What is known so far; cheap, and callable at any time on a live log. */
  snapshotOf(): Failures;
  calls(): readonly CallSpan[];
  /** Those that are waited for where the log ends. */
  openCalls(): readonly CallSpan[];
  /** Background jobs that claim to have completed: for the join with process evidence. */
  jobs(): readonly JobCompletion[];
  /** What the healthy end of a session looks like is its format's: an answer, a result, a shutdown. */
  ending(): LogEnding;
  /** Commands of the agent that end processes and were open, or its last, at the log's end. */
  kills(): readonly CalledKill[];
  /** How it ends, where its format has a healthy end that is known. */
  end(): TranscriptEnd | undefined;
  /** Where it has stopped while somebody may still write it. */
  stop(): TranscriptStop | undefined;
}

export interface TranscriptAnalyzerOptions {
  /** Builds `src:<12 hex>:L<line>`. */
  readonly handleOf: (line: number) => string;
  /** Told of every event: for whoever needs more than what is added up here. */
  readonly onEvent?: (event: TranscriptEvent, at: LogPosition) => void;
  /** Whoever asks for `end()`: following it to there costs a look at each record. */
  readonly isEndAsked?: boolean;
}

export function createTranscriptAnalyzer(options: TranscriptAnalyzerOptions): TranscriptAnalyzer {
  return new Analyzer(options);
}

/** The format's name, when the first lines give one away. */
export function detectTranscriptFormat(lines: readonly string[]): FormatName | undefined {
  for (const record of recordsOfHead(lines.slice(0, RECORDS_TO_DETECT))) {
    const format = TRANSCRIPT_FORMATS.find((f) => f.recognises(record));
    if (format !== undefined) return format.name;
  }
  return undefined;
}

/** Each line a record, or all of them the beginning of one document. */
function recordsOfHead(lines: readonly string[]): readonly JsonRecord[] {
  if (JsonDocument.canBeginWith(lines[0] ?? '')) {
    const document = new JsonDocument(lines[0] ?? '');
    for (const line of lines.slice(1)) document.add(line);
    return document.records()?.map(({ record }) => record) ?? [];
  }
  return lines.flatMap((line): readonly JsonRecord[] => {
    const parsed = parseJson(line);
    return parsed.ok && isRecord(parsed.value) ? [parsed.value] : [];
  });
}

interface Pending {
  readonly record: JsonRecord;
  readonly line: number;
}

const INSTANT = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)$/;

/** Milliseconds of 2001 to 2286: what is shorter counts seconds or steps. */
const FIRST_MS = 1e12;
const LAST_MS = 1e13;

/** Timestamps leave the program, so only what is an instant in every character is one. */
function instantOf(record: JsonRecord): string | undefined {
  const value = record['timestamp'] ?? record['ts'] ?? record['time'] ?? record['time_created'];
  const ms = integerOf(value);
  if (ms !== undefined) return ms >= FIRST_MS && ms < LAST_MS ? isoFromMs(ms) : undefined;
  const text = stringOf(value);
  return text !== undefined && text.length <= 40 && INSTANT.test(text) ? text : undefined;
}

/** One is what a reader puts in the place of a line that is too long. */
const NULS = /^\0{2,}|\0+$/g;

/** A machine that lost its power leaves NUL bytes where a file had grown and nothing was written yet. */
function withoutPadding(line: string): string {
  const text = line.charCodeAt(0) === 0xfeff ? line.slice(1) : line;
  return text.length > 1 && (text.endsWith('\0') || text.startsWith('\0')) ? text.replace(NULS, '') : text;
}

class Analyzer implements TranscriptAnalyzer {
  readonly #tally: TranscriptTally;
  readonly #onEvent: TranscriptAnalyzerOptions['onEvent'];
  #format: TranscriptFormat | undefined;
  #read: RecordReader | undefined;
  #pending: Pending[] = [];
  #document: JsonDocument | undefined;
  #totalLines = 0;
  #malformedLines = 0;
  #firstTs: string | undefined;
  #lastTs: string | undefined;
  #isFinished = false;
  readonly #isEndAsked: boolean;
  #ending: { readonly is: TranscriptEnding; readonly signOf: (record: JsonRecord) => EndSign | undefined } | undefined;
  #isCut = false;

  constructor(options: TranscriptAnalyzerOptions) {
    this.#tally = new TranscriptTally(options.handleOf);
    this.#onEvent = options.onEvent;
    this.#isEndAsked = options.isEndAsked === true;
  }

  push(lineText: string): void {
    this.#totalLines++;
    if (this.#document !== undefined) {
      if (!this.#document.add(lineText)) this.#giveUpDocument();
      return;
    }
    const text = withoutPadding(lineText);
    if (text.trim() === '') return;
    const parsed = parseJson(text);
    this.#isCut = false;
    if (parsed.ok && isRecord(parsed.value)) this.#take(parsed.value, this.#totalLines);
    else if (this.#totalLines === 1 && JsonDocument.canBeginWith(text)) this.#document = new JsonDocument(text);
    else {
      this.#malformedLines++;
      this.#isCut = !parsed.ok && text.startsWith('{');
    }
  }

  finish(): void {
    if (this.#isFinished) return;
    this.#isFinished = true;
    if (this.#document !== undefined) this.#readDocument(this.#document);
    if (this.#read === undefined && this.#pending.length > 0) this.#settle(genericJsonl);
  }

  snapshotOf(): Failures {
    const found = this.#tally.failures(this.#isFinished, { total: this.#totalLines, malformed: this.#malformedLines });
    return {
      format: this.#formatName(),
      total_lines: this.#totalLines,
      malformed_lines: this.#malformedLines,
      first_ts: this.#firstTs ?? null,
      last_ts: this.#lastTs ?? null,
      ...found,
    };
  }

  /** Fields that mean something in every log are no format: a log without any of them is unknown. */
  #formatName(): FormatName {
    const format = this.#format ?? (this.#isFinished ? genericJsonl : undefined);
    return format === undefined || (format === genericJsonl && this.#tally.isBlank) ? 'unknown' : format.name;
  }

  calls(): readonly CallSpan[] {
    return this.#tally.calls();
  }

  openCalls(): readonly CallSpan[] {
    return this.#tally.openCalls();
  }

  kills(): readonly CalledKill[] {
    return this.#tally.kills();
  }

  jobs(): readonly JobCompletion[] {
    return this.#tally.jobs();
  }

  ending(): LogEnding {
    return this.#tally.ending();
  }

  end(): TranscriptEnd | undefined {
    return this.#ending?.is.end(this.#isCut);
  }

  stop(): TranscriptStop | undefined {
    return this.#ending?.is.stop();
  }

  #take(record: JsonRecord, line: number): void {
    if (this.#read !== undefined) {
      this.#readRecord(record, line);
      return;
    }
    this.#pending.push({ record, line });
    const format = TRANSCRIPT_FORMATS.find((f) => f.recognises(record));
    if (format !== undefined) this.#settle(format);
    else if (this.#pending.length >= RECORDS_TO_DETECT) this.#settle(genericJsonl);
  }

  /** The format is known: the records that waited for it are read first. */
  #settle(format: TranscriptFormat): void {
    this.#format = format;
    this.#read = format.open();
    const healthy = this.#isEndAsked ? healthyEndOf(format.name) : undefined;
    if (healthy !== undefined) this.#ending = { is: new TranscriptEnding(healthy), signOf: healthy.signOf };
    const waiting = this.#pending;
    this.#pending = [];
    for (const { record, line } of waiting) this.#readRecord(record, line);
  }

  #readRecord(record: JsonRecord, line: number): void {
    const ts = instantOf(record);
    this.#firstTs ??= ts;
    this.#lastTs = ts ?? this.#lastTs;
    const at = { line, ts };
    this.#read?.(record, (event) => {
      this.#tally.add(event, at);
      this.#onEvent?.(event, at);
      this.#ending?.is.take(event);
    });
    const sign = this.#ending?.signOf(record);
    if (sign !== undefined) this.#ending?.is.sign(sign);
  }

  /** A log that is one JSON document over many lines: its messages are read one by one, each at its own line. */
  #readDocument(document: JsonDocument): void {
    const records = document.records();
    if (records === undefined) {
      this.#giveUpDocument();
      return;
    }
    for (const { record, line } of records) this.#take(record, line);
  }

  #giveUpDocument(): void {
    this.#document = undefined;
    this.#malformedLines = this.#totalLines;
  }
}
