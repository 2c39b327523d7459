import {
  ALL_OF_THEM,
  DEFAULT_MAX_SESSIONS,
  pruneSessions,
  removeSession,
  sessionsToPrune,
} from '../../logs/retention.ts';
import type { LogRoot } from '../../logs/logRoot.ts';
import { unwritable } from '../../logs/owners.ts';
import { findSession } from '../../logs/sessionFiles.ts';
import { checkedId } from '../chosenSession.ts';
import { chosenRoot } from '../chosenRoot.ts';
import type { Command } from '../command.ts';
import { CommandError } from '../failure.ts';

export const prune: Command = {
  usage: '[--keep N] [--dry-run]',
  summary: 'Removes the oldest finished sessions',
  takesNothing: true,
  flagHelp: [
    ['--keep N', `how many to keep (${DEFAULT_MAX_SESSIONS})`],
    ['--dry-run', 'only says what would go'],
  ],
  // The editor removes one that a person has pointed at and agreed to.
  flags: { keep: { type: 'string' }, only: { type: 'string' }, 'dry-run': { type: 'boolean' } },
  run: (context) => {
    const { args, terminal } = context;
    const root = chosenRoot(context);
    const keep = Math.floor(args.number('keep', 0) ?? DEFAULT_MAX_SESSIONS);
    const isDryRun = args.isSet('dry-run');
    const only = args.text('only');
    if (only !== undefined) return Promise.resolve(removedOne(root, only));
    const names = isDryRun ? sessionsToPrune(root, keep) : prunedOf(root, keep);
    if (args.isSet('json')) {
      terminal.out(JSON.stringify({ [isDryRun ? 'would_remove' : 'removed']: names }));
    } else {
      for (const name of names) terminal.out(name);
      terminal.err(`${isDryRun ? 'Would remove' : 'Removed'} ${names.length} of the sessions in ${root.path}.`);
    }
    return Promise.resolve(0);
  },
};

function removedOne(root: LogRoot, id: string): number {
  const place = findSession(root, checkedId(id));
  if (place?.state === 'running') throw new CommandError(`${id} still runs. It can be removed when it has ended.`);
  if (place === undefined || !removeSession(root, place.name))
    throw new CommandError(`${id} was not removed: there is no such session of yours in ${root.path}.`);
  return 0;
}

function prunedOf(root: LogRoot, keep: number): string[] {
  try {
    return pruneSessions(root, keep, ALL_OF_THEM);
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException; // node:fs throws nothing else
    throw new CommandError(`No session was removed: ${root.path} ${unwritable(code)}.`, { cause: error });
  }
}
