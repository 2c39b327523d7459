import { isSessionId, newSessionId } from '../core/sessionId.ts';
import { findSession, type SessionPlace } from '../logs/sessionFiles.ts';
import { randomBytes } from 'node:crypto';
import { onlyPositional, type Arguments } from './arguments.ts';
import { chosenRoot } from './chosenRoot.ts';
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

/** The session that the command is about. */
export function namedSession(context: CommandContext): SessionPlace {
  const id = checkedId(onlyPositional(context.args, 'session'));
  const root = chosenRoot(context);
  const place = findSession(root, id);
  if (place !== undefined) return place;
  throw new CommandError(
    `There is no session ${id} in ${root.path}. \`session-diagnostics list\` names those there are.`,
  );
}
