import { diskUsedKb } from '../anomalies/budgets.ts';
import { downsample, indexFrom, PlotPoints, type PlotRange } from './downsample.ts';
import { calibratedOomShare, provenOomFormula, type OomFormula } from '../anomalies/oomShare.ts';
import type { MomentPick } from './serverProtocol.ts';
import { SampleColumns, type StoredName } from './sampleColumns.ts';
import { SERIES_NAMES, type SampleRow, type SeriesName, type SeriesPoints, type SeriesSet } from './sessionView.ts';
import { sampledMs, type Snapshot } from '../session/snapshot.ts';

/** A sample that is late by less than this many intervals is late; later ones were not taken. */
const GAP_INTERVALS = 3.5;
/** The recorder slows down and hurries with what it sees: pauses of this length are its own. */
const LEAST_GAP_MS = 2500;
const USUAL_OF = 200;

/** A session's samples; what is no number stays in the file and is read again when somebody looks at that moment. */
export class SampleStore {
  readonly #data = new SampleColumns();
  #formula: OomFormula | undefined;
  #intervalMs: number | undefined;
  #usualMs: number | undefined;
  #isNumbered = true;

  /** Of the session, whatever is kept of it. */
  get count(): number {
    return this.#data.taken;
  }

  get firstMs(): number | undefined {
    return this.#data.rows === 0 ? undefined : this.#data.times[0];
  }

  get lastMs(): number | undefined {
    return this.#data.rows === 0 ? undefined : this.#data.times[this.#data.rows - 1];
  }

  /** The nominal interval: what lies further apart than a few of these is a gap. */
  set intervalMs(intervalMs: number | undefined) {
    this.#intervalMs = intervalMs;
  }

  get gapMs(): number {
    return Math.max(LEAST_GAP_MS, GAP_INTERVALS * (this.#intervalMs ?? this.#usualIntervalMs()));
  }

  /** From here on each sample is as it was; what is older has been thinned to the low and the high of stretches. */
  get exactFromMs(): number {
    const { exactFrom, times } = this.#data;
    return exactFrom === 0 ? Number.NEGATIVE_INFINITY : (times[exactFrom] ?? Number.NEGATIVE_INFINITY);
  }

  /** Whether numbers and times both rise: only then a stretch of the file can be found again. */
  get isNumbered(): boolean {
    return this.#isNumbered;
  }

  /** An empty one for a stretch of the same session. */
  forStretch(): SampleStore {
    const stretch = new SampleStore();
    stretch.#formula = this.#formula;
    stretch.#intervalMs = this.gapMs / GAP_INTERVALS;
    return stretch;
  }

  append(snapshot: Snapshot): void {
    const { rows, times, seqs } = this.#data;
    const previousMs = times[rows - 1] ?? 0;
    // Where a clock stepped back, or cannot be read, the order of the lines is the truth.
    const ms = Math.max(sampledMs(snapshot) ?? previousMs, previousMs);
    this.#isNumbered &&= rows === 0 || snapshot.seq > (seqs[rows - 1] ?? 0);
    this.#data.add(ms, snapshot.seq, () => this.gapMs);
    const { ours, oom_score } = snapshot;
    if (oom_score !== undefined && ours?.oom_score_adj !== undefined) {
      this.#formula ??= provenOomFormula(oom_score, ours.oom_score_adj);
    }
    // Who has no memory any more is ending: a line down to 0 is a slope that never was.
    if (snapshot.vm_rss_kb !== 0) this.#putProcess(snapshot);
    if (ours === undefined) return;
    this.#data.put('mem_available_kb', ours.mem_available_kb);
    if (ours.tree_rss_kb !== 0) this.#putTree(ours);
    this.#data.put('disk_free_kb', ours.disk_free_kb);
    this.#data.put('disk_used_kb', diskUsedKb(ours));
  }

  #putProcess(snapshot: Snapshot): void {
    const { oom_score, ours } = snapshot;
    this.#data.put('vm_rss_kb', snapshot.vm_rss_kb);
    this.#data.put('oom_score', oom_score);
    this.#data.put('oom_share', calibratedOomShare(oom_score, ours?.oom_score_adj, this.#formula));
    this.#data.put('fd_count', snapshot.fd_count);
    this.#data.put('fd_soft_limit', Number.isFinite(snapshot.fd_soft_limit) ? snapshot.fd_soft_limit : undefined);
    this.#data.put('cpu_percent', snapshot.cpu_percent);
    this.#data.put('threads', snapshot.threads);
  }

  #putTree(ours: NonNullable<Snapshot['ours']>): void {
    this.#data.put('tree_rss_kb', ours.tree_rss_kb);
    this.#data.put('cgroup_memory_kb', ours.cgroup_memory_kb);
    this.#data.put('cgroup_memory_limit_kb', ours.cgroup_memory_limit_kb);
    this.#data.put('limit_share', perMille(ours.cgroup_memory_kb, ours.cgroup_memory_limit_kb));
    this.#data.put('tree_fd_count', ours.tree_fd_count);
    this.#data.put('tree_cpu_percent', ours.tree_cpu_percent);
    this.#data.put('tree_process_count', ours.tree_process_count);
  }

  /** What the plot can show of a range; `undefined` edges are the session's own. */
  slice(range: PlotRange): SeriesSet {
    const set: Partial<Record<SeriesName, SeriesPoints>> = {};
    const { times, rows: count } = this.#data;
    const gapMs = this.#gapMsFrom(indexFrom(times, count, range.fromMs) - 1);
    for (const [name, values] of this.#drawn()) {
      const points = downsample({ times, values, count, gapMs }, range);
      if (points.t.length > 0) set[name] = points;
    }
    return set;
  }

  /** The samples from an index on, each as it is: what is pushed to a live plot. */
  since(index: number): SeriesSet {
    const set: Partial<Record<SeriesName, SeriesPoints>> = {};
    const { gapMs } = this;
    const { times, rows, taken } = this.#data;
    const first = Math.max(0, rows - (taken - index));
    for (const [name, values] of this.#drawn()) {
      const points = new PlotPoints();
      for (let i = first; i < rows; i += 1) {
        const ms = times[i] ?? 0;
        if (ms - (times[i - 1] ?? ms) > gapMs) points.add(ms, null);
        const value = values[i] ?? Number.NaN;
        points.add(ms, Number.isNaN(value) ? null : value);
      }
      set[name] = points;
    }
    return set;
  }

  /** Evenly picked from a range, both ends included; where it is thinned, `inRange` is about how many there were. */
  rows(fromMs: number, toMs: number, limit: number): { readonly rows: readonly SampleRow[]; readonly inRange: number } {
    const { times, rows: count, exactFrom, samplesARow } = this.#data;
    const first = indexFrom(times, count, fromMs);
    const end = indexFrom(times, count, toMs + 0.001);
    const found = Math.max(0, end - first);
    const thinned = Math.max(0, Math.min(end, exactFrom) - first);
    const taken = Math.min(limit, found);
    const rows: SampleRow[] = [];
    for (let n = 0; n < taken; n += 1) {
      rows.push(this.#row(taken === 1 ? first : first + Math.round((n * (found - 1)) / (taken - 1))));
    }
    return { rows, inRange: Math.min(this.count, found + thinned * (samplesARow - 1)) };
  }

  /** The sample that a number or a time picks; beyond the ends there are only the first and the last. */
  find(wanted: { readonly seq: number } | { readonly ms: number }, pick: MomentPick): StoredSample | undefined {
    const { rows, seqs, times } = this.#data;
    if (rows === 0) return undefined;
    const index = 'seq' in wanted ? this.#nearestSeq(wanted.seq) : this.#timeIndex(wanted.ms, pick === 'nearest');
    const step = pick === 'next' ? 1 : pick === 'previous' ? -1 : 0;
    const picked = Math.min(Math.max(index + step, 0), rows - 1);
    return { seq: seqs[picked] ?? 0, ms: times[picked] ?? 0 };
  }

  /** Where it is thinned: the samples around a time are between these. */
  neighbourhood(ms: number): { readonly fromMs: number; readonly toMs: number } {
    const { times, rows } = this.#data;
    const at = indexFrom(times, rows, ms);
    return { fromMs: times[Math.max(0, at - 3)] ?? ms, toMs: times[Math.min(rows - 1, at + 3)] ?? ms };
  }

  /** The time of a sample, or of its nearest neighbour. */
  msOfSeq(seq: number): number | undefined {
    return this.find({ seq }, 'nearest')?.ms;
  }

  /** The values of one column in a range, from its last gap on; `undefined` when there are none. */
  storedSeries(name: StoredName, range: { readonly fromMs: number; readonly toMs: number }): StoredSeries | undefined {
    const column = this.#data.column(name);
    if (column === undefined) return undefined;
    const { times, rows } = this.#data;
    let first = indexFrom(times, rows, range.fromMs);
    const gapMs = this.#gapMsFrom(first);
    let last: number | undefined;
    for (let i = first; i < rows; i += 1) {
      const ms = times[i] ?? 0;
      if (ms > range.toMs) break;
      if (last !== undefined && ms - (times[last] ?? ms) > gapMs) {
        [first, last] = [i, undefined]; // nobody knows what happened in a gap
      }
      if (!Number.isNaN(column[i])) last = i;
    }
    if (last === undefined) return undefined;
    return { times: times.subarray(first, last + 1), values: column.subarray(first, last + 1) };
  }

  /** Of the sample at exactly this time. */
  valueAt(name: StoredName, ms: number): number | undefined {
    const { times, rows } = this.#data;
    const value = this.#data.column(name)?.[indexFrom(times, rows, ms)] ?? Number.NaN;
    return Number.isNaN(value) ? undefined : value;
  }

  /** Thinned rows lie further apart. */
  #gapMsFrom(row: number): number {
    const { exactFrom, samplesARow } = this.#data;
    return row >= exactFrom ? this.gapMs : this.gapMs * samplesARow;
  }

  *#drawn(): Iterable<readonly [SeriesName, Float32Array]> {
    for (const name of SERIES_NAMES) {
      const column = this.#data.column(name);
      if (column !== undefined) yield [name, column];
    }
  }

  #row(index: number): SampleRow {
    const values: Partial<Record<SeriesName, number>> = {};
    for (const [name, column] of this.#drawn()) {
      const value = column[index] ?? Number.NaN;
      if (!Number.isNaN(value)) values[name] = value;
    }
    return { seq: this.#data.seqs[index] ?? 0, ms: this.#data.times[index] ?? 0, values };
  }

  /** Of the last sample up to a time or, where it is nearer, the one after it; -1 before the first. */
  #timeIndex(ms: number, isNearest: boolean): number {
    const { times, rows } = this.#data;
    const after = indexFrom(times, rows, ms);
    if (after < rows && times[after] === ms) return after;
    if (!isNearest || after === rows) return after - 1;
    return (times[after] ?? 0) - ms < ms - (times[after - 1] ?? -Infinity) ? after : after - 1;
  }

  #nearestSeq(seq: number): number {
    const { seqs, rows } = this.#data;
    const after = this.#isNumbered ? Math.min(indexFrom(seqs, rows, seq), rows - 1) : undefined;
    if (after !== undefined)
      return seq - (seqs[after - 1] ?? -Infinity) <= (seqs[after] ?? 0) - seq ? after - 1 : after;
    // Numbers may repeat or jump in a damaged file, so all are looked at: 0.1 ms for 100,000.
    let best = -1;
    let bestDistance = Number.POSITIVE_INFINITY;
    for (let i = 0; i < rows && bestDistance > 0; i += 1) {
      const distance = Math.abs((seqs[i] ?? 0) - seq);
      if (distance < bestDistance) [best, bestDistance] = [i, distance];
    }
    return best;
  }

  /** The median of the first distances; more do not make it truer, and later they may be thinned. */
  #usualIntervalMs(): number {
    if (this.#usualMs !== undefined) return this.#usualMs;
    const { times, rows } = this.#data;
    const distances = Array.from(
      { length: Math.min(rows, USUAL_OF) - 1 },
      (_, i) => (times[i + 1] ?? 0) - (times[i] ?? 0),
    );
    const usualMs = distances.sort((a, b) => a - b)[distances.length >> 1] ?? 0;
    if (rows >= USUAL_OF) this.#usualMs = usualMs;
    return usualMs;
  }
}

function perMille(part: number | undefined, whole: number | undefined): number | undefined {
  return part === undefined || whole === undefined || whole <= 0 ? undefined : (1000 * part) / whole;
}

/** Hours hold tens of thousands of samples, so it is a view of the columns: for the moment, and NaN where none is. */
export interface StoredSeries {
  readonly times: Float64Array;
  readonly values: Float32Array;
}

export interface StoredSample {
  readonly seq: number;
  readonly ms: number;
}
