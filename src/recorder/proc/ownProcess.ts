import { readFileSync } from 'node:fs';
import type { Enrollment } from '../../core/session/session.ts';
import type { Claimant } from '../../logs/takeOver.ts';
import { parseStat, type ProcStat } from './procReader.ts';
import { readBootId } from './bootId.ts';

/** Who we are, in the words of enrollment.json. */
export function ownProcess(): Enrollment['recorder'] {
  return { pid: process.pid, starttime_ticks: startTicksOf(process.pid) ?? null };
}

export function ownClaimant(): Claimant {
  return { self: ownProcess(), bootId: readBootId() ?? '', isAlive: isProcessAlive };
}

/** When the process with this pid started, in clock ticks since the boot; `undefined` when there is none, or no /proc. */
export function startTicksOf(pid: number): number | undefined {
  const stat = statOf(pid);
  // A zombie's work is over: nothing of it runs any more.
  return stat?.state === 'zombie' || stat?.state === 'dead' ? undefined : stat?.startTicks;
}

export function statOf(pid: number): ProcStat | undefined {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return undefined; // gone
  }
}

/** Whether that very process runs: same boot, same pid, same start. Without /proc the pid alone must do. */
export function isProcessAlive(identity: Enrollment['recorder'], bootId: string): boolean {
  if (identity.pid <= 1) return false;
  if (process.platform === 'linux') {
    return bootId === readBootId() && startTicksOf(identity.pid) === identity.starttime_ticks;
  }
  try {
    process.kill(identity.pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // it is there, only not ours
  }
}
