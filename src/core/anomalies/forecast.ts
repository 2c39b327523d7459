import { climbOf } from './climb.ts';
import type { Low } from './lowsHistory.ts';
import { slopeOf, type Point, type Slope } from '../words/slope.ts';

/** What one resource can hold, how much of it is taken, and how it came to that. */
export interface Budget {
  readonly used: number;
  readonly left: number;
  /** The last samples; x in seconds. */
  readonly recent: readonly Point[];
  /** The way there at several widths, the narrowest first. */
  readonly scales: readonly (readonly Low[])[];
  /** A smaller rise is no climb. */
  readonly leastRise: number;
  /** What the last samples must have risen by to be believed without a long climb; without it any rise will do. */
  readonly leastRecentRise?: number;
}

/** When a budget is used up if it goes on as it does. */
export interface Forecast {
  readonly perSecond: number;
  readonly seconds: number;
  /** At the fastest and at the slowest slope that the samples allow with 99 per cent confidence. */
  readonly earliestSeconds: number;
  readonly latestSeconds: number;
}

/** Two minutes of samples at the default interval; 276 pairs at most, and only when it is getting short. */
export const RECENT_POINTS = 24;
const FEWEST_POINTS = 6;
/** Most of it being taken is what tells a leak from a build, which climbs as fast and stops. */
const MOSTLY_USED = 0.6;
const HORIZON_SECONDS = 1800;
/** With more left than this, only a climb that has gone on for long enough is believed. */
const HALF_USED = 0.4;
/** A compiler climbs for 20 s, a linker for less. */
const LEAST_CLIMB_SECONDS = 45;
/** Nobody looks further ahead than this many times as far as they have looked back. */
const AHEAD = 4;

/** `undefined`: no end is in sight, or the slope is noise. */
export function forecastOf(budget: Budget): Forecast | undefined {
  const { used, left, recent } = budget;
  const ratio = usedRatio(budget);
  if (ratio >= MOSTLY_USED) {
    const hasRisen = used - (recent[0]?.y ?? used) >= (budget.leastRecentRise ?? 0);
    const slope = hasRisen ? recentSlope(recent) : undefined;
    if (slope !== undefined && left / slope.low <= HORIZON_SECONDS) return reached(left, slope);
  }
  if (ratio < HALF_USED) return undefined;
  for (const lows of budget.scales) {
    const slope = steadySlope(lows, { used, leastRise: Math.max(budget.leastRise, left / AHEAD) });
    if (slope !== undefined) return reached(left, slope);
  }
  return undefined;
}

export function usedRatio({ used, left }: Pick<Budget, 'used' | 'left'>): number {
  return used + left <= 0 ? 0 : used / (used + left);
}

function reached(left: number, { median, low, high }: Slope): Forecast {
  return { perSecond: median, seconds: left / median, earliestSeconds: left / high, latestSeconds: left / low };
}

/**
 * The slowest slope over two windows: after a step, such as the beginning of a build, the longer window still sees a
 * rise where the shorter one sees that it has ended.
 */
function recentSlope(points: readonly Point[]): Slope | undefined {
  const last = points.at(-1);
  // What has come back down is not on its way to the limit.
  if (last === undefined || points.length < FEWEST_POINTS || points.some(({ y }) => y > last.y)) return undefined;
  const whole = slopeOf(points);
  const half = slopeOf(points.slice(-Math.max(FEWEST_POINTS, points.length / 2)));
  if (whole === undefined || half === undefined || whole.low <= 0 || half.low <= 0) return undefined;
  return half.low < whole.low ? half : whole;
}

/** Of a climb that goes on: what a program keeps for good, whatever it takes and gives back in between. */
function steadySlope(
  lows: readonly Low[],
  { used, leastRise }: { readonly used: number; readonly leastRise: number },
): Slope | undefined {
  const climb = climbOf(lows, leastRise);
  if (climb === undefined || climb.seconds < LEAST_CLIMB_SECONDS || used < climb.to) return undefined;
  const points = lows.flatMap(({ startMs, value }) => (startMs < climb.startMs ? [] : { x: startMs / 1000, y: value }));
  const whole = slopeOf(points);
  const half = slopeOf(points.slice(-points.length / 2));
  // The second half at less than half the pace is a climb that comes to its end.
  const isSlowing = whole === undefined || half === undefined || half.median < whole.median / 2;
  return isSlowing || whole.low <= 0 ? undefined : whole;
}
