import type { Failures } from './failures.ts';
import { isRecord, numberOf, stringOf } from './json.ts';
import { isSafeName } from './sessionId.ts';
import { verdictFrom, type Verdict } from './verdict.ts';

/** One session's death, as its recorder tells it to the recorders of the others. */
export interface Death {
  readonly session_id: string;
  readonly dir_name: string;
  readonly ts: string;
  /** How long after `ts` it may have happened: nobody saw the end of a session whose recorder died with it. */
  readonly slack_seconds: number;
  readonly verdict: Verdict;
  /** The agent gave up because the network was gone. */
  readonly has_lost_network: boolean;
}

/**
 * Deaths this close to one another may have one cause. What ends several sessions at once reaches them within
 * milliseconds, but the kernel kills the members of a memory group one after another while the rest fill it again, and
 * recorders on a busy machine notice late; unrelated ends within two seconds are rare.
 */
export const WINDOW_MS = 2000;

/**
 * Whether an end is a death: not wanted, and not the agent's own doing. No deaths are a success, an end that its user
 * asked for, the time limit that its user set, a command that never ran, and an exit with a code, unless its
 * surroundings made it.
 */
export function isDeath({ outcome, cause, layer }: Verdict, failures: Failures | undefined): boolean {
  if (cause === 'timed_out' || cause === 'launch_failed') return false;
  if (outcome === 'died' || outcome === 'lost') return true;
  return outcome === 'failed' && (layer === 'environment' || hasLostNetwork(failures));
}

export function hasLostNetwork(failures: Failures | undefined): boolean {
  return failures?.ended_by === 'network';
}

/** The deaths that are linked to `own` by gaps of at most the window, in the order in which they happened. */
export function deathsWith<D extends { readonly atMs: number; readonly slackMs: number }>(
  own: D,
  all: readonly D[],
): readonly D[] {
  const sorted = all.toSorted((a, b) => a.atMs - b.atMs);
  const isLinked = (a: D, b: D): boolean => b.atMs - (a.atMs + a.slackMs) <= WINDOW_MS;
  let from = sorted.indexOf(own);
  let to = from;
  for (let next = sorted[from - 1]; next !== undefined; next = sorted[from - 1]) {
    const first = sorted[from];
    if (first === undefined || !isLinked(next, first)) break;
    from -= 1;
  }
  for (let next = sorted[to + 1]; next !== undefined; next = sorted[to + 1]) {
    const last = sorted[to];
    if (last === undefined || !isLinked(last, next)) break;
    to += 1;
  }
  return sorted.slice(Math.max(0, from), to + 1);
}

export function deathFrom(value: unknown): Death | undefined {
  if (!isRecord(value)) return undefined;
  const dirName = stringOf(value['dir_name']);
  const ts = stringOf(value['ts']);
  const verdict = verdictFrom(value['verdict']);
  if (dirName === undefined || !isSafeName(dirName) || ts === undefined || verdict === undefined) return undefined;
  return {
    session_id: stringOf(value['session_id']) ?? dirName,
    dir_name: dirName,
    ts,
    slack_seconds: Math.max(0, numberOf(value['slack_seconds']) ?? 0),
    verdict,
    has_lost_network: value['has_lost_network'] === true,
  };
}
