import type { Span } from './shellWords.ts';

/** Secrets that somebody says: "my password is sunshine", "pw: sunshine", "use the API key sunshine". */

/** What somebody calls a secret in prose; a name with underscores or dashes is an assignment's. */
const SPOKEN = /^(?:pass(?:word|wd|phrase|code)?|pw|pwd|pin|token|secret|(?:[a-z]{2,10} )?(?:key|token|secret))$/i;
const PASSWORD = /^pass|^pw|^pin$/i;

const IS =
  /(?:\s(?:for|of|to|on)(?:\s[\w@.'-]{1,30}){1,4}?)?\s{1,3}(?:is|was|will be|changed to)(?:\s(?:now|still|just|simply|set to|going to be))?:?\s{1,3}/y;
const COLON = /(?:\s(?:for|of|to|on)(?:\s[\w@.'-]{1,30}){1,4}?)?\s?:\s{0,3}/y;
const BLANK = /\s{1,2}/y;
const VALUE = /('\\''|\\?["']|`)([^"'`\n\\]{2,200})\1|([^\s"'`,;()[\]{}<>\\]{2,200})/y;
/** What stands before a name that its secret follows without another word. */
const GIVEN =
  /\b(?:use|uses|using|with|try|enter|type|send|and|user\s\S{1,40})\s(?:(?:the|this|my|our|your|an?|that|following)\s)?(?:\w{1,20}\s)?$/i;
const MAX_BEFORE = 48;
const MAX_BEHIND = 12;

/** Where the secret stands that somebody says behind its name. */
export function spokenSecretAt(text: string, name: Span): Span | undefined {
  const said = text.slice(name.start, name.end);
  if (!SPOKEN.test(said)) return undefined;
  const afterIs = endOf(IS, text, name.end);
  if (afterIs !== undefined) return valueAt(text, afterIs, PASSWORD.test(said) ? isPlainWord : isPlainOrType);
  const afterColon = PASSWORD.test(said) ? endOf(COLON, text, name.end) : undefined;
  if (afterColon !== undefined)
    return isWithinCode(text, name.start) ? undefined : valueAt(text, afterColon, isPlainOrCode);
  const afterBlank = endOf(BLANK, text, name.end);
  if (afterBlank === undefined || !GIVEN.test(text.slice(Math.max(0, name.start - MAX_BEFORE), name.start)))
    return undefined;
  return valueAt(text, afterBlank, isPlainWord);
}

function endOf(sticky: RegExp, text: string, at: number): number | undefined {
  sticky.lastIndex = at;
  return sticky.test(text) ? sticky.lastIndex : undefined;
}

/** `rest`: what stands behind the value. */
type IsPlain = (value: string, rest: string) => boolean;

function valueAt(text: string, at: number, isPlain: IsPlain): Span | undefined {
  VALUE.lastIndex = at;
  const match = VALUE.exec(text);
  if (match === null) return undefined;
  const [all, quote, quoted, bare] = match;
  if (quote !== undefined && quoted !== undefined)
    return / .* |^[\s,;]/.test(quoted) || isPlain(quoted, '')
      ? undefined
      : { start: at + quote.length, end: at + all.length - quote.length };
  const value = (bare ?? '').replace(/[.!?:]+$/, '');
  return value.length < 2 || isPlain(value, text.slice(at + all.length, at + all.length + MAX_BEHIND))
    ? undefined
    : { start: at, end: at + value.length };
}

/** `{ user: name, password: secret }` and `(password: string)` are code. */
function isWithinCode(text: string, at: number): boolean {
  const lineStart = Math.max(text.lastIndexOf('\n', at - 1) + 1, at - 200);
  return /[{(<[]/.test(text.slice(lineStart, at));
}

/** `token is BlockMap` */
function isPlainOrType(value: string): boolean {
  return /^(?:[A-Z][a-z]+){2,}$/.test(value) || isPlainWord(value);
}

/** `password: hide it while typing` says what is to be done with one. */
function isPlainOrCode(value: string, rest: string): boolean {
  if (/^[,;({[<)|]/.test(rest) || /^[A-Z][A-Za-z]*$/.test(value) || /[=|]$/.test(value) || isPlainWord(value))
    return true;
  return /^[a-z]+$/i.test(value) && /^ (?!(?:and|for|on|at|with|then|but|or)\b)[a-z]/i.test(rest);
}

/** Words of prose, variables, paths and placeholders: whatever else stands there is taken for the secret. */
function isPlainWord(value: string): boolean {
  if (/^(?:[$%/~.<*-]|\[redacted|https?:|\d{1,3}$|x{4,}$)/i.test(value) || /^[\w.-]+\/[\w./-]+$/.test(value))
    return true;
  const word = value.toLowerCase().replace(/(?:'s|n't)$/, '');
  if (/^[a-z]+-[a-z-]+$/.test(word) && word.split('-').some((part) => PLAIN.has(part) || SUFFIX.test(part)))
    return true;
  // `process.env.TOKEN`, `user.password`
  if (/^[a-z_$][\w$]*(?:\.[a-z_$][\w$]*)+$/i.test(value) && /[a-z]{3}/i.test(value) && !/\d/.test(value)) return true;
  return /^[a-z]+$/.test(word) && (PLAIN.has(word) || (word.length > 4 && SUFFIX.test(word)));
}

const SUFFIX = /(?:ed|ing|able|ible|tion|tions|ment)$/;

const PLAIN: ReadonlySet<string> = new Set(
  (
    'a an the not in on at from for to of and or but if so too very your my our their his her its this that these those ' +
    'there here correct incorrect wrong right invalid valid empty blank null none nil undefined unset unknown optional ' +
    'secret weak strong short long safe secure insecure same different new old default okay ok fine good bad true false ' +
    'string str number text plain hidden public private mandatory also always never only just still now no yes what ' +
    'which where when how why who as by with without you i we he she it they can cannot could should would will must may ' +
    'might do does did has have had be been is are was were env variable variables file files vault manager managers ' +
    'field fields form forms header headers parameter parameters param params prompt prompts box input inputs reset resets ' +
    'policy policies strength hash hashes hasher auth oauth login logins logon page pages screen check checks rules rule ' +
    'value values bucket buckets count counts counter limit limits budget usage stream streams type types kind kinds name ' +
    'names pair pairs store stores storage generator generators endpoint endpoints service services server servers api ' +
    'database table column class classes function functions method methods module component components instead via per ' +
    'before after again once then because since until unless between into out up down over under than more less most ' +
    'least all any some each every both either neither other another first last next previous everything something ' +
    'anything nothing change changes update updates issue issues bug bugs feature support flow flows logic code codes test ' +
    'tests step steps option options flag flags setting settings config section example examples placeholder length ' +
    'lookup provider providers reader readers parser parsers lexer refresh exchange format formats list lists set sets ' +
    'cache caches user users username usernames email emails account accounts admin key keys token tokens passwords ' +
    'credential credentials cookie cookies session sessions window windows part parts id ids bytes size sizes cost costs ' +
    'price prices ring rings rotation signing scope scopes type error errors grant grants is-set one ones two three like ' +
    'them him itself longer shorter wherever whenever however maybe perhaps currently based only-once about against ' +
    'around through during within across behind beyond above below near off onto toward towards upon help helper path ' +
    'found sent lost given known shown kept left used read seen made built put taken held told thrown written ' +
    'properly correctly directly automatically securely safely usually probably really simply actually already exactly ' +
    'temporarily empty high low active inactive dead gone case-sensitive required base64 sha256 ' +
    'paths url urls line lines data object objects array arrays map maps sort order schema hint hints icon icons button ' +
    'buttons label labels link links dialog modal view views toggle visibility middleware hook hooks handler handlers'
  ).split(' '),
);
