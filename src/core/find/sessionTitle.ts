import { agentKindOf } from '../session/agentKind.ts';

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
export function sessionTitle(label: string | null | undefined, command: string): string {
  if (label !== undefined && label !== null && label.trim() !== '') return label;
  const words = commandWords(command);
  const first = words.findIndex((word) => !WRAPPER.test(word));
  const own = first < 0 ? words : words.slice(first);
  return (promptOf(own) ?? scriptOf(own)).replace(/\s+/g, ' ').trim() || command;
}

/** A command line's words, without their quotes; an open quote ends with the text. */
function commandWords(command: string): string[] {
  const words = command.match(/(?:'[^']*'?|"(?:\\.|[^"\\])*"?|\\.|[^\s'"\\])+/gsu) ?? [];
  return words.map((word) =>
    word.replace(
      /'([^']*)'?|"((?:\\.|[^"\\])*)"?|\\(.)/gsu,
      (_, single: string | undefined, double: string | undefined, one: string | undefined) =>
        single ?? double?.replace(/\\(.)/gsu, '$1') ?? one ?? '',
    ),
  );
}

function promptOf(words: readonly string[]): string | undefined {
  const kind = agentKindOf(words.slice(0, 6));
  if (kind === 'other') return undefined;
  const at = words.slice(0, 6).findIndex((word) => agentKindOf([word]) === kind);
  const rest = words.slice(at + 1);
  const said = rest.map((word, index) => ({ word, before: rest[index - 1] ?? '' }));
  const texts = said.filter(({ word, before }) => !word.startsWith('-') && !(before === '' && AGENT_WORDS.has(word)));
  const isValue = ({ before }: { readonly before: string }): boolean =>
    /^-[^=]*$/.test(before) && !PROMPT_FLAGS.test(before) && !BARE_FLAGS.test(before);
  const found =
    texts.find((one) => / /.test(one.word) && !isValue(one)) ??
    texts.findLast(({ word }) => / /.test(word)) ??
    texts.find((one) => !isValue(one));
  return found?.word;
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
