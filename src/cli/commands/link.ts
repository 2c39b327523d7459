import { existsSync, realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { LogRoot } from '../../logs/logRoot.ts';
import { findSession, isOwnSession } from '../../logs/sessionFiles.ts';
import { SUMMARY_FILE } from '../../logs/sessionIndex.ts';
import { linkTranscript } from '../../sessions/linkTranscript.ts';
import { chosenRoot } from '../chosenRoot.ts';
import { checkedId } from '../chosenSession.ts';
import type { Command } from '../command.ts';
import { CommandError, UsageError } from '../failure.ts';
import { wrapped } from '../terminal.ts';

export const link: Command = {
  usage: 'ID FILE',
  summary: 'Says which transcript a finished session belongs to, where it was not found by itself',
  readsSessions: true,
  flagHelp: [],
  flags: {},
  run: (context) => {
    const { args, terminal, cwd } = context;
    const [id, file, ...more] = args.positionals;
    if (id === undefined || file === undefined || more.length > 0)
      throw new UsageError('Link which session to which file?');
    const root = chosenRoot(context);
    const place = findSession(root, checkedId(id));
    if (place === undefined || !existsSync(join(place.dir, SUMMARY_FILE))) throw notFinished(id, root);
    if (!isOwnSession(place.dir))
      throw new CommandError(`Session ${place.name} belongs to another user, who alone can link it.`);
    const failures = linkTranscript({ root, place }, existingFile(resolve(cwd, file)));
    if (failures === undefined) throw notFinished(id, root);
    terminal.out(
      args.isSet('json') ? JSON.stringify({ id, failures }) : wrapped(failures.suspect.sentence, terminal.columns, ''),
    );
    return Promise.resolve(0);
  },
};

function notFinished(id: string, root: LogRoot): CommandError {
  return new CommandError(`There is no finished session ${id} in ${root.path}.`);
}

function existingFile(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    throw new CommandError(`${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'}).`, {
      cause: error,
    });
  }
}
