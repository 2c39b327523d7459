import type { SeriesName } from './sessionView.ts';

/** What is kept of a sample; not all of it is drawn. */
export type StoredName = SeriesName | 'cgroup_memory_kb' | 'disk_used_kb';

const FIRST_CAPACITY = 1024;
/** 23 MB with every column; the panel's server may hold four sessions. */
export const MOST_ROWS = 262_144;
/** The newest rows are samples as they are: two days of one every 5 s, and the six hours that a disk's forecast looks back. */
const KEPT_AS_THEY_ARE = 32_768;

/**
 * A session's samples as columns of numbers: about 70 bytes a sample where objects would take a thousand. Of a session
 * of more than 262,144 the older ones are thinned, each time to a half: two rows hold the lowest and the highest value
 * of every 4, 8, 16 ... samples, column by column, so that a spike of one sample stays. Their times and numbers are of
 * the first and the last of these samples.
 */
export class SampleColumns {
  #capacity = FIRST_CAPACITY;
  #rows = 0;
  #taken = 0;
  #halvings = 0;
  #exactFrom = 0;
  #times = new Float64Array(FIRST_CAPACITY);
  #seqs = new Float64Array(FIRST_CAPACITY);
  /** Only series that have a value: the platform or the writer may not know some. */
  readonly #columns = new Map<StoredName, Float32Array>();

  get rows(): number {
    return this.#rows;
  }

  /** Samples that were ever added. */
  get taken(): number {
    return this.#taken;
  }

  /** Never decreasing; valid up to `rows`. */
  get times(): Float64Array {
    return this.#times;
  }

  get seqs(): Float64Array {
    return this.#seqs;
  }

  /** Rows from here on are samples as they are. */
  get exactFrom(): number {
    return this.#exactFrom;
  }

  /** Each row before `exactFrom` stands for so many samples. */
  get samplesARow(): number {
    return 2 ** this.#halvings;
  }

  /** NaN where the value could not be read. */
  column(name: StoredName): Float32Array | undefined {
    return this.#columns.get(name);
  }

  /** @param gapMs what lies further apart has something missing between it, and is not made one */
  add(ms: number, seq: number, gapMs: () => number): void {
    if (this.#rows === MOST_ROWS) this.#thin(gapMs());
    if (this.#rows === this.#capacity) this.#grow();
    this.#times[this.#rows] = ms;
    this.#seqs[this.#rows] = seq;
    this.#rows += 1;
    this.#taken += 1;
  }

  /** Of the row that was added last. */
  put(name: StoredName, value: number | undefined): void {
    if (value === undefined) return; // columns are filled with NaN
    let column = this.#columns.get(name);
    if (column === undefined) {
      column = new Float32Array(this.#capacity).fill(Number.NaN);
      this.#columns.set(name, column);
    }
    column[this.#rows - 1] = value;
  }

  #grow(): void {
    this.#capacity *= 2;
    this.#times = widened(this.#times, new Float64Array(this.#capacity));
    this.#seqs = widened(this.#seqs, new Float64Array(this.#capacity));
    for (const [name, column] of this.#columns) {
      this.#columns.set(name, widened(column, new Float32Array(this.#capacity).fill(Number.NaN)));
    }
  }

  #thin(gapMs: number): void {
    let halvings = this.#halvings;
    while ((this.#taken - KEPT_AS_THEY_ARE) / 2 ** halvings > MOST_ROWS / 2) halvings += 1;
    const [middle, tail] = [this.#exactFrom, this.#rows - KEPT_AS_THEY_ARE];
    let oldEnd = middle;
    for (let n = this.#halvings; n < halvings; n += 1) oldEnd = this.#halve(0, oldEnd, gapMs * 2 ** n);
    let middleEnd = tail;
    for (let n = 0; n < halvings; n += 1) middleEnd = this.#halve(middle, middleEnd, gapMs * 2 ** n);
    const exactFrom = oldEnd + middleEnd - middle;
    for (const values of [this.#times, this.#seqs, ...this.#columns.values()]) {
      values.copyWithin(oldEnd, middle, middleEnd);
      values.copyWithin(exactFrom, tail, this.#rows);
    }
    this.#rows = exactFrom + KEPT_AS_THEY_ARE;
    for (const column of this.#columns.values()) column.fill(Number.NaN, this.#rows);
    this.#halvings = halvings;
    this.#exactFrom = exactFrom;
  }

  /** Makes two rows of every four that no gap parts; returns where they end now. */
  #halve(from: number, to: number, gapMs: number): number {
    let into = from;
    for (let first = from; first < to;) {
      let end = first + 1;
      while (end < to && end < first + 4 && (this.#times[end] ?? 0) - (this.#times[end - 1] ?? 0) <= gapMs) end += 1;
      for (const column of this.#columns.values()) lowAndHigh(column, { first, end, into });
      const last = end - 1;
      for (const values of [this.#times, this.#seqs]) {
        const [one = 0, other = 0] = [values[first], values[last]];
        values[into] = one;
        if (last > first) values[into + 1] = other;
      }
      into += last > first ? 2 : 1;
      first = end;
    }
    return into;
  }
}

/** In the order in which they came. */
function lowAndHigh(
  column: Float32Array,
  { first, end, into }: { readonly first: number; readonly end: number; readonly into: number },
): void {
  let low = Number.NaN;
  let high = Number.NaN;
  let isFalling = false;
  for (let i = first; i < end; i += 1) {
    const value = column[i] ?? Number.NaN;
    if (Number.isNaN(value)) continue;
    if (Number.isNaN(low) || value < low) [low, isFalling] = [value, !Number.isNaN(low)];
    if (Number.isNaN(high) || value > high) [high, isFalling] = [value, false];
  }
  column[into] = isFalling ? high : low;
  if (end - first > 1) column[into + 1] = isFalling ? low : high;
}

function widened<T extends Float64Array | Float32Array>(from: T, into: T): T {
  into.set(from);
  return into;
}
