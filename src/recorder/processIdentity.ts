import { readFileSync } from 'node:fs';

/** Which process, beyond doubt: pids are reused, and start times repeat after a reboot. */
export interface ProcessIdentity {
  readonly bootId: string;
  readonly pid: number;
  /** Clock ticks since boot on Linux; milliseconds since the epoch elsewhere. */
  readonly startTicks: number;
}

export function isSameProcess(a: ProcessIdentity, b: ProcessIdentity): boolean {
  return a.pid === b.pid && a.startTicks === b.startTicks && a.bootId === b.bootId;
}

/** The kernel's random id of this boot; `undefined` where the platform has none. */
export function readBootId(procRoot = '/proc'): string | undefined {
  try {
    return readFileSync(`${procRoot}/sys/kernel/random/boot_id`, 'utf8').trim();
  } catch {
    return undefined; // not Linux, or a /proc without sys (some sandboxes)
  }
}
