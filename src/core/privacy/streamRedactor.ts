import { beginsPrivateKey, endOfPrivateKey, isPrivateKeyLine } from './credentialShapes.ts';
import { createRedactor } from './redact.ts';

/** Takes credentials out of a stream of bytes, whatever pieces it comes in and whatever is in it. */
export interface StreamRedactor {
  /** What can be passed on by now: whole lines, or the part of a very long one behind which nothing can change. */
  push(chunk: Uint8Array): Uint8Array;
  /** The rest. */
  end(): Uint8Array;
}

/** Of a line without an end this much is looked at at once; twice as much is the most that is held. */
const WINDOW = 65_536;
/** No secret is longer than this, with the name before it. */
const CONTEXT = 8192;
const MAX_KEY_LINES = 400;

/**
 * Line by line, so that the result does not depend on the pieces: a secret and its name in two lines stay, but for
 * private keys. Bytes are read as Latin-1, which gives every byte back, text or not; names and shapes of secrets are
 * ASCII, and the environment's values are looked for as their bytes.
 */
export function createStreamRedactor({ secrets }: { readonly secrets: readonly string[] }): StreamRedactor {
  const redactor = createRedactor({ identity: {}, secrets: secrets.map(utf8AsLatin1) });
  const redact = (text: string): string => redactor.credentialsOnly(text).text;
  const withoutKeys = keyLines(redact);
  let rest = '';
  const push = (text: string, isEnd: boolean): string => {
    rest += text;
    if (!isEnd && rest.length <= WINDOW && !text.includes('\n')) return '';
    let passed = '';
    let at = 0;
    for (let stop = rest.indexOf('\n'); stop !== -1; stop = rest.indexOf('\n', at)) {
      passed += longLine(rest.slice(at, stop), true) + '\n';
      at = stop + 1;
    }
    rest = rest.slice(at);
    if (isEnd || rest.length > WINDOW) passed += longLine(rest, isEnd);
    return passed;
  };
  /** Leaves in `rest` what may belong to what follows. */
  function longLine(line: string, isWhole: boolean): string {
    let passed = '';
    let left = line;
    while (left.length > WINDOW) {
      const cut = safeCut(left.slice(0, WINDOW), redact);
      passed += cut === undefined ? '[redacted:failed]' : withoutKeys(left.slice(0, cut));
      left = left.slice(cut ?? WINDOW);
    }
    rest = isWhole ? rest : left;
    return isWhole ? passed + withoutKeys(left) : passed;
  }
  return {
    push: (chunk) => bytesOf(push(latin1Of(chunk), false)),
    end: () => {
      const passed = push('', true);
      rest = '';
      return bytesOf(passed);
    },
  };
}

/** Where a window can be cut: what stands around the place reads the same in one piece as in two. */
function safeCut(window: string, redact: (text: string) => string): number | undefined {
  for (let back = CONTEXT / 2; back <= WINDOW - CONTEXT; back += CONTEXT) {
    const near = window.length - back;
    const blank = window.slice(near - 256, near).search(/[\s,;}\]][^\s,;}\]]*$/);
    const cut = blank === -1 ? near : near - 256 + blank + 1;
    const before = window.slice(cut - CONTEXT, cut);
    const behind = window.slice(cut, cut + CONTEXT);
    if (redact(before + behind) === redact(before) + redact(behind)) return cut;
  }
  return undefined;
}

/** Private keys are blocks of lines: between their first and their last nothing is passed on. */
function keyLines(redact: (text: string) => string): (line: string) => string {
  let linesLeft = 0;
  return (line) => {
    let visible = line;
    if (linesLeft > 0) {
      const end = endOfPrivateKey(line);
      linesLeft = end === undefined && isPrivateKeyLine(line) ? linesLeft - 1 : 0;
      if (linesLeft > 0) return '';
      visible = line.slice(end ?? 0);
    }
    if (beginsPrivateKey(visible)) linesLeft = MAX_KEY_LINES;
    return redact(visible);
  };
}

function latin1Of(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return text;
}

/** What a redacted word of JSON decoded into more than a byte is written as UTF-8. */
function bytesOf(text: string): Uint8Array {
  const isBytes = !/[^\0-\xff]/.test(text);
  const latin1 = isBytes ? text : text.replace(/[^\0-\xff]+/g, utf8AsLatin1);
  const bytes = new Uint8Array(latin1.length);
  for (let i = 0; i < latin1.length; i += 1) bytes[i] = latin1.charCodeAt(i);
  return bytes;
}

function utf8AsLatin1(text: string): string {
  // Half a surrogate pair has no UTF-8.
  const wellFormed = text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd');
  return encodeURIComponent(wellFormed).replace(/%([0-9A-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
