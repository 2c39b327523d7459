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

/** What a healthy end of a format looks like. */
export interface HealthyEnd {
  /** A run of this format always ends with a result: without one it did not get there. */
  readonly isResultDue: boolean;
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
  #result: Extract<EndSign, { readonly type: 'result' }> | undefined;

  constructor(healthy: HealthyEnd) {
    this.#healthy = healthy;
  }

  take(event: TranscriptEvent): void {
    switch (event.type) {
      case 'turn_opened':
        if (event.scope === MAIN) this.#begin();
        break;
      case 'turn_active':
        if (event.scope !== MAIN) break;
        if (event.is_prompt === true) this.#begin();
        this.#goOn();
        break;
      case 'turn_closed':
        if (event.scope === MAIN) this.#isTurnOpen = false;
        break;
      case 'call_opened':
        if (event.scope === MAIN) this.#attempt(event.call, event.tool_kind);
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
      case 'retrying': // what became of it is told by what follows
      case 'job_completed':
      case 'phase':
        break;
    }
  }

  sign(sign: EndSign): void {
    if (sign.type === 'text') {
      this.#hasText = true;
      this.#last = 'said';
    } else if (sign.type === 'output_cut') this.#isOutputCut = true;
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
    const failure = this.#failure && { symptom: this.#failure, diagnosis: classify(this.#failure) };
    const limit = failure === undefined ? undefined : limitOf(failure);
    const name = limit ?? this.#nameOf(isCut, failure !== undefined);
    return { name, ...(failure !== undefined && FAILED.has(name) && { failure }) };
  }

  #nameOf(isCut: boolean, hasFailed: boolean): TranscriptEndName {
    const status = this.#result?.status;
    if (status === 'failed') return 'error_result';
    if (status === 'aborted') return 'aborted';
    if (status === undefined && hasFailed && !this.#isTurnOpen) return 'turn_failed';
    if (status === undefined && (this.#isTurnOpen || this.#healthy.isResultDue)) return this.#whereItStops(isCut);
    if (this.#isOutputCut) return 'output_limit';
    if (status === undefined && this.#openCalls().length > 0) return 'call_open';
    if (this.#didNothing()) return 'nothing_done';
    if (this.#wasDenied()) return 'all_denied';
    return 'answered';
  }

  #whereItStops(isCut: boolean): TranscriptEndName {
    if (this.#openCalls().length > 0) return 'call_open';
    if (isCut) return 'cut_in_line';
    if (this.#last === 'result') return 'result_unanswered';
    if (this.#healthy.isResultDue) return 'no_result';
    return this.#attempts.size === 0 && !this.#hasText ? 'nothing_done' : 'turn_open';
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
const FAILED: ReadonlySet<TranscriptEndName> = new Set(['error_result', 'turn_failed']);

function isDenied(symptom: Symptom): boolean {
  return classify(symptom).category === 'sandbox_approval';
}

const CONTEXT_RULES: ReadonlySet<RuleName> = new Set(['context_exceeded', 'field_context_exceeded']);

function limitOf({ symptom, diagnosis }: NonNullable<TranscriptEnd['failure']>): TranscriptEndName | undefined {
  if (symptom.code === 'max_turns') return 'turn_limit';
  if (symptom.code === 'budget') return 'budget_limit';
  if (/output token maximum|max_output_tokens/.test(symptom.said ?? '')) return 'output_limit';
  return CONTEXT_RULES.has(diagnosis.rule) ? 'context_limit' : undefined;
}
