import { RECENT_POINTS, type Budget } from './forecast.ts';
import { LowsHistory } from './lowsHistory.ts';
import type { Point } from '../words/slope.ts';

/** How one quantity came to where it is. */
export class Course {
  readonly #lows = new LowsHistory();
  #recent: readonly Point[] = [];

  push(nowMs: number, value: number): void {
    this.#recent = [...this.#recent, { x: nowMs / 1000, y: value }].slice(-RECENT_POINTS);
    this.#lows.push(nowMs, value);
  }

  /** What a forecast knows of the way here. */
  get past(): Pick<Budget, 'recent' | 'scales'> {
    return { recent: this.#recent, scales: this.#lows.scales };
  }
}
