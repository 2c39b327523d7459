export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Slope {
  readonly median: number;
  /** The bounds within which the true slope lies with 99 per cent confidence. */
  readonly low: number;
  readonly high: number;
}

/** Two-sided 99 per cent of the normal distribution: a session asks hundreds of times. */
const Z = 2.576;

/**
 * The Theil-Sen slope with Sen's confidence interval (Sen 1968): the median of the slopes between all pairs, which up
 * to 29 per cent of outliers cannot move. Where the interval holds 0 there is no trend, only noise.
 */
export function slopeOf(points: readonly Point[]): Slope | undefined {
  const slopes: number[] = [];
  for (const [i, a] of points.entries()) {
    for (const b of points.slice(i + 1)) if (a.x !== b.x) slopes.push((b.y - a.y) / (b.x - a.x));
  }
  if (slopes.length === 0) return undefined;
  slopes.sort((a, b) => a - b);
  const n = points.length;
  const spread = Z * Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18);
  const at = (rank: number): number => slopes[Math.min(slopes.length - 1, Math.max(0, rank))] ?? 0;
  return {
    median: at(Math.floor((slopes.length - 1) / 2)),
    low: at(Math.floor((slopes.length - spread) / 2) - 1),
    high: at(Math.ceil((slopes.length + spread) / 2)),
  };
}
