import type { SeriesPoints } from './sessionView.ts';

/** What Chart.js draws in a few milliseconds. */
export const MAX_POINTS = 2000;
/** A bucket gives at most a break, a low and a high. */
const MAX_BUCKETS = Math.floor(MAX_POINTS / 3);

export interface SampledColumn {
  /** Never decreasing. */
  readonly times: Float64Array;
  /** NaN where the value could not be read. */
  readonly values: Float32Array;
  readonly count: number;
  /** Two samples further apart than this have something missing between them. */
  readonly gapMs: number;
}

export interface PlotRange {
  readonly fromMs: number;
  readonly toMs: number;
  readonly pixels: number;
}

/** The first index whose time is not before `ms`. */
export function indexFrom(times: Float64Array, count: number, ms: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times[middle] ?? 0) < ms) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * The lowest and the highest value of each bucket of time, so that a spike of one sample is always drawn. (LTTB, the
 * usual choice, may drop it.) One sample beyond each edge is kept, so that lines run on to the edges of the plot.
 */
export function downsample(column: SampledColumn, range: PlotRange): SeriesPoints {
  const { times, count } = column;
  const first = Math.max(0, indexFrom(times, count, range.fromMs) - 1);
  const end = Math.min(count, indexFrom(times, count, range.toMs + 0.001) + 1);
  const points = new PlotPoints();
  if (end - first <= MAX_POINTS / 2) addAll(column, { first, end }, points);
  else addBuckets(column, { first, end, range }, points);
  return points;
}

/** Points of a line, gathered in time order. */
export class PlotPoints implements SeriesPoints {
  readonly t: number[] = [];
  readonly v: (number | null)[] = [];

  add(ms: number, value: number | null): void {
    this.t.push(ms);
    this.v.push(value);
  }

  /** A break of the line halfway between the last point and what follows. */
  breakBefore(ms: number): void {
    const last = this.t.at(-1);
    if (last === undefined) return;
    this.t.push((last + ms) / 2);
    this.v.push(null);
  }
}

/** Whether something is missing between the last value and the one that now follows. */
class GapWatch {
  readonly #gapMs: number;
  #lastMs = Number.NaN;
  #isUnreadable = false;

  constructor(gapMs: number) {
    this.#gapMs = gapMs;
  }

  unreadable(): void {
    this.#isUnreadable = true;
  }

  isBroken(ms: number): boolean {
    const isBroken = this.#isUnreadable || ms - this.#lastMs > this.#gapMs;
    this.#isUnreadable = false;
    this.#lastMs = ms;
    return isBroken;
  }
}

function addAll(
  { times, values, gapMs }: SampledColumn,
  span: { first: number; end: number },
  points: PlotPoints,
): void {
  const gaps = new GapWatch(gapMs);
  for (let i = span.first; i < span.end; i += 1) {
    const ms = times[i] ?? 0;
    const value = values[i] ?? Number.NaN;
    if (Number.isNaN(value)) {
      gaps.unreadable();
      continue;
    }
    if (gaps.isBroken(ms)) points.breakBefore(ms);
    points.add(ms, value);
  }
}

interface Buckets {
  readonly first: number;
  readonly end: number;
  readonly range: PlotRange;
}

function addBuckets({ times, values, gapMs }: SampledColumn, { first, end, range }: Buckets, points: PlotPoints): void {
  // The samples beyond the edges count for the width too: the range may be wider than what was recorded.
  const startMs = times[first] ?? range.fromMs;
  const spanMs = (times[end - 1] ?? range.toMs) - startMs;
  const widthMs = Math.max(spanMs / Math.max(1, Math.min(MAX_BUCKETS, range.pixels)), Number.MIN_VALUE);
  const gaps = new GapWatch(gapMs);
  let bucketEndMs = startMs + widthMs;
  let low = Number.NaN;
  let high = Number.NaN;
  let lowMs = 0;
  let highMs = 0;
  const flush = () => {
    if (Number.isNaN(low)) return;
    const isFalling = highMs < lowMs;
    points.add(Math.min(lowMs, highMs), isFalling ? high : low);
    if (low !== high) points.add(Math.max(lowMs, highMs), isFalling ? low : high);
    low = Number.NaN;
    high = Number.NaN;
  };
  for (let i = first; i < end; i += 1) {
    const ms = times[i] ?? 0;
    const value = values[i] ?? Number.NaN;
    if (Number.isNaN(value)) {
      gaps.unreadable();
      continue;
    }
    const isBroken = gaps.isBroken(ms);
    const isNext = ms >= bucketEndMs;
    if (isNext) {
      flush();
      bucketEndMs = startMs + (Math.floor((ms - startMs) / widthMs) + 1) * widthMs;
      if (isBroken) points.breakBefore(ms);
    }
    // A break within a bucket is narrower than what the plot can show.
    if (Number.isNaN(low) || value < low) [low, lowMs] = [value, ms];
    if (Number.isNaN(high) || value > high) [high, highMs] = [value, ms];
  }
  flush();
}
