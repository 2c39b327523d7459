import type { PartingPoint } from '../compare/partingPoint.ts';
import type { Outcome, ToolKind } from '../words/vocabulary.ts';
import type { SeriesPoints, SessionRef } from './sessionView.ts';

/** Two sessions side by side, as the panel draws them. Times are milliseconds since the start of each. */

export interface CompareQuery {
  readonly a: SessionRef;
  readonly b: SessionRef;
  /** Width of the plots. */
  readonly pixels: number;
}

/** What is laid over each other: of both the same series. */
export const COMPARED_LANES = ['memory', 'cpu', 'descriptors', 'processes'] as const;
export type ComparedLane = (typeof COMPARED_LANES)[number];

export interface CompareView {
  readonly a: CompareSide;
  readonly b: CompareSide;
  /** The sentence that names the first difference; `undefined` where nothing that matters differs. */
  readonly first: string | undefined;
  readonly parting: PartingView | undefined;
  readonly rows: readonly CompareRow[];
}

export interface PartingView extends Pick<PartingPoint, 'what'> {
  readonly aMs: number;
  readonly bMs: number;
  readonly sentence: string;
}

export interface CompareRow {
  readonly name: string;
  readonly a: string;
  readonly b: string;
}

export interface CompareSide {
  readonly ref: SessionRef;
  readonly title: string;
  readonly end: string;
  readonly outcome: Outcome;
  readonly durationMs: number;
  readonly lanes: Readonly<Partial<Record<ComparedLane, SeriesPoints>>>;
  readonly calls: readonly ComparedCallView[];
}

export interface ComparedCallView {
  readonly startMs: number;
  readonly endMs: number | undefined;
  readonly kind: ToolKind;
  readonly status: 'ok' | 'failed' | 'open';
  readonly asked: string | undefined;
}
