/** A course that is at `level` and gains `perSecond` now, and whose pace grows by `bend` of itself in a second. */
export interface Curve {
  readonly level: number;
  readonly perSecond: number;
  readonly bend: number;
}

export interface Trend {
  /** The straight line where it may be one, else the best of the bent ones: where they are now. */
  readonly likely: Curve;
  readonly straight: Curve;
  /** The likely one, and those at the bounds of what the points allow. */
  readonly possible: readonly Curve[];
  readonly seconds: number;
  /** Standard deviation of the pace, and of a value around the curve. */
  readonly paceError: number;
  readonly spread: number;
}

export interface Timed {
  readonly seconds: number;
  readonly value: number;
}

/** Bends are looked for from a pace that falls to a 3,000th over the points to one that grows as much. */
const BENDS = [-4, -3, -2, -1, 0, 1, 2, 3, 4];
/** How many times the distance to the next bend is halved. */
const HALVINGS = 5;
/** In standard errors: within the first a bend may be noise, within the second it is possible. */
const MAY_BE_STRAIGHT = 3;
const POSSIBLE = 2;
const STEEPEST_BEND = 6;
/** How much less a handful of points says of its own spread than many do. */
const FEW = 8;

/**
 * Least squares over a family that holds linear and exponential growth as well as a settling: y = a + b (e^ku - 1) / k,
 * u in -1 .. 1. Neighbours that lie on the same side of the curve, as those of a staircase or a random walk do, say
 * less than as many independent points would: they count as fewer.
 */
export function trendOf(points: readonly Timed[], nowSeconds: number): Trend | undefined {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined || points.length < 5) return undefined;
  const half = (last.seconds - first.seconds) / 2;
  if (half <= 0) return undefined;
  const middle = first.seconds + half;
  const placed = points.map(({ seconds, value }) => ({ u: (seconds - middle) / half, value }));
  const straight = fitOf(placed, 0);
  const best = bestFit(placed);
  const n = points.length;
  const variance = best.squares / (n - 3);
  const independent = independentOf(placed.map(({ u, value }) => value - valueAt(best, u)));
  // How many squares a fit is allowed to be worse by, for a standard error.
  const allowed = (variance * n) / independent;
  const likely = straight.squares - best.squares <= MAY_BE_STRAIGHT ** 2 * allowed ? straight : best;
  const reach = POSSIBLE * Math.sqrt(allowed / sharpness(placed, best));
  const possible = [
    likely,
    ...[-reach, reach].map((by) => fitOf(placed, Math.max(-STEEPEST_BEND, Math.min(STEEPEST_BEND, best.k + by)))),
  ];
  const curveOf = (fit: Fit): Curve => {
    const now = (nowSeconds - middle) / half;
    return { level: valueAt(fit, now), perSecond: (fit.b * Math.exp(fit.k * now)) / half, bend: fit.k / half };
  };
  return {
    likely: curveOf(likely),
    straight: curveOf(straight),
    possible: possible.map(curveOf),
    seconds: 2 * half,
    paceError: Math.sqrt((3 * variance) / independent) / half,
    spread: Math.sqrt(variance),
  };
}

interface Placed {
  readonly u: number;
  readonly value: number;
}

interface Fit {
  readonly k: number;
  readonly a: number;
  readonly b: number;
  readonly squares: number;
}

function shapeAt(k: number, u: number): number {
  return Math.abs(k) < 1e-9 ? u : Math.expm1(k * u) / k;
}

function valueAt({ k, a, b }: Fit, u: number): number {
  return a + b * shapeAt(k, u);
}

function bestFit(placed: readonly Placed[]): Fit {
  let best = BENDS.map((k) => fitOf(placed, k)).reduce(closer);
  for (let halving = 1; halving <= HALVINGS; halving++) {
    const by = 0.5 ** halving;
    best = [fitOf(placed, best.k - by), fitOf(placed, best.k + by)].reduce(closer, best);
  }
  return best;
}

function closer(one: Fit, other: Fit): Fit {
  return other.squares < one.squares ? other : one;
}

/** How fast the squares grow with the square of the distance from the best bend. */
function sharpness(placed: readonly Placed[], { k, squares }: Fit): number {
  const by = 0.25;
  const beside = (fitOf(placed, k - by).squares + fitOf(placed, k + by).squares) / 2;
  return Math.max(Number.MIN_VALUE, (beside - squares) / by ** 2);
}

function fitOf(placed: readonly Placed[], k: number): Fit {
  const n = placed.length;
  const shapes = placed.map(({ u }) => shapeAt(k, u));
  let [x, y, xx, xy, yy] = [0, 0, 0, 0, 0];
  // Around the first value: the squares of kB are large numbers.
  const base = placed[0]?.value ?? 0;
  for (let i = 0; i < n; i++) {
    const [shape, value] = [shapes[i] ?? 0, (placed[i]?.value ?? 0) - base];
    x += shape;
    y += value;
    xx += shape * shape;
    xy += shape * value;
    yy += value * value;
  }
  const [sxx, sxy, syy] = [xx - (x * x) / n, xy - (x * y) / n, yy - (y * y) / n];
  const b = sxx === 0 ? 0 : sxy / sxx;
  return { k, a: base + (y - b * x) / n, b, squares: Math.max(0, syy - b * sxy) };
}

function independentOf(residuals: readonly number[]): number {
  const n = residuals.length;
  const products = residuals.slice(1).map((residual, i) => residual * (residuals[i] ?? 0));
  const raw = sum(products) / Math.max(Number.MIN_VALUE, sum(residuals.map((residual) => residual ** 2)));
  // What the fit itself takes away from it in so few points.
  const correlation = Math.min(0.95, Math.max(0, raw + (1 + 3 * raw) / n));
  const independent = Math.max(1, (n * (1 - correlation)) / (1 + correlation));
  return independent / (1 + FEW / (n - 3));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
