import { isTraceName } from '../core/session/devboyTrace.ts';
import { isSessionId, newSessionId } from '../core/words/sessionId.ts';
import { findSession } from '../logs/sessionFiles.ts';
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
  const roots = searchedRoots(context);
  for (const root of roots) {
    // Other writers' names are theirs to choose, within what `isSafeName` says.
    const place = findSession(root, given);
    if (place !== undefined) return { root, place };
  }
  const id = isTraceName(given) ? given : checkedId(given);
  throw new CommandError(
    `There is no session ${id} in ${roots[0]?.path}. Run \`session-diagnostics list\` to see them.`,
  );
}

/** The session that the command is about. */
export function namedSession(context: CommandContext): FoundSession {
  return foundSession(context, onlyPositional(context.args, 'session'));
}
