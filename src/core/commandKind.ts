import type { CommandKind } from './transcriptEvents.ts';

/** Only the end of a command decides its exit code; 2,000 characters hold the last command of any real line. */
const LOOKED_AT = 2000;

const SEARCH = /^(?:grep|egrep|fgrep|zgrep|rg|ag|ack|git\s+(?:-\S+\s+\S+\s+)?grep|findstr|Select-String)\b/;
const COMPARE = /^(?:diff|cmp|comm|colordiff|git\s+diff|fc)\b/;
const PROBE =
  /^(?:test|\[\[?|which|command\s+-v|type|hash|pgrep|pidof|git\s+(?:rev-parse|merge-base|check-ignore|show-ref)|systemctl\s+is-\w+|dpkg\s+-s)(?=\s|$)/;
/**
 * The kind of a shell command, judged by the command that decides the exit code: the last one of the line and of its
 * pipeline (`cd x && rg foo | head` ends with head, `make; grep x log` with grep).
 */
export function commandKindOf(command: string): CommandKind {
  const last = lastCommandOf(command.slice(-LOOKED_AT));
  if (SEARCH.test(last)) return 'search';
  if (COMPARE.test(last)) return 'compare';
  if (PROBE.test(last)) return 'probe';
  return 'other';
}

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
    .replace(/^(?:\w{1,40}=\S{0,200}\s+|sudo\s+|time\s+|env\s+|timeout\s+\S+\s+)+/, '');
}
