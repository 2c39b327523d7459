const QUOTE = 34;
const BACKSLASH = 92;

/**
 * A document that stops in the middle, cut behind its last whole object or array and closed there; `undefined` when
 * nothing in it is whole.
 */
export function mendedJson(text: string): string | undefined {
  const closers: string[] = [];
  let end = 0;
  /** How many were open there; those opened later stand behind them. */
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) {
      i = endOfString(text, i);
      if (i < 0) break;
    } else if (code === 123 || code === 91) closers.push(code === 123 ? '}' : ']');
    else if (code === 125 || code === 93) {
      // Not what was opened: no JSON that was cut, but no JSON at all.
      if (closers.pop() !== text.charAt(i)) return undefined;
      end = i + 1;
      depth = closers.length;
    }
  }
  return end === 0 || closers.length === 0
    ? undefined
    : text.slice(0, end) + closers.slice(0, depth).toReversed().join('');
}

/** Of the quote that ends it; -1 when it does not end. */
function endOfString(text: string, start: number): number {
  for (let i = text.indexOf('"', start + 1); i >= 0; i = text.indexOf('"', i + 1)) {
    let slashes = 0;
    while (text.charCodeAt(i - 1 - slashes) === BACKSLASH) slashes++;
    if (slashes % 2 === 0) return i;
  }
  return -1;
}
