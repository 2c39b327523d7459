import { CallSpans, type CallSpan } from './callSpans.ts';
import { classify } from './classify/classify.ts';
import { addTo, durationBetween, isExitCode, type FailureCounts } from '../session/failureCounts.ts';
import type { FailureSource, Failures } from '../session/failures.ts';
import type { OpenRule } from '../words/ruleNames.ts';
import type { CalledKill, KillCall } from '../session/killCall.ts';
import { OpenCalls, type OpenCall } from './openCalls.ts';
import { suspectOf } from './suspect.ts';
import type { Symptom, TranscriptEvent } from './transcriptEvents.ts';
import type { FailureCategory, ToolKind } from '../words/vocabulary.ts';

/** A background job that its harness reported as completed. */
export interface JobCompletion {
  readonly line: number;
  readonly ts: string | undefined;
  readonly handle: string;
}

/** `untold`: nothing in it says. */
export type LogEnding = 'answered' | 'open' | 'failed' | 'untold';

/** Where in the log an event stands. */
export interface LogPosition {
  readonly line: number;
  readonly ts: string | undefined;
}

/** What is kept of a log however long it is: more failures and calls than these are counted, not listed. */
const MAX_SOURCES = 10_000;
const MAX_TURNS = 20_000;
const MAX_JOBS = 1000;

/** After these a failed request may still be made again. */
const DOES_NOT_GO_ON: ReadonlySet<TranscriptEvent['type']> = new Set(['phase', 'job_completed', 'retrying']);

interface Turn {
  isOpen: boolean;
  position: LogPosition;
}

/** Adds up a transcript's events. Memory stays flat: no text of the log is kept, and every list has a bound. */
export class TranscriptTally {
  readonly #handleOf: (line: number) => string;
  readonly #counts: FailureCounts = {};
  readonly #firm: FailureCounts = {};
  readonly #sources: FailureSource[] = [];
  readonly #open = new OpenCalls();
  readonly #turns = new Map<string, Turn>();
  readonly #jobs: JobCompletion[] = [];
  readonly #spans = new CallSpans();
  #turnsUnclosedInMiddle = 0;
  #endedBy: FailureCategory | undefined;
  /** The request that failed last, while nothing has gone on after it. */
  #retry: { readonly symptom: Symptom; readonly at: LogPosition } | undefined;
  #isBlank = true;
  #lastShell: { readonly kill: KillCall | undefined; readonly ts: string | undefined } | undefined;

  constructor(handleOf: (line: number) => string) {
    this.#handleOf = handleOf;
  }

  /** No turn, call or failure was recognised. */
  get isBlank(): boolean {
    return this.#isBlank;
  }

  /** How the log ends, whoever still writes it: the last turn is over, or not, or the service or session failed last. */
  ending(): LogEnding {
    if (this.#isBlank) return 'untold';
    if (this.#retry !== undefined || this.#endedBy !== undefined) return 'failed';
    const isOpen = this.#open.unclosed().atEnd.length > 0 || [...this.#turns.values()].some((turn) => turn.isOpen);
    if (isOpen) return 'open';
    return this.#turns.size > 0 ? 'answered' : 'untold';
  }

  add(event: TranscriptEvent, at: LogPosition): void {
    this.#isBlank &&= event.type === 'phase';
    this.#settleRetry(event);
    switch (event.type) {
      case 'turn_opened':
        this.#openTurn(event.scope, at, true);
        break;
      case 'turn_active':
        this.#openTurn(event.scope, at, false);
        break;
      case 'turn_closed':
        this.#turnOf(event.scope, at).isOpen = false;
        this.#open.closeRound(event.scope);
        break;
      case 'call_opened': {
        this.#endedBy = undefined;
        const { call, scope, tool_kind, command, timeout_ms, kill } = event;
        this.#open.add({ id: call, scope, tool_kind, command, timeout_ms, kill, at });
        if (tool_kind === 'shell' || kill !== undefined) this.#lastShell = { kill, ts: at.ts };
        break;
      }
      case 'call_ok':
        this.#endedBy = undefined;
        this.#close(event.call, at, 'ok');
        break;
      case 'call_failed':
        this.#failCall(event.call, event.symptom, at);
        break;
      case 'failed':
        this.#failOutsideCalls(event.symptom, at);
        break;
      case 'retrying':
        this.#retry = { symptom: event.symptom, at };
        break;
      case 'job_completed':
        if (this.#jobs.length < MAX_JOBS) this.#jobs.push({ ...at, handle: this.#handleOf(at.line) });
        break;
      case 'phase':
        break;
    }
  }

  /** @param isDead nobody writes this log any more: what is open at its end will never be closed */
  failures(
    isDead: boolean,
    lines: { readonly total: number; readonly malformed: number },
  ): Omit<Failures, 'format' | 'total_lines' | 'malformed_lines' | 'first_ts' | 'last_ts'> {
    const openTurns = [...this.#turns.values()].filter((turn) => turn.isOpen);
    const { atEnd, inMiddle } = this.#open.unclosed();
    const last = isDead ? this.#lastRetry() : undefined;
    // The turn of a request that never succeeded is open because of it: told once.
    const atEndSources = isDead ? this.#unclosedSources(last === undefined ? openTurns : [], atEnd) : [];
    const counts = { ...this.#counts };
    const firm = { ...this.#firm };
    if (last !== undefined) addTo(counts, firm, last);
    const suspected = { ...counts };
    if (atEndSources.length > 0) counts.unknown = (counts.unknown ?? 0) + atEndSources.length;
    const endedBy = last?.category ?? this.#endedBy;
    const sources = [...this.#sources, ...(last === undefined ? [] : [last]), ...atEndSources];
    return {
      counts,
      unclosed_turns: { at_end: isDead ? openTurns.length : 0, in_middle: this.#turnsUnclosedInMiddle },
      unclosed_calls: inMiddle + (isDead ? atEnd.length : 0),
      sources,
      ...(endedBy !== undefined && { ended_by: endedBy }),
      suspect: suspectOf({
        counts: suspected,
        firm,
        // An open call is inside an open turn: told once.
        unclosed: inMiddle + this.#turnsUnclosedInMiddle + atEndSources.length,
        ended_by: endedBy,
        lines,
        isBlank: this.#isBlank,
        sources,
      }),
    };
  }

  calls(): readonly CallSpan[] {
    return this.#spans.with(this.#open.all());
  }

  /** What is waited for where the log ends. */
  openCalls(): readonly CallSpan[] {
    return new CallSpans().with(this.#open.unclosed().atEnd);
  }

  /** The kills among the open calls, and that of the last shell call. */
  kills(): readonly CalledKill[] {
    const last = this.#lastShell;
    const open = this.#open
      .all()
      .flatMap(({ kill, at }) => (kill === undefined ? [] : [{ kill, ts: at.ts, isOpen: true }]));
    return [...open, ...(last?.kill === undefined ? [] : [{ kill: last.kill, ts: last.ts, isOpen: false }])];
  }

  jobs(): readonly JobCompletion[] {
    return this.#jobs;
  }

  #turnOf(scope: string, at: LogPosition): Turn {
    const known = this.#turns.get(scope);
    if (known !== undefined) return known;
    const turn: Turn = { isOpen: false, position: at };
    if (this.#turns.size < MAX_TURNS) this.#turns.set(scope, turn);
    return turn;
  }

  #openTurn(scope: string, at: LogPosition, isExplicit: boolean): void {
    const turn = this.#turnOf(scope, at);
    if (isExplicit) {
      if (turn.isOpen) this.#turnsUnclosedInMiddle++;
      this.#open.closeRound(scope);
    }
    turn.isOpen = true;
    turn.position = at;
    this.#endedBy = undefined; // something went on after the failure
  }

  #close(id: string | undefined, at: LogPosition, status: 'ok' | 'failed'): OpenCall | undefined {
    const call = id === undefined ? undefined : this.#open.take(id);
    if (call === undefined) return undefined;
    this.#spans.close(call, at.ts, status);
    return call;
  }

  #failCall(id: string | undefined, symptom: Symptom, at: LogPosition): void {
    if (id !== undefined && this.#open.hasFailed(id)) return; // told twice: by its event and by its result
    const call = this.#close(id, at, 'failed');
    if (id !== undefined) this.#open.rememberFailed(id);
    const duration = durationBetween(call?.at.ts, at.ts);
    this.#fail(
      {
        ...symptom,
        tool_kind: symptom.tool_kind ?? call?.tool_kind,
        command: symptom.command ?? call?.command,
        duration_ms: symptom.duration_ms ?? duration,
        timeout_ms: symptom.timeout_ms ?? call?.timeout_ms,
      },
      at,
    );
  }

  /** A service's or session's failure ends the session unless something goes on after it. */
  #failOutsideCalls(symptom: Symptom, at: LogPosition): void {
    const category = this.#fail(symptom, at);
    if (category !== undefined && symptom.origin !== 'job' && symptom.is_notice !== true) this.#endedBy = category;
  }

  /** What goes on after a failed request had no use for it; a person's next words mean that nobody asked again. */
  #settleRetry(event: TranscriptEvent): void {
    if (DOES_NOT_GO_ON.has(event.type) || (event.type === 'turn_active' && event.is_attempt === true)) return;
    const retry = this.#retry;
    this.#retry = undefined;
    if (retry !== undefined && event.type === 'turn_active' && event.is_prompt === true)
      this.#fail(retry.symptom, retry.at);
  }

  #lastRetry(): FailureSource | undefined {
    return this.#retry === undefined ? undefined : this.#sourceOf(this.#retry.symptom, this.#retry.at);
  }

  /** The category, when it is a failure at all. */
  #fail(symptom: Symptom, at: LogPosition): FailureCategory | undefined {
    const source = this.#sourceOf(symptom, at);
    if (source === undefined) return undefined;
    addTo(this.#counts, this.#firm, source);
    if (this.#sources.length < MAX_SOURCES) this.#sources.push(source);
    return source.category;
  }

  #sourceOf(symptom: Symptom, at: LogPosition): FailureSource | undefined {
    const { category, detail, rule, confidence } = classify(symptom);
    if (category === 'benign') return undefined;
    return {
      category,
      ...(detail !== undefined && { detail }),
      rule,
      confidence,
      handle: this.#handleOf(at.line),
      line: at.line,
      ts: at.ts ?? null,
      ...(isExitCode(symptom.exit_code) && { exit_code: symptom.exit_code }),
      ...(symptom.tool_kind !== undefined && { tool_kind: symptom.tool_kind }),
    };
  }

  /** What was running when the log stopped. An open turn is told by its open calls, or else by its last line. */
  #unclosedSources(openTurns: readonly Turn[], atEnd: readonly OpenCall[]): FailureSource[] {
    const source = (rule: OpenRule, at: LogPosition, tool_kind?: ToolKind): FailureSource => ({
      category: 'unknown',
      rule,
      confidence: 'possible',
      handle: this.#handleOf(at.line),
      line: at.line,
      ts: at.ts ?? null,
      ...(tool_kind !== undefined && { tool_kind }),
    });
    if (atEnd.length > 0) return atEnd.map((call) => source('call_open_at_end', call.at, call.tool_kind));
    return openTurns.map((turn) => source('turn_open_at_end', turn.position));
  }
}
