import { spawnSync } from 'node:child_process';
import { constants } from 'node:os';
import type { Enrollment } from '../../core/session/session.ts';
import type { SignalTarget } from './endAgent.ts';
import { isProcessAlive } from '../proc/ownProcess.ts';

/*
 * Whom a file names, nobody signals for that alone: boot, pid and start time are looked at again right before each
 * signal. Between that look and kill(2) some microseconds stay, in which the number could pass to another process. The
 * native program closes them with a pidfd; node knows none.
 */

type ProcessIdentity = Enrollment['recorder'];

/** Neither everybody (-1), nor our group (0), nor init, nor ourselves, nor who started us. */
export function isSignalable(pid: number): boolean {
  return Number.isSafeInteger(pid) && pid > 1 && pid !== process.pid && pid !== process.ppid;
}

export interface Identification {
  readonly bootId: string;
  /** The native program; `undefined` where there is none. */
  readonly native: string | undefined;
}

/**
 * Processes, each only while it is still itself. Never a group: it is the caller's, and `run -- a | b` must not signal
 * `b`.
 */
export function checkedTarget(processes: () => readonly ProcessIdentity[], by: Identification): SignalTarget {
  return {
    signal: (signal) => {
      const live = processes().filter((identity) => isSignalable(identity.pid) && isProcessAlive(identity, by.bootId));
      if (live.length === 0) return false;
      return sentThroughPidfd(live, signal, by.native) ?? live.map(({ pid }) => trySignal(pid, signal)).includes(true);
    },
  };
}

/** A native program that cannot be started, or is kept from answering, must not keep us. */
const ANSWER_MS = 2000;

/** Whether any was sent; `undefined` where it cannot be done so: no native program, or a kernel without pidfds. */
function sentThroughPidfd(
  processes: readonly ProcessIdentity[],
  signal: NodeJS.Signals,
  native: string | undefined,
): boolean | undefined {
  if (native === undefined || process.platform !== 'linux') return undefined;
  const names = processes.flatMap(({ pid, starttime_ticks: startTicks }) => [`${pid}`, `${startTicks}`]);
  const { status } = spawnSync(native, ['signal', `${constants.signals[signal]}`, ...names], {
    stdio: 'ignore',
    timeout: ANSWER_MS,
  });
  return status === 0 ? true : status === 1 ? false : undefined;
}

function trySignal(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false; // ESRCH: gone; EPERM: not ours to signal. Either way nothing was sent
  }
}
