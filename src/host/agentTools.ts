import {
  commands,
  Disposable,
  env,
  LanguageModelTextPart,
  LanguageModelToolResult,
  lm,
  McpStdioServerDefinition,
} from 'vscode';
import type { SessionRef } from '../core/panel/sessionView.ts';
import type { Backend } from './backend.ts';
import { cliFailed, disabled, showProblem } from './messages.ts';
import { childEnvironment, type RecorderCli } from './recorderCli.ts';
import { setting } from './settings.ts';
import { tell } from './surfaces.ts';

/** The tools of `mcp` by their names in package.json, which a test compares with what the server lists. */
export const AGENT_TOOLS = ['why_did_it_die', 'what_is_running', 'my_limits', 'leftovers', 'compare'] as const;

const PREFIX = 'session-diagnostics_';

/**
 * The same answers for the editor's own agents, where it has any: as language model tools, and as a server that the
 * editor starts by itself when one of them asks.
 */
export function registerAgentTools(cli: RecorderCli, backend: Backend, version: string): Disposable {
  const tools = AGENT_TOOLS.map((name) =>
    lm.registerTool<Readonly<Record<string, unknown>>>(PREFIX + name, {
      invoke: async ({ input }) => {
        const told = await asked(cli, backend, name, input);
        return new LanguageModelToolResult([new LanguageModelTextPart(told)]);
      },
    }),
  );
  const servers = lm.registerMcpServerDefinitionProvider('sessionDiagnostics', {
    provideMcpServerDefinitions: () => {
      if (!setting('enabled')) return [];
      const { ELECTRON_RUN_AS_NODE = null } = childEnvironment({});
      const args = [cli.path, 'mcp', '--stdio'];
      return [
        new McpStdioServerDefinition('Session Diagnostics', process.execPath, args, { ELECTRON_RUN_AS_NODE }, version),
      ];
    },
    // Asked for at each start of the editor the list starts nothing; where the sessions are is asked when it is used.
    resolveMcpServerDefinition: async (server: McpStdioServerDefinition) => {
      server.args = [...server.args, ...(await rootFlags(backend))];
      return server;
    },
  });
  return Disposable.from(...tools, servers);
}

/** A tool's failure is its answer: whoever asked is told what to do, and nothing pops up. */
async function asked(
  cli: RecorderCli,
  backend: Backend,
  name: string,
  input: Readonly<Record<string, unknown>>,
): Promise<string> {
  if (!setting('enabled')) return disabled.why ?? disabled.what;
  const [root, ...others] = await backend.roots();
  const flags = { ask: name, 'log-dir': root, 'also-in': others };
  const result = await cli.run({ command: 'mcp', flags, names: [JSON.stringify(input)] });
  return result.ok ? result.stdout : result.why;
}

async function rootFlags(backend: Backend): Promise<readonly string[]> {
  const [root, ...others] = await backend.roots();
  return root === undefined ? [] : [`--log-dir=${root}`, ...others.map((other) => `--also-in=${other}`)];
}

const OPEN_CHAT = 'workbench.action.chat.open';

/** Opens the editor's chat with the private report as its context; without a chat the report is copied. */
export async function askAnAgent(cli: RecorderCli, session: SessionRef): Promise<void> {
  const result = await cli.run({
    command: 'report',
    flags: { format: 'markdown', 'log-dir': session.root },
    names: [session.id],
  });
  if (!result.ok) return showProblem(cliFailed('No agent was asked.', result.why));
  const question = `Explain why this agent session ended as it did and what to do next. Do not guess beyond the report.\n\n${result.stdout}`;
  if (await hasChat()) {
    await commands.executeCommand(OPEN_CHAT, { query: question, isPartialQuery: true });
    return;
  }
  await env.clipboard.writeText(question);
  tell(
    'This editor has no agent to ask: the question and the private report are in the clipboard, for the one you use.',
  );
}

/** A chat without a model opens as a page that asks to sign in. */
async function hasChat(): Promise<boolean> {
  try {
    const known = await commands.getCommands(true);
    return known.includes(OPEN_CHAT) && (await lm.selectChatModels()).length > 0;
  } catch {
    return false;
  }
}
