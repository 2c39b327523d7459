import type { Failures } from '../core/failures.ts';
import { isRecord, parseJson, stringOf, type JsonRecord } from '../core/json.ts';
import { TranscriptEnding, type EndSign, type TranscriptEnd } from '../core/transcriptEnd.ts';
import type { TranscriptEvent } from '../core/transcriptEvents.ts';
import { TranscriptTally, type CallSpan, type JobCompletion, type LogPosition } from '../core/transcriptTally.ts';
import { claudeStream } from './claudeStream.ts';
import { claudeTranscript } from './claudeTranscript.ts';
import { codewhale } from './codewhale.ts';
import { codexExec } from './codexExec.ts';
import { codexRollout } from './codexRollout.ts';
import { devboy } from './devboy.ts';
import { geminiSession } from './geminiSession.ts';
import { geminiStream } from './geminiStream.ts';
import { healthyEndOf } from './healthyEnds.ts';
import { genericJsonl } from './genericJsonl.ts';
import { JsonDocument } from './jsonDocument.ts';
import type { RecordReader, TranscriptFormat } from './transcriptFormat.ts';

/** Every format, the most particular first: the first that recognises one of the first records reads the log. */
export const TRANSCRIPT_FORMATS: readonly TranscriptFormat[] = [
  codexRollout,
  codexExec,
  claudeTranscript,
  claudeStream,
  devboy,
  codewhale,
  geminiSession,
  geminiStream,
];

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
  /** Background jobs that claim to have completed: for the join with process evidence. */
  jobs(): readonly JobCompletion[];
  /** How it ends, where its format has a healthy end that is known. */
  end(): TranscriptEnd | undefined;
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
export function detectTranscriptFormat(lines: readonly string[]): string | undefined {
  for (const line of lines.slice(0, RECORDS_TO_DETECT)) {
    const parsed = parseJson(line);
    const record = parsed.ok && isRecord(parsed.value) ? parsed.value : undefined;
    const format = record === undefined ? undefined : TRANSCRIPT_FORMATS.find((f) => f.recognises(record));
    if (format !== undefined) return format.name;
  }
  return undefined;
}

interface Pending {
  readonly record: JsonRecord;
  readonly line: number;
}

const INSTANT = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)$/;

/** Timestamps leave the program, so only what is an instant in every character is one. */
function instantOf(record: JsonRecord): string | undefined {
  const text = stringOf(record['timestamp']) ?? stringOf(record['ts']) ?? stringOf(record['time']);
  return text !== undefined && text.length <= 40 && INSTANT.test(text) ? text : undefined;
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
    const text = lineText.charCodeAt(0) === 0xfeff ? lineText.slice(1) : lineText;
    if (text.trim() === '') return;
    const parsed = parseJson(text);
    this.#isCut = !parsed.ok && text.startsWith('{');
    if (parsed.ok && isRecord(parsed.value)) this.#take(parsed.value, this.#totalLines);
    else if (this.#totalLines === 1 && JsonDocument.canBeginWith(text)) this.#document = new JsonDocument(text);
    else this.#malformedLines++;
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
      format: this.#format?.name ?? (this.#isFinished ? genericJsonl.name : 'unknown'),
      total_lines: this.#totalLines,
      malformed_lines: this.#malformedLines,
      first_ts: this.#firstTs ?? null,
      last_ts: this.#lastTs ?? null,
      ...found,
    };
  }

  calls(): readonly CallSpan[] {
    return this.#tally.calls();
  }

  jobs(): readonly JobCompletion[] {
    return this.#tally.jobs();
  }

  end(): TranscriptEnd | undefined {
    return this.#ending?.is.end(this.#isCut);
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
