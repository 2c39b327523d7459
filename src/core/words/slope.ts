export interface Point {
  readonly x: number;
  readonly y: number;
}

/**
 * The Theil-Sen slope (Sen 1968): the median of the slopes between all pairs, which up to 29 per cent of outliers
 * cannot move.
 */
export function medianSlope(points: readonly Point[]): number | undefined {
  const slopes: number[] = [];
  for (const [i, a] of points.entries()) {
    for (const b of points.slice(i + 1)) if (a.x !== b.x) slopes.push((b.y - a.y) / (b.x - a.x));
  }
  return slopes.toSorted((a, b) => a - b)[Math.floor((slopes.length - 1) / 2)];
}
