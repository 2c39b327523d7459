import { LIMITED } from './budgets.ts';
import { BudgetWatch } from './budgetWatch.ts';
import type { Sighting } from './detector.ts';
import type { Budget } from './forecast.ts';

/** What of its memory group, and of the machine, a session has taken and has left, with the way there. */
export class MemoryBudgets {
  #group = new BudgetWatch(LIMITED.group);
  readonly #tree = new BudgetWatch(LIMITED.machine);
  #limitKb: number | undefined;

  push({ snapshot, nowMs }: Pick<Sighting, 'snapshot' | 'nowMs'>): readonly Budget[] {
    const limitKb = snapshot.ours?.cgroup_memory_limit_kb;
    // Another limit is another group: its use says nothing about the slope so far.
    if (limitKb !== this.#limitKb) this.#group = new BudgetWatch(LIMITED.group);
    this.#limitKb = limitKb;
    return [this.#group, this.#tree].flatMap((watch) => watch.push(snapshot, nowMs) ?? []);
  }
}
