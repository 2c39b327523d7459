import { parseJson, recordOf } from '../../core/words/json.ts';
import { searchedRoots } from '../chosenRoot.ts';
import type { Command } from '../command.ts';
import { CommandError, UsageError } from '../failure.ts';
import { loadBundle } from '../loadBundle.ts';
import type * as McpBundle from '../../mcp/mcpBundle.ts';

export const mcp: Command = {
  usage: '--stdio [--allow-text] | --ask TOOL [JSON]',
  summary: 'Tools for agents by the Model Context Protocol: why did it die, what is running, my limits',
  flagHelp: [
    ['--stdio', 'how the agent and the server talk; there is no other way'],
    ['--allow-text', 'lets an agent ask for commands and last words as well'],
    ['--ask TOOL', 'asks one tool, with arguments as a JSON object, and prints its answer'],
  ],
  flags: { stdio: { type: 'boolean' }, 'allow-text': { type: 'boolean' }, ask: { type: 'string' } },
  run: async (context) => {
    const { args, cwd, programPath, terminal } = context;
    const tool = args.text('ask');
    if (args.isSet('stdio') === (tool !== undefined))
      throw new UsageError('An agent starts it with --stdio; --ask TOOL asks once.');
    const [given = '{}', ...more] = args.positionals;
    if (more.length > 0 || (tool === undefined && args.positionals.length > 0)) {
      throw new UsageError('Only --ask takes arguments, as one JSON object.');
    }
    const { askTool, serveMcp, TOOLS } = await loadBundle<typeof McpBundle>(programPath, 'mcp');
    const options = {
      roots: searchedRoots(context),
      cwd,
      version: PRODUCT_VERSION,
      allowsText: args.isSet('allow-text'),
    };
    if (tool === undefined) {
      await serveMcp(options);
      return 0;
    }
    if (!TOOLS.some(({ name }) => name === tool)) {
      throw new UsageError(`There is no such tool. There are ${TOOLS.map(({ name }) => name).join(', ')}.`);
    }
    const parsed = parseJson(given);
    const asked = parsed.ok ? recordOf(parsed.value) : undefined;
    if (asked === undefined)
      throw new UsageError('The arguments of a tool are one JSON object, as in \'{"id": "sess-…"}\'.');
    const { isError, text } = await askTool(options, tool, asked);
    if (isError) throw new CommandError(text);
    terminal.out(text);
    return 0;
  },
};

/** Set by the build from package.json. */
declare const PRODUCT_VERSION: string;
