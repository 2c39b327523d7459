import { locateHandle, rotateHandleKey } from '../../logs/handles.ts';
import { onlyPositional } from '../arguments.ts';
import { chosenRoot } from '../chosenRoot.ts';
import type { Command, CommandContext } from '../command.ts';
import { CommandError, UsageError } from '../failure.ts';

export const locate: Command = {
  usage: 'HANDLE | --rotate-key',
  summary: 'The file and line that a handle such as src:0123456789ab:L7 stands for, on this machine',
  flagHelp: [
    ['--rotate-key', 'names files anew from now on, so that later reports cannot be matched with earlier ones'],
  ],
  flags: { 'rotate-key': { type: 'boolean' } },
  run: (context) => {
    if (context.args.isSet('rotate-key')) return rotateKey(context);
    const handle = onlyPositional(context.args, 'handle');
    if (!/^src:[0-9a-f]{12}:L\d{1,15}$/.test(handle)) {
      throw new UsageError('A handle looks like src:0123456789ab:L7.');
    }
    const root = chosenRoot(context);
    const found = locateHandle(root, handle);
    if (found === undefined) {
      throw new CommandError(
        `${handle} was not made from ${root.path}. Only the machine that has the log can locate it.`,
      );
    }
    context.terminal.out(
      context.args.isSet('json')
        ? JSON.stringify({ file: found.path, line: found.line })
        : `${found.path}:${found.line}`,
    );
    return Promise.resolve(0);
  },
};

function rotateKey(context: CommandContext): Promise<number> {
  if (context.args.positionals.length > 0) throw new UsageError('--rotate-key stands alone: it is about every handle.');
  const root = chosenRoot(context);
  if (!rotateHandleKey(root)) throw new CommandError(`${root.path} cannot be written: no key can be kept there.`);
  const said = 'Handles are made with a new key from now on. Those given out before can still be located here.';
  context.terminal.out(context.args.isSet('json') ? JSON.stringify({ rotated: true }) : said);
  return Promise.resolve(0);
}
