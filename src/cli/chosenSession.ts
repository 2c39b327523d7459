import { isTraceName } from '../core/session/devboyTrace.ts';
import { isSessionId, newSessionId } from '../core/words/sessionId.ts';
import type { LogRoot } from '../logs/logRoot.ts';
import { findSession } from '../logs/sessionFiles.ts';
import { listSessions } from '../logs/sessionIndex.ts';
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

export function foundSession(context: CommandContext, given: string): FoundSession {
  const opened = context.opened.get(given);
  if (opened !== undefined) return opened;
  const roots = searchedRoots(context);
  for (const root of roots) {
    // Other writers' names are theirs to choose, within what `isSafeName` says.
    const place = findSession(root, given);
    if (place !== undefined) return { root, place };
  }
  if (given === LAST) return lastEnded(roots);
  const id = isTraceName(given) ? given : checkedId(given);
  throw new CommandError(
    `There is no session ${id} in ${roots[0]?.path}. Run \`session-diagnostics list\` to see them.`,
  );
}

/** The newest that has ended, unless a session bears that very name. */
const LAST = 'last';

function lastEnded(roots: readonly LogRoot[]): FoundSession {
  const ended = roots.flatMap((root) => {
    const newest = listSessions(root).find(({ state }) => state === 'finished');
    return newest === undefined ? [] : [{ root, newest }];
  });
  ended.sort((a, b) => (a.newest.timestamp < b.newest.timestamp ? 1 : -1));
  for (const { root, newest } of ended) {
    const place = findSession(root, newest.dir_name);
    if (place !== undefined) return { root, place };
  }
  throw new CommandError(`No session has ended in ${roots[0]?.path} yet.`);
}

/** The session that the command is about. */
export function namedSession(context: CommandContext): FoundSession {
  return foundSession(context, onlyPositional(context.args, 'session'));
}
