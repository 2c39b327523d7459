import { mkdirSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { openSession } from '../../sessions/openSession.ts';
import { onlyPositional } from '../arguments.ts';
import type { Command } from '../command.ts';
import { analyze } from './analyze.ts';
import { show } from './show.ts';
import { CommandError } from '../failure.ts';
import { isOpenable, openedBundles } from '../openedBundles.ts';
import { LOG_FLAGS } from '../unrecorded/unrecordedLogs.ts';

export const openCommand: Command = {
  usage: 'PATH',
  summary: "What a session's folder, an archive of it (.tar.gz, .zip) or an agent's log tells, wherever it is from",
  flagHelp: [],
  // The editor looks at the copy for longer than we run: it says where to, and removes it.
  flags: { into: { type: 'string' }, ...LOG_FLAGS },
  run: async (context) => {
    const { args, cwd, terminal } = context;
    const given = onlyPositional(args, 'path');
    const path = resolve(cwd, given);
    if (statSync(path, { throwIfNoEntry: false }) === undefined)
      throw new CommandError(`There is no ${path}. Give a session's folder, an archive of it, or an agent's log.`);
    const into = args.text('into');
    if (into !== undefined) {
      const isSession = isOpenable(path);
      const id = isSession ? await openedInto(path, resolve(cwd, into)) : undefined;
      terminal.out(JSON.stringify(id === undefined ? { kind: 'log' } : { kind: 'session', id }));
      return 0;
    }
    if (isOpenable(path)) return await show.run({ ...context, opened: await openedBundles([given], cwd) });
    if (statSync(path).isDirectory())
      throw new CommandError(`${path} is no session's folder: no summary.json is in it.`);
    return await analyze.run(context);
  },
};

/** Its name in there. */
async function openedInto(path: string, folder: string): Promise<string> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const session = await openSession(path, folder);
  if (!session.ok) throw new CommandError(`${path} was not opened: ${session.why}.`);
  return session.found.place.name;
}
