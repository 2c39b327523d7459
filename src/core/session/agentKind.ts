import { agentRow, AGENTS, KNOWN_AGENTS, type AgentRow } from '../words/agentTable.ts';
import type { AgentKind } from '../words/vocabulary.ts';

interface Named {
  readonly kind: AgentKind;
  readonly isOrdinaryWord: boolean;
}

/** The program names, and npm package names, under which each agent is started. */
const NAMES: ReadonlyMap<string, Named> = new Map(
  KNOWN_AGENTS.flatMap((kind) => {
    const row = agentRow(kind);
    const isOrdinaryWord = row?.isOrdinaryWord === true;
    return [
      ...(row?.programs ?? []).map((name): [string, Named] => [name, { kind, isOrdinaryWord }]),
      ...(row?.packages ?? []).map((name): [string, Named] => [name, { kind, isOrdinaryWord: false }]),
    ];
  }),
);

/** What may stand before the program that a command line is about: wrappers, runtimes, options, numbers, assignments. */
const BEFORE_PROGRAM =
  /^(?:(?:\S*\/)?(?:env|sudo|timeout|nice|nohup|setsid|stdbuf|time|exec|script|(?:ba|da|z|k)?sh|node|bun|bunx|deno|npm|npx|pnpm|yarn|uvx|command|systemd-run)(?:\.exe)?|x|dlx|run|-\S*|\d\S*|\w+=\S*)$/;

/** Which agent a command line starts, looking through wrappers (`timeout 60 claude -p x`, `sh -c 'codex exec'`). */
export function agentKindOf(command: readonly string[]): AgentKind {
  let isProgramPlace = true;
  // Only the first words can name the program; a prompt further on may mention any agent.
  for (const argument of command.slice(0, 6)) {
    const words = argument.includes(' ') ? argument.trim().split(/\s+/, 4) : [argument];
    for (const word of words) {
      const known = namedBy(word);
      if (known !== undefined && (isProgramPlace || !known.isOrdinaryWord)) return known.kind;
      isProgramPlace &&= BEFORE_PROGRAM.test(word);
    }
  }
  return 'other';
}

/** The agents' commands that hang on an open stdin. The launcher has the same table (src/native/launch.c); a test compares them. */
export const HANGS_ON_OPEN_STDIN: readonly (readonly [program: string, word: string])[] = Object.values<AgentRow>(
  AGENTS,
).flatMap(({ programs, hangsOnOpenStdin: words = [] }) =>
  programs.flatMap((program) => words.map((word) => [program, word] as const)),
);

export function hangsOnOpenStdin(command: readonly string[]): boolean {
  return HANGS_ON_OPEN_STDIN.some(([program, word]) => {
    const at = command.slice(0, 4).findIndex((argument) => baseName(argument) === program);
    return at >= 0 && command.includes(word, at + 1);
  });
}

/** "claude", "/usr/bin/codex.js", "@openai/codex@latest", "/srv/node_modules/@openai/codex/bin/start.js" */
function namedBy(word: string): Named | undefined {
  return NAMES.get(word) ?? NAMES.get(baseName(word)) ?? ofPackage(word);
}

function ofPackage(word: string): Named | undefined {
  const versioned = word.includes('@', 1) ? NAMES.get(word.replace(/(?<=.)@[\w.-]+$/, '')) : undefined;
  if (versioned !== undefined || !word.includes('node_modules')) return versioned;
  const inside = /[\\/]node_modules[\\/]((?:@[^\\/]{1,80}[\\/])?[^\\/.]{1,80})[\\/]/.exec(word.slice(-400))?.[1];
  return inside === undefined ? undefined : NAMES.get(inside.replaceAll('\\', '/'));
}

function baseName(path: string): string {
  const name = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
  return name.replace(/\.(js|mjs|cjs|exe|cmd|ps1)$/i, '');
}
