import type { Low } from './lowsHistory.ts';

/** A steady rise up to now. */
export interface SteadyRise {
  readonly startMs: number;
  readonly seconds: number;
  readonly from: number;
  readonly to: number;
}

/** Fewer points make a line too easily: eight random ones are that straight once in 2,000 times. */
const FEWEST_LOWS = 8;
const STRAIGHTNESS = 0.85;
/** Each quarter of a straight line brings 25 per cent of its rise; a warm-up or a jump leaves some with nothing. */
const LEAST_OF_A_QUARTER = 0.1;

/** The longest steady rise that ends with the last low and brings at least `leastRise`. */
export function steadyRiseOf(lows: readonly Low[], leastRise: number): SteadyRise | undefined {
  const last = lows.at(-1);
  if (last === undefined) return undefined;
  // The quick way out of nearly every call: nothing has risen.
  if (!lows.some((low) => last.value - low.value >= leastRise)) return undefined;
  for (let start = 0; start <= lows.length - FEWEST_LOWS; start++) {
    const window = lows.slice(start);
    const first = window[0];
    if (first === undefined) break;
    const floors = floorsOf(window);
    const from = floors[0] ?? last.value;
    if (last.value - from < leastRise) break; // later starts begin higher still
    if (isSteady(window, floors) && straightnessOf(window) >= STRAIGHTNESS) {
      return { startMs: first.startMs, seconds: (last.endMs - first.startMs) / 1000, from, to: last.value };
    }
  }
  return undefined;
}

/** For each low, the lowest from there on: what has been kept for good. */
function floorsOf(window: readonly Low[]): number[] {
  const floors: number[] = [];
  let floor = Number.POSITIVE_INFINITY;
  for (let i = window.length - 1; i >= 0; i--) {
    floor = Math.min(floor, window[i]?.value ?? floor);
    floors[i] = floor;
  }
  return floors;
}

function isSteady(window: readonly Low[], floors: readonly number[]): boolean {
  const startMs = window[0]?.startMs ?? 0;
  const quarterMs = ((window.at(-1)?.startMs ?? 0) - startMs) / 4;
  const total = (floors.at(-1) ?? 0) - (floors[0] ?? 0);
  let reached = floors[0] ?? 0;
  let i = 0;
  for (let quarter = 1; quarter <= 4; quarter++) {
    while (i < window.length - 1 && (window[i + 1]?.startMs ?? 0) <= startMs + quarter * quarterMs) i++;
    const floor = quarter === 4 ? (floors.at(-1) ?? 0) : (floors[i] ?? 0);
    if (floor - reached < total * LEAST_OF_A_QUARTER) return false;
    reached = floor;
  }
  return true;
}

/** r squared of the least-squares line. */
function straightnessOf(window: readonly Low[]): number {
  const n = window.length;
  const meanX = window.reduce((sum, low) => sum + low.startMs, 0) / n;
  const meanY = window.reduce((sum, low) => sum + low.value, 0) / n;
  let xx = 0;
  let yy = 0;
  let xy = 0;
  for (const low of window) {
    const x = low.startMs - meanX;
    const y = low.value - meanY;
    xx += x * x;
    yy += y * y;
    xy += x * y;
  }
  return xx === 0 || yy === 0 ? 0 : (xy * xy) / (xx * yy);
}
