import { cpus } from 'node:os';

/** Share of all cores that was busy since the last time one asked, in per cent. */
export function createSystemCpu(): () => number | undefined {
  let last = busyAndTotal();
  return () => {
    const now = busyAndTotal();
    const total = now.total - last.total;
    const busy = now.busy - last.busy;
    last = now;
    return total > 0 ? Math.round((busy / total) * 1000) / 10 : undefined;
  };
}

function busyAndTotal(): { busy: number; total: number } {
  let busy = 0;
  let total = 0;
  for (const { times } of cpus()) {
    const used = times.user + times.nice + times.sys + times.irq;
    busy += used;
    total += used + times.idle;
  }
  return { busy, total };
}
