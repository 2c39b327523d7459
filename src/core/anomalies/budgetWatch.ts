import type { Snapshot } from '../session/snapshot.ts';
import { budgetFields, type Limited } from './budgets.ts';
import { RECENT_POINTS, type Budget } from './forecast.ts';
import { LowsHistory } from './lowsHistory.ts';
import type { Point } from '../words/slope.ts';

/** How something that can run out came to where it is. */
export class BudgetWatch {
  readonly #limited: Limited;
  readonly #lows = new LowsHistory();
  #recent: readonly Point[] = [];

  constructor(limited: Limited) {
    this.#limited = limited;
  }

  /** `undefined` of a sample that does not tell. */
  push(snapshot: Snapshot, nowMs: number): Budget | undefined {
    const of = budgetFields(snapshot);
    const used = of(this.#limited.used);
    const left = this.#limited.left(of);
    if (used === undefined || left === undefined) return undefined;
    this.#recent = [...this.#recent, { x: nowMs / 1000, y: used }].slice(-RECENT_POINTS);
    this.#lows.push(nowMs, used);
    return { used, left, recent: this.#recent, scales: this.#lows.scales, ...this.#limited.leastRises(left) };
  }
}
