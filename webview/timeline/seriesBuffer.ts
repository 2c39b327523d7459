import { MAX_POINTS } from '../../src/core/panel/downsample.ts';
import type { AppendedSamples, SeriesSlice } from '../../src/core/panel/serverProtocol.ts';
import { SERIES_NAMES, type SeriesName, type SeriesSet } from '../../src/core/panel/sessionView.ts';
import type { TimeSpan } from './viewport.ts';

interface Line {
  readonly t: number[];
  readonly v: (number | null)[];
}

interface Held {
  readonly fromMs: number;
  toMs: number;
  readonly lines: Map<SeriesName, Line>;
}

/** A line grown to this many points by what was appended is asked for again, down-sampled. */
const TOO_LONG = 2 * MAX_POINTS;

/** The whole session coarsely and, while zoomed, the visible part finely: a jump repaints before the server answers. */
export class SeriesBuffer {
  #whole: Held | undefined;
  #near: Held | undefined;
  #snapshotCount = 0;

  setWhole(slice: SeriesSlice): void {
    this.#whole = held(slice);
    this.#snapshotCount = slice.snapshotCount;
  }

  setNear(slice: SeriesSlice | undefined): void {
    this.#near = slice === undefined ? undefined : held(slice);
  }

  /** Whether the finest points of a span are here already. */
  covers(span: TimeSpan): boolean {
    return this.#near !== undefined && this.#near.fromMs <= span.fromMs && this.#near.toMs >= span.toMs;
  }

  lines(span: TimeSpan): SeriesSet {
    const source = this.covers(span) ? this.#near : this.#whole;
    return Object.fromEntries(source?.lines ?? []);
  }

  /** Of the whole session, however close the view is. */
  wholeLines(): SeriesSet {
    return Object.fromEntries(this.#whole?.lines ?? []);
  }

  /** New samples at the end; false when the whole is to be asked for: some were missed, or the lines grew too long. */
  append({ after, series }: AppendedSamples, lastMs: number, snapshotCount: number): boolean {
    if (this.#whole === undefined || this.#snapshotCount === 0 || after > this.#snapshotCount) return false;
    this.#snapshotCount = snapshotCount;
    const endMs = this.#whole.toMs;
    let isShort = true;
    for (const part of [this.#whole, this.#near]) {
      // A part that ended before the newest sample shows the past, and goes on showing it.
      if (part === undefined || part.toMs < endMs) continue;
      part.toMs = Math.max(part.toMs, lastMs);
      for (const name of SERIES_NAMES) isShort = appendPoints(part, name, series) && isShort;
    }
    return isShort;
  }
}

function held({ fromMs, toMs, series }: SeriesSlice): Held {
  const lines = new Map<SeriesName, Line>();
  for (const name of SERIES_NAMES) {
    const points = series[name];
    if (points !== undefined) lines.set(name, { t: [...points.t], v: [...points.v] });
  }
  return { fromMs, toMs, lines };
}

function appendPoints(part: Held, name: SeriesName, set: SeriesSet): boolean {
  const added = set[name];
  if (added === undefined) return true;
  let line = part.lines.get(name);
  if (line === undefined) {
    line = { t: [], v: [] };
    part.lines.set(name, line);
  }
  const lastMs = line.t.at(-1) ?? Number.NEGATIVE_INFINITY;
  for (const [i, ms] of added.t.entries()) {
    if (ms <= lastMs) continue; // the reply to a query already held it
    line.t.push(ms);
    line.v.push(added.v[i] ?? null);
  }
  return line.t.length < TOO_LONG;
}

interface Points {
  readonly t: readonly number[];
  readonly v: readonly (number | null)[];
}

export function highestIn(points: Points | undefined, span: TimeSpan): number {
  let highest = 0;
  for (const [i, ms] of (points?.t ?? []).entries()) {
    const value = points?.v[i] ?? 0;
    if (ms >= span.fromMs && ms <= span.toMs && value > highest) highest = value;
  }
  return highest;
}

/** The value of a line at a time: that of its nearest point. */
export function valueAt({ t, v }: Points, ms: number): number | undefined {
  return v[nearest(t, ms)] ?? undefined;
}

/** The place of the time that is nearest; -1 where there is none. */
export function nearest(t: readonly number[], ms: number): number {
  let low = 0;
  let high = t.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((t[middle] ?? 0) < ms) low = middle + 1;
    else high = middle;
  }
  const isBefore = low > 0 && (low === t.length || ms - (t[low - 1] ?? 0) <= (t[low] ?? 0) - ms);
  return isBefore ? low - 1 : low;
}
