import { classify } from './classify.ts';
import type { Failures, FailureSource } from './failures.ts';
import type { KillCall } from './killCall.ts';
import { OpenCalls, type OpenCall } from './openCalls.ts';
import type { CalledKill } from './ownCommand.ts';
import { suspectOf } from './suspect.ts';
import type { Symptom, TranscriptEvent } from './transcriptEvents.ts';
import type { FailureCategory, ToolKind } from './vocabulary.ts';

/** One call of the agent, for a timeline: kind and status, nothing of its content. */
export interface CallSpan {
  readonly opened_ts: string | undefined;
  readonly closed_ts: string | undefined;
  readonly tool_kind: ToolKind;
  readonly status: 'ok' | 'failed' | 'open';
  readonly line: number;
}

/** A background job that its harness reported as completed. */
export interface JobCompletion {
  readonly line: number;
  readonly ts: string | undefined;
  readonly handle: string;
}

/** Where in the log an event stands. */
export interface LogPosition {
  readonly line: number;
  readonly ts: string | undefined;
}

/** What is kept of a log however long it is: more failures and calls than these are counted, not listed. */
const MAX_SOURCES = 10_000;
const MAX_SPANS = 20_000;
const MAX_JOBS = 1000;

interface Turn {
  isOpen: boolean;
  position: LogPosition;
}

/** Adds up a transcript's events. Memory stays flat: no text of the log is kept, and every list has a bound. */
export class TranscriptTally {
  readonly #handleOf: (line: number) => string;
  readonly #counts: Partial<Record<FailureCategory, number>> = {};
  readonly #firm: Partial<Record<FailureCategory, number>> = {};
  readonly #sources: FailureSource[] = [];
  readonly #open = new OpenCalls();
  readonly #turns = new Map<string, Turn>();
  readonly #jobs: JobCompletion[] = [];
  #spans: CallSpan[] = [];
  #turnsUnclosedInMiddle = 0;
  #endedBy: FailureCategory | undefined;
  #lastShell: { readonly kill: KillCall | undefined; readonly ts: string | undefined } | undefined;

  constructor(handleOf: (line: number) => string) {
    this.#handleOf = handleOf;
  }

  add(event: TranscriptEvent, at: LogPosition): void {
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
        this.#open.add(call, { scope, tool_kind, command, timeout_ms, kill, at });
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
    const atEndSources = isDead ? this.#unclosedSources(openTurns, atEnd) : [];
    const counts = { ...this.#counts };
    if (atEndSources.length > 0) counts.unknown = (counts.unknown ?? 0) + atEndSources.length;
    const unclosedTurnsAtEnd = isDead ? openTurns.length : 0;
    const unclosedCalls = inMiddle + (isDead ? atEnd.length : 0);
    return {
      counts,
      unclosed_turns: { at_end: unclosedTurnsAtEnd, in_middle: this.#turnsUnclosedInMiddle },
      unclosed_calls: unclosedCalls,
      sources: [...this.#sources, ...atEndSources],
      ...(this.#endedBy !== undefined && { ended_by: this.#endedBy }),
      suspect: suspectOf({
        counts: this.#counts,
        firm: this.#firm,
        // An open call is inside an open turn: told once.
        unclosed: inMiddle + this.#turnsUnclosedInMiddle + atEndSources.length,
        ended_by: this.#endedBy,
        lines,
      }),
    };
  }

  calls(): readonly CallSpan[] {
    const open = this.#open.all().map((call): CallSpan => spanOf(call, undefined, 'open'));
    return [...this.#spans, ...open].sort((a, b) => a.line - b.line);
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
    if (this.#turns.size < MAX_SPANS) this.#turns.set(scope, turn);
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
    this.#spans.push(spanOf(call, at.ts, status));
    if (this.#spans.length > 2 * MAX_SPANS) this.#spans = this.#spans.slice(-MAX_SPANS);
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

  /** The category, when it is a failure at all. */
  #fail(symptom: Symptom, at: LogPosition): FailureCategory | undefined {
    const diagnosis = classify(symptom);
    const { category, rule, confidence } = diagnosis;
    if (category === 'benign') return undefined;
    this.#counts[category] = (this.#counts[category] ?? 0) + 1;
    if (confidence !== 'possible') this.#firm[category] = (this.#firm[category] ?? 0) + 1;
    if (this.#sources.length < MAX_SOURCES) {
      this.#sources.push({
        category,
        rule,
        confidence,
        handle: this.#handleOf(at.line),
        line: at.line,
        ts: at.ts ?? null,
        ...(isExitCode(symptom.exit_code) && { exit_code: symptom.exit_code }),
        ...(symptom.tool_kind !== undefined && { tool_kind: symptom.tool_kind }),
      });
    }
    return category;
  }

  /** What was running when the log stopped. An open turn is told by its open calls, or else by its last line. */
  #unclosedSources(openTurns: readonly Turn[], atEnd: readonly OpenCall[]): FailureSource[] {
    const source = (rule: string, at: LogPosition, tool_kind?: ToolKind): FailureSource => ({
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

/** Windows has exit codes of 32 bits (0xC0000005). A longer number is somebody's data, which must not leave. */
function isExitCode(code: number | undefined): code is number {
  return code !== undefined && Math.abs(code) <= 0xffff_ffff;
}

function spanOf(call: OpenCall, closedTs: string | undefined, status: CallSpan['status']): CallSpan {
  return { opened_ts: call.at.ts, closed_ts: closedTs, tool_kind: call.tool_kind, status, line: call.at.line };
}

function durationBetween(from: string | undefined, to: string | undefined): number | undefined {
  if (from === undefined || to === undefined) return undefined;
  const duration = Date.parse(to) - Date.parse(from);
  return Number.isNaN(duration) ? undefined : duration;
}
