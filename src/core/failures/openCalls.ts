import type { KillCall } from '../session/killCall.ts';
import type { CommandKind } from './transcriptEvents.ts';
import type { ToolKind } from '../words/vocabulary.ts';

export interface OpenCall {
  readonly id: string;
  readonly scope: string;
  readonly tool_kind: ToolKind;
  readonly command: CommandKind | undefined;
  readonly timeout_ms: number | undefined;
  readonly kill: KillCall | undefined;
  readonly at: { readonly line: number; readonly ts: string | undefined };
}

interface Kept extends OpenCall {
  readonly round: number;
}

/** An agent runs a handful of calls at once; thousands that never end are a broken log, whose oldest are given up. */
const MAX_OPEN = 4096;
const MAX_FAILED = 1024;

/**
 * Calls without a result yet. A call belongs to a round: the calls an agent makes before it sees a result. When a later
 * round has begun, a call of an earlier one is not waited for any more: its result is missing in the middle.
 */
export class OpenCalls {
  readonly #calls = new Map<string, Kept>();
  readonly #rounds = new Map<string, { round: number; sawResult: boolean }>();
  readonly #failed = new Set<string>();
  #givenUp = 0;

  add(call: OpenCall): void {
    const { id } = call;
    const round = this.#roundOf(call.scope);
    if (round.sawResult) {
      round.round++;
      round.sawResult = false;
    }
    this.#calls.delete(id);
    this.#calls.set(id, { ...call, round: round.round });
    if (this.#calls.size > MAX_OPEN) this.#dropOldest();
  }

  take(id: string): OpenCall | undefined {
    const call = this.#calls.get(id);
    if (call === undefined) return undefined;
    this.#calls.delete(id);
    this.#roundOf(call.scope).sawResult = true;
    return call;
  }

  /** The agent has gone on: whatever is open in this scope is not waited for any more. */
  closeRound(scope: string): void {
    this.#roundOf(scope).sawResult = true;
    this.#roundOf(scope).round++;
  }

  hasFailed(id: string): boolean {
    return this.#failed.has(id);
  }

  rememberFailed(id: string): void {
    this.#failed.add(id);
    if (this.#failed.size <= MAX_FAILED) return;
    for (const oldest of this.#failed) {
      this.#failed.delete(oldest);
      return;
    }
  }

  all(): OpenCall[] {
    return [...this.#calls.values()];
  }

  unclosed(): { readonly atEnd: readonly OpenCall[]; readonly inMiddle: number } {
    const calls = [...this.#calls.values()];
    const atEnd = calls.filter((call) => call.round === this.#roundOf(call.scope).round);
    return { atEnd, inMiddle: calls.length - atEnd.length + this.#givenUp };
  }

  #roundOf(scope: string): { round: number; sawResult: boolean } {
    let round = this.#rounds.get(scope);
    if (round === undefined) {
      round = { round: 0, sawResult: false };
      if (this.#rounds.size >= MAX_OPEN) this.#rounds.clear(); // a log of thousands of scopes is no real one
      this.#rounds.set(scope, round);
    }
    return round;
  }

  #dropOldest(): void {
    for (const id of this.#calls.keys()) {
      this.#calls.delete(id);
      this.#givenUp++;
      return;
    }
  }
}
