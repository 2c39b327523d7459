import type { ProcessRecord } from '../proc/sample.ts';
import type { Sampler } from '../proc/sampler.ts';
import { isProcessAlive } from '../proc/ownProcess.ts';
import { checkedTarget, type Identification } from './checkedTarget.ts';
import { endAgent } from './endAgent.ts';

/** What is about to end by itself may lose its parent a moment before. */
const LEFT_FOR_MS = 10_000;
const LOOK_EVERY_MS = 1000;

export interface ReaperOptions {
  readonly sampler: Pick<Sampler, 'members' | 'processes'>;
  readonly by: Identification;
  readonly graceMs: number;
  readonly tell: (process: ProcessRecord) => void;
}

/**
 * Ends, while the session still runs, what its processes left behind: by the rule of leftovers, whoever outlived the
 * process that started it. Never the agent, nor what has a parent in the session.
 */
export class Reaper {
  readonly #options: ReaperOptions;
  #leftSince = new Map<string, number>();
  readonly #ending = new Set<string>();
  #lookedMs = Number.NEGATIVE_INFINITY;

  constructor(options: ReaperOptions) {
    this.#options = options;
  }

  look(nowMs: number): void {
    if (nowMs - this.#lookedMs < LOOK_EVERY_MS) return;
    this.#lookedMs = nowMs;
    const { sampler } = this.#options;
    const pids = new Set(sampler.processes().map(({ pid }) => pid));
    const before = this.#leftSince;
    this.#leftSince = new Map();
    for (const process of sampler.members()) {
      if (pids.has(process.ppid)) continue;
      const identity = `${process.pid} ${process.startTicks}`;
      const sinceMs = before.get(identity) ?? nowMs;
      this.#leftSince.set(identity, sinceMs);
      if (nowMs - sinceMs < LEFT_FOR_MS || this.#ending.has(identity)) continue;
      this.#ending.add(identity);
      void this.#end(process);
    }
  }

  async #end(process: ProcessRecord): Promise<void> {
    const { by, graceMs, tell } = this.#options;
    const identity = { pid: process.pid, starttime_ticks: process.startTicks };
    tell(process);
    await endAgent(
      checkedTarget(() => [identity], by),
      graceMs,
      () => !isProcessAlive(identity, by.bootId),
    );
  }
}
