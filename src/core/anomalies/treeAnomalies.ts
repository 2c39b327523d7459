import { GapWatch, StallWatch } from './activityAnomalies.ts';
import type { Anomaly } from '../session/anomaly.ts';
import { anomalyAt, type DetectorOptions, type Moment, type Sighting } from './detector.ts';
import { DiskWatch } from './diskAnomalies.ts';
import { GROWING, GrowthWatch } from './growthWatch.ts';
import { MemoryWatch } from './memoryAnomalies.ts';
import { isDead, ProcessWatch } from './processAnomalies.ts';
import type { Leftover } from '../session/session.ts';
import { sampledMs, type Snapshot } from '../session/snapshot.ts';

/** What only the whole tree and its surroundings show. Each condition speaks when it begins and when it gets worse. */
export class TreeDetector {
  readonly #pid: number | undefined;
  readonly #gap: GapWatch;
  readonly #stall = new StallWatch();
  readonly #memory = new MemoryWatch();
  readonly #disk = new DiskWatch();
  readonly #processes = new ProcessWatch();
  readonly #treeRss = new GrowthWatch(GROWING.treeMemory);
  readonly #processCount = new GrowthWatch(GROWING.processes);
  #last: Snapshot | undefined;

  constructor({ pid, intervalSeconds }: DetectorOptions) {
    this.#pid = pid;
    this.#gap = new GapWatch(intervalSeconds);
  }

  push({ snapshot, tree }: Moment): readonly Anomaly[] {
    this.#last = snapshot;
    const nowMs = sampledMs(snapshot);
    // A line without a time cannot be placed among the others.
    if (nowMs === undefined) return [];
    const sighting: Sighting = { snapshot, tree, nowMs, pid: snapshot.pid ?? this.#pid };
    const gap = this.#gap.push(sighting);
    const findings = [
      gap,
      this.#stall.push(sighting, gap !== undefined),
      ...this.#memory.push(sighting),
      this.#disk.push(sighting),
      ...this.#growth(sighting),
      ...this.#processes.push(sighting),
    ];
    return findings.flatMap((finding) => (finding === undefined ? [] : anomalyAt(snapshot, finding)));
  }

  finish(leftovers: readonly Leftover[]): readonly Anomaly[] {
    const last = this.#last;
    if (last === undefined || leftovers.length === 0) return [];
    const addedKb = leftovers.reduce((sum, { rss_kb }) => sum + (rss_kb ?? 0), 0);
    const detail = {
      process_count: leftovers.length,
      // Forks share what each of them has: together they hold no more than the tree that they are left of did.
      rss_kb: Math.min(addedKb, last.ours?.tree_rss_kb ?? addedKb),
      oldest_age_seconds: leftovers.reduce((oldest, { age_seconds }) => Math.max(oldest, age_seconds), 0),
    };
    const pid = last.pid ?? this.#pid;
    return [anomalyAt(last, { kind: 'leftover_processes', severity: 'warning', pid, detail })];
  }

  #growth({ snapshot, tree, nowMs, pid }: Sighting) {
    const at = { nowMs, seq: snapshot.seq, pid };
    const living = tree?.processes.filter((member) => !isDead(member)).length ?? snapshot.ours?.tree_process_count;
    return [
      this.#treeRss.push({ value: snapshot.ours?.tree_rss_kb, ...at }),
      this.#processCount.push({ value: living, ...at }),
    ];
  }
}
