import { statSync } from 'node:fs';
import { CallTexts } from '../agents/callTexts.ts';
import { openDatabaseTranscript, type DatabaseTranscript } from '../agents/databaseTranscript.ts';
import { createTranscriptAnalyzer, type TranscriptAnalyzer } from '../agents/transcriptReader.ts';
import type { CallSpan } from '../core/failures/callSpans.ts';
import { joinEvidence } from '../core/failures/joinEvidence.ts';
import type { Failures } from '../core/session/failures.ts';
import type { Enrollment } from '../core/session/session.ts';
import type { CallView, PhaseView } from '../core/panel/sessionView.ts';
import { msFromIso } from '../core/words/time.ts';
import type { Verdict } from '../core/session/verdict.ts';
import { TracePhases } from '../core/failures/tracePhases.ts';
import { openHandles } from '../logs/handles.ts';
import { readSomeLines } from '../logs/jsonLines.ts';
import type { LogRoot } from '../logs/logRoot.ts';
import { growingTranscript } from './knownFailures.ts';

/** Read in one go, so that the server’s other answers do not wait: with every line a failing call of random text, 95 ms at most on a busy machine. */
const BUDGET_BYTES = 2 * 1024 * 1024;
/** The lane draws no more. */
const MOST_CALLS = 5000;
/** An agent waits for a handful of calls at once; more are the marks of a broken log. */
const MOST_OPEN = 50;
/** An agent makes its log some time after its start; it is looked for this often until then. */
const SEARCH_EVERY_MS = 2000;

/** The agent's own log of one session, read on from where it was last read. */
export class TranscriptTail {
  readonly #root: LogRoot;
  #path: string | undefined;
  #analyzer: TranscriptAnalyzer | undefined;
  #phases = new TracePhases();
  #texts = new CallTexts();
  #offset = 0;
  #database: DatabaseTranscript | undefined;
  #stamp = '';
  #searchedMs = Number.NEGATIVE_INFINITY;
  #isBehind = false;

  constructor(root: LogRoot) {
    this.#root = root;
  }

  /** There is more of it than was read in one go. */
  get isBehind(): boolean {
    return this.#isBehind;
  }

  /** Where the session's transcript is, once it is known. */
  follow(path: string): void {
    if (path === this.#path) return;
    this.#path = path;
    this.#database = openDatabaseTranscript(path);
    this.#stamp = '';
    this.#begin(path);
  }

  #begin(path: string): void {
    this.#offset = 0;
    const phases = new TracePhases();
    this.#phases = phases;
    const texts = new CallTexts();
    this.#texts = texts;
    this.#analyzer = createTranscriptAnalyzer({
      handleOf: openHandles(this.#root).handleOf(path),
      onEvent: (event, at) => {
        phases.take(event, at);
        texts.take(event, at);
      },
    });
  }

  /** Looks for the log of a session that runs. */
  search(enrollment: Enrollment, dir: string, nowMs: number): void {
    if (this.#path !== undefined || nowMs - this.#searchedMs < SEARCH_EVERY_MS) return;
    this.#searchedMs = nowMs;
    const path = growingTranscript(this.#root, enrollment, { dir, nowMs });
    if (path !== undefined) this.follow(path);
  }

  /** True when something new was read. */
  read(): boolean {
    const path = this.#path;
    const analyzer = this.#analyzer;
    this.#isBehind = false;
    if (path === undefined || analyzer === undefined) return false;
    if (this.#database !== undefined) return this.#readDatabase(path, this.#database);
    try {
      const size = statSync(path).size;
      if (size < this.#offset) return this.#startAgain(path); // replaced or cut: what was read is void
      const before = this.#offset;
      this.#offset = readSomeLines(path, { fromOffset: before, mostBytes: BUDGET_BYTES }, (line) =>
        analyzer.push(line),
      );
      this.#isBehind = this.#offset - before >= BUDGET_BYTES;
      return this.#offset > before;
    } catch {
      return false; // moved with its session, or gone: what was read stays
    }
  }

  /** Nobody writes it any more: what is open now is told as never closed. */
  finish(): void {
    if (!this.#isBehind) this.#analyzer?.finish();
  }

  /** Of a session whose account has none; with the verdict of one that has ended. */
  failures(verdict?: Verdict): Failures | undefined {
    const told = this.#analyzer?.snapshotOf();
    if (told === undefined || verdict === undefined) return told;
    return joinEvidence(told, { verdict, jobs: this.#analyzer?.jobs() ?? [] });
  }

  /** What a story tells of it. */
  get log(): { readonly analyzer: TranscriptAnalyzer; readonly texts: CallTexts } | undefined {
    return this.#analyzer === undefined ? undefined : { analyzer: this.#analyzer, texts: this.#texts };
  }

  calls(): readonly CallView[] {
    const spans = this.#analyzer?.calls() ?? [];
    return spans.slice(-MOST_CALLS).flatMap((span) => callView(span, this.#texts));
  }

  callsOpenAt(ms: number): readonly CallView[] {
    const spans = this.#analyzer?.calls() ?? [];
    const open = spans
      .flatMap((span) => callView(span, this.#texts))
      .filter(({ startMs, endMs }) => startMs <= ms && (endMs ?? Infinity) > ms);
    return open.slice(-MOST_OPEN);
  }

  phases(): readonly PhaseView[] {
    return this.#phases.spans().flatMap(({ name, depth, opened_ts, closed_ts }) => {
      const startMs = msFromIso(opened_ts);
      return startMs === undefined ? [] : [{ startMs, endMs: msFromIso(closed_ts), name, depth }];
    });
  }

  #readDatabase(path: string, database: DatabaseTranscript): boolean {
    const stamp = database.stamp();
    if (stamp === this.#stamp) return false;
    this.#stamp = stamp;
    this.#begin(path);
    database.read((line) => this.#analyzer?.push(line));
    return true;
  }

  #startAgain(path: string): boolean {
    this.#begin(path);
    return this.read();
  }
}

function callView(span: CallSpan, texts: CallTexts): CallView[] {
  const startMs = msFromIso(span.opened_ts);
  if (startMs === undefined) return []; // `codex exec --json` has no times
  return [
    {
      startMs,
      endMs: msFromIso(span.closed_ts),
      tool_kind: span.tool_kind,
      status: span.status,
      ...texts.ofCall(span),
    },
  ];
}
