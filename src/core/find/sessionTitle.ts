import { agentKindOf } from '../session/agentKind.ts';
import type { AgentKind } from '../words/vocabulary.ts';

/** What may stand before the program that a command line is about, with what belongs to it. */
const WRAPPER =
  /^(?:(?:\S*\/)?(?:env|sudo|timeout|nice|nohup|setsid|stdbuf|time|exec|command|prlimit|systemd-run)(?:\.exe)?|-\S*|\d\S*|\w+=.*)$/;

/** Programs that are told what to do by a text of their own, and by which flag. */
const TEXT_FLAGS: Readonly<Record<string, RegExp>> = {
  sh: /^-[a-z]*c$/,
  bash: /^-[a-z]*c$/,
  dash: /^-[a-z]*c$/,
  zsh: /^-[a-z]*c$/,
  python: /^-c$/,
  python3: /^-c$/,
  node: /^(?:-e|--eval|-p|--print)$/,
  ruby: /^-e$/,
  perl: /^-e$/,
};

/** Programs that are only what a script is run by. */
const INTERPRETERS: ReadonlySet<string> = new Set([...Object.keys(TEXT_FLAGS), 'deno', 'bun', 'php', 'tsx']);

/** After these a prompt follows, whatever else takes a value. */
const PROMPT_FLAGS = /^(?:-p|-i|--|--(?:prompt|print|message|task|instruction)(?:-\w+)?)$/;
/** Flags that take no value: what follows is not theirs. */
const BARE_FLAGS = /^--(?:json|verbose|quiet|yolo|full-auto|dangerously-\S+|skip-\S+|no-\S+)$/;
/** What an agent is told before its prompt. */
const AGENT_WORDS: ReadonlySet<string> = new Set(['exec', 'e', 'run', 'x', 'dlx']);

/**
 * What a session is called: the label that its user gave it, else what its agent was asked or the script that was run, and
 * never the flags. A command line's text is cut after its first hundred characters in the index: what can be told of
 * those is told.
 */
export function sessionTitle(
  label: string | null | undefined,
  command: string,
  agent: AgentKind = agentKindOf([command]),
): string {
  if (label !== undefined && label !== null && label.trim() !== '') return label;
  const words = commandWords(command);
  const first = words.findIndex((word) => !WRAPPER.test(word));
  const own = first < 0 ? words : words.slice(first);
  return (promptOf(own, agent) ?? scriptOf(own)).replace(/\s+/g, ' ').trim() || command;
}

const [SPACE, NEWLINE, SINGLE, DOUBLE, BACKSLASH] = [0x20, 0x0a, 0x27, 0x22, 0x5c];

/**
 * A command line's words, without their quotes; an open quote ends with the text. By hand, for a search in ten thousand
 * sessions wants all their titles at once: with regular expressions that took 70 ms.
 */
function commandWords(command: string): string[] {
  const words: string[] = [];
  let [word, from, quote, isWord] = ['', 0, 0, false];
  for (let at = 0; at <= command.length; at += 1) {
    const code = at === command.length ? -1 : command.charCodeAt(at);
    const isSpace = quote === 0 && (code === SPACE || code === NEWLINE || code === 0x09);
    if (code === -1 || isSpace) {
      word += command.slice(from, at);
      if (isWord || word !== '') words.push(word);
      [word, from, isWord] = ['', at + 1, false];
    } else if (code === BACKSLASH && quote !== SINGLE) {
      word += command.slice(from, at);
      from = at + 1;
      at += 1; // whatever follows stands for itself
    } else if (code === quote || (quote === 0 && (code === SINGLE || code === DOUBLE))) {
      word += command.slice(from, at);
      [from, quote, isWord] = [at + 1, code === quote ? 0 : code, true];
    }
  }
  return words;
}

function promptOf(words: readonly string[], agent: AgentKind): string | undefined {
  // Behind wrappers an agent stands further on than a text as a whole is looked at.
  const kind = agent === 'other' ? agentKindOf(words.slice(0, 6)) : agent;
  if (kind === 'other') return undefined;
  const first = words.slice(0, 6).findIndex((word) => agentKindOf([word]) === kind) + 1;
  let [text, lastText, word]: (string | undefined)[] = [];
  for (let at = first; at < words.length; at += 1) {
    const [one = '', before = ''] = [words[at], at === first ? '' : words[at - 1]];
    if (one.startsWith('-') || (at === first && AGENT_WORDS.has(one))) continue;
    const isOwn = !isValueOf(before);
    if (one.includes(' ')) {
      lastText = one;
      if (isOwn) text ??= one;
    } else if (isOwn) word ??= one;
  }
  return text ?? lastText ?? word;
}

/** Whether what follows is likely this flag's value. */
function isValueOf(flag: string): boolean {
  return flag.startsWith('-') && !flag.includes('=') && !PROMPT_FLAGS.test(flag) && !BARE_FLAGS.test(flag);
}

function scriptOf([program = '', ...rest]: readonly string[]): string {
  const name = baseName(program);
  const textFlag = TEXT_FLAGS[name.replace(/[\d.]+$/, '')] ?? TEXT_FLAGS[name];
  const flagAt = textFlag === undefined ? -1 : rest.findIndex((word) => textFlag.test(word));
  const text = rest[flagAt + 1];
  if (flagAt >= 0 && text !== undefined) return text;
  const isInterpreter = INTERPRETERS.has(name) || INTERPRETERS.has(name.replace(/[\d.]+$/, ''));
  const isFlag = (word: string): boolean => word.startsWith('-');
  const args = rest.slice(isInterpreter ? rest.findIndex((word) => !isFlag(word)) : 0);
  const end = args.findIndex(isFlag);
  const before = end < 0 ? args : args.slice(0, end);
  if (isInterpreter && before[0] !== undefined) return [baseName(before[0]), ...before.slice(1)].join(' ');
  // `pytest -x tests` is about its tests; of `serve --port 80` nobody knows whether 80 is a flag's.
  const last = args.at(-1);
  const isOwn = last !== undefined && !isFlag(last) && !(args.at(-2) ?? '').startsWith('--');
  return [name, ...(before.length === 0 && isOwn ? [last] : before)].join(' ');
}

/** Of a path with folders; `/a-skill` is a name of its own. */
function baseName(path: string): string {
  return /^(?:.*\/)?[^/]+\/([^/]+)$/.exec(path)?.[1] ?? path;
}
