import { join } from 'node:path';
import type { LogRoot } from '../logs/logRoot.ts';
import { findSession } from '../logs/sessionFiles.ts';
import { readEnrollment, sessionDirs } from '../logs/sessionIndex.ts';
import { startTicksOf, statOf } from '../recorder/proc/ownProcess.ts';
import type { FoundSession } from '../sessions/readFound.ts';

/** Deeper than any tree of an agent. */
const MOST_ANCESTORS = 64;

/** From our parent upwards. */
export function ancestors(): readonly number[] {
  const found: number[] = [];
  for (let pid = process.ppid; pid > 1 && found.length < MOST_ANCESTORS; pid = statOf(pid)?.ppid ?? 0) found.push(pid);
  return found;
}

/** The running session whose agent is among our ancestors: the one of the agent that asks. */
export function ownSession(roots: readonly LogRoot[]): (FoundSession & { readonly pid: number }) | undefined {
  const above = ancestors();
  for (const root of roots) {
    for (const name of sessionDirs(root.running)) {
      const { pid, starttime_ticks: ticks, spawned } = readEnrollment(join(root.running, name)) ?? {};
      const identity = [{ pid, starttime_ticks: ticks }, spawned].find(
        (one) => one?.pid != null && above.includes(one.pid) && startTicksOf(one.pid) === one.starttime_ticks,
      );
      const place = identity?.pid == null ? undefined : findSession(root, name);
      if (identity?.pid != null && place !== undefined) return { root, place, pid: identity.pid };
    }
  }
  return undefined;
}
