import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** How one agent is told of an MCP server: where, and in which shape. */
export interface AgentConfig {
  readonly name: string;
  readonly format: 'json' | 'toml';
  /** Where the entry stands in the file; our name goes below it. */
  readonly at: readonly string[];
  path(place: ConfigPlace): string;
  /** Where it keeps its hooks, if it has any. */
  hooksPath?(place: ConfigPlace): string;
  entry(command: readonly string[]): Readonly<Record<string, unknown>>;
}

export interface ConfigPlace {
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
}

export const ENTRY_NAME = 'session-diagnostics';

/** An empty variable is one that is not set. */
function folder({ home, env }: ConfigPlace, variable: string, ...standard: readonly string[]): string {
  return env[variable] || join(home, ...standard);
}

const split = ([command = '', ...args]: readonly string[]) => ({ command, args });

/** By what a person calls it on the command line. */
export const AGENT_CONFIGS: Readonly<Record<string, AgentConfig>> = {
  claude: {
    name: 'Claude Code',
    format: 'json',
    at: ['mcpServers'],
    path: ({ home, env }) => join(env['CLAUDE_CONFIG_DIR'] || home, '.claude.json'),
    hooksPath: (place) => join(folder(place, 'CLAUDE_CONFIG_DIR', '.claude'), 'settings.json'),
    entry: (command) => ({ type: 'stdio', ...split(command) }),
  },
  codex: {
    name: 'Codex',
    format: 'toml',
    at: ['mcp_servers'],
    path: (place) => join(folder(place, 'CODEX_HOME', '.codex'), 'config.toml'),
    entry: split,
  },
  gemini: {
    name: 'Gemini CLI',
    format: 'json',
    at: ['mcpServers'],
    path: ({ home }) => join(home, '.gemini', 'settings.json'),
    entry: split,
  },
  copilot: {
    name: 'Copilot CLI',
    format: 'json',
    at: ['mcpServers'],
    path: (place) => join(folder(place, 'COPILOT_HOME', '.copilot'), 'mcp-config.json'),
    entry: (command) => ({ type: 'local', ...split(command), tools: ['*'] }),
  },
  opencode: {
    name: 'OpenCode',
    format: 'json',
    at: ['mcp'],
    path: (place) => {
      const at = join(folder(place, 'XDG_CONFIG_HOME', '.config'), 'opencode');
      const withComments = join(at, 'opencode.jsonc');
      return existsSync(withComments) ? withComments : join(at, 'opencode.json');
    },
    entry: (command) => ({ type: 'local', command, enabled: true }),
  },
  qwen: {
    name: 'Qwen Code',
    format: 'json',
    at: ['mcpServers'],
    path: ({ home }) => join(home, '.qwen', 'settings.json'),
    entry: split,
  },
  cursor: {
    name: 'Cursor',
    format: 'json',
    at: ['mcpServers'],
    path: ({ home }) => join(home, '.cursor', 'mcp.json'),
    entry: split,
  },
};
