import type { Failures } from '../session/failures.ts';
import { isRecord, numberOf, stringOf } from '../words/json.ts';
import { isSafeName } from '../words/sessionId.ts';
import { verdictFrom, type Verdict } from '../session/verdict.ts';

/** One session's death, as its recorder tells it to the recorders of the others. */
export interface Death {
  readonly session_id: string;
  readonly dir_name: string;
  readonly ts: string;
  /** How long after `ts` it may have happened, of a session that went down with its machine; 0 for all others. */
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
  return (outcome === 'failed' || outcome === 'incomplete') && (layer === 'environment' || hasLostNetwork(failures));
}

export function hasLostNetwork(failures: Failures | undefined): boolean {
  return failures?.ended_by === 'network';
}

/** The deaths that are linked to `own`, directly or through others, in the order in which they happened. */
export function deathsWith<D extends Sighted>(own: D, all: readonly D[]): readonly D[] {
  const linked = new Set([own]);
  // A set is walked in the order of its growth: what is added meanwhile is looked at too.
  for (const one of linked) for (const other of all) if (isLinked(one, other)) linked.add(other);
  return [...linked].sort((a, b) => a.atMs - b.atMs);
}

/**
 * Slack links only two that both have it, as one that was seen to end ended then. Slack on one side called deaths of
 * 4.7 s apart simultaneous: an interval in which somebody may have died says nothing of when the others did.
 */
function isLinked(a: Sighted, b: Sighted): boolean {
  const [first, second] = a.atMs <= b.atMs ? [a, b] : [b, a];
  const slackMs = second.slackMs > 0 ? first.slackMs : 0;
  return second.atMs - first.atMs <= WINDOW_MS + slackMs;
}

interface Sighted {
  readonly atMs: number;
  readonly slackMs: number;
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
