import { Course } from './course.ts';
import type { Sighting } from './detector.ts';
import type { Budget } from './forecast.ts';

/** Less than this is what any program takes and gives back. */
const LEAST_RISE_KB = 16 * 1024;

/** What of its memory group, and of the machine, a session has taken and has left, with the way there. */
export class MemoryBudgets {
  #group = new Course();
  readonly #tree = new Course();
  #limitKb: number | undefined;

  push({ snapshot, nowMs }: Pick<Sighting, 'snapshot' | 'nowMs'>): readonly Budget[] {
    const { cgroup_memory_kb, cgroup_memory_limit_kb, tree_rss_kb, mem_available_kb } = snapshot.ours ?? {};
    const budgets: Budget[] = [];
    // Another limit is another group: its use says nothing about the slope so far.
    if (cgroup_memory_limit_kb !== this.#limitKb) this.#group = new Course();
    this.#limitKb = cgroup_memory_limit_kb;
    if (cgroup_memory_kb !== undefined && cgroup_memory_limit_kb !== undefined) {
      this.#group.push(nowMs, cgroup_memory_kb);
      const left = Math.max(0, cgroup_memory_limit_kb - cgroup_memory_kb);
      budgets.push({ used: cgroup_memory_kb, left, ...this.#group.past, leastRise: LEAST_RISE_KB });
    }
    if (tree_rss_kb !== undefined && mem_available_kb !== undefined) {
      this.#tree.push(nowMs, tree_rss_kb);
      budgets.push({ used: tree_rss_kb, left: mem_available_kb, ...this.#tree.past, leastRise: LEAST_RISE_KB });
    }
    return budgets;
  }
}
