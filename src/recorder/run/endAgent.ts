import { setTimeout as delay } from 'node:timers/promises';
import { isProcessAlive } from '../proc/ownProcess.ts';
import type { Sampler } from '../proc/sampler.ts';

/** What can be signalled: a process group that we started, or a process that we attached to. */
export interface SignalTarget {
  /** False when nothing is there to be signalled any more. */
  signal(signal: NodeJS.Signals): boolean;
}

/** A group led by a process that we spawned; Windows has no groups, so there the process alone. */
export function groupTarget(leaderPid: number): SignalTarget {
  const pid = process.platform === 'win32' ? leaderPid : -leaderPid;
  return { signal: (signal) => trySignal(pid, signal) };
}

/**
 * Every process of a session, each only while it is still itself. The group is the caller's: `run -- a | b` must never
 * signal `b`, so a group is never signalled as a whole.
 */
export function treeTarget(sampler: Pick<Sampler, 'processes'>, bootId: string): SignalTarget {
  return {
    signal: (signal) => {
      const live = sampler.processes().filter((identity) => isProcessAlive(identity, bootId));
      return live.map(({ pid }) => trySignal(pid, signal)).includes(true);
    },
  };
}

/** One process, signalled only while `isSame` says that its pid is still its own. */
export function processTarget(pid: number, isSame: () => boolean): SignalTarget {
  return { signal: (signal) => isSame() && trySignal(pid, signal) };
}

function trySignal(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false; // ESRCH: gone; EPERM: not ours to signal. Either way nothing was sent
  }
}

/** TERM, a time of grace, KILL. Resolves when the target is gone or has been sent KILL. */
export async function endAgent(target: SignalTarget, graceMs: number, isGone: () => boolean): Promise<void> {
  if (!target.signal('SIGTERM')) return;
  const deadline = performance.now() + graceMs;
  while (performance.now() < deadline) {
    if (isGone()) return;
    await delay(25);
  }
  target.signal('SIGKILL');
}
