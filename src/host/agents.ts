import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** A way to start an agent, for a person to pick. */
export interface AgentChoice {
  readonly name: string;
  readonly command: readonly string[];
  readonly origin: 'setting' | 'path';
}

/** Where a command's words hold this, the person is asked what the agent shall do. */
export const PROMPT = '${prompt}';

/** How each known agent is run without a person at its terminal. */
const KNOWN: readonly { readonly name: string; readonly program: string; readonly args: readonly string[] }[] = [
  { name: 'Claude Code', program: 'claude', args: ['-p', PROMPT, '--output-format', 'stream-json', '--verbose'] },
  { name: 'Codex', program: 'codex', args: ['exec', '--json', PROMPT] },
  { name: 'Gemini CLI', program: 'gemini', args: ['-p', PROMPT, '--output-format', 'stream-json'] },
  { name: 'CodeWhale', program: 'codewhale', args: ['exec', PROMPT] },
];

/** Configured agents first, then those found on PATH. */
export function agentChoices(
  configured: Readonly<Record<string, readonly string[]>>,
  env: NodeJS.ProcessEnv,
): readonly AgentChoice[] {
  const named = Object.entries(configured).map(([name, command]): AgentChoice => ({
    name,
    command,
    origin: 'setting',
  }));
  const found = KNOWN.flatMap(({ name, program, args }): AgentChoice[] =>
    isOnPath(program, env) && configured[name] === undefined
      ? [{ name, command: [program, ...args], origin: 'path' }]
      : [],
  );
  return [...named, ...found];
}

/** A prompt that begins with a hyphen would be a flag of the agent, and not every agent knows `--`: a blank is harmless. */
export function withPrompt(command: readonly string[], prompt: string): readonly string[] {
  const said = prompt.startsWith('-') ? ` ${prompt}` : prompt;
  return command.map((word) => word.replaceAll(PROMPT, () => said));
}

function isOnPath(program: string, env: NodeJS.ProcessEnv): boolean {
  const endings = process.platform === 'win32' ? ['.exe', '.cmd', '.bat'] : [''];
  const folders = (env['PATH'] ?? env['Path'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.some((folder) => endings.some((ending) => isExecutable(join(folder, program + ending))));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false; // not there, or not ours to run: both mean no
  }
}
