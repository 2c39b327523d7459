import { setTimeout as delay } from 'node:timers/promises';

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

function trySignal(pid: number, signal: NodeJS.Signals): boolean {
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
