import { join } from 'node:path';
import type { SampleStore } from '../../core/panel/sampleStore.ts';
import type { MomentPick } from '../../core/panel/serverProtocol.ts';
import type { SampleRow } from '../../core/panel/sessionView.ts';
import { snapshotFrom } from '../../core/session/snapshot.ts';
import { TRACE_FILE } from '../../logs/series.ts';
import { findLine, readStretch, type Stretch } from './findLine.ts';

/** As many samples are read again at most: 45 MB, a third of a second. A plot of more shows only lows and highs. */
const MOST_READ = 65_536;
/** Of what a look at one instant needs: a disk's forecast goes back as far as this. */
const BEFORE_MS = 6 * 3_600_000;

/**
 * Of a session of hundreds of thousands of samples the older ones are kept thinned; a stretch of them that somebody
 * looks at closely is read from the file again. The last one is kept: a zoom goes on to a part of it.
 */
export class Stretches {
  #last: (Stretch & { readonly ofCount: number; readonly samples: SampleStore }) | undefined;

  forget(): void {
    this.#last = undefined;
  }

  /** The samples of a range, each as it was, unless there are too many for anybody to see each. */
  of(range: Stretch, { all, dir }: Source): SampleStore {
    if (range.fromMs >= all.exactFromMs || !all.isNumbered || dir === undefined) return all;
    const known = this.#last;
    const isKnown =
      known !== undefined &&
      known.fromMs <= range.fromMs &&
      known.toMs >= range.toMs &&
      (known.ofCount === all.count || known.toMs < all.exactFromMs);
    if (isKnown) return known.samples;
    const marginMs = (range.toMs - range.fromMs) / 2;
    const wider = { fromMs: range.fromMs - marginMs, toMs: range.toMs + marginMs };
    const wanted = [wider, range].find((stretch) => countIn(all, stretch) <= MOST_READ);
    if (wanted === undefined) return all;
    const samples = this.#read(wanted, { all, dir });
    if (samples.count === 0) return all; // a file whose times are in no order
    this.#last = { ...wanted, ofCount: all.count, samples };
    return samples;
  }

  /** The samples around the one that is wanted, with what a forecast from there looks back on. */
  around(wanted: { readonly seq: number } | { readonly ms: number }, pick: MomentPick, source: Source): SampleStore {
    const { all } = source;
    const near = all.find(wanted, pick);
    if (near === undefined || near.ms >= all.exactFromMs) return all;
    const range = all.neighbourhood(near.ms);
    const back = { fromMs: range.fromMs - BEFORE_MS, toMs: range.toMs };
    return this.of(countIn(all, back) <= MOST_READ ? back : range, source);
  }

  /** Samples picked from a range; of a thinned one each is read from the file, as its row holds what others had. */
  rows({ fromMs, toMs, limit }: Stretch & { readonly limit: number }, source: Source): ReturnType<SampleStore['rows']> {
    const samples = this.of({ fromMs, toMs }, source);
    const picked = samples.rows(fromMs, toMs, limit);
    const { all, dir } = source;
    if (samples !== all || dir === undefined || fromMs >= all.exactFromMs) return picked;
    return { ...picked, rows: picked.rows.map((row) => (row.ms < all.exactFromMs ? asItWas(row, { all, dir }) : row)) };
  }

  #read({ fromMs, toMs }: Stretch, { all, dir }: { readonly all: SampleStore; readonly dir: string }): SampleStore {
    const samples = all.forStretch();
    const path = join(dir, TRACE_FILE);
    readStretch(path, { fromMs, toMs }, (record) => {
      const snapshot = snapshotFrom(record, samples.count);
      if (snapshot !== undefined) samples.append(snapshot);
    });
    return samples;
  }
}

interface Source {
  readonly all: SampleStore;
  readonly dir: string | undefined;
}

function asItWas(row: SampleRow, { all, dir }: { readonly all: SampleStore; readonly dir: string }): SampleRow {
  const record = findLine(
    join(dir, TRACE_FILE),
    row.ms,
    ({ seq }) => seq === row.seq,
    ({ seq }) => Number(seq) > row.seq,
  );
  const snapshot = record === undefined ? undefined : snapshotFrom(record, row.seq);
  if (snapshot === undefined) return row;
  const alone = all.forStretch();
  alone.append(snapshot);
  return alone.rows(row.ms, row.ms, 1).rows[0] ?? row;
}

/** By their numbers. */
function countIn(all: SampleStore, { fromMs, toMs }: Stretch): number {
  const [first, last] = [all.find({ ms: fromMs }, 'nearest'), all.find({ ms: toMs }, 'nearest')];
  return (last?.seq ?? 0) - (first?.seq ?? 0);
}
