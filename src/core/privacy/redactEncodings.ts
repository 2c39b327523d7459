/**
 * Finding what is written inside something else: strings of JSON (in JSON, in JSON), percent encoding, base64. What was
 * found is decoded, handed over, and encoded again only when it came back different, so that nothing else changes.
 */
type Inner = (decoded: string) => string;

/** The closing quote may be missing: a line cut off in the middle ends within a string, and is read no second time. */
const STRING = /"(?:[^"\\\n]|\\.)*("?)/g;

/**
 * Every double-quoted string that has escapes. Works on whole documents, on lines, on a line cut off in the middle and
 * on JSON quoted in prose alike, and leaves the layout around the strings as it is.
 */
export function withinStrings(text: string, inner: Inner): string {
  if (!text.includes('\\')) return text;
  return text.replace(STRING, (literal, closing: string) => {
    if (!literal.includes('\\')) return literal;
    const decoded = decodedString(closing === '' ? `${literal}"` : literal);
    if (decoded === undefined) return literal;
    const changed = inner(decoded);
    if (changed === decoded) return literal;
    const encoded = JSON.stringify(changed);
    return closing === '' ? encoded.slice(0, -1) : encoded;
  });
}

function decodedString(literal: string): string | undefined {
  try {
    return String(JSON.parse(literal));
  } catch {
    return undefined; // quoted text of another language; its escapes are not JSON's
  }
}

const PERCENT = /%[0-9A-Fa-f]{2}/g;
const PERCENT_RUN = /(?:%[0-9A-Fa-f]{2})+/g;
const WORD_END = /[\s"<>]/g;
const MAX_LEFT = 4096;

/** Words with percent signs, from each sign outwards: an expression for the whole word would read it once per letter. */
export function withinPercentEncoding(text: string, inner: Inner): string {
  let result = '';
  let done = 0;
  // `inner` comes back here with texts of its own, so the place is kept outside of the expression.
  for (let at = indexOfMatch(PERCENT, text, 0); at !== -1; at = indexOfMatch(PERCENT, text, done)) {
    let start = at;
    while (start > done && at - start < MAX_LEFT && !/[\s"<>]/.test(text.charAt(start - 1))) start -= 1;
    const found = indexOfMatch(WORD_END, text, at);
    const end = found === -1 ? text.length : found;
    const word = text.slice(start, end);
    const decoded = word.replace(PERCENT_RUN, percentDecoded);
    const changed = decoded === word ? word : inner(decoded);
    result += text.slice(done, start) + (changed === decoded ? word : encodeURI(wellFormed(changed)));
    done = end;
  }
  return done === 0 ? text : result + text.slice(done);
}

function indexOfMatch(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from;
  return pattern.exec(text)?.index ?? -1;
}

function percentDecoded(run: string): string {
  try {
    return decodeURIComponent(run);
  } catch {
    return run; // not UTF-8
  }
}

/** encodeURI throws at half a surrogate pair. */
function wellFormed(text: string): string {
  return text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd');
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
/** The value of each character by its code; 255 where it is no character of base64. The URL-safe forms of 62 and 63 too. */
const VALUES = new Uint8Array(128).fill(255);
for (let i = 0; i < ALPHABET.length; i += 1) VALUES[ALPHABET.charCodeAt(i)] = i;
VALUES['-'.charCodeAt(0)] = 62;
VALUES['_'.charCodeAt(0)] = 63;

/** Six bytes and more: a shorter secret or name is not worth the words it would cost. */
const MIN_BASE64 = 8;

/**
 * The next run of at least `least` characters of base64, its padding among them. From the back: where one of the next
 * `least` characters is none of them, no run begins before it, and most words of any text are shorter.
 */
export function nextRun(
  text: string,
  from: number,
  least: number,
): { readonly start: number; readonly end: number } | undefined {
  let start = from;
  while (start + least <= text.length) {
    let at = start + least - 1;
    while (at >= start && isBase64(text.charCodeAt(at))) at -= 1;
    if (at >= start) {
      start = at + 1;
      continue;
    }
    let end = start + least;
    while (end < text.length && isBase64(text.charCodeAt(end))) end += 1;
    return { start, end };
  }
  return undefined;
}

function isBase64(code: number): boolean {
  return code < 128 && ((VALUES[code] ?? 255) < 64 || code === EQUALS);
}

/** What is text in base64. A `=` in the middle, as in `name=QUJD`, ends one word of it and begins another. */
export function withinBase64(text: string, inner: Inner): string {
  let result = '';
  let done = 0;
  for (let run = nextRun(text, 0, MIN_BASE64); run !== undefined; run = nextRun(text, run.end, MIN_BASE64)) {
    for (let start = run.start; start < run.end;) {
      let end = start;
      while (end < run.end && text.charCodeAt(end) !== EQUALS) end += 1;
      let padded = end;
      while (padded < end + 2 && text.charCodeAt(padded) === EQUALS) padded += 1;
      if (end - start >= MIN_BASE64 && isTextWithin(text, start, end)) {
        const decoded = textWithin(text, start, end);
        const changed = inner(decoded);
        if (changed !== decoded) {
          result += text.slice(done, start) + base64OfText(changed);
          done = padded;
        }
      }
      start = Math.max(end + 1, padded);
    }
  }
  return done === 0 ? text : result + text.slice(done);
}

const EQUALS = 61;

export function isTextInBase64(word: string): boolean {
  return isTextWithin(word, 0, word.replace(/=+$/, '').length);
}

/** Whether a word of base64 stands for bytes that are clearly text: UTF-8 without control characters. */
function isTextWithin(word: string, start: number, end: number): boolean {
  if ((end - start) % 4 === 1) return false;
  let bits = 0;
  let held = 0;
  let following = 0;
  for (let i = start; i < end; i += 1) {
    bits = ((bits << 6) | (VALUES[word.charCodeAt(i)] ?? 0)) & 0x3fff;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    const byte = (bits >>> held) & 255;
    const isFollowing = byte >= 0x80 && byte < 0xc0;
    if (isFollowing !== following > 0) return false;
    if (isFollowing) following -= 1;
    else if (byte >= 0xc2 && byte < 0xf5) following = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
    else if (byte >= 127 || (byte < 32 && byte !== 9 && byte !== 10 && byte !== 13)) return false;
  }
  return following === 0;
}

function textWithin(word: string, start: number, end: number): string {
  let percent = '';
  let bits = 0;
  let held = 0;
  for (let i = start; i < end; i += 1) {
    bits = ((bits << 6) | (VALUES[word.charCodeAt(i)] ?? 0)) & 0x3fff;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    percent += `%${((bits >>> held) & 255).toString(16).padStart(2, '0')}`;
  }
  return percentDecoded(percent);
}

function base64OfText(text: string): string {
  const bytes = encodeURIComponent(wellFormed(text)).replace(/%([0-9A-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  let result = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i;
    const bits = (bytes.charCodeAt(i) << 16) | ((bytes.charCodeAt(i + 1) || 0) << 8) | (bytes.charCodeAt(i + 2) || 0);
    result += ALPHABET.charAt(bits >>> 18) + ALPHABET.charAt((bits >>> 12) & 63);
    result += left > 1 ? ALPHABET.charAt((bits >>> 6) & 63) : '=';
    result += left > 2 ? ALPHABET.charAt(bits & 63) : '=';
  }
  return result;
}
