import pidusage from 'pidusage';

export interface UsageReading {
  /** 100 is one core; over the time since the previous reading. */
  readonly cpuPercent: number;
  readonly memoryKb: number;
}

/** pidusage forgets a process it has not been asked about for this long, by default one minute: less than an interval. */
const MAX_AGE_MS = 24 * 3600 * 1000;

/**
 * CPU and memory of one process at a time, by pidusage. Its history, and on Linux an open descriptor, is keyed by the
 * pid alone: when the process behind the pid changes, the history must go, or the next figure mixes two processes.
 */
export class TrackedUsage {
  #pid: number | undefined;
  #startTicks: number | undefined;

  async read(pid: number, startTicks: number): Promise<UsageReading | undefined> {
    if (pid !== this.#pid || startTicks !== this.#startTicks) {
      if (this.#pid !== undefined) pidusage.clear();
      this.#pid = pid;
      this.#startTicks = startTicks;
    }
    try {
      const { cpu, memory } = await pidusage(pid, { maxage: MAX_AGE_MS });
      return { cpuPercent: oneDecimal(cpu), memoryKb: Math.round(memory / 1024) };
    } catch {
      return undefined; // gone between our reading and this one
    }
  }
}

export function oneDecimal(percent: number): number {
  return Number.isFinite(percent) ? Math.max(0, Math.round(percent * 10) / 10) : 0;
}
