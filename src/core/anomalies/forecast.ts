import { arrivalOf, type Arrival } from './arrival.ts';
import { steadyRiseOf, type SteadyRise } from './steadyRise.ts';
import type { Low } from './lowsHistory.ts';
import type { Point } from '../words/slope.ts';

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
  /** What the last samples must have risen by to be believed without a long climb; without it they never are. */
  readonly leastRecentRise?: number;
}

/** When a budget is used up if it goes on as it does. */
export type Forecast = Arrival;

/** Two minutes of samples at the default interval. */
export const RECENT_POINTS = 24;
/** With more left than this, nobody asks. */
const LEAST_USED = 0.4;
/** In time, not in samples, which come faster the less is left. A compiler climbs for 20 s, a linker for less. */
const LEAST_CLIMB_SECONDS = 45;
const LEAST_RECENT_SECONDS = 10;
/** Nobody looks further ahead than this many times as far as they have looked back. */
const AHEAD = 4;
/** Of a climb, this much must lead higher than ever before; the rest may be the next tooth of a saw or the next build. */
const NEW_SHARE = 0.25;
/** Of a climb, this much may be given back within it: what is kept for good never comes down, a random walk does. */
const GIVEN_BACK = 0.1;

/** `undefined`: no end is in sight, or the rise is noise. */
export function forecastOf(budget: Budget): Forecast | undefined {
  if (usedRatio(budget) < LEAST_USED) return undefined;
  // Once: a reader of hours of samples makes them only when they are asked for.
  const { used, left, recent, scales } = budget;
  for (const { lows, leastRise, leastSeconds } of waysHere(budget, scales)) {
    const climb = steadyRiseOf(lows, leastRise);
    if (climb === undefined || climb.seconds < leastSeconds || isBackAgain(climb, scales)) continue;
    const window = lows.filter(({ startMs }) => startMs >= climb.startMs);
    if (givenBack(window, used) > GIVEN_BACK * (climb.to - climb.from)) continue;
    const arrival = arrivalOf(window, { used, limit: used + left, nowSeconds: recent.at(-1)?.x ?? 0 });
    if (arrival !== undefined && arrival.seconds <= AHEAD * climb.seconds) return arrival;
  }
  return undefined;
}

export function usedRatio({ used, left }: Pick<Budget, 'used' | 'left'>): number {
  return used + left <= 0 ? 0 : used / (used + left);
}

interface Way {
  readonly lows: readonly Low[];
  readonly leastRise: number;
  readonly leastSeconds: number;
}

function waysHere({ left, recent, leastRise, leastRecentRise }: Budget, scales: Budget['scales']): readonly Way[] {
  const least = Math.max(leastRise, left / AHEAD);
  const ways = scales.map((lows) => ({ lows, leastRise: least, leastSeconds: LEAST_CLIMB_SECONDS }));
  if (leastRecentRise === undefined) return ways;
  const lows = recent.map(({ x, y }) => ({ startMs: x * 1000, endMs: x * 1000, value: y, high: y }));
  return [{ lows, leastRise: Math.max(least, leastRecentRise), leastSeconds: LEAST_RECENT_SECONDS }, ...ways];
}

function isBackAgain({ startMs, from, to }: SteadyRise, scales: Budget['scales']): boolean {
  const known = to - (to - from) * NEW_SHARE;
  return scales.some((lows) => lows.some(({ endMs, value }) => endMs < startMs && value > known));
}

/** The most that came back down within the climb, up to now. */
function givenBack(window: readonly Low[], used: number): number {
  let [floor, most] = [used, 0];
  for (const { value } of window.toReversed()) {
    floor = Math.min(floor, value);
    most = Math.max(most, value - floor);
  }
  return most;
}
