import { agentKindOf } from './agentKind.ts';
import { agentRow, PROMPT_WORD } from '../words/agentTable.ts';
import type { AgentKind } from '../words/vocabulary.ts';

const RUNTIMES = /^(?:node|nodejs|bun|deno|python[\d.]*|MainThread|(?:ba|da|z)?sh)$/;
/** Options of runtimes that take the next word: `node --import ./hook.mjs agent.js`. */
const WITH_VALUE = new Set('-r --require --import --loader --experimental-loader -C --conditions'.split(' '));
/** What follows is the program itself, or a package's name. */
const WITHOUT_SCRIPT = /^-(?:c|e|m|p|-eval|-print)$/;
/** npm writes its title over its arguments: it has an agent's name among them, and waits for it. */
const TITLE_OF_WRAPPER = /^(?:npm|npx|pnpm|yarn|bunx) /;

/** The agent whose own program a process runs, not a wrapper that has its name among its words. */
export function agentProgramOf(words: readonly string[]): AgentKind {
  const [program = ''] = words;
  if (TITLE_OF_WRAPPER.test(program)) return 'other';
  const own = agentKindOf([program]);
  if (own !== 'other') return own;
  const script = RUNTIMES.test(baseName(program)) ? scriptOf(words) : undefined;
  const kind = script === undefined ? 'other' : agentKindOf([script]);
  // `node pi.js` computes a number; the agent's own script has no extension, or lies in its package.
  const isOrdinaryWord = agentRow(kind)?.isOrdinaryWord === true;
  return isOrdinaryWord && /\.\w+$/.test(script ?? '') && !/[\\/]node_modules[\\/]/.test(script ?? '') ? 'other' : kind;
}

function scriptOf(words: readonly string[]): string | undefined {
  for (let at = 1; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (!word.startsWith('-')) return word;
    if (WITHOUT_SCRIPT.test(word)) return undefined;
    if (WITH_VALUE.has(word)) at += 1;
  }
  return undefined;
}

/** What an agent's program is also asked for, and which is no session: it answers and ends, or serves somebody. */
const NO_SESSION = new Set(
  (
    '--version -v -V --help -h help version login logout auth mcp mcp-server completion completions update upgrade ' +
    'install uninstall doctor config'
  ).split(' '),
);

/** Whether a command line of an agent's program begins a session. */
export function beginsSession(words: readonly string[]): boolean {
  return !NO_SESSION.has(argumentsOf(words)[0] ?? '');
}

/** Whether an agent that has a terminal works by itself there: its command line has the word that says so. */
export function isHeadless(agent: AgentKind, words: readonly string[]): boolean {
  const args = argumentsOf(words);
  const row = agentRow(agent);
  const told = (row?.headless ?? []).slice(1).filter((word) => word !== PROMPT_WORD);
  const word = told.find((one) => one === '-p') ?? told[0];
  return args.includes('-p') || args.includes('--print') || (word !== undefined && args.includes(word));
}

/** What stands behind the agent's name, whether its program or a runtime's script bears it. */
function argumentsOf(words: readonly string[]): readonly string[] {
  const [program = ''] = words;
  if (agentKindOf([program]) !== 'other') return words.slice(1);
  const script = scriptOf(words);
  return script === undefined ? [] : words.slice(words.indexOf(script, 1) + 1);
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
