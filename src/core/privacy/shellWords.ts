/** The words of one simple command within a longer text, with the places where they stand. */

export interface ShellWord {
  readonly start: number;
  readonly end: number;
  /** As it is written, without quotes around the whole. */
  readonly text: string;
}

export interface SimpleCommand {
  readonly words: readonly ShellWord[];
  /** Where the next command may begin. */
  readonly end: number;
}

/** No command line that a person or an agent writes has more before its end; what follows is read as another one. */
const MAX_COMMAND = 8192;
const MAX_LOOKBACK = 1024;

/** A quote within single quotes, as shells want it written. */
const INNER_SINGLE = String.raw`'\''`;
const INNER_DOUBLE = String.raw`\"`;

/**
 * The quote that is open at a place: within `bash -c 'mysql -psecret db'` the last one ends the command. An apostrophe
 * between letters is none.
 */
export function openQuoteAt(text: string, at: number, from: number): string {
  const lineStart = Math.max(from, text.lastIndexOf('\n', at - 1) + 1, at - MAX_LOOKBACK);
  let open = '';
  for (let i = lineStart; i < at; i += 1) {
    const character = text.charAt(i);
    if (open === "'" && character === "'" && text.startsWith(INNER_SINGLE, i)) i += 3;
    else if (character === '\\' && open !== "'") i += 1;
    else if (character === open) open = '';
    else if (open === '' && (character === '"' || (character === "'" && !isApostrophe(text, i)))) open = character;
  }
  return open;
}

function isApostrophe(text: string, at: number): boolean {
  return /[A-Za-z]/.test(text.charAt(at - 1)) && /[A-Za-z]/.test(text.charAt(at + 1));
}

/** From a place within a text that stands in the quote `outer` to the end of its command. */
export function simpleCommandAt(text: string, start: number, outer: string): SimpleCommand {
  const limit = Math.min(text.length, start + MAX_COMMAND);
  const words: ShellWord[] = [];
  let i = start;
  while (i < limit) {
    const character = text.charAt(i);
    if (isCommandEnd(text, i, outer)) break;
    if (/[\s<>]/.test(character)) i += 1;
    else if (character === '\\' && text.charAt(i + 1) === '\n') i += 2;
    else {
      const end = Math.max(i + 1, wordEnd(text, { at: i, limit, outer }));
      words.push(wordOf(text, i, end));
      i = end;
    }
  }
  return { words, end: Math.max(i, start + 1) };
}

function isCommandEnd(text: string, at: number, outer: string): boolean {
  const character = text.charAt(at);
  if (/[;|&\n)]/.test(character)) return true;
  return character === outer && outer !== '' && !(outer === "'" && text.startsWith(INNER_SINGLE, at));
}

function wordEnd(text: string, { at, limit, outer }: { at: number; limit: number; outer: string }): number {
  let i = at;
  while (i < limit && !/[\s<>]/.test(text.charAt(i)) && !isCommandEnd(text, i, outer)) {
    const quote = quoteAt(text, i, outer);
    const close = quote === '' ? -1 : closingQuote(text, i + quote.length, quote);
    if (close !== -1 && close <= limit) i = close + quote.length;
    else if (text.charAt(i) === '\\' && text.charAt(i + 1) !== '\n') i += 2;
    else if (text.charAt(i) === '\\') break;
    else i += 1;
  }
  return Math.min(i, limit);
}

function quoteAt(text: string, at: number, outer: string): string {
  if (outer === "'") return text.startsWith(INNER_SINGLE, at) ? INNER_SINGLE : text.charAt(at) === '"' ? '"' : '';
  if (outer === '"') return text.startsWith(INNER_DOUBLE, at) ? INNER_DOUBLE : text.charAt(at) === "'" ? "'" : '';
  const character = text.charAt(at);
  return character === '"' || character === "'" ? character : '';
}

function closingQuote(text: string, from: number, quote: string): number {
  if (quote !== '"') return text.indexOf(quote, from);
  for (let i = from; i < text.length; i += 1) {
    const character = text.charAt(i);
    if (character === '"') return i;
    if (character === '\\') i += 1;
  }
  return -1;
}

function wordOf(text: string, start: number, end: number): ShellWord {
  const inner = withoutQuotes(text, { start, end });
  return { ...inner, text: text.slice(inner.start, inner.end) };
}

export interface Span {
  readonly start: number;
  readonly end: number;
}

/** What stands between the quotes, where they are around the whole. */
export function withoutQuotes(text: string, { start, end }: Span): Span {
  for (const quote of [INNER_SINGLE, INNER_DOUBLE, '"', "'"]) {
    if (end - start < 2 * quote.length || !text.startsWith(quote, start)) continue;
    if (text.slice(end - quote.length, end) === quote) return { start: start + quote.length, end: end - quote.length };
  }
  return { start, end };
}
