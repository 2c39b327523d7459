import { leastDiskRises } from '../anomalies/diskAnomalies.ts';
import { forecastOf, RECENT_POINTS, type Budget, type Forecast } from '../anomalies/forecast.ts';
import { humanKb, humanSeconds } from '../words/humanUnits.ts';
import { LowsHistory } from '../anomalies/lowsHistory.ts';
import type { StoredName } from './sampleColumns.ts';
import type { SampleStore, StoredCourse } from './sampleStore.ts';
import type { ForecastView, SeriesName } from './sessionView.ts';
import type { Point } from '../words/slope.ts';

/** What came before this says nothing of the current slope. */
const LOOK_BACK_MS = 10 * 60_000;
/** What fills memory in minutes takes hours to fill a disk. */
const DISK_LOOK_BACK_MS = 6 * 3_600_000;

interface Limited {
  /** What happens at the limit. */
  readonly end: (limit: number) => string;
  /** Drawn; the limit is drawn as far above it as the used amount is from its end, or at 0 when the rest is drawn. */
  readonly series: SeriesName;
  readonly isRest?: true;
  readonly used: StoredName;
  /** What is left, from the values of one sample. */
  readonly left: (value: (name: StoredName) => number | undefined) => number | undefined;
  readonly lookBackMs?: number;
  readonly leastRises: (left: number) => Pick<Budget, 'leastRise' | 'leastRecentRise'>;
}

const LIMITED: readonly Limited[] = [
  {
    end: (limit) => `Memory reaches its limit of ${humanKb(limit)}`,
    series: 'tree_rss_kb',
    used: 'cgroup_memory_kb',
    left: (value) => difference(value('memory_limit_kb'), value('cgroup_memory_kb')),
    leastRises: () => ({ leastRise: 16 * 1024 }),
  },
  {
    end: (limit) => `Memory of the machine reaches its limit of ${humanKb(limit)}`,
    series: 'tree_rss_kb',
    used: 'tree_rss_kb',
    left: (value) => value('mem_available_kb'),
    leastRises: () => ({ leastRise: 16 * 1024 }),
  },
  {
    end: (limit) => `The number of file descriptors reaches its limit of ${Math.round(limit)}`,
    series: 'fd_count',
    used: 'fd_count',
    left: (value) => difference(value('fd_soft_limit'), value('fd_count')),
    leastRises: () => ({ leastRise: 32 }),
  },
  {
    end: () => 'The disk is full',
    series: 'disk_free_kb',
    isRest: true,
    used: 'disk_used_kb',
    left: (value) => value('disk_free_kb'),
    lookBackMs: DISK_LOOK_BACK_MS,
    leastRises: leastDiskRises,
  },
];

/** What the samples up to a time foretell: for each line the limit that comes first. */
export function forecastsAt(samples: SampleStore, atMs: number): readonly ForecastView[] {
  const found = new Map<SeriesName, ForecastView>();
  for (const limited of LIMITED) {
    const view = forecastAt(samples, atMs, limited);
    const known = view === undefined ? undefined : found.get(view.series);
    if (view !== undefined && (known === undefined || view.reachedMs < known.reachedMs)) found.set(view.series, view);
  }
  return [...found.values()];
}

function forecastAt(samples: SampleStore, atMs: number, limited: Limited): ForecastView | undefined {
  const fromMs = atMs - (limited.lookBackMs ?? LOOK_BACK_MS);
  const course = samples.courseOf(limited.used, { fromMs, toMs: atMs });
  const recent = course === undefined ? [] : recentOf(course);
  const last = recent.at(-1);
  if (course === undefined || last === undefined) return undefined;
  const lastMs = course.times.at(-1) ?? 0;
  const value = (name: StoredName) => samples.valueAt(name, lastMs);
  const left = limited.left(value);
  const drawn = value(limited.series);
  if (left === undefined || left <= 0 || drawn === undefined) return undefined;
  const forecast = forecastOf({
    used: last.y,
    left,
    recent,
    // Looked at only where enough is used: most of the time it is not.
    get scales() {
      return lowsOf(course);
    },
    ...limited.leastRises(left),
  });
  if (forecast === undefined) return undefined;
  const { seconds, earliestSeconds, latestSeconds } = forecast;
  return {
    series: limited.series,
    fromMs: lastMs,
    value: drawn,
    limit: limited.isRest === true ? 0 : drawn + left,
    reachedMs: lastMs + seconds * 1000,
    earliestMs: lastMs + earliestSeconds * 1000,
    latestMs: lastMs + latestSeconds * 1000,
    sentence: sentenceOf(limited.end(last.y + left), forecast),
  };
}

function recentOf({ times, values }: StoredCourse): readonly Point[] {
  const recent: Point[] = [];
  for (let i = values.length - 1; i >= 0 && recent.length < RECENT_POINTS; i -= 1) {
    const y = values[i] ?? Number.NaN;
    if (!Number.isNaN(y)) recent.push({ x: (times[i] ?? 0) / 1000, y });
  }
  return recent.toReversed();
}

function lowsOf({ times, values }: StoredCourse): LowsHistory['scales'] {
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

function difference(limit: number | undefined, used: number | undefined): number | undefined {
  return limit === undefined || used === undefined ? undefined : limit - used;
}
