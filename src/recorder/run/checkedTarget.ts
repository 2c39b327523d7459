import { readFileSync } from 'node:fs';
import type { Enrollment } from '../../core/session/session.ts';
import type { SignalTarget } from './endAgent.ts';
import { isProcessAlive } from '../proc/ownProcess.ts';
import { parseStat } from '../proc/procReader.ts';

/*
 * Whom a file names, nobody signals for that alone: boot, pid and start time are looked at again right before each
 * signal. Between that look and the kill some microseconds stay, in which the number could pass to another process: node
 * knows no pidfd, which would close them.
 */

type ProcessIdentity = Enrollment['recorder'];

/** Neither everybody (-1), nor our group (0), nor init, nor ourselves, nor who started us. */
export function isSignalable(pid: number): boolean {
  return Number.isSafeInteger(pid) && pid > 1 && pid !== process.pid && pid !== process.ppid;
}

/** One process. */
export function checkedProcess(identity: ProcessIdentity, bootId: string): SignalTarget {
  return {
    signal: (signal) =>
      isSignalable(identity.pid) && isProcessAlive(identity, bootId) && trySignal(identity.pid, signal),
  };
}

/**
 * The group of a process that an earlier recorder started. As long as its leader lives it is the leader's; of a leader
 * that ended under our eyes the kernel keeps the number while the group has members, and then nobody leads it.
 */
export function checkedGroup(leader: ProcessIdentity, bootId: string): SignalTarget {
  let wasSeen = false;
  const isStillOurs = (): boolean => {
    if (isProcessAlive(leader, bootId)) {
      wasSeen = true;
      return process.platform !== 'linux' || groupOf(leader.pid) === leader.pid;
    }
    return wasSeen && groupOf(leader.pid) === undefined;
  };
  return {
    signal: (signal) => {
      if (!isSignalable(leader.pid) || leader.pid === groupOf(process.pid) || !isStillOurs()) return false;
      return trySignal(process.platform === 'win32' ? leader.pid : -leader.pid, signal);
    },
  };
}

/** `undefined` when there is no such process; a zombie is still in its group, and so keeps its number. */
function groupOf(pid: number): number | undefined {
  try {
    const stat = parseStat(readFileSync(`/proc/${pid}/stat`, 'latin1'));
    return stat === undefined || stat.state === 'zombie' ? undefined : stat.pgid;
  } catch {
    return undefined; // gone, or no /proc
  }
}

function trySignal(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false; // ESRCH: gone; EPERM: not ours to signal. Either way nothing was sent
  }
}
