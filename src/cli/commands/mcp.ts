import { searchedRoots } from '../chosenRoot.ts';
import type { Command } from '../command.ts';
import { UsageError } from '../failure.ts';
import { loadBundle } from '../loadBundle.ts';
import type * as McpBundle from '../../mcp/mcpBundle.ts';

export const mcp: Command = {
  usage: '--stdio [--allow-text]',
  summary: 'Tools for agents by the Model Context Protocol: why did it die, what is running, my limits',
  takesNothing: true,
  flagHelp: [
    ['--stdio', 'how the agent and the server talk; there is no other way'],
    ['--allow-text', 'lets an agent ask for commands and last words as well'],
  ],
  flags: { stdio: { type: 'boolean' }, 'allow-text': { type: 'boolean' } },
  run: async (context) => {
    const { args, cwd, programPath } = context;
    if (!args.isSet('stdio')) throw new UsageError('An agent starts it with --stdio.');
    const { serveMcp } = await loadBundle<typeof McpBundle>(programPath, 'mcp');
    await serveMcp({
      roots: searchedRoots(context),
      cwd,
      version: PRODUCT_VERSION,
      allowsText: args.isSet('allow-text'),
    });
    return 0;
  },
};

/** Set by the build from package.json. */
declare const PRODUCT_VERSION: string;
