import type { Call } from '../session/call.ts';
import type { LogPosition } from './transcriptTally.ts';
import type { TranscriptEvent } from './transcriptEvents.ts';

/** A turn of an agent's transcript, from the line that began it to the last one before the next. Lines count from 1. */
export interface TranscriptTurn {
  readonly firstLine: number;
  readonly lastLine: number;
  readonly calls: readonly TurnCall[];
}

export interface TurnCall extends Call {
  readonly id: string;
  readonly line: number;
  /** The line that tells how it went; `undefined` when there is none. */
  readonly resultLine: number | undefined;
}

/** Where each call and each turn of one log begins and ends: what an outline and going from a result to its call need. */
export class TranscriptTurns {
  readonly #turns: { firstLine: number; lastLine: number; calls: TurnCall[] }[] = [];
  readonly #open = new Map<string, { readonly calls: TurnCall[]; readonly index: number }>();
  #mainScope: string | undefined;
  #isOpen = false;
  /** Nothing has followed the line that began the turn. */
  #isFresh = false;
  /** The format tells prompts apart: then nothing else begins a turn. */
  #knowsPrompts = false;

  add(event: TranscriptEvent, { line }: LogPosition): void {
    switch (event.type) {
      case 'turn_opened':
        if (this.#isMain(event.scope)) this.#begin(line);
        break;
      case 'turn_active':
        if (!this.#isMain(event.scope)) break;
        if (event.is_prompt === true) this.#prompt(line);
        else if (!this.#isOpen && !this.#knowsPrompts) this.#begin(line);
        else this.#isFresh = false;
        break;
      case 'turn_closed':
        if (this.#isMain(event.scope)) this.#isOpen = false;
        this.#isFresh = false;
        break;
      case 'call_opened':
        this.#openCall(event, line);
        break;
      case 'call_ok':
        this.#close(event.call, line, 'ok');
        break;
      case 'call_failed':
        this.#close(event.call, line, 'failed');
        break;
      case 'failed':
      case 'retrying':
      case 'job_completed':
      case 'phase':
        break;
    }
  }

  /** @param totalLines of the log: the last turn has them all */
  turns(totalLines: number): readonly TranscriptTurn[] {
    return this.#turns.map((turn, i) => ({
      ...turn,
      lastLine: Math.max(turn.firstLine, (this.#turns[i + 1]?.firstLine ?? totalLines + 1) - 1),
    }));
  }

  /** Sub-agents write into the same log; their turns are inside the main agent's. */
  #isMain(scope: string): boolean {
    this.#mainScope ??= scope;
    return scope === this.#mainScope;
  }

  /** A person's words may take several lines. */
  #prompt(line: number): void {
    this.#knowsPrompts = true;
    if (!this.#isFresh) this.#begin(line);
  }

  #begin(line: number): void {
    this.#isOpen = true;
    this.#isFresh = true;
    const last = this.#turns.at(-1);
    if (last?.firstLine !== line) this.#turns.push({ firstLine: line, lastLine: line, calls: [] });
  }

  #openCall(
    { call: id, tool_kind }: { readonly call: string; readonly tool_kind: Call['tool_kind'] },
    line: number,
  ): void {
    if (this.#turns.length === 0) this.#begin(line);
    this.#isFresh = false;
    const calls = this.#turns.at(-1)?.calls ?? [];
    const index = calls.push({ id, tool_kind, line, resultLine: undefined, status: 'open' }) - 1;
    this.#open.set(id, { calls, index });
  }

  #close(id: string | undefined, line: number, status: 'ok' | 'failed'): void {
    const open = id === undefined ? undefined : this.#open.get(id);
    const call = open?.calls[open.index];
    if (id === undefined || open === undefined || call === undefined) return;
    // A failure is told by an event and again by the result that the model sees: the last line is the result.
    open.calls[open.index] = { ...call, resultLine: line, status: call.status === 'failed' ? 'failed' : status };
  }
}
