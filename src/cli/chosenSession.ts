import { isTraceName } from '../core/session/devboyTrace.ts';
import { outcomeOf } from '../core/session/summaryVerdict.ts';
import { nearestWord } from '../core/words/nearestWord.ts';
import { isSessionId, newSessionId } from '../core/words/sessionId.ts';
import { BAD_OUTCOMES } from '../core/words/vocabulary.ts';
import { msFromIso } from '../core/words/time.ts';
import type { LogRoot } from '../logs/logRoot.ts';
import { findSession } from '../logs/sessionFiles.ts';
import { TRACE_FILE } from '../logs/series.ts';
import { listSessions, SUMMARY_FILE, type ListedSession } from '../logs/sessionIndex.ts';
import type { FoundSession } from '../sessions/readFound.ts';
import { randomBytes } from 'node:crypto';
import { onlyPositional, type Arguments } from './arguments.ts';
import { searchedRoots } from './chosenRoot.ts';
import type { CommandContext } from './command.ts';
import { CommandError, UsageError } from './failure.ts';
import { clipped, printable } from './terminal.ts';

/** The id for a new session: the caller's, checked, or a fresh one. */
export function newId(args: Arguments): string {
  const given = args.text('id');
  if (given === undefined) return newSessionId(new Date().toISOString(), randomBytes(4).toString('hex'));
  return checkedId(given);
}

/** What a person types as an id becomes part of a path only after this. */
export function checkedId(id: string): string {
  if (isSessionId(id)) return id;
  throw new UsageError(
    `"${clipped(printable(id), 40)}" is no session id: letters, digits, dots, hyphens and underscores, at most 128, beginning with a letter or digit, no two dots in a row.`,
  );
}

/** By its id or, for a command that only looks, by how its id begins. */
export function foundSession(context: CommandContext, given: string, { isPrefixEnough = false } = {}): FoundSession {
  const opened = context.opened.get(given);
  if (opened !== undefined) return opened;
  const roots = searchedRoots(context);
  for (const root of roots) {
    // Other writers' names are theirs to choose, within what `isSafeName` says.
    const place = findSession(root, given);
    if (place !== undefined) return { root, place };
  }
  if (given === LAST) return newestEnded(roots, () => true) ?? noneEnded(roots);
  if (isPrefixEnough && /[\\/]/.test(given) && !isTraceName(given)) throw new UsageError(noFolder(given));
  const id = isTraceName(given) ? given : checkedId(given);
  const all = roots.flatMap((root) => listSessions(root).map(({ dir_name: name }) => ({ root, name })));
  const begun = all.filter(({ name }) => name.startsWith(id));
  const [first, ...others] = isPrefixEnough ? begun : [];
  if (others.length > 0) throw new UsageError(beginsSeveral(id, begun));
  const place = first === undefined ? undefined : findSession(first.root, first.name);
  if (first !== undefined && place !== undefined) return { root: first.root, place };
  const names = [LAST, ...all.map(({ name }) => name)];
  const meant = begun.length > 1 ? undefined : (begun[0]?.name ?? nearestWord(id, names));
  const guess = meant === undefined ? '' : ` Did you mean ${printable(meant)}?`;
  throw new CommandError(
    `There is no session ${id} in ${roots[0]?.path}.${guess} Run \`session-diagnostics list\` to see them.`,
  );
}

function noFolder(given: string): string {
  return `There is no session in ${clipped(printable(given), 200)}: a session's folder holds ${SUMMARY_FILE} or ${TRACE_FILE}.`;
}

/** Names that are told at once; a list has them all. */
const MOST_NAMES = 5;

function beginsSeveral(id: string, begun: readonly { readonly name: string }[]): string {
  const told = begun.slice(0, MOST_NAMES).map(({ name }) => printable(name));
  const more = begun.length > MOST_NAMES ? ` and ${begun.length - MOST_NAMES} more` : '';
  return `"${id}" begins the ids of ${begun.length} sessions: ${told.join(', ')}${more}. Give more of it.`;
}

/** The newest that has ended, unless a session bears that very name. */
const LAST = 'last';

function newestEnded(
  roots: readonly LogRoot[],
  isWanted: (session: ListedSession) => boolean,
): FoundSession | undefined {
  const ended = roots.flatMap((root) =>
    listSessions(root)
      .filter((session) => session.state === 'finished' && isWanted(session))
      .map((session) => ({ root, name: session.dir_name, endMs: endMsOf(session) })),
  );
  for (const { root, name } of ended.sort((a, b) => b.endMs - a.endMs)) {
    const place = findSession(root, name);
    if (place !== undefined) return { root, place };
  }
  return undefined;
}

function endMsOf({ timestamp, duration_seconds: seconds }: ListedSession): number {
  return (msFromIso(timestamp) ?? 0) + (seconds ?? 0) * 1000;
}

function noneEnded(roots: readonly LogRoot[]): never {
  throw new CommandError(`No session has ended in ${roots[0]?.path} yet.`);
}

/** The session that the command is about. */
export function namedSession(context: CommandContext, found = {}): FoundSession {
  return foundSession(context, onlyPositional(context.args, 'session'), found);
}

/** The same of a command that only looks: the beginning of an id will do and, without one, the newest that ended badly. */
export function lookedAtSession(context: CommandContext): FoundSession {
  if (context.args.positionals.length > 0) return namedSession(context, { isPrefixEnough: true });
  const roots = searchedRoots(context);
  const bad = newestEnded(roots, (session) => BAD_OUTCOMES.has(outcomeOf(session)));
  if (bad !== undefined) return bad;
  if (newestEnded(roots, () => true) === undefined) noneEnded(roots);
  throw new CommandError(
    `No session in ${roots[0]?.path} has ended badly. The newest of all: session-diagnostics show last.`,
  );
}
