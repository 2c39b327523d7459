import type { DeathFacts, ExitFacts } from './deathFacts.ts';

/**
 * Of two statuses the one that tells the session's end: the agent's own, unless it went well and the wrapper around it
 * did not: then something else did (timeout(1), the next command of a script).
 */
export function countedStatus(own: ExitFacts | undefined, outer: ExitFacts | undefined): ExitFacts | undefined {
  if (own === undefined || outer === undefined) return own ?? outer;
  return own.code === 0 && outer.code !== 0 ? outer : own;
}

/** Whether `exit` is the agent's own, and not that of a wrapper which may have its own reasons. */
export function isOwnStatus({ exit, notices, trackedPid, wrappersVia, isAgentSure }: DeathFacts): boolean {
  if (exit === undefined || isAgentSure === false) return false;
  const own = notices?.find(({ pid }) => pid === trackedPid);
  return own === undefined ? wrappersVia.length === 0 : isSameExit(own.exit, exit);
}

export function isSameExit(one: ExitFacts, other: ExitFacts): boolean {
  return one.code === other.code && one.signal === other.signal;
}
