import { LIMITED } from './budgets.ts';
import { BudgetWatch } from './budgetWatch.ts';
import { MemoryBudgets } from './memoryBudgets.ts';
import { rankedForecast, type RankedForecast } from './rankedForecast.ts';
import type { Budget } from './forecast.ts';
import type { Snapshot } from '../session/snapshot.ts';
import { msFromIso } from '../words/time.ts';

export interface PresentForecast extends RankedForecast {
  readonly resource: 'memory' | 'disk';
}

/**
 * What runs out first if all goes on as it does, whenever somebody asks. (The detector tells it once, when it becomes
 * true.)
 */
export class ForecastKeeper {
  readonly #memory = new MemoryBudgets();
  readonly #disk = new BudgetWatch(LIMITED.disk);
  #budgets: readonly (readonly [PresentForecast['resource'], Budget])[] = [];

  push(snapshot: Snapshot): void {
    const nowMs = msFromIso(snapshot.captured_at);
    if (nowMs === undefined) return;
    const disk = this.#disk.push(snapshot, nowMs);
    this.#budgets = [
      ...this.#memory.push({ snapshot, nowMs }).map((budget) => ['memory', budget] as const),
      ...(disk === undefined ? [] : [['disk', disk] as const]),
    ];
  }

  soonest(): PresentForecast | undefined {
    return this.#budgets
      .flatMap(([resource, budget]) => {
        const forecast = rankedForecast(budget);
        return forecast === undefined ? [] : [{ resource, ...forecast }];
      })
      .toSorted((a, b) => a.seconds_to_limit - b.seconds_to_limit)[0];
  }
}
