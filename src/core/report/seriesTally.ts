import type { Snapshot } from '../session/snapshot.ts';
import type { TreeSample } from '../session/tree.ts';

/** Of a longer series every second, fourth ... sample is kept to pick from: which of 4,096 nobody can tell in a table. */
const MOST_KEPT = 8192;

export interface SeriesPeaks {
  readonly rssKb: number | null;
  readonly treeRssKb: number | null;
  readonly fdRatio: number | null;
  readonly oomScore: number | null;
  readonly cpuPercent: number | null;
}

/** What a report tells of a series, gathered sample by sample: it is as large for three million as for a thousand. */
export class SeriesTally {
  #count = 0;
  #peaks: SeriesPeaks = { rssKb: null, treeRssKb: null, fdRatio: null, oomScore: null, cpuPercent: null };
  #kept: Snapshot[] = [];
  #keptEvery = 1;
  #first: Snapshot | undefined;
  #last: Snapshot | undefined;
  #fullest: TreeSample | undefined;

  get count(): number {
    return this.#count;
  }

  get first(): Snapshot | undefined {
    return this.#first;
  }

  get peaks(): SeriesPeaks {
    return this.#peaks;
  }

  /** The tree with the most processes; of several the earliest. */
  get fullest(): TreeSample | undefined {
    return this.#fullest;
  }

  addSnapshot(snapshot: Snapshot): void {
    this.#first ??= snapshot;
    this.#last = snapshot;
    if (this.#count % this.#keptEvery === 0) this.#keep(snapshot);
    this.#count += 1;
    const { fd_count: count, fd_soft_limit: limit, ours } = snapshot;
    const { rssKb, treeRssKb, fdRatio, oomScore, cpuPercent } = this.#peaks;
    this.#peaks = {
      rssKb: higher(rssKb, snapshot.vm_rss_kb),
      treeRssKb: higher(treeRssKb, ours?.tree_rss_kb),
      fdRatio: higher(fdRatio, count === undefined || limit === undefined || limit <= 0 ? undefined : count / limit),
      oomScore: higher(oomScore, snapshot.oom_score),
      cpuPercent: higher(cpuPercent, snapshot.cpu_percent),
    };
  }

  addTree(tree: TreeSample): void {
    if (tree.processes.length > (this.#fullest?.processes.length ?? 0)) this.#fullest = tree;
  }

  /** Evenly spread, the first and the last among them. */
  spread(wanted: number): readonly Snapshot[] {
    if (this.#count <= wanted) return this.#kept; // none was left out yet
    return Array.from({ length: wanted }, (_, n) => {
      const index = Math.round((n * (this.#count - 1)) / (wanted - 1));
      return index === this.#count - 1 ? this.#last : this.#kept[Math.round(index / this.#keptEvery)];
    }).filter((snapshot) => snapshot !== undefined);
  }

  #keep(snapshot: Snapshot): void {
    this.#kept.push(snapshot);
    if (this.#kept.length < MOST_KEPT) return;
    this.#kept = this.#kept.filter((_, index) => index % 2 === 0);
    this.#keptEvery *= 2;
  }
}

function higher(top: number | null, value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) && value > (top ?? -Infinity) ? value : top;
}
