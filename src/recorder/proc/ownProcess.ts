import { readdirSync, readFileSync } from 'node:fs';
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
  // A zombie's work is over, unless only its first thread has ended.
  const isOver = stat?.state === 'zombie' || stat?.state === 'dead';
  return isOver && !hasOtherThreads(pid) ? undefined : stat?.startTicks;
}

/** A program whose main thread has left with pthread_exit shows as a zombie while its others work on. */
export function hasOtherThreads(pid: number): boolean {
  try {
    return readdirSync(`/proc/${pid}/task`).length > 1;
  } catch {
    return false; // gone
  }
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
