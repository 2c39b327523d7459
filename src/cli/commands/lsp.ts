import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { searchedRoots } from '../chosenRoot.ts';
import type { Command } from '../command.ts';
import { UsageError } from '../failure.ts';

export const lsp: Command = {
  usage: '--stdio',
  summary: 'The language server, which explains log files in any editor that speaks the Language Server Protocol',
  takesNothing: true,
  flagHelp: [['--stdio', 'how the editor and the server talk; there is no other way']],
  flags: { stdio: { type: 'boolean' } },
  run: async (context) => {
    if (!context.args.isSet('stdio')) throw new UsageError('An editor starts it with --stdio.');
    // A program of its own, so that no other command waits for it to load: it reads the arguments of this process, and
    // lives until its editor says `exit` or closes the pipe.
    process.argv.push(...searchedRoots(context).map(({ path }) => `--root=${path}`));
    await import(pathToFileURL(join(dirname(context.programPath), 'server.cjs')).href);
    return 0;
  },
};
