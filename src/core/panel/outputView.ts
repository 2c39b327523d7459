import type { SessionRef } from './sessionView.ts';

/** What an agent printed, both streams in the order in which they came. Offsets are bytes of that one text. */

export const OUTPUT_STREAMS = ['stdout', 'stderr'] as const;
export type OutputStream = (typeof OUTPUT_STREAMS)[number];

/** One of the four: behind a place, before a place, around a time, or the end. */
export interface OutputQuery {
  readonly session: SessionRef;
  readonly from: number | undefined;
  readonly to: number | undefined;
  readonly atMs: number | undefined;
}

export interface OutputLine {
  readonly at: number;
  /** When it came, to a quarter of a second; `undefined` where nobody wrote that down. */
  readonly ms: number | undefined;
  readonly stream: OutputStream;
  /** Clipped, and hostile: escapes included. */
  readonly text: string;
}

export interface OutputView {
  readonly from: number;
  readonly to: number;
  readonly total: number;
  /** Bytes at the beginning that are no longer kept. */
  readonly dropped: number;
  readonly isKept: boolean;
  readonly lines: readonly OutputLine[];
}

export interface FindOutputQuery {
  readonly session: SessionRef;
  readonly text: string;
  /** Where the search begins: before this for what came before. */
  readonly from: number;
  readonly isBackward: boolean;
}

export interface FoundOutput {
  /** `undefined` where the text is not, in this direction. */
  readonly at: number | undefined;
}
