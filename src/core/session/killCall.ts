/** What a shell command ends, as far as its words tell. */

export const KILL_WORDS = ['kill', 'pkill', 'killall', 'taskkill', 'xargs'] as const;

export interface KillCall {
  readonly word: (typeof KILL_WORDS)[number];
  readonly targets: readonly KillOperand[];
  /** `pkill -f`: the pattern is for the whole command line. */
  readonly isWholeLine: boolean;
  /** `pkill -x`. */
  readonly isExact: boolean;
}

export type KillOperand =
  /** A pid, a name or a pattern, as it is written. */
  | { readonly kind: 'text'; readonly text: string }
  /** `$(pgrep ...)`, `$PID`, the output of another command: only the shell knew it. */
  | { readonly kind: 'computed' }
  /** `kill -9 -1`, `kill $PPID`: the agent in any case. */
  | { readonly kind: 'everyone' };

/** The end of a long script is enough: a kill ends it, mostly. */
const LOOKED_AT = 8000;

/** What runs another command in its own place; `sudo -u x`, `env A=1`, `timeout 5`. */
const BEFORE =
  /^(?:\w{1,40}=\S{0,200}\s+|(?:sudo|doas|time|env|nice|nohup|exec|command|builtin|then|else|do|if|while|!)\s+(?:-[A-Za-z]\s+)?|timeout\s+(?:-\S+\s+|[\d.]+[smhd]?\s+)+)+/;

/** The last command of the line that ends processes; `grep kill`, `docker kill x` and `kill -0 1` are none. */
export function killCallOf(command: string): KillCall | undefined {
  if (!command.includes('kill')) return undefined;
  const calls = simpleCommands(command.slice(-LOOKED_AT)).flatMap((text) => killIn(text) ?? []);
  return calls.at(-1);
}

function killIn(text: string): KillCall | undefined {
  const words = wordsOf(text.replace(/^[\s({]+/, '').replace(BEFORE, ''));
  const [first = '', ...rest] = words;
  const name = first.replace(/^\S*\//, '').replace(/\.exe$/i, '');
  if (name === 'xargs') {
    const at = rest.findIndex((word) => /^(?:\S*\/)?p?kill$/.test(word));
    const isItsCommand = at >= 0 && rest.slice(0, at).every((word) => /^(?:-|\d+$|\{\}$)/.test(word));
    if (!isItsCommand || isHarmless(rest.slice(at + 1))) return undefined;
    return { word: 'xargs', targets: [{ kind: 'computed' }], isWholeLine: false, isExact: false };
  }
  const word = KILL_WORDS.find((known) => known === name);
  if (word === undefined || isHarmless(rest)) return undefined;
  const operands = word === 'taskkill' ? taskkillOperands(rest) : operandsOf(word, rest);
  if (operands.length === 0) return undefined;
  return {
    word,
    targets: operands.map(operand),
    isWholeLine: word === 'pkill' && rest.some((option) => /^-[a-z]*f|^--full$/.test(option)),
    isExact: word === 'pkill' && rest.some((option) => /^-[a-z]*x|^--exact$/.test(option)),
  };
}

/** Signals that end nobody, and questions. */
const HARMLESS = /^(?:0|l|L|STOP|CONT|WINCH|CHLD|URG|TSTP|TTIN|TTOU|17|18|19|20|23|28)$/;

function isHarmless(words: readonly string[]): boolean {
  return words.some((word, at) => {
    const signal = /^(?:-s|--signal|-n)$/.test(words[at - 1] ?? '') ? word : /^-(?:-signal=)?(\w+)$/.exec(word)?.[1];
    return signal !== undefined && HARMLESS.test(signal.replace(/^SIG/, ''));
  });
}

function operandsOf(word: string, words: readonly string[]): string[] {
  const operands: string[] = [];
  let hasSignal = false;
  for (let at = 0; at < words.length; at += 1) {
    const one = words[at] ?? '';
    if (/^(?:\d*[<>]|&)/.test(one)) break;
    if (/^(?:-s|-n|--signal|-u|--user|-t|-P|-g)$/.test(one)) {
      at += 1;
      hasSignal = true;
    } else if (one === '--') hasSignal = true;
    else if (word === 'kill' && hasSignal && /^-\d+$/.test(one)) operands.push(one);
    else if (one.startsWith('-')) hasSignal = true;
    else operands.push(one);
  }
  return operands;
}

function taskkillOperands(words: readonly string[]): string[] {
  return words.flatMap((word, at) => (/^[/-]+(?:pid|im)$/i.test(word) ? (words[at + 1] ?? []) : []));
}

function operand(word: string): KillOperand {
  if (word === '-1' || word === '$PPID' || word === '${PPID}') return { kind: 'everyone' };
  return /[$`]|^\{\}$/.test(word) ? { kind: 'computed' } : { kind: 'text', text: word };
}

/** Splits at `;`, `&`, `|` and newlines outside quotes and `$( )`. */
function simpleCommands(script: string): string[] {
  const commands: string[] = [];
  let start = 0;
  let quote = '';
  let depth = 0;
  for (let at = 0; at < script.length; at += 1) {
    const character = script.charAt(at);
    if (character === '\\' && quote !== "'") at += 1;
    else if (quote !== '') quote = character === quote ? '' : quote;
    else if (character === "'" || character === '"' || character === '`') quote = character;
    else if (character === '$' && script.charAt(at + 1) === '(') depth += 1;
    else if (character === ')' && depth > 0) depth -= 1;
    else if (depth === 0 && /[;&|\n]/.test(character) && !/[<>]/.test(script.charAt(at - 1))) {
      commands.push(script.slice(start, at));
      start = at + 1;
    }
  }
  return [...commands, script.slice(start)];
}

/** Words without the quotes around them; `$(...)` stays one word. */
function wordsOf(text: string): string[] {
  const words = text.match(/(?:\$\([^)]*\)|`[^`]*`|'[^']*'|"[^"]*"|[^\s'"])+/g) ?? [];
  return words
    .slice(0, 60)
    .map((word) => word.replace(/^(['"])(.*)\1$/s, '$2').replace(/\)$/, (close) => (word.includes('(') ? close : '')));
}

/** One call with a kill in it, as the transcript has it. */
export interface CalledKill {
  readonly kill: KillCall;
  readonly ts: string | undefined;
  readonly isOpen: boolean;
}

/** A shell command of the agent that ends processes, of which the agent itself can be one. */
export interface OwnCommand {
  readonly name: (typeof KILL_WORDS)[number];
  readonly ts: string | undefined;
  /** Its target is the agent: by its pid, or by a pattern that matches its name or command line. */
  readonly isMatch: boolean;
}
