import { locateHandle } from '../../logs/handles.ts';
import { onlyPositional } from '../arguments.ts';
import { chosenRoot } from '../chosenRoot.ts';
import type { Command } from '../command.ts';
import { CommandError, UsageError } from '../failure.ts';

export const locate: Command = {
  usage: 'HANDLE',
  summary: 'The file and line that a handle such as src:0123456789ab:L7 stands for, on this machine',
  flagHelp: [],
  flags: {},
  run: (context) => {
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
