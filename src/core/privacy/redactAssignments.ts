import { spokenSecretAt } from './redactProse.ts';
import { secretNameOf, type SecretName } from './secretNames.ts';
import type { Span } from './shellWords.ts';

type Remove = (kind: string) => string;

/** What secret names have in common; found first, then the name around it is read. */
const NAME_PART =
  /token|secret|pass(?:w|phrase|code|command|\b)|(?<![a-z0-9])(?:pwd?|auth|pat)\b|(?<=[-_])psk\b|(?<=bind|root)pw\b|\bpin(?= is |: )|(?<=[-_a-z]|api |access |license )key\b|_key|key_id|credential|cookie|authorization|apikey|jwt|connectionstring/gi;
const NAME_CHARACTER = /[A-Za-z0-9_.-]/;
const MAX_NAME = 80;

/** `: `, `=`, `":"`, `\": \"`, ` => `, `:=`, and the blank after a flag. */
const SEPARATOR = /(\\{0,8}["'])?\s{0,8}(?:=>|:=|[:=])\s{0,8}|\s{1,8}/y;
const QUOTE = /'\\''|\\{0,8}["'`]/y;
/** What stands for a value: variables, placeholders, what was removed already, nothing. */
const STAND_IN =
  /^(?:\$|%[A-Za-z_]\w*%|\{\{|<[^>]*>$|\*{3,}|\[redacted|…|\.\.\.|x{4,}$|process\.env|os\.environ|env[.[(]|(?:null|none|nil|undefined|true|false|string|str|number|int|bool|boolean|any|unknown|bytes|object|optional|required|redacted|missing|unset|empty|not|is|was|must|has|to|the|a|an|and|or|in|for|from|of)\b[^A-Za-z0-9]*$)/i;

/** Values given to a name that says "secret": in shells, JSON, YAML, headers and flags. */
export function removeAssigned(text: string, remove: Remove): string {
  let result = '';
  let at = 0;
  NAME_PART.lastIndex = 0;
  for (let hit = NAME_PART.exec(text); hit !== null; hit = NAME_PART.exec(text)) {
    let start = hit.index;
    let end = NAME_PART.lastIndex;
    while (start > at && hit.index - start < MAX_NAME && NAME_CHARACTER.test(text.charAt(start - 1))) start -= 1;
    while (end < text.length && end - hit.index < MAX_NAME && NAME_CHARACTER.test(text.charAt(end))) end += 1;
    const value = valueAfter(text, { start, end }) ?? spokenSecretAt(text, { start, end });
    NAME_PART.lastIndex = Math.max(end, value?.end ?? 0);
    if (value === undefined) continue;
    result += text.slice(at, value.start) + remove('secret_assignment');
    at = value.end;
  }
  return at === 0 ? text : result + text.slice(at);
}

function valueAfter(text: string, nameSpan: Span): Span | undefined {
  // Most of these words stand in code and prose: what follows decides before the name is taken apart.
  SEPARATOR.lastIndex = nameSpan.end;
  const separator = SEPARATOR.exec(text)?.[0];
  if (separator === undefined) return undefined;
  const written = text.slice(nameSpan.start, nameSpan.end);
  // `\ntoken=`: the n belongs to the escape.
  const escaped = text.charAt(nameSpan.start - 1) === '\\' && /^[nrt]/.test(written) ? written.slice(1) : written;
  const isFlag = /^--?[a-z]/i.test(escaped);
  if (!isFlag && !/[:=]/.test(separator)) return undefined;
  // Java's and Gradle's properties: `-Dpassword=`, `-Ppassword=`.
  const name = escaped.replace(/^-[DP](?=[a-z])|^[-.]+/, '').replace(/\.+$/, '');
  const before = text.slice(Math.max(0, nameSpan.start - MAX_BEFORE), nameSpan.start);
  const secrecy = /--from-(?:env-)?file=$/.test(before) ? 'no' : secretNameOf(name);
  if (secrecy === 'no') return undefined;
  return valueAt(text, nameSpan.end + separator.length, {
    isFlag,
    isTight: separator === '=',
    isHeader: isHeaderName(name) && separator.includes(':'),
    before,
    name,
    secrecy,
  });
}

/** `--set-string "` */
const MAX_BEFORE = 16;

/** The whole of these headers is secret, blanks and all. */
function isHeaderName(name: string): boolean {
  return /^(?:proxy-)?authorization$|^(?:set-)?cookie2?$/i.test(name);
}

interface Context {
  readonly name: string;
  readonly secrecy: SecretName;
  readonly isFlag: boolean;
  /** `NAME=value`, as shells want it. */
  readonly isTight: boolean;
  readonly isHeader: boolean;
  /** The characters before the name. */
  readonly before: string;
}

const MAX_VALUE = 8192;

function valueAt(text: string, at: number, context: Context): Span | undefined {
  QUOTE.lastIndex = at;
  const quote = QUOTE.exec(text)?.[0];
  if (quote !== undefined) {
    const start = at + quote.length;
    const end = endOfQuoted(text, start, quote);
    const isSecret = isSecretText(text.slice(start, end), { ...context, isQuoted: true, isWord: false });
    return isSecret ? { start, end } : undefined;
  }
  const stop = context.isHeader ? /["'\n\r\\]/g : /[\s"'`,;&|<>(){}\\]/g;
  stop.lastIndex = at;
  const end = Math.min(stop.exec(text)?.index ?? text.length, at + MAX_VALUE);
  const value = text.slice(at, end).trimEnd();
  const isCall = /[({]/.test(text.charAt(at + value.length));
  if (value === '' || isCall) return undefined;
  if (context.isHeader) return /^\S*\s*\[redacted/.test(value) ? undefined : headerValue(value, at, context);
  const isWord = isWholeWord(context.before, text.charAt(at + value.length));
  const isSecret = isSecretText(value, { ...context, isQuoted: false, isWord });
  return isSecret ? { start: at, end: at + value.length } : undefined;
}

/** `--set password=x`, `-o user=u,password=x`, `Server=s;Password=x;`; not `connect(user, password=x)`. */
function isWholeWord(before: string, after: string): boolean {
  const isAlone = /(?:^|[\s"'`;?&:,])$/.test(before) && (after === '' || /[\s"'`;&|]/.test(after));
  return isAlone || (after === ',' && (before.endsWith(',') || /(?:-o|-e|--set|--set-string)[ =]["']?$/.test(before)));
}

/** `Authorization: Bearer $TOKEN` */
const HEADER_OF_VARIABLE = /^[A-Za-z-]{4,12}\s+["']?[$%{]/;

/** `authorization: required` is prose; a scheme, a pair, or a long word is a header. */
function headerValue(value: string, at: number, context: Context): Span | undefined {
  if (HEADER_OF_VARIABLE.test(value)) return undefined;
  const isScheme = /^(?:bearer|basic|token|apikey)\s+(?!token|auth|scheme|header)\S{3,}$/i.test(value);
  const isValue = isScheme || /^[A-Za-z-]{4,12}\s+\S{6,}/.test(value) || /=|\d/.test(value) || value.length > 24;
  const isProse = /^[a-z]+(?: [a-z]+)*[.,]?$/i.test(value) && !/^(?:bearer|basic|token)\s/i.test(value);
  if (isProse && context.name.toLowerCase() !== 'cookie') return undefined;
  return isValue ? { start: at, end: at + value.length } : undefined;
}

function endOfQuoted(text: string, start: number, quote: string): number {
  const limit = Math.min(text.length, start + MAX_VALUE);
  if (quote.length > 1) {
    const end = text.indexOf(quote, start);
    return end === -1 || end > limit ? limit : end;
  }
  for (let i = start; i < limit; i += 1) {
    const character = text.charAt(i);
    if (character === quote) return i;
    if (character === '\\') i += 1;
    else if (character === '\n' && quote !== '`') return i;
  }
  return limit;
}

interface ValueContext extends Context {
  readonly isQuoted: boolean;
  /** Name and value are a word of their own. */
  readonly isWord: boolean;
}

function isSecretText(value: string, context: ValueContext): boolean {
  const { name, secrecy, isFlag, isTight, isQuoted, isWord } = context;
  // A quote that closed something else, a version, an object identifier.
  if (value === '' || STAND_IN.test(value) || /^[,;)\]}](?:\s|$)|^[\^~<>=v]{0,2}\d+(?:\.\d+)+$/.test(value))
    return false;
  const looksSecret = looksLikeSecret(value);
  if (isFlag) return isFlagSecret(value, { name, secrecy });
  if (/passcommand$/i.test(name)) return /^(?:echo|printf)\s/.test(value);
  if (isQuoted && /^\s/.test(value)) return false; // the quote closed a prompt: "Password: "
  if (isQuoted)
    return secrecy === 'strong' ? value.length > 2 && !/^[A-Za-z]+(?: [A-Za-z']+)+[.!?:]?$/.test(value) : looksSecret;
  if (isTight && name === name.toUpperCase()) return value.length > 1 || /\D/.test(value);
  // Another program's header, as long as it wants to be.
  if (/^x-[a-z-]+$/i.test(name) && secrecy === 'strong' && value.length > 2 && !isCode(value)) return true;
  if (isTight && (secrecy === 'strong' || (isWord && /^pass$|^pw$|^psk$/i.test(name)))) {
    if (isWord && value.length > 2) return !isMember(value) && !name.toLowerCase().endsWith(value.toLowerCase());
    if (/pass|pwd/i.test(name)) return !isCode(value);
  }
  return looksSecret;
}

/** What `--auth`, `--token` and their kind take besides secrets. */
const FLAG_WORD =
  /^(?:basic|digest|ntlm|negotiate|kerberos|oauth2?|bearer|token|none|no|auto|anonymous|password|ldap|saml|oidc|jwt|plain|login|always|never|all|hidden|stdin|prompt)$/i;

function isFlagSecret(value: string, { name, secrecy }: Pick<Context, 'name' | 'secrecy'>): boolean {
  // openssl's and keytool's: where it is to be read from
  if (value.startsWith('-') || /^(?:env|file|fd|stdin|prompt)(?::|$)/.test(value)) return false;
  // ffmpeg's `-pass 1`
  if (/^(?:pass|pw|pwd)$/i.test(name)) return !/^\d$/.test(value);
  if (secrecy === 'strong') return true;
  // A file of cookies; docker's `--secret id=npm`.
  if (/cookies?$/i.test(name)) return value.includes('=');
  if (/^(?:id|src|type)=/.test(value) || FLAG_WORD.test(value)) return false;
  // The name of one that is kept elsewhere: `--secret=db-password`.
  if (/^[a-z]+[-_/][a-z-_/]+$/i.test(value) && secretNameOf(value) !== 'no') return false;
  return value.length >= 6 || (value.length > 2 && /\D/.test(value));
}

/** `options.token`, `Token`, `getToken`, `Foo::bar`, `12`. */
function isCode(value: string): boolean {
  return isMember(value) || /^[A-Z_a-z]+$/.test(value);
}

function isMember(value: string): boolean {
  return /^[A-Za-z_$][\w$]*(?:(?:\?\.|\.|::|->)[A-Za-z_$][\w$]*)+$/.test(value);
}

function looksLikeSecret(value: string): boolean {
  if (value.length < 6 || /^[\d.,:]+$/.test(value) || isCode(value)) return false;
  if (/\s/.test(value)) return /\d/.test(value) && value.length >= 12;
  return /\d/.test(value) || /[!@#$%^*+=~]/.test(value) || value.length >= 24;
}

/** `Bearer x`, `Basic x` and `Token x` wherever they stand, every one of a line. */
const SCHEME = /\b(bearer|basic|token|apikey)(\s{1,4}|%20|\+)([A-Za-z0-9+/=._~-]{8,})/gi;

export function removeSchemes(text: string, remove: Remove): string {
  return text.replace(SCHEME, (all: string, scheme: string, blank: string, value: string) =>
    isSchemeValue(value) ? `${scheme}${blank}${remove('authorization')}` : all,
  );
}

function isSchemeValue(value: string): boolean {
  if (/^[a-z-]+[.]?$/i.test(value) && value.length < 24)
    return /[a-z][A-Z]{2}|[A-Z][a-z]+[A-Z]/.test(value) || value.endsWith('=');
  return /\d/.test(value) ? !/^(?:[A-Z]+\/)?[\d.]+$/.test(value) : value.length >= 16;
}

const URL_CREDENTIALS = /:\/\/([^\s/?#@"'<>\\]{1,512})@/g;
const QUERY_SECRET =
  /([?&;](?:[\w.-]{0,40}(?:token|secret|password|passwd|key|signature|credential|auth|code|sig|session|jwt)[\w.-]{0,20})=)([^\s&#"'<>\\]{4,})/gi;

/** A token may stand for the user in `https://token@host`; in these it is a name. */
const NAMES_USER =
  /(?:^|[^a-z+])(?:postgres|postgresql|mysql|mariadb|mongodb|mongodb\+srv|amqp|ldap|ssh|git\+ssh|sftp|smb|rsync|imap|rdp|vnc)$/;

function isUserAlone(pair: string, before: string): boolean {
  return pair === 'git' || (!/:|%3a/i.test(pair) && /^[\w.-]{1,32}$/.test(pair) && NAMES_USER.test(before));
}

/** `https://name:pass@host`, `https://token@host`, `?access_token=...`. */
export function removeUrlSecrets(text: string, remove: Remove): string {
  let result = text;
  if (result.includes('://')) {
    result = result.replace(URL_CREDENTIALS, (all: string, pair: string, at: number) =>
      isUserAlone(pair, text.slice(Math.max(0, at - 16), at)) || /^(?:[\w.-]*:)?(?:\$|\[redacted|\*{3}|<)/.test(pair)
        ? all
        : `://${remove('url_credentials')}@`,
    );
  }
  if (!/[?&;][\w.-]+=/.test(result)) return result;
  return result.replace(QUERY_SECRET, (all: string, name: string, value: string) =>
    /^(?:\$|\[redacted|%5Bredacted)/.test(value) || /^(?:true|false|null|\d{1,5})$/.test(value)
      ? all
      : name + remove('url_query'),
  );
}
