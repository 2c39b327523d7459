import { SECRET_PLACES, type FlagForm, type SecretPlaces } from './secretFlags.ts';
import { openQuoteAt, simpleCommandAt, withoutQuotes, type ShellWord, type Span } from './shellWords.ts';

type Remove = (kind: string) => string;

/** In the order of the alphabet, of which the engine makes a tree; what stands before is looked at afterwards. */
const NAMES = [...SECRET_PLACES.keys()].sort().map((name) => name.replace('.', '\\.'));
const PROGRAM = new RegExp(String.raw`(?:${NAMES.join('|')})(?:\.exe)?["']?[ \t]`, 'g');
const WITHIN_WORD = /[\w.@-]/;

/** `curl -u name:secret`, `mysql -psecret`, `vault login secret`: secrets by their place in a program's command line. */
export function removeCommandSecrets(text: string, remove: Remove): string {
  let result = '';
  let done = 0;
  let from = 0;
  PROGRAM.lastIndex = 0;
  for (let hit = PROGRAM.exec(text); hit !== null; hit = PROGRAM.exec(text)) {
    if (WITHIN_WORD.test(text.charAt(hit.index - 1))) continue;
    const { words, end } = simpleCommandAt(text, hit.index, openQuoteAt(text, hit.index, from));
    from = end;
    PROGRAM.lastIndex = end;
    for (const span of secretSpans(text, words)) {
      if (span.start < done || !isSecretWord(text.slice(span.start, span.end))) continue;
      result += text.slice(done, span.start) + remove('secret_flag');
      done = span.end;
    }
  }
  return done === 0 ? text : result + text.slice(done);
}

/** What stands for a secret: variables, substitutions, placeholders, where to read it from, nothing. */
const STAND_IN = /^(?:$|[$`<-]|\{\{|%\w+%$|\[redacted|\*+$|@|(?:env|file|fd|keychain):|stdin$|prompt$|x{4,}$|\.\.\.)/i;

function isSecretWord(word: string): boolean {
  return !STAND_IN.test(word.replace(/^\\?["']/, ''));
}

/** A program's words end where the third other program stands: `docker exec db mysql`, and nothing that is quadratic. */
const MAX_PROGRAMS = 3;

/** In the order of the text. */
function secretSpans(text: string, words: readonly ShellWord[]): Span[] {
  const spans: Span[] = [];
  const programs = words.flatMap((word, index) => (SECRET_PLACES.has(programOf(word.text)) ? [index] : []));
  for (const [order, index] of programs.entries()) {
    const after = words.slice(index + 1, programs[order + MAX_PROGRAMS]);
    for (const places of SECRET_PLACES.get(programOf(words[index]?.text ?? '')) ?? []) {
      if (places.needs.every((need) => after.some((other) => isNeeded(other.text, need))))
        spans.push(...spansOf(text, after, places));
    }
  }
  return spans.sort((a, b) => a.start - b.start);
}

/** Of `/usr/bin/mysql`, `'mysql'` and `mysql.exe`. */
function programOf(word: string): string {
  const name = word.slice(Math.max(word.lastIndexOf('/'), word.lastIndexOf('\\')) + 1);
  return name.replace(/\.exe$/, '').replace(/["']$/, '');
}

function isNeeded(word: string, need: string): boolean {
  if (!/^-[a-z]$/.test(need)) return word === need;
  return /^-[A-Za-z]+$/.test(word) && word.includes(need.slice(1));
}

function spansOf(text: string, words: readonly ShellWord[], places: SecretPlaces): Span[] {
  const spans: Span[] = [];
  const positionals: ShellWord[] = [];
  let isContiguous = true;
  let contiguous = 0;
  for (let i = 0; i < words.length; i += 1) {
    const word = words[i];
    if (word === undefined) break;
    const next = words[i + 1];
    const prefix = places.prefixes.find((start) => word.text.startsWith(start));
    const flag = flagOf(word.text, places.flags);
    if (prefix !== undefined) spans.push({ start: word.start + prefix.length, end: word.end });
    else if (flag !== undefined) {
      const span =
        flag.valueAt === undefined
          ? next && { start: next.start, end: next.end }
          : { start: word.start + flag.valueAt, end: word.end };
      if (span !== undefined) spans.push(...within(text, withoutQuotes(text, span), flag.form.within));
      if (flag.valueAt === undefined && next !== undefined && !next.text.startsWith('-')) i += 1;
      isContiguous = false;
    } else if (/^[-+]./.test(word.text)) isContiguous = false;
    else {
      if (places.isWrapper) break;
      positionals.push(word);
      if (isContiguous) contiguous = positionals.length;
      const named = places.words.find((entry) => wordNames(word.text, entry.word));
      if (named !== undefined) spans.push(...(named.isAll ? words.slice(i + 1) : words.slice(i + 1, i + 2)));
    }
  }
  return [...spans, ...positionSpans(text, { positionals, contiguous, places })];
}

/** `psk` is the last part of `wifi-sec.psk`, and `_authToken` of npm's `//registry/:_authToken`. */
function wordNames(text: string, word: string): boolean {
  const lower = text.toLowerCase();
  return lower === word || lower.endsWith(`.${word}`) || lower.endsWith(`:${word}`);
}

/** The flag that a word is, and where in the word its value begins; none where the value is the next word. */
function flagOf(
  word: string,
  flags: ReadonlyMap<string, FlagForm>,
): { readonly form: FlagForm; readonly valueAt: number | undefined } | undefined {
  if (!word.startsWith('-') && !word.startsWith('/')) return undefined;
  const exact = flags.get(word);
  if (exact !== undefined) return exact.isNext ? { form: exact, valueAt: undefined } : undefined;
  const equals = word.indexOf('=');
  const named = equals === -1 ? undefined : flags.get(word.slice(0, equals));
  if (named !== undefined && (named.isNext || word.startsWith('--'))) return { form: named, valueAt: equals + 1 };
  if (word.startsWith('--')) return undefined;
  for (const [flag, form] of flags) {
    if (form.isAttached && word.startsWith(flag)) return { form, valueAt: flag.length };
    if (form.isClustered && /^-[A-Za-z]+$/.test(word) && word.endsWith(flag.slice(1)))
      return { form, valueAt: undefined };
  }
  return undefined;
}

interface Positionals {
  readonly positionals: readonly ShellWord[];
  /** How many of them stand before the first flag. */
  readonly contiguous: number;
  readonly places: SecretPlaces;
}

function positionSpans(text: string, { positionals, contiguous, places }: Positionals): Span[] {
  return places.positions.flatMap(({ at, stops, within: form }) => {
    if (at === 'pairs') return positionals.flatMap((word) => within(text, word, form));
    if (at === 'last') return positionals.slice(Math.max(1, positionals.length - 1));
    const word = stops && at > contiguous ? undefined : positionals[at - 1];
    return word === undefined ? [] : within(text, word, form);
  });
}

/** The part of a value that is the secret. */
function within(text: string, span: Span, form: string): Span[] {
  if (form === '') return [span];
  const value = text.slice(span.start, span.end);
  if (form === '~') return value.startsWith('pass:') ? [{ start: span.start + 5, end: span.end }] : [];
  if (form === '!') {
    const said = /^(?:echo|printf)\s+(?:-n\s+)?/.exec(value)?.[0];
    return said === undefined ? [] : [{ start: span.start + said.length, end: span.end }];
  }
  const at = value.indexOf(form);
  // sqlplus's `/nolog` has no user, hence no password.
  if (at === -1 || at === value.length - 1 || (form === '/' && at === 0)) return [];
  const inner = withoutQuotes(text, { start: span.start + at + 1, end: span.end });
  if (form !== '/') return [inner];
  const host = text.slice(inner.start, inner.end).indexOf('@');
  return [host === -1 ? inner : { start: inner.start, end: inner.start + host }];
}
