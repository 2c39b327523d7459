import { isRecord, parseJson, recordOf, type JsonRecord } from '../core/words/json.ts';
import { clippedText } from '../core/words/displayText.ts';
import { msFromIso } from '../core/words/time.ts';
import { agentRow, KNOWN_AGENTS } from '../core/words/agentTable.ts';
import type { LogEnding } from '../core/failures/transcriptTally.ts';
import type { TranscriptEvent } from '../core/failures/transcriptEvents.ts';
import type { AgentKind, FailureCategory, Layer, ToolKind, TranscriptEndName } from '../core/words/vocabulary.ts';
import { commandIn, idIn, promptIn, workingDirectoryIn } from './recordFacts.ts';
import { createTranscriptAnalyzer, type TranscriptAnalyzer } from './transcriptReader.ts';

/** What one log says of its session without anything else being known. Texts are the log's own: not redacted. */
export interface LogDigest {
  readonly format: string;
  /** The agent's own id of the session. */
  readonly sessionId: string | undefined;
  readonly cwd: string | undefined;
  /** The first prompt. */
  readonly title: string | undefined;
  readonly firstMs: number | undefined;
  readonly lastMs: number | undefined;
  readonly ending: LogEnding;
  /** How it stops, where the format's healthy end is known. */
  readonly end: TranscriptEndName | undefined;
  /** The failure after which nothing went on. */
  readonly endedBy: FailureCategory | undefined;
  readonly suspect: Layer;
  readonly openCall: OpenCallTold | undefined;
  /** The last line stops before its end. */
  readonly isCut: boolean;
  /** NUL bytes where the file had grown and nothing was written yet: the machine lost its power. */
  readonly isPadded: boolean;
}

export interface OpenCallTold {
  readonly kind: ToolKind;
  readonly ms: number | undefined;
  /** The shell command, where the log has it. */
  readonly command: string | undefined;
}

/** A title, a working directory and an id stand within the first lines of every format. */
const HEAD_LINES = 80;
const MOST_TITLE = 400;
const MOST_COMMAND = 2000;
const MOST_KEPT_LINE = 100_000;
const MOST_OPEN = 64;
/** What Claude Code and its like write when a person presses Escape. */
const INTERRUPTION = '[Request interrupted by user';
const INTERRUPTED = /"(?:text|content)":\s?"\[Request interrupted by user/;
const ANSWER = /"type":\s?"assistant"/;

interface KeptCall {
  readonly kind: ToolKind;
  readonly ts: string | undefined;
  readonly line: string | undefined;
}

/** Reads one log to its digest; lines may be its first and its last ones. */
export class LogDigester {
  readonly #analyzer: TranscriptAnalyzer;
  readonly #open = new Map<string, KeptCall>();
  #seen = 0;
  #line: string | undefined;
  #cwd: string | undefined;
  #title: string | undefined;
  #sessionId: string | undefined;
  #isCut = false;
  #isPadded = false;
  #isInterrupted = false;

  constructor(handleOf: (line: number) => string = () => '') {
    this.#analyzer = createTranscriptAnalyzer({
      handleOf,
      isEndAsked: true,
      onEvent: (event, at) => this.#follow(event, at.ts),
    });
  }

  push(line: string): void {
    this.#seen += 1;
    this.#line = line;
    if (this.#seen <= HEAD_LINES) this.#look(line);
    if (line.trim() !== '') {
      this.#isPadded = line.endsWith('\0\0') || line.startsWith('\0\0');
      this.#isCut = !this.#isPadded && line.startsWith('{') && !line.trimEnd().endsWith('}');
    }
    if (line.includes(INTERRUPTION)) this.#isInterrupted = INTERRUPTED.test(line);
    else if (this.#isInterrupted && ANSWER.test(line)) this.#isInterrupted = false;
    this.#analyzer.push(line);
  }

  /** What a document that is one object says of itself. */
  pushFacts(record: JsonRecord): void {
    this.#take(record);
  }

  digest(): LogDigest {
    this.#line = undefined;
    this.#analyzer.finish();
    const failures = this.#analyzer.snapshotOf();
    const ending = this.#analyzer.ending();
    const end = this.#analyzer.end();
    const failedWith = end?.failure?.diagnosis.category;
    return {
      format: failures.format,
      sessionId: this.#sessionId,
      cwd: this.#cwd,
      title: this.#title,
      firstMs: msFromIso(failures.first_ts),
      lastMs: msFromIso(failures.last_ts),
      ending,
      // Whoever interrupts leaves calls open or refused: neither died, and nothing was denied to them.
      end: this.#isInterrupted ? 'aborted' : end?.name,
      endedBy: failedWith === undefined || failedWith === 'benign' ? failures.ended_by : failedWith,
      suspect: failures.suspect.layer,
      openCall: this.#openCall(),
      isCut: this.#isCut,
      isPadded: this.#isPadded,
    };
  }

  #openCall(): OpenCallTold | undefined {
    const call = [...this.#open.values()].at(-1);
    if (call === undefined) return undefined;
    const parsed = call.line === undefined ? undefined : parseJson(call.line);
    const command = parsed?.ok === true ? commandIn(parsed.value) : undefined;
    return { kind: call.kind, ms: msFromIso(call.ts), command: command && clippedText(command, MOST_COMMAND) };
  }

  #follow(event: TranscriptEvent, ts: string | undefined): void {
    if (event.type === 'call_opened') {
      if (this.#open.size >= MOST_OPEN)
        for (const oldest of [...this.#open.keys()].slice(0, 1)) this.#open.delete(oldest);
      const line = (this.#line?.length ?? 0) > MOST_KEPT_LINE ? undefined : this.#line;
      this.#open.set(event.call, { kind: event.tool_kind, ts, line });
    } else if (event.type === 'call_ok' || event.type === 'call_failed') {
      if (event.call !== undefined) this.#open.delete(event.call);
    } else if (event.type === 'turn_closed' || event.type === 'turn_opened') {
      this.#open.clear();
    }
  }

  #look(line: string): void {
    if (this.#cwd !== undefined && this.#title !== undefined && this.#sessionId !== undefined) return;
    const parsed = parseJson(line);
    if (parsed.ok && isRecord(parsed.value)) this.#take(parsed.value);
  }

  #take(record: JsonRecord): void {
    // A database's row holds its message as an object.
    const inner = recordOf(record['data']);
    this.#cwd ??= workingDirectoryIn(record) ?? (inner && workingDirectoryIn(inner));
    this.#sessionId ??= idIn(record);
    const prompt = promptIn(record) ?? (inner && promptIn(inner));
    if (prompt !== undefined) this.#title ??= clippedText(prompt, MOST_TITLE);
  }
}

/** Whose a log is, by the format that its lines have. */
export function agentOfFormat(format: string): AgentKind {
  return KNOWN_AGENTS.find((kind) => agentRow(kind)?.formats.includes(format) === true) ?? 'other';
}
