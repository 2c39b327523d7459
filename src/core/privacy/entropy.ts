import { isTextInBase64, nextRun } from './redactEncodings.ts';

/** Words that only a random generator writes. */

/** The shortest word that is judged: below it, names and numbers look as random as secrets. */
const MIN_CHARACTERS = 20;

/** Ids that services print on purpose (Anthropic, OpenAI), and checksums that say what they are. */
const PUBLIC_PREFIX =
  /^(?:toolu|msg|req|call|resp|item|rs|fc|ctc|chatcmpl|run|thread|asst|file|batch|srvtoolu|event|evt|turn|sess|src|sha1|sha256|sha384|sha512)[_-]/;
const HEX = /^(?:0x)?[0-9a-fA-F]+$/;
const UUID = /[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}/;

export function removeRandomWords(text: string, remove: (kind: string) => string): string {
  if (text.length < MIN_CHARACTERS) return text;
  let result = '';
  let done = 0;
  for (let run = nextRun(text, 0, MIN_CHARACTERS); run !== undefined; run = nextRun(text, run.end, MIN_CHARACTERS)) {
    const word = text.slice(run.start, run.end);
    if (!isRandomWord(word) || isKnownWord(word) || isChecksum(text, run.start)) continue;
    result += text.slice(done, run.start) + remove('high_entropy');
    done = run.end;
  }
  return done === 0 ? text : result + text.slice(done);
}

/** Encoded text was read as such before. */
function isKnownWord(word: string): boolean {
  return PUBLIC_PREFIX.test(word) || isTextInBase64(word);
}

/** `h1:` is go.sum's, `sha512-`/`sha256:` npm's and everybody's. */
function isChecksum(text: string, at: number): boolean {
  return /(?:\bh1:|\bsha(?:1|256|384|512)[:-]|base64,[^\s]{0,40})$/i.test(text.slice(Math.max(0, at - 48), at));
}

function isRandomWord(word: string): boolean {
  // One random part is enough; the separators of identifiers and paths divide a word into its parts.
  if (word.split(/[_=/-]+/).some(isRandomPart)) return true;
  // A secret in base64 has separators of its own; between those of names, paths and URLs stand words and commits.
  const parts = word.split(/[_/-]/);
  return parts.length > 1 && !parts.some(isNamePart) && isRandomPart(word);
}

function isNamePart(part: string): boolean {
  return /^[A-Z]?[a-z]{4,}$|^[A-Z]{4,}$/.test(part) || /^[0-9a-f]{7,}$/.test(part);
}

function isRandomPart(part: string): boolean {
  if (part.length < MIN_CHARACTERS || HEX.test(part) || UUID.test(part)) return false;
  const counts = classCounts(part);
  const changes = counts.changes / (part.length - 1);
  if (counts.upper > 1 && counts.lower > 1 && counts.digit > 0) {
    // Letters and digits drawn at random change their class at 62% of the places, names in camel case at 25%; the
    // longer the word, the closer it comes to its own.
    const least = part.length < 24 ? 0.48 : part.length < 32 ? 0.42 : 0.36;
    return changes >= least && bitsPerCharacter(part) >= 3.4;
  }
  // One case and digits: 40% for random ones. Numbered names have their digits together.
  return part.length >= 28 && counts.digit >= 3 && changes >= 0.2 && bitsPerCharacter(part) >= 3.6;
}

function classCounts(part: string): { upper: number; lower: number; digit: number; other: number; changes: number } {
  const counts = { upper: 0, lower: 0, digit: 0, other: 0, changes: 0 };
  let last = '';
  for (const character of part) {
    const kind = classOf(character);
    counts[kind] += 1;
    if (last !== '' && last !== kind) counts.changes += 1;
    last = kind;
  }
  return counts;
}

function classOf(character: string): 'upper' | 'lower' | 'digit' | 'other' {
  if (character >= 'a' && character <= 'z') return 'lower';
  if (character >= 'A' && character <= 'Z') return 'upper';
  return character >= '0' && character <= '9' ? 'digit' : 'other';
}

/** Shannon's entropy of the characters as they occur. */
function bitsPerCharacter(part: string): number {
  const counts = new Uint32Array(128);
  for (let i = 0; i < part.length; i += 1) {
    const code = part.charCodeAt(i) & 127;
    counts[code] = (counts[code] ?? 0) + 1;
  }
  let bits = 0;
  for (const count of counts) if (count > 0) bits -= (count / part.length) * Math.log2(count / part.length);
  return bits;
}
