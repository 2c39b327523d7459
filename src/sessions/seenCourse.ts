import type { ComparedProcess, MemoryPoint } from '../core/compare/comparedSession.ts';
import { sampledMs, type Snapshot } from '../core/session/snapshot.ts';
import type { TreeSample } from '../core/session/tree.ts';
import { msFromIso } from '../core/words/time.ts';

interface Seen {
  readonly pid: number;
  readonly startTicks: number | undefined;
  readonly comm: string | undefined;
  readonly firstMs: number;
  lastMs: number;
  peakKb: number;
  samples: number;
}

/** A session of weeks has had millions of processes: of more than these the newest are left out. */
const MOST_PROCESSES = 50_000;
const MOST_POINTS = 20_000;
const POINT_MS = 1000;

/** What a session's samples show of its processes and its memory, gathered sample by sample. */
export class SeenCourse {
  readonly #seen = new Map<string, Seen>();
  readonly #points: { readonly ms: number; readonly kb: number }[] = [];
  firstMs: number | undefined;
  memoryLimitKb: number | null | undefined;

  addSnapshot(snapshot: Snapshot): void {
    const ms = sampledMs(snapshot);
    // After its end the group that is read may be its parent's.
    if (ms === undefined || snapshot.event === 'exit_snapshot') return;
    this.firstMs ??= ms;
    const { ours } = snapshot;
    if (ours !== undefined) this.memoryLimitKb = ours.cgroup_memory_limit_kb ?? null;
    const kb = ours?.tree_rss_kb ?? snapshot.vm_rss_kb;
    const isDue = ms - (this.#points.at(-1)?.ms ?? 0) >= POINT_MS && this.#points.length < MOST_POINTS;
    if (kb !== undefined && isDue) this.#points.push({ ms, kb });
  }

  addTree({ ts, processes }: TreeSample): void {
    const ms = msFromIso(ts);
    if (ms === undefined) return;
    for (const { pid, start_ticks: startTicks, comm, rss_kb: rssKb } of processes) {
      const key = `${pid} ${startTicks}`;
      const known = this.#seen.get(key);
      if (known !== undefined) {
        known.lastMs = ms;
        known.peakKb = Math.max(known.peakKb, rssKb ?? 0);
        known.samples += 1;
      } else if (this.#seen.size < MOST_PROCESSES) {
        this.#seen.set(key, { pid, startTicks, comm, firstMs: ms, lastMs: ms, peakKb: rssKb ?? 0, samples: 1 });
      }
    }
  }

  /** By command or, where none was written, by name; of several of one command the longest and the largest. */
  processes(
    commandOf: (pid: number, startTicks: number | undefined) => string | undefined,
    startMs: number,
  ): readonly ComparedProcess[] {
    const byCommand = new Map<string, ComparedProcess>();
    for (const { pid, startTicks, comm, firstMs, lastMs, peakKb, samples } of this.#seen.values()) {
      const command = commandOf(pid, startTicks) ?? comm ?? '';
      const known = byCommand.get(command);
      byCommand.set(command, {
        command,
        at: known?.at ?? (firstMs - startMs) / 1000,
        seconds: Math.max(known?.seconds ?? 0, (lastMs - firstMs) / 1000),
        peakKb: Math.max(known?.peakKb ?? 0, peakKb),
        samples: Math.max(known?.samples ?? 0, samples),
      });
    }
    return [...byCommand.values()].filter(({ command }) => command !== '');
  }

  memory(startMs: number): readonly MemoryPoint[] {
    return this.#points.map(({ ms, kb }) => ({ at: (ms - startMs) / 1000, kb }));
  }
}
