import type { TreeMember, TreeSample } from '../../core/session/tree.ts';

/** A session of weeks has had millions of processes; who may still live, or was killed lately, is among the last. */
const MOST_KEPT = 20_000;

/** The members of a series' trees, each as it was seen last: at least the latest 20,000, at most twice as many. */
export class RecentMembers {
  #latest = new Map<number, TreeMember>();
  #earlier: ReadonlyMap<number, TreeMember> = new Map();

  add({ processes }: TreeSample): void {
    for (const member of processes) this.#latest.set(member.pid, member);
    if (this.#latest.size < MOST_KEPT) return;
    this.#earlier = this.#latest;
    this.#latest = new Map();
  }

  byPid(): ReadonlyMap<number, TreeMember> {
    return new Map([...this.#earlier, ...this.#latest]);
  }
}
