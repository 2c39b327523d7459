/**
 * Finding what is written inside something else: strings of JSON (in JSON, in JSON), percent encoding, base64. What was
 * found is decoded, handed over, and encoded again only when it came back different, so that nothing else changes.
 */
type Inner = (decoded: string) => string;

const STRING_WITH_ESCAPES = /"(?:[^"\\\n]|\\.)*"/g;

/**
 * Every double-quoted string that has escapes. Works on whole documents, on lines, on a line cut off in the middle and
 * on JSON quoted in prose alike, and leaves the layout around the strings as it is.
 */
export function withinStrings(text: string, inner: Inner): string {
  if (!text.includes('\\')) return text;
  return text.replace(STRING_WITH_ESCAPES, (literal) => {
    if (!literal.includes('\\')) return literal;
    const decoded = decodedString(literal);
    if (decoded === undefined) return literal;
    const changed = inner(decoded);
    return changed === decoded ? literal : JSON.stringify(changed);
  });
}

function decodedString(literal: string): string | undefined {
  try {
    return String(JSON.parse(literal));
  } catch {
    return undefined; // quoted text of another language; its escapes are not JSON's
  }
}

const PERCENT_WORD = /[^\s"<>%]{0,4096}%[0-9A-Fa-f]{2}[^\s"<>]*/g;
const PERCENT_RUN = /(?:%[0-9A-Fa-f]{2})+/g;

export function withinPercentEncoding(text: string, inner: Inner): string {
  if (!/%[0-9A-Fa-f]{2}/.test(text)) return text;
  return text.replace(PERCENT_WORD, (word) => {
    const decoded = word.replace(PERCENT_RUN, percentDecoded);
    if (decoded === word) return word;
    const changed = inner(decoded);
    return changed === decoded ? word : encodeURI(wellFormed(changed));
  });
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
const BASE64_WORD = /[A-Za-z0-9+/_-]{8,}={0,2}/g;

export function withinBase64(text: string, inner: Inner): string {
  if (text.length < 8) return text;
  return text.replace(BASE64_WORD, (word) => {
    const decoded = textOfBase64(word);
    if (decoded === undefined) return word;
    const changed = inner(decoded);
    return changed === decoded ? word : base64OfText(changed);
  });
}

/** The text a word of base64 stands for; `undefined` unless every byte of it is clearly text. */
export function textOfBase64(word: string): string | undefined {
  let end = word.length;
  while (end > 0 && word.charCodeAt(end - 1) === 61) end -= 1;
  if (end % 4 === 1) return undefined;
  let text = '';
  let isAscii = true;
  let bits = 0;
  let held = 0;
  for (let i = 0; i < end; i += 1) {
    bits = (bits << 6) | (VALUES[word.charCodeAt(i)] ?? 255);
    held += 6;
    if (held < 8) continue;
    held -= 8;
    const byte = (bits >>> held) & 255;
    if ((byte < 32 && byte !== 9 && byte !== 10 && byte !== 13) || byte === 127) return undefined;
    if (byte > 127) isAscii = false;
    if (isAscii) text += String.fromCharCode(byte);
    bits &= 0xff;
  }
  return isAscii ? text : utf8Of(word, end);
}

function utf8Of(word: string, end: number): string | undefined {
  let percent = '';
  let bits = 0;
  let held = 0;
  for (let i = 0; i < end; i += 1) {
    bits = ((bits << 6) | (VALUES[word.charCodeAt(i)] ?? 255)) & 0x3fff;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    percent += `%${((bits >>> held) & 255).toString(16).padStart(2, '0')}`;
  }
  const text = percentDecoded(percent);
  return text === percent ? undefined : text;
}

export function base64OfText(text: string): string {
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
