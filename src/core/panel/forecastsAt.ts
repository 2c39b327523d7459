import { LIMITED, type Limited, type LimitedName } from '../anomalies/budgets.ts';
import { forecastOf, RECENT_POINTS, type Forecast } from '../anomalies/forecast.ts';
import { humanKb, humanSeconds } from '../words/humanUnits.ts';
import { LowsHistory } from '../anomalies/lowsHistory.ts';
import type { StoredName } from './sampleColumns.ts';
import type { SampleStore, StoredSeries } from './sampleStore.ts';
import type { ForecastView, SeriesName } from './sessionView.ts';
import type { Point } from '../words/slope.ts';

/** What came before this says nothing of the current slope. */
const LOOK_BACK_MS = 10 * 60_000;
/** What fills memory in minutes takes hours to fill a disk. */
const DISK_LOOK_BACK_MS = 6 * 3_600_000;

/** How the end of something is drawn and told. */
interface Drawn {
  /** What happens at the limit. */
  readonly end: (limit: number) => string;
  /** Drawn; the limit is drawn as far above it as the used amount is from its end, or at 0 when the rest is drawn. */
  readonly series: SeriesName;
  readonly isRest?: true;
  readonly lookBackMs?: number;
}

const DRAWN: Readonly<Record<LimitedName, Drawn>> = {
  group: { end: (limit) => `Memory reaches its limit of ${humanKb(limit)}`, series: 'tree_rss_kb' },
  machine: { end: (limit) => `Memory of the machine reaches its limit of ${humanKb(limit)}`, series: 'tree_rss_kb' },
  descriptors: {
    end: (limit) => `The number of file descriptors reaches its limit of ${Math.round(limit)}`,
    series: 'fd_count',
  },
  disk: { end: () => 'The disk is full', series: 'disk_free_kb', isRest: true, lookBackMs: DISK_LOOK_BACK_MS },
};
const NAMES = Object.keys(DRAWN) as LimitedName[]; // of a record of exactly these

/** What the samples up to a time foretell: for each line the limit that comes first. */
export function forecastsAt(samples: SampleStore, atMs: number): readonly ForecastView[] {
  const found = new Map<SeriesName, ForecastView>();
  for (const name of NAMES) {
    const view = forecastAt(samples, atMs, name);
    const known = view === undefined ? undefined : found.get(view.series);
    if (view !== undefined && (known === undefined || view.reachedMs < known.reachedMs)) found.set(view.series, view);
  }
  return [...found.values()];
}

function forecastAt(samples: SampleStore, atMs: number, name: LimitedName): ForecastView | undefined {
  const limited: Limited = LIMITED[name];
  const drawn = DRAWN[name];
  const fromMs = atMs - (drawn.lookBackMs ?? LOOK_BACK_MS);
  const series = samples.storedSeries(limited.used, { fromMs, toMs: atMs });
  const recent = series === undefined ? [] : recentOf(series);
  const last = recent.at(-1);
  if (series === undefined || last === undefined) return undefined;
  const lastMs = series.times.at(-1) ?? 0;
  const valueOf = (field: StoredName): number | undefined => samples.valueAt(field, lastMs);
  const left = limited.left(valueOf);
  const value = valueOf(drawn.series);
  if (left === undefined || left <= 0 || value === undefined) return undefined;
  const forecast = forecastOf({
    used: last.y,
    left,
    recent,
    // Looked at only where enough is used: most of the time it is not.
    get scales() {
      return lowsOf(series);
    },
    ...limited.leastRises(left),
  });
  if (forecast === undefined) return undefined;
  const { seconds, earliestSeconds, latestSeconds } = forecast;
  return {
    series: drawn.series,
    fromMs: lastMs,
    value,
    limit: drawn.isRest === true ? 0 : value + left,
    reachedMs: lastMs + seconds * 1000,
    earliestMs: lastMs + earliestSeconds * 1000,
    latestMs: lastMs + latestSeconds * 1000,
    sentence: sentenceOf(drawn.end(last.y + left), forecast),
  };
}

function recentOf({ times, values }: StoredSeries): readonly Point[] {
  const recent: Point[] = [];
  for (let i = values.length - 1; i >= 0 && recent.length < RECENT_POINTS; i -= 1) {
    const y = values[i] ?? Number.NaN;
    if (!Number.isNaN(y)) recent.push({ x: (times[i] ?? 0) / 1000, y });
  }
  return recent.toReversed();
}

function lowsOf({ times, values }: StoredSeries): LowsHistory['scales'] {
  const lows = new LowsHistory();
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i] ?? Number.NaN;
    if (!Number.isNaN(value)) lows.push(times[i] ?? 0, value);
  }
  return lows.scales;
}

/** "... in about 1 min 40 s, between 1 min 15 s and 2 min 10 s, at this pace." */
function sentenceOf(what: string, { seconds, earliestSeconds, latestSeconds, isQuickening }: Forecast): string {
  const [earliest, latest] = [humanSeconds(earliestSeconds), humanSeconds(latestSeconds)];
  const between = earliest === latest ? '' : `, between ${earliest} and ${latest}`;
  const pace = isQuickening ? 'as its pace grows' : 'at this pace';
  return `${what} in about ${humanSeconds(seconds)}${between}, ${pace}.`;
}
