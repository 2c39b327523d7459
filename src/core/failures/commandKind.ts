import type { CommandKind } from './transcriptEvents.ts';

/** Only the end of a command decides its exit code; 2,000 characters hold the last command of any real line. */
const LOOKED_AT = 2000;

/** Tried in this order on the command that decides. */
const KINDS: readonly (readonly [kind: CommandKind, pattern: RegExp])[] = [
  ['search', /^(?:(?:z|bz|xz|e|f|p)?grep(?!\.)|rg|ag|ack|git grep|findstr|Select-String)\b/],
  ['compare', /^(?:diff|cmp|comm|colordiff|git diff|fc)\b/],
  ['lookup', /^(?:which|command\s+-[vV]|type|hash|whereis)(?=\s|$)/],
  [
    'probe',
    /^(?:test|\[\[?|pgrep|pidof|lsof|fuser|kill\s+-0|nc\s+-\w*z\w*|ps\s+-?p|mountpoint|jq\s+(?:-\w+\s+)*(?:-\w*e\w*|--exit-status)|tmux\s+has-session|git (?:rev-parse|merge-base|check-ignore|show-ref|symbolic-ref|config)|systemctl\s+(?:is-\w+|-q\s+is-\w+|--quiet\s+is-\w+)|dpkg\s+-s)(?=\s|$)/,
  ],
  ['curl', /^curl(?:\.exe)?\b/],
  ['wget', /^wget\b/],
];

/**
 * The kind of a shell command, judged by the command that decides the exit code: the last one of the line and of its
 * pipeline (`cd x && rg foo | head` ends with head, `make; grep x log` with grep).
 */
export function commandKindOf(command: string): CommandKind {
  const last = lastCommandOf(command.slice(-LOOKED_AT).replace(SAYING_SO, ''));
  return KINDS.find(([, pattern]) => pattern.test(last))?.[0] ?? 'other';
}

/** What runs another command and passes its exit code on. xargs makes 123 of a 1 (see `no_match`). */
const RUNNERS =
  /^(?:\w{1,40}=\S{0,200}\s+|(?:sudo|time|env|nice|exec|builtin|eval|then|else|do|if|while)\s+|timeout\s+(?:-\S+\s+|[\d.]+[smhd]?\s+)+|xargs\s+(?:-\S+\s+(?:\d+\s+|\{\}\s+)?)*)+/;

/** `test -f x && echo yes`: the answer no is the test's, for saying so does not fail. */
const SAYING_SO = /(?:&&\s*(?:echo|printf|true|:)(?![\w-])[^;&|\n]{0,300})+\s*$/;

/** What may stand between git and its subcommand: "-C dir", "-c key=value", "--no-pager". */
const GIT_OPTIONS = /^git\s+(?:-[Cc]\s+\S+\s+|--?[\w-]+(?:=\S+)?\s+)*/;

/** Splits at `;`, `&&`, `||`, `|` and newlines outside quotes, which is all the shell that is needed here. */
function lastCommandOf(command: string): string {
  let start = 0;
  let quote = '';
  const text = command.replace(/[\s;&]+$/, '');
  for (let i = 0; i < text.length; i++) {
    const c = text.charAt(i);
    if (quote !== '') {
      if (c === '\\' && quote === '"') i++;
      else if (c === quote) quote = '';
    } else if (c === '\\') i++;
    else if (c === "'" || c === '"') quote = c;
    else if (c === ';' || c === '\n' || c === '|' || (c === '&' && text.charAt(i + 1) === '&')) start = i + 1;
  }
  return text
    .slice(start)
    .replace(/^[\s|&({!]+/, '')
    .replace(RUNNERS, '')
    .replace(GIT_OPTIONS, 'git ');
}
