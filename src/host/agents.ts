import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { agentRow, KNOWN_AGENTS, PROMPT_WORD } from '../core/words/agentTable.ts';

/** A way to start an agent, for a person to pick. */
export interface AgentChoice {
  readonly name: string;
  readonly command: readonly string[];
  readonly origin: 'setting' | 'path';
}

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
  const found = KNOWN_AGENTS.flatMap((kind): readonly AgentChoice[] => {
    const { name = kind, headless = [] } = agentRow(kind) ?? {};
    const [program] = headless;
    return program !== undefined && isOnPath(program, env) && configured[name] === undefined
      ? [{ name, command: headless, origin: 'path' }]
      : [];
  });
  return [...named, ...found];
}

/** A prompt that begins with a hyphen would be a flag of the agent, and not every agent knows `--`: a blank is harmless. */
export function withPrompt(command: readonly string[], prompt: string): readonly string[] {
  const said = prompt.startsWith('-') ? ` ${prompt}` : prompt;
  return command.map((word) => word.replaceAll(PROMPT_WORD, () => said));
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
