import pidusage from 'pidusage';

export interface UsageReading {
  /** 100 is one core; over the time since the previous reading. */
  readonly cpuPercent: number;
  readonly memoryKb: number;
}

export type ReadUsage = (processes: readonly UsedProcess[]) => Promise<ReadonlyMap<number, UsageReading>>;

export interface UsedProcess {
  readonly pid: number;
  readonly startTicks: number;
}

/** pidusage forgets a process it has not been asked about for this long; by default a minute, less than an interval. */
const MAX_AGE_MS = 24 * 3600 * 1000;

/**
 * CPU and memory by pidusage, by pid; processes that are gone are left out. Its history, and on Linux an open
 * descriptor, is keyed by the pid alone: when another process has taken a pid over, the history must go, or the next
 * figure mixes the two.
 */
export function createUsageReader(): ReadUsage {
  const startTicksOf = new Map<number, number>();
  return async (processes) => {
    if (processes.some(({ pid, startTicks }) => (startTicksOf.get(pid) ?? startTicks) !== startTicks)) {
      pidusage.clear();
      startTicksOf.clear();
    }
    for (const { pid, startTicks } of processes) startTicksOf.set(pid, startTicks);
    return readingsOf(processes.map(({ pid }) => pid));
  };
}

async function readingsOf(pids: readonly number[]): Promise<ReadonlyMap<number, UsageReading>> {
  const readings = new Map<number, UsageReading>();
  if (pids.length === 0) return readings;
  try {
    const found: { readonly [pid: string]: pidusage.Status | undefined } = await pidusage([...pids], {
      maxage: MAX_AGE_MS,
    });
    for (const pid of pids) {
      const usage = found[pid]; // null or absent for one that is gone, whatever the type declares
      if (usage) readings.set(pid, { cpuPercent: oneDecimal(usage.cpu), memoryKb: Math.round(usage.memory / 1024) });
    }
  } catch {
    return readings; // it rejects when none of them is left
  }
  return readings;
}

export function oneDecimal(percent: number): number {
  return Number.isFinite(percent) ? Math.max(0, Math.round(percent * 10) / 10) : 0;
}
