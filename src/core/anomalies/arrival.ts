import type { Low } from './lowsHistory.ts';
import { trendOf, type Curve, type Timed, type Trend } from './riseTrend.ts';

/** When a climb reaches its limit. */
export interface Arrival {
  /** Now, and whether it grows all the time. */
  readonly perSecond: number;
  readonly isQuickening: boolean;
  readonly seconds: number;
  /** Nine ends in ten come between these. */
  readonly earliestSeconds: number;
  readonly latestSeconds: number;
}

interface Now {
  readonly used: number;
  readonly limit: number;
  readonly nowSeconds: number;
}

/**
 * Of the pace, in its standard errors, to be told from that of a random walk, which for a minute climbs like anything:
 * more of it the shorter the climb is.
 */
const SURE = 10;
const SURE_SECONDS = 100;
/** The bounds, in standard errors. */
const BOUNDS = 2;
/** No program keeps its pace better than this. */
const LEAST_DOUBT = 0.03;
/** So far below where it should be, in deviations around the trend and as a share of the rise, it has ended. */
const ENDED = { deviations: 4, ofRise: 0.02 };
const FEWEST_POINTS = 8;
/** Points that scatter so much less without the first one are of something else. */
const OTHER_SPREAD = 0.4;
/** A value that at least this share of the others stay below is a top; single ones are only in the bounds. */
const TOP = 0.88;

/**
 * What reaches the limit is the top of a tooth, a step or a burst, on the trend of what is kept for good. So the trend
 * is that of the floors, and the tops come with their own height and as often as they have so far.
 */
export function arrivalOf(window: readonly Low[], now: Now): Arrival | undefined {
  const { points, trend } = settled(floorsOf(window), now.nowSeconds);
  if (trend === undefined || !isSure(trend) || hasEnded(points, now)) return undefined;
  const { likely, spread } = trend;
  const tops = topsOf(window.slice(-points.length), likely, now.nowSeconds);
  const reached = reachedAfter(likely, now.limit - tops.height);
  if (reached === undefined) return undefined;
  const waitSeconds = Math.min(tops.waitSeconds, (tops.height - tops.usual) / likely.perSecond);
  const seconds = reached + waitSeconds;
  const doubt = Math.hypot((BOUNDS * trend.paceError) / likely.perSecond, LEAST_DOUBT);
  // The pace to come may differ from the one so far by as much as that one is in doubt.
  const aside = Math.hypot(doubt * Math.sqrt(seconds * trend.seconds), (BOUNDS * spread) / likely.perSecond);
  const paths = pathsOf(trend);
  const after = (pace: number, height: number) =>
    paths.map((path) => reachedAfter({ ...path, perSecond: path.perSecond * pace }, now.limit - height) ?? Infinity);
  const earliest = Math.min(...after(1 + doubt, tops.height + (tops.height - tops.usual) / 4)) - aside;
  const byFloor = Math.max(...after(1 - doubt, 0));
  const byTop = Math.max(...after(1 - doubt, tops.height)) + 2 * tops.longestSeconds;
  const latest = Math.min(byFloor, byTop) + aside + waitSeconds;
  if (!Number.isFinite(latest)) return undefined;
  return {
    perSecond: likely.perSecond,
    isQuickening: likely.bend > 0,
    seconds,
    earliestSeconds: Math.max(0, Math.min(seconds, earliest)),
    latestSeconds: Math.max(seconds, latest),
  };
}

function isSure({ likely, straight, paceError, seconds }: Trend): boolean {
  return likely.perSecond > 0 && straight.perSecond >= SURE * Math.max(1, SURE_SECONDS / seconds) * paceError;
}

/** For each low, the lowest from there on: what has been kept for good. */
function floorsOf(window: readonly Low[]): readonly Timed[] {
  let floor = Number.POSITIVE_INFINITY;
  return window
    .toReversed()
    .map(({ startMs, value }) => {
      floor = Math.min(floor, value);
      return { seconds: startMs / 1000, value: floor };
    })
    .toReversed();
}

/** Without a beginning that does not belong to it, such as the start of the program. */
function settled(points: readonly Timed[], nowSeconds: number): { points: readonly Timed[]; trend: Trend | undefined } {
  const trend = trendOf(points, nowSeconds);
  const later = points.slice(1);
  if (trend === undefined || later.length < FEWEST_POINTS) return { points, trend };
  const laterTrend = trendOf(later, nowSeconds);
  const isOther = laterTrend !== undefined && laterTrend.spread < trend.spread * OTHER_SPREAD;
  return isOther ? settled(later, nowSeconds) : { points, trend };
}

/** Whether the last third is where the first two thirds do not lead to. */
function hasEnded(points: readonly Timed[], { used, nowSeconds }: Now): boolean {
  const before = trendOf(points.slice(0, -Math.ceil(points.length / 3)), nowSeconds);
  if (before === undefined) return false;
  const least = Math.min(...[before.straight, ...before.possible].map(({ level }) => level));
  const rise = used - (points[0]?.value ?? used);
  return used < least - ENDED.deviations * before.spread - ENDED.ofRise * rise;
}

/** The ways on: what bends down may go on straight only if it may be straight, what bends up may stop to. */
function pathsOf({ likely, possible }: Trend): readonly Curve[] {
  const paths = possible.filter(({ bend }) => bend >= Math.min(0, likely.bend));
  return likely.bend > 0 ? [...paths, { ...likely, bend: 0 }] : paths;
}

interface Tops {
  /** Above the curve; those of most tops, and of half of all stretches. */
  readonly height: number;
  readonly usual: number;
  /** From any time to the next top: half of the time from top to top, unless there is one in each stretch. */
  readonly waitSeconds: number;
  readonly longestSeconds: number;
}

function topsOf(window: readonly Low[], curve: Curve, nowSeconds: number): Tops {
  // What is high in the first stretch may be of before the climb.
  const highs = window.slice(1).map(({ high, endMs }) => {
    const seconds = endMs / 1000;
    return { seconds, above: high - levelAt(curve, seconds - nowSeconds) };
  });
  const sorted = highs.map(({ above }) => above).toSorted((a, b) => a - b);
  const height = Math.max(0, sorted[Math.floor(sorted.length * TOP)] ?? 0);
  const usual = Math.max(0, sorted[Math.floor(sorted.length / 2)] ?? 0);
  const times = highs.flatMap(({ above, seconds }) => (above >= usual + (height - usual) * 0.8 ? seconds : []));
  const first = highs[0]?.seconds ?? nowSeconds;
  const spanSeconds = (highs.at(-1)?.seconds ?? nowSeconds) - first;
  const gaps = [...times, nowSeconds].map((seconds, i) => seconds - (times[i - 1] ?? first));
  return {
    height,
    usual,
    waitSeconds: (spanSeconds / Math.max(1, times.length) - spanSeconds / highs.length) / 2,
    longestSeconds: Math.max(...gaps),
  };
}

function levelAt({ level, perSecond, bend }: Curve, laterSeconds: number): number {
  return level + (bend === 0 ? perSecond * laterSeconds : (perSecond / bend) * Math.expm1(bend * laterSeconds));
}

/** `undefined`: it settles below. */
function reachedAfter({ level, perSecond, bend }: Curve, limit: number): number | undefined {
  const distance = limit - level;
  if (distance <= 0) return 0;
  if (bend === 0) return distance / perSecond;
  const grown = 1 + (bend * distance) / perSecond;
  return grown <= 0 ? undefined : Math.log(grown) / bend;
}
