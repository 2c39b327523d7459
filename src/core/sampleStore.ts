import { downsample, indexFrom, PlotPoints, type PlotRange } from './downsample.ts';
import { calibratedOomShare, provenOomFormula, type OomFormula } from './oomShare.ts';
import type { MomentPick } from './serverProtocol.ts';
import { SERIES_NAMES, type SampleRow, type SeriesName, type SeriesPoints, type SeriesSet } from './sessionView.ts';
import type { Snapshot } from './snapshot.ts';
import { msFromIso } from './time.ts';

/** What is kept of a sample; not all of it is drawn. */
export type StoredName = SeriesName | 'cgroup_memory_kb' | 'disk_used_kb';

const FIRST_CAPACITY = 1024;
/** A sample that is late by less than this many intervals is late; later ones were not taken. */
const GAP_INTERVALS = 3.5;
/** The recorder slows down and hurries with what it sees: pauses of this length are its own. */
const LEAST_GAP_MS = 2500;

/**
 * A session's samples as columns of numbers: about 70 bytes a sample where objects would take a thousand. What is no
 * number stays in the file and is read again when somebody looks at that moment.
 */
export class SampleStore {
  #capacity = FIRST_CAPACITY;
  #count = 0;
  #times = new Float64Array(FIRST_CAPACITY);
  #seqs = new Float64Array(FIRST_CAPACITY);
  /** Only series that have a value: the platform or the writer may not know some. */
  readonly #columns = new Map<StoredName, Float32Array>();
  #formula: OomFormula | undefined;
  #intervalMs: number | undefined;

  get count(): number {
    return this.#count;
  }

  get firstMs(): number | undefined {
    return this.#count === 0 ? undefined : this.#times[0];
  }

  get lastMs(): number | undefined {
    return this.#count === 0 ? undefined : this.#times[this.#count - 1];
  }

  /** The nominal interval: what lies further apart than a few of these is a gap. */
  set intervalMs(intervalMs: number | undefined) {
    this.#intervalMs = intervalMs;
  }

  get gapMs(): number {
    return Math.max(LEAST_GAP_MS, GAP_INTERVALS * (this.#intervalMs ?? this.#usualIntervalMs()));
  }

  append(snapshot: Snapshot): void {
    if (this.#count === this.#capacity) this.#grow();
    const i = this.#count;
    const previousMs = this.#times[i - 1] ?? 0;
    // Where a clock stepped back, or cannot be read, the order of the lines is the truth.
    this.#times[i] = Math.max(msFromIso(snapshot.captured_at) ?? msFromIso(snapshot.ts) ?? previousMs, previousMs);
    this.#seqs[i] = snapshot.seq;
    this.#count += 1;
    const { ours, oom_score } = snapshot;
    if (oom_score !== undefined && ours?.oom_score_adj !== undefined) {
      this.#formula ??= provenOomFormula(oom_score, ours.oom_score_adj);
    }
    this.#put('vm_rss_kb', snapshot.vm_rss_kb);
    this.#put('oom_score', oom_score);
    this.#put('oom_share', calibratedOomShare(oom_score, ours?.oom_score_adj, this.#formula));
    this.#put('fd_count', snapshot.fd_count);
    this.#put('fd_soft_limit', Number.isFinite(snapshot.fd_soft_limit) ? snapshot.fd_soft_limit : undefined);
    this.#put('cpu_percent', snapshot.cpu_percent);
    this.#put('threads', snapshot.threads);
    if (ours === undefined) return;
    this.#put('tree_rss_kb', ours.tree_rss_kb);
    this.#put('cgroup_memory_kb', ours.cgroup_memory_kb);
    this.#put('memory_limit_kb', ours.cgroup_memory_limit_kb);
    this.#put('mem_available_kb', ours.mem_available_kb);
    this.#put('tree_fd_count', ours.tree_fd_count);
    this.#put('tree_cpu_percent', ours.tree_cpu_percent);
    this.#put('tree_process_count', ours.tree_process_count);
    const { disk_free_kb, disk_size_kb } = ours;
    this.#put('disk_free_kb', disk_free_kb);
    if (disk_free_kb !== undefined && disk_size_kb !== undefined)
      this.#put('disk_used_kb', disk_size_kb - disk_free_kb);
  }

  /** What the plot can show of a range; `undefined` edges are the session's own. */
  slice(range: PlotRange): SeriesSet {
    const set: Partial<Record<SeriesName, SeriesPoints>> = {};
    const { gapMs } = this;
    for (const [name, values] of this.#drawn()) {
      const points = downsample({ times: this.#times, values, count: this.#count, gapMs }, range);
      if (points.t.length > 0) set[name] = points;
    }
    return set;
  }

  /** The samples from an index on, each as it is: what is pushed to a live plot. */
  since(index: number): SeriesSet {
    const set: Partial<Record<SeriesName, SeriesPoints>> = {};
    const { gapMs } = this;
    for (const [name, values] of this.#drawn()) {
      const points = new PlotPoints();
      for (let i = index; i < this.#count; i += 1) {
        const ms = this.#times[i] ?? 0;
        if (ms - (this.#times[i - 1] ?? ms) > gapMs) points.add(ms, null);
        const value = values[i] ?? Number.NaN;
        points.add(ms, Number.isNaN(value) ? null : value);
      }
      set[name] = points;
    }
    return set;
  }

  /** Evenly picked from a range, both ends included. */
  rows(fromMs: number, toMs: number, limit: number): { readonly rows: readonly SampleRow[]; readonly inRange: number } {
    const first = indexFrom(this.#times, this.#count, fromMs);
    const end = indexFrom(this.#times, this.#count, toMs + 0.001);
    const inRange = Math.max(0, end - first);
    const taken = Math.min(limit, inRange);
    const rows: SampleRow[] = [];
    for (let n = 0; n < taken; n += 1) {
      rows.push(this.#row(taken === 1 ? first : first + Math.round((n * (inRange - 1)) / (taken - 1))));
    }
    return { rows, inRange };
  }

  /** The sample that a number or a time picks; beyond the ends there are only the first and the last. */
  find(wanted: { readonly seq: number } | { readonly ms: number }, pick: MomentPick): StoredSample | undefined {
    if (this.#count === 0) return undefined;
    const index = 'seq' in wanted ? this.#nearestSeq(wanted.seq) : this.#timeIndex(wanted.ms, pick === 'nearest');
    const step = pick === 'next' ? 1 : pick === 'previous' ? -1 : 0;
    const picked = Math.min(Math.max(index + step, 0), this.#count - 1);
    return { seq: this.#seqs[picked] ?? 0, ms: this.#times[picked] ?? 0 };
  }

  /** The time of a sample, or of its nearest neighbour. */
  msOfSeq(seq: number): number | undefined {
    return this.find({ seq }, 'nearest')?.ms;
  }

  /** The values of one column in a range, from its last gap on; `undefined` when there are none. */
  courseOf(name: StoredName, range: { readonly fromMs: number; readonly toMs: number }): StoredCourse | undefined {
    const column = this.#columns.get(name);
    if (column === undefined) return undefined;
    const { gapMs } = this;
    let first = indexFrom(this.#times, this.#count, range.fromMs);
    let last: number | undefined;
    for (let i = first; i < this.#count; i += 1) {
      const ms = this.#times[i] ?? 0;
      if (ms > range.toMs) break;
      if (last !== undefined && ms - (this.#times[last] ?? ms) > gapMs) {
        [first, last] = [i, undefined]; // nobody knows what happened in a gap
      }
      if (!Number.isNaN(column[i])) last = i;
    }
    if (last === undefined) return undefined;
    return { times: this.#times.subarray(first, last + 1), values: column.subarray(first, last + 1) };
  }

  /** Of the sample at exactly this time. */
  valueAt(name: StoredName, ms: number): number | undefined {
    const value = this.#columns.get(name)?.[indexFrom(this.#times, this.#count, ms)] ?? Number.NaN;
    return Number.isNaN(value) ? undefined : value;
  }

  *#drawn(): Iterable<readonly [SeriesName, Float32Array]> {
    for (const name of SERIES_NAMES) {
      const column = this.#columns.get(name);
      if (column !== undefined) yield [name, column];
    }
  }

  #row(index: number): SampleRow {
    const values: Partial<Record<SeriesName, number>> = {};
    for (const name of SERIES_NAMES) {
      const value = this.#columns.get(name)?.[index] ?? Number.NaN;
      if (!Number.isNaN(value)) values[name] = value;
    }
    return { seq: this.#seqs[index] ?? 0, ms: this.#times[index] ?? 0, values };
  }

  /** Of the last sample up to a time or, where it is nearer, the one after it; -1 before the first. */
  #timeIndex(ms: number, isNearest: boolean): number {
    const after = indexFrom(this.#times, this.#count, ms);
    if (after < this.#count && this.#times[after] === ms) return after;
    if (!isNearest || after === this.#count) return after - 1;
    return (this.#times[after] ?? 0) - ms < ms - (this.#times[after - 1] ?? -Infinity) ? after : after - 1;
  }

  /** Numbers may repeat or jump in a damaged file, so all are looked at: 0.1 ms for 100,000. */
  #nearestSeq(seq: number): number {
    const expected = seq - (this.#seqs[0] ?? 0);
    if (expected < this.#count && this.#seqs[expected] === seq) return expected;
    let best = -1;
    let bestDistance = Number.POSITIVE_INFINITY;
    for (let i = 0; i < this.#count && bestDistance > 0; i += 1) {
      const distance = Math.abs((this.#seqs[i] ?? 0) - seq);
      if (distance < bestDistance) [best, bestDistance] = [i, distance];
    }
    return best;
  }

  #put(name: StoredName, value: number | undefined): void {
    if (value === undefined) return; // columns are filled with NaN
    let column = this.#columns.get(name);
    if (column === undefined) {
      column = new Float32Array(this.#capacity).fill(Number.NaN);
      this.#columns.set(name, column);
    }
    column[this.#count - 1] = value;
  }

  #grow(): void {
    this.#capacity *= 2;
    this.#times = widened(this.#times, new Float64Array(this.#capacity));
    this.#seqs = widened(this.#seqs, new Float64Array(this.#capacity));
    for (const [name, column] of this.#columns) {
      this.#columns.set(name, widened(column, new Float32Array(this.#capacity).fill(Number.NaN)));
    }
  }

  /** The median of the first distances; more do not make it truer. */
  #usualIntervalMs(): number {
    const distances = Array.from({ length: Math.min(this.#count, 200) - 1 }, (_, i) => {
      return (this.#times[i + 1] ?? 0) - (this.#times[i] ?? 0);
    });
    return distances.sort((a, b) => a - b)[distances.length >> 1] ?? 0;
  }
}

/** Hours hold tens of thousands of samples, so it is a view of the columns: for the moment, and NaN where none is. */
export interface StoredCourse {
  readonly times: Float64Array;
  readonly values: Float32Array;
}

export interface StoredSample {
  readonly seq: number;
  readonly ms: number;
}

function widened<T extends Float64Array | Float32Array>(from: T, into: T): T {
  into.set(from);
  return into;
}
