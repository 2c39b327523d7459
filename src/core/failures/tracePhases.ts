import type { TranscriptEvent } from './transcriptEvents.ts';
import type { LogPosition } from './transcriptTally.ts';

/** A stretch of a trace: the whole of it at depth 0, its phases, one after the other, at depth 1. */
export interface PhaseSpan {
  readonly name: string;
  readonly depth: 0 | 1;
  readonly opened_ts: string | undefined;
  /** `undefined` while it goes on. */
  readonly closed_ts: string | undefined;
}

/** What is remarked on the way, and does not end what is being done. */
const REMARKS: ReadonlySet<string> = new Set(['artifact', 'note']);
/** A lane draws no more; a trace has some dozens. */
const MOST_SPANS = 5000;

/** Adds up a trace's phases: each lasts until the next begins, remarks until they are said, all until the trace ends. */
export class TracePhases {
  readonly #spans: PhaseSpan[] = [];
  #whole: number | undefined;
  #phase: number | undefined;

  take(event: TranscriptEvent, { ts }: LogPosition): void {
    if (event.type === 'phase') this.#begin(event.phase, ts);
    else if (event.type === 'turn_closed') this.#end(ts);
  }

  spans(): readonly PhaseSpan[] {
    return this.#spans;
  }

  #begin(phase: string, ts: string | undefined): void {
    if (this.#spans.length >= MOST_SPANS) return;
    this.#whole ??= this.#spans.push({ name: 'trace', depth: 0, opened_ts: ts, closed_ts: undefined }) - 1;
    if (phase === 'start') return;
    if (REMARKS.has(phase)) {
      this.#spans.push({ name: phase, depth: 1, opened_ts: ts, closed_ts: ts });
      return;
    }
    this.#close(this.#phase, ts);
    this.#phase = this.#spans.push({ name: phase, depth: 1, opened_ts: ts, closed_ts: undefined }) - 1;
  }

  #end(ts: string | undefined): void {
    this.#close(this.#phase, ts);
    this.#close(this.#whole, ts);
    this.#phase = undefined;
  }

  #close(index: number | undefined, ts: string | undefined): void {
    const span = index === undefined ? undefined : this.#spans[index];
    if (index !== undefined && span !== undefined) this.#spans[index] = { ...span, closed_ts: ts };
  }
}
