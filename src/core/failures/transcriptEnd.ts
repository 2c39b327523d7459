import type { RuleName } from '../words/ruleNames.ts';
import { classify, type Diagnosis } from './classify/classify.ts';
import type { Symptom, TranscriptEvent } from './transcriptEvents.ts';
import type { ToolKind, TranscriptEndName } from '../words/vocabulary.ts';

/** What a record says of the end beside its events: each format's reader knows its own. */
export type EndSign =
  /** The agent said something to whoever asked. */
  | { readonly type: 'text' }
  /** A reply was cut off because it had become too long. */
  | { readonly type: 'output_cut' }
  /** Somebody is asked to allow what it wants to do. */
  | { readonly type: 'approval_asked' }
  /** A turn is over here if the agent has answered; after a call's result it goes on. */
  | { readonly type: 'pause' }
  /** The record with which a finished turn or run of this format always ends. */
  | {
      readonly type: 'result';
      readonly status: 'ok' | 'failed' | 'aborted';
      /** As it counts them; `undefined` where it does not. */
      readonly turns?: number | undefined;
      readonly hasText?: boolean;
    };

/** How one log ends, and what failed last where a failure ended it. */
export interface TranscriptEnd {
  readonly name: TranscriptEndName;
  readonly failure?: { readonly symptom: Symptom; readonly diagnosis: Diagnosis };
}

/** Where an agent that goes on running has stopped: it has done its work, or waits to be allowed to. */
export type TranscriptStop = 'result_given' | 'approval_asked';

/** What a healthy end of a format looks like. */
export interface HealthyEnd {
  /** A run of this format always ends with a result: without one it did not get there. */
  readonly isResultDue: boolean;
  /** Its turns are named after their sessions: there is no main one. */
  readonly hasNamedTurns?: true;
  /** Those who write this format end where their last call was answered as well: an open turn proves nothing. */
  readonly mayEndAtResult?: true;
}

/** Of a turn that tries more than this, the last ones tell. */
const MOST_CALLS = 1000;

interface Attempt {
  readonly kind: ToolKind;
  status: 'open' | 'ok' | 'failed' | 'denied';
}

/** Follows one log to its end. Only the main agent's turn counts: what its helpers leave open is its own to wait for. */
export class TranscriptEnding {
  readonly #healthy: HealthyEnd;
  #attempts = new Map<string, Attempt>();
  #last: 'nothing' | 'prompt' | 'call' | 'result' | 'said' = 'nothing';
  #isTurnOpen = false;
  #hasText = false;
  #isOutputCut = false;
  #failure: Symptom | undefined;
  /** A request that failed and may be made again: the failure of the turn if nothing goes on. */
  #retry: Symptom | undefined;
  #result: Extract<EndSign, { readonly type: 'result' }> | undefined;
  #isApprovalAsked = false;

  constructor(healthy: HealthyEnd) {
    this.#healthy = healthy;
  }

  /** What it has come to while its process still lives. */
  stop(): TranscriptStop | undefined {
    if (this.#isApprovalAsked) return 'approval_asked';
    // A server of several sessions answers a prompt and waits for the next.
    return this.#result === undefined || this.#healthy.hasNamedTurns === true ? undefined : 'result_given';
  }

  take(event: TranscriptEvent): void {
    this.#isApprovalAsked = false;
    if (!isAttempt(event)) this.#retry = undefined;
    switch (event.type) {
      case 'turn_opened':
        if (this.#isMain(event.scope)) this.#begin();
        break;
      case 'turn_active':
        if (!this.#isMain(event.scope)) break;
        if (event.is_prompt === true) this.#begin();
        this.#goOn();
        break;
      case 'turn_closed':
        if (this.#isMain(event.scope)) this.#isTurnOpen = false;
        break;
      case 'call_opened':
        if (this.#isMain(event.scope)) this.#attempt(event.call, event.tool_kind);
        break;
      case 'call_ok':
        this.#settle(event.call, 'ok');
        break;
      case 'call_failed':
        this.#settle(event.call, isDenied(event.symptom) ? 'denied' : 'failed');
        break;
      case 'failed':
        if (event.symptom.origin !== 'job' && event.symptom.is_notice !== true) this.#failure = event.symptom;
        break;
      case 'retrying':
        this.#retry = event.symptom;
        break;
      case 'job_completed':
      case 'phase':
        break;
    }
  }

  sign(sign: EndSign): void {
    this.#isApprovalAsked = sign.type === 'approval_asked';
    if (sign.type === 'approval_asked') return;
    if (sign.type === 'text') {
      this.#hasText = true;
      this.#last = 'said';
    } else if (sign.type === 'output_cut') this.#isOutputCut = true;
    else if (sign.type === 'pause') this.#isTurnOpen &&= this.#last !== 'said';
    else {
      if (this.#result !== undefined) this.#forget(); // of another run in the same file
      this.#result = sign;
      this.#isTurnOpen = false;
      if (sign.status === 'ok') this.#failure = undefined;
    }
  }

  /**
   * `undefined` when nothing in the log tells.
   * @param isCut the last line stops before its end
   */
  end(isCut: boolean): TranscriptEnd | undefined {
    if (this.#last === 'nothing' && this.#result === undefined && !this.#isTurnOpen && this.#failure === undefined) {
      return undefined;
    }
    const symptom = this.#failure ?? this.#lastRetry();
    const failure = symptom && { symptom, diagnosis: classify(symptom) };
    const isOver = this.#failure !== undefined || !this.#isTurnOpen;
    const limit = failure === undefined || !isOver ? undefined : limitOf(failure, this.#isOutputCut);
    const name = limit ?? this.#nameOf(isCut, this.#failure !== undefined);
    return { name, ...(failure !== undefined && FAILED.has(name) && { failure }) };
  }

  /** Agents also ask for titles and guesses while they rest: what fails there ends nothing. */
  #lastRetry(): Symptom | undefined {
    return this.#isTurnOpen || this.#result?.status === 'failed' ? this.#retry : undefined;
  }

  #nameOf(isCut: boolean, hasFailed: boolean): TranscriptEndName {
    const status = this.#result?.status;
    if (status === 'failed') return 'error_result';
    if (status === 'aborted') return 'aborted';
    if (this.#isOutputCut && !this.#isTurnOpen) return 'output_limit';
    if (status === undefined && hasFailed && !this.#isTurnOpen) return 'turn_failed';
    if (status === undefined && this.#isUnfinished()) return this.#whereItStops(isCut);
    if (status === undefined && this.#openCalls().length > 0) return 'call_open';
    if (this.#didNothing()) return 'nothing_done';
    if (this.#wasDenied()) return 'all_denied';
    return 'answered';
  }

  #isUnfinished(): boolean {
    if (this.#healthy.mayEndAtResult === true && this.#last === 'result') return false;
    return this.#isTurnOpen || this.#healthy.isResultDue;
  }

  #whereItStops(isCut: boolean): TranscriptEndName {
    if (this.#openCalls().length > 0) return 'call_open';
    if (isCut) return 'cut_in_line';
    if (this.#last === 'result') return 'result_unanswered';
    if (this.#healthy.isResultDue) return 'no_result';
    const isIdle = this.#attempts.size === 0 && !this.#hasText && this.#lastRetry() === undefined;
    return isIdle ? 'nothing_done' : 'turn_open';
  }

  #didNothing(): boolean {
    const result = this.#result;
    if (result === undefined || result.hasText === true || (result.turns ?? 0) > 0) return false;
    return !this.#hasText && this.#attempts.size === 0;
  }

  /**
   * All that was tried was denied; or what was to be written was, and nothing was written by another way after it.
   * What was only looked at says nothing of whether the work could be done.
   */
  #wasDenied(): boolean {
    const attempts = [...this.#attempts.values()];
    const lastDenied = attempts.findLastIndex(({ status }) => status === 'denied');
    if (lastDenied < 0) return false;
    if (attempts.every(({ status }) => status === 'denied')) return true;
    const edits = attempts.filter(({ kind }) => kind === 'edit');
    const isWrittenAfter = attempts.some(
      ({ kind, status }, at) => at > lastDenied && status === 'ok' && !LOOKS.has(kind),
    );
    return edits.length > 0 && edits.every(({ status }) => status === 'denied') && !isWrittenAfter;
  }

  #openCalls(): readonly Attempt[] {
    return [...this.#attempts.values()].filter(({ status }) => status === 'open');
  }

  #begin(): void {
    this.#forget();
    this.#last = 'prompt';
    this.#goOn();
  }

  #forget(): void {
    this.#attempts = new Map();
    this.#hasText = false;
  }

  #isMain(scope: string): boolean {
    return scope === MAIN || this.#healthy.hasNamedTurns === true;
  }

  #goOn(): void {
    if (this.#result !== undefined) this.#forget(); // another turn, whose beginning this format does not tell
    this.#isTurnOpen = true;
    this.#isOutputCut = false;
    this.#failure = undefined;
    this.#result = undefined;
    if (this.#last === 'nothing') this.#last = 'prompt';
  }

  #attempt(call: string, kind: ToolKind): void {
    this.#result = undefined;
    this.#failure = undefined;
    this.#last = 'call';
    for (const oldest of this.#attempts.size >= MOST_CALLS ? [...this.#attempts.keys()].slice(0, 1) : []) {
      this.#attempts.delete(oldest);
    }
    this.#attempts.set(call, { kind, status: 'open' });
  }

  #settle(call: string | undefined, status: Attempt['status']): void {
    const attempt = call === undefined ? undefined : this.#attempts.get(call);
    if (attempt === undefined) return;
    if (attempt.status === 'open') this.#last = 'result';
    if (attempt.status !== 'denied') attempt.status = status;
  }
}

const MAIN = 'main';
const LOOKS: ReadonlySet<ToolKind> = new Set(['read', 'search']);
/** What failed last says why. */
const FAILED: ReadonlySet<TranscriptEndName> = new Set([
  'error_result',
  'turn_failed',
  'turn_open',
  'result_unanswered',
  'no_result',
  'nothing_done',
]);

/** It is not known yet whether the request that was made again succeeds. */
function isAttempt(event: TranscriptEvent): boolean {
  return (
    event.type === 'phase' ||
    event.type === 'job_completed' ||
    (event.type === 'turn_active' && event.is_attempt === true)
  );
}

function isDenied(symptom: Symptom): boolean {
  return classify(symptom).category === 'sandbox_approval';
}

const CONTEXT_RULES: ReadonlySet<RuleName> = new Set(['context_exceeded', 'field_context_exceeded']);

function limitOf(
  { symptom, diagnosis }: NonNullable<TranscriptEnd['failure']>,
  isOutputCut: boolean,
): TranscriptEndName | undefined {
  if (symptom.code === 'max_turns') return 'turn_limit';
  if (symptom.code === 'budget') return 'budget_limit';
  if (/output token maximum|max_output_tokens/.test(symptom.said ?? '')) return 'output_limit';
  if (!CONTEXT_RULES.has(diagnosis.rule)) return undefined;
  return isOutputCut ? 'output_limit' : 'context_limit';
}
