import { secretNameOf, type SecretName } from './secretNames.ts';

type Remove = (kind: string) => string;

/** What secret names have in common; found first, then the name around it is read. */
const NAME_PART =
  /token|secret|passw|passphrase|passcode|\bpwd|[-_a-z]key\b|Key\b|KEY\b|_KEY|KEY_ID|key_id|credential|cookie|authorization|apikey|\bauth\b|_auth\b|_pat\b|\bpat\b|jwt|connectionstring/gi;
const NAME_CHARACTER = /[A-Za-z0-9_.-]/;
const MAX_NAME = 80;

/** `: `, `=`, `":"`, `\": \"`, ` => `, `:=`, and the blank after a flag. */
const SEPARATOR = /(\\{0,8}["'])?\s{0,8}(?:=>|:=|[:=])\s{0,8}|\s{1,8}/y;
const QUOTE = /\\{0,8}["'`]/y;
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
    const value = valueAfter(text, { start, end });
    NAME_PART.lastIndex = Math.max(end, value?.end ?? 0);
    if (value === undefined) continue;
    result += text.slice(at, value.start) + remove('secret_assignment');
    at = value.end;
  }
  return at === 0 ? text : result + text.slice(at);
}

interface Span {
  readonly start: number;
  readonly end: number;
}

function valueAfter(text: string, nameSpan: Span): Span | undefined {
  const written = text.slice(nameSpan.start, nameSpan.end);
  // `\ntoken=`: the n belongs to the escape.
  const escaped = text.charAt(nameSpan.start - 1) === '\\' && /^[nrt]/.test(written) ? written.slice(1) : written;
  const isFlag = /^--?[a-z]/i.test(escaped);
  const name = escaped.replace(/^[-.]+/, '').replace(/\.+$/, '');
  const secrecy = secretNameOf(name);
  if (secrecy === 'no') return undefined;
  SEPARATOR.lastIndex = nameSpan.end;
  const separator = SEPARATOR.exec(text)?.[0];
  if (separator === undefined) return undefined;
  if (!/[:=]/.test(separator) && !isFlag) return undefined;
  const place = { isFlag, isTight: /^=$/.test(separator), isHeader: isHeaderName(name) && separator.includes(':') };
  return valueAt(text, nameSpan.end + separator.length, { ...place, name, secrecy });
}

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
}

const MAX_VALUE = 8192;

function valueAt(text: string, at: number, context: Context): Span | undefined {
  QUOTE.lastIndex = at;
  const quote = QUOTE.exec(text)?.[0];
  if (quote !== undefined) {
    const start = at + quote.length;
    const end = endOfQuoted(text, start, quote);
    return isSecretText(text.slice(start, end), { ...context, isQuoted: true }) ? { start, end } : undefined;
  }
  const stop = context.isHeader ? /["'\n\r\\]/g : /[\s"'`,;&|<>(){}\\]/g;
  stop.lastIndex = at;
  const end = Math.min(stop.exec(text)?.index ?? text.length, at + MAX_VALUE);
  const value = text.slice(at, end).trimEnd();
  const isCall = /[({]/.test(text.charAt(at + value.length));
  if (value === '' || isCall) return undefined;
  if (context.isHeader) return /^\S*\s*\[redacted/.test(value) ? undefined : headerValue(value, at, context);
  return isSecretText(value, { ...context, isQuoted: false }) ? { start: at, end: at + value.length } : undefined;
}

/** `authorization: required` is prose; a scheme, a pair, or a long word is a header. */
function headerValue(value: string, at: number, context: Context): Span | undefined {
  const isValue = /^[A-Za-z-]{4,12}\s+\S{6,}/.test(value) || /=|\d/.test(value) || value.length > 24;
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

interface QuotedContext extends Context {
  readonly isQuoted: boolean;
}

function isSecretText(value: string, { name, secrecy, isFlag, isTight, isQuoted }: QuotedContext): boolean {
  // A quote that closed something else, a version, an object identifier.
  if (value === '' || STAND_IN.test(value) || /^[,;)\]}](?:\s|$)|^[\^~<>=v]{0,2}\d+(?:\.\d+)+$/.test(value))
    return false;
  const looksSecret = looksLikeSecret(value);
  if (isQuoted)
    return secrecy === 'strong' ? value.length > 2 && !/^[A-Za-z]+(?: [A-Za-z']+)+[.!?:]?$/.test(value) : looksSecret;
  if (isTight && name === name.toUpperCase()) return value.length > 1 || /\D/.test(value);
  if (isFlag && secrecy === 'strong') return !value.startsWith('-');
  if (isFlag) return value.length >= 6 && !value.startsWith('-');
  if (isTight && secrecy === 'strong' && /pass|pwd/i.test(name)) return !isCode(value);
  return looksSecret;
}

/** `options.token`, `Token`, `getToken`, `Foo::bar`, `12`. */
function isCode(value: string): boolean {
  return /^[A-Za-z_$][\w$]*(?:(?:\?\.|\.|::|->)[A-Za-z_$][\w$]*)+$/.test(value) || /^[A-Z_a-z]+$/.test(value);
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

/** `curl -u name:pass`, `mysql -ppass`, `sshpass -p pass`: flags that are secret with one program only. */
const PROGRAM_FLAGS =
  /\b(?:curl|wget|http)\b[^\n]{0,400}?\s(?:-u|--user)[ =]?["']?[^\s:"']{0,80}:([^\s"']+)|\bmysql(?:dump|admin)?\b[^\n]{0,400}?\s-p([^\s"'-][^\s"']*)|\bsshpass\s+-p\s*["']?([^\s"']+)|\bdocker\s+login\b[^\n]{0,400}?\s-p\s+["']?([^\s"']+)/g;

export function removeProgramFlags(text: string, remove: Remove): string {
  if (!/curl|wget|http|mysql|sshpass|docker/.test(text)) return text;
  return text.replace(PROGRAM_FLAGS, (all: string, ...groups: unknown[]) => {
    const secret = groups.slice(0, 4).find((group) => typeof group === 'string');
    if (typeof secret !== 'string' || secret.startsWith('$') || secret.startsWith('[redacted')) return all;
    return all.slice(0, all.length - secret.length) + remove('secret_flag');
  });
}

const URL_CREDENTIALS = /:\/\/([^\s/?#@"'<>\\]{1,512})@/g;
const QUERY_SECRET =
  /([?&;](?:[\w.-]{0,40}(?:token|secret|password|passwd|key|signature|credential|auth|code|sig|session|jwt)[\w.-]{0,20})=)([^\s&#"'<>\\]{4,})/gi;

/** `https://name:pass@host`, `https://token@host`, `?access_token=...`. */
export function removeUrlSecrets(text: string, remove: Remove): string {
  let result = text;
  if (result.includes('://')) {
    result = result.replace(URL_CREDENTIALS, (all: string, pair: string) =>
      pair === 'git' || /^(?:[\w.-]*:)?(?:\$|\[redacted|\*{3}|<)/.test(pair) ? all : `://${remove('url_credentials')}@`,
    );
  }
  if (!/[?&;][\w.-]+=/.test(result)) return result;
  return result.replace(QUERY_SECRET, (all: string, name: string, value: string) =>
    /^(?:\$|\[redacted|%5Bredacted)/.test(value) || /^(?:true|false|null|\d{1,5})$/.test(value)
      ? all
      : name + remove('url_query'),
  );
}
