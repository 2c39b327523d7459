import type { AgentKind } from '../words/vocabulary.ts';

/** The program names, and npm package names, under which each agent is started. */
const NAMES: ReadonlyMap<string, AgentKind> = new Map([
  ['claude', 'claude'],
  ['@anthropic-ai/claude-code', 'claude'],
  ['codex', 'codex'],
  ['@openai/codex', 'codex'],
  ['gemini', 'gemini'],
  ['@google/gemini-cli', 'gemini'],
  ['codewhale', 'codewhale'],
]);

/** Which agent a command line starts, looking through wrappers (`timeout 60 claude -p x`, `sh -c 'codex exec'`). */
export function agentKindOf(command: readonly string[]): AgentKind {
  // Only the first words can name the program; a prompt further on may mention any agent.
  for (const argument of command.slice(0, 6)) {
    const words = argument.includes(' ') ? argument.trim().split(/\s+/).slice(0, 4) : [argument];
    for (const word of words) {
      const known = NAMES.get(word.replace(/(?<=.)@[\w.-]+$/, '')) ?? NAMES.get(baseName(word));
      if (known !== undefined) return known;
    }
  }
  return 'other';
}

/**
 * Agents that wait on an open stdin for more of their prompt, and are not meant to read it there. The launcher has the
 * same table (src/native/launch.c); a test compares them.
 */
export const HANGS_ON_OPEN_STDIN: readonly (readonly [program: string, word: string])[] = [
  ['codex', 'exec'],
  ['codex', 'e'],
];

export function hangsOnOpenStdin(command: readonly string[]): boolean {
  return HANGS_ON_OPEN_STDIN.some(([program, word]) => {
    const at = command.slice(0, 4).findIndex((argument) => baseName(argument) === program);
    return at >= 0 && command.includes(word, at + 1);
  });
}

function baseName(path: string): string {
  const name = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
  return name.replace(/\.(js|mjs|cjs|exe|cmd|ps1)$/i, '');
}
