/** Terms that identify a person, a machine or a project, and what of addresses and URLs does. */

export interface Identity {
  readonly home?: string;
  readonly user?: string;
  readonly host?: string;
  readonly workspace?: string;
  readonly remotes?: readonly string[];
  readonly emails?: readonly string[];
  /** Further names of people and machines, as a whole and each of their words. */
  readonly names?: readonly string[];
}

type Remove = (kind: string) => string;

/** Names half the world's machines and folders have: they identify nobody, and erasing them would erase prose. */
const COMMON = new Set(
  (
    'root user admin administrator ubuntu debian vscode codespace node runner builder developer dev guest test docker ' +
    'nobody localhost home work workspace workspaces project projects repo repos code src source app apps main master ' +
    'lib api web server client build dist docs data tmp temp local github gitlab bitbucket git http https www com org net ' +
    'mail example corp team internal'
  ).split(' '),
);

/** The pass that removes this identity's terms from a text. */
export function identityRemover(identity: Identity): (text: string, remove: Remove) => string {
  const kinds = termsOf(identity);
  if (kinds.size === 0) return (text) => text;
  const longestFirst = [...kinds.keys()].sort((a, b) => b.length - a.length);
  const pattern = new RegExp(longestFirst.map(patternOf).join('|'), 'gi');
  return (text, remove) => text.replace(pattern, (term) => remove(kinds.get(term.toLowerCase()) ?? 'name'));
}

/** Long terms are found inside words too; short ones only by themselves. */
function patternOf(term: string): string {
  const escaped = term.replace(/[.*+?^${}()|[\]\\/-]/g, String.raw`\$&`);
  return term.length >= 8 ? escaped : String.raw`(?<![A-Za-z0-9])${escaped}(?![A-Za-z0-9])`;
}

function termsOf({
  home,
  user,
  host,
  workspace,
  remotes = [],
  emails = [],
  names = [],
}: Identity): Map<string, string> {
  const kinds = new Map<string, string>();
  const add = (term: string | undefined, kind: string): void => {
    const text = term?.trim().toLowerCase() ?? '';
    if (text.length >= 2 && !COMMON.has(text) && !kinds.has(text)) kinds.set(text, kind);
  };
  const addPath = (path: string | undefined, kind: string): void => {
    const trimmed = path?.replace(/[\\/]+$/, '');
    if (trimmed === undefined || trimmed.length < 4) return;
    add(trimmed, kind);
    add(trimmed.replaceAll('\\', '\\\\'), kind);
    add(trimmed.replaceAll('\\', '/'), kind);
    // Claude Code names a project's folder by its path.
    if (/[\\/].*[\\/]/.test(trimmed)) add(trimmed.replace(/[^A-Za-z0-9]/g, '-'), kind);
    add(lastOf(trimmed), kind);
  };
  addPath(workspace, 'workspace');
  addPath(home, 'home');
  add(user, 'user');
  add(host, 'host');
  add(host?.split('.')[0], 'host');
  for (const email of emails) {
    const [local, domain] = email.split('@');
    add(email, 'email');
    add(local, 'user');
    addDomain(domain, add);
  }
  for (const name of names) {
    add(name, 'name');
    for (const part of name.split(/\s+/)) if (part.length >= 3) add(part, 'name');
  }
  for (const remote of remotes) addRemote(remote, add);
  return kinds;
}

type Add = (term: string | undefined, kind: string) => void;

/** Everybody's mail and code: their domains say nothing about who uses them. */
const PUBLIC_DOMAIN =
  /(?:^|\.)(?:github|gitlab|bitbucket|gmail|googlemail|outlook|hotmail|live|msn|yahoo|icloud|me|mac|proton|protonmail|pm|gmx|web|qq|163|126|yandex|fastmail|zoho|aol)\.[a-z.]{2,6}$/i;

/** `git.acme.co.uk` names `acme`, wherever else it stands. */
function addDomain(domain: string | undefined, add: Add): void {
  if (domain === undefined || PUBLIC_DOMAIN.test(domain)) return;
  add(domain, 'host');
  for (const label of domain.split('.').slice(0, -1)) if (label.length >= 4) add(label, 'host');
}

function addRemote(remote: string, add: Add): void {
  add(remote, 'remote');
  const path = remote
    .replace(/^[a-z+]+:\/\//i, '')
    .replace(/^[^/@]*@/, '')
    .replace(/\.git\/?$/, '');
  add(path, 'remote');
  const [host = '', ...rest] = path.split(/[:/]+/);
  addDomain(host, add);
  add(rest.join('/'), 'remote');
  for (const part of rest) if (part.length >= 3) add(part, 'remote');
}

function lastOf(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}

/** Hosts that say which public service was used, and nothing about who did. */
const PUBLIC_HOST =
  /^(?:(?:api|www|raw|registry|static|docs|developers|platform|console|statsig|generativelanguage|cdn|files|auth)\.)*(?:github\.com|githubusercontent\.com|gitlab\.com|bitbucket\.org|openai\.com|chatgpt\.com|anthropic\.com|claude\.ai|googleapis\.com|google\.com|npmjs\.org|npmjs\.com|pypi\.org|pythonhosted\.org|crates\.io|docker\.io|docker\.com|debian\.org|ubuntu\.com|nodejs\.org|python\.org|rust-lang\.org|mozilla\.org|w3\.org|json-schema\.org|localhost|example\.(?:com|org|net))$/i;
const URL = /\b([a-z][a-z0-9+.-]{1,15}):\/\/([^\s/?#"'<>\\`]{0,512})([^\s"'<>\\`]*)/gi;

/** Scheme, public host and port stay; a private host, the path and the query go. */
export function removeUrls(text: string, remove: Remove): string {
  if (!text.includes('://')) return text;
  return text.replace(URL, (all: string, scheme: string, authority: string, rest: string) => {
    const at = authority.lastIndexOf('@');
    const [host = '', port] = authority.slice(at + 1).split(/:(?=\d+$)/);
    const isPublic =
      host === '' || PUBLIC_HOST.test(host) || /^(?:127\.|0\.0\.0\.0|\[::1\])/.test(host) || host.includes('[redacted');
    const end = /[.,;:!?)}]{1,8}$/.exec(rest)?.[0] ?? '';
    const path = rest.slice(0, rest.length - end.length);
    if (isPublic && at === -1 && (path === '' || path === '/' || path.startsWith('/[redacted:path]'))) return all;
    const credentials = at === -1 ? '' : `${remove('url_credentials')}@`;
    const shownHost = isPublic ? host : remove('host');
    const shownPath = path.length <= 1 ? path : `/${remove('path')}`;
    return `${scheme}://${credentials}${shownHost}${port === undefined ? '' : `:${port}`}${shownPath}${end}`;
  });
}

const IPV4 = /(?<![\w.-])(?:\d{1,3}\.){3}\d{1,3}(?![\w-]|\.\d)/g;
const IPV6 = /(?<![\w:.])(?:[23][0-9a-f]{3}|f[cde][0-9a-f]{2}):(?:[0-9a-f]{0,4}:){1,6}[0-9a-f]{0,4}(?![\w:])/gi;
const MAC = /(?<![\w:-])(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}(?![\w:-])/gi;

export function removeAddresses(text: string, remove: Remove): string {
  let result = text;
  if (/\d\.\d/.test(result)) {
    result = result.replace(IPV4, (ip) =>
      /^(?:127\.|0\.0\.0\.0$|255\.)/.test(ip) || ip.split('.').some((part) => Number(part) > 255)
        ? ip
        : remove('ip_address'),
    );
  }
  if (result.includes(':') || result.includes('-')) {
    result = result.replace(IPV6, () => remove('ip_address')).replace(MAC, () => remove('mac_address'));
  }
  return result.includes('@') ? removeEmails(result, remove) : result;
}

const LOCAL_PART = /[A-Za-z0-9._%+-]/;
const DOMAIN = /(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}(?![A-Za-z0-9])/y;

/** From each `@` outwards: an expression that starts with the local part would read long words over and over. */
function removeEmails(text: string, remove: Remove): string {
  let result = '';
  let done = 0;
  for (let at = text.indexOf('@'); at !== -1; at = text.indexOf('@', at + 1)) {
    let start = at;
    while (start > done && at - start < 64 && LOCAL_PART.test(text.charAt(start - 1))) start -= 1;
    DOMAIN.lastIndex = at + 1;
    if (start === at || !DOMAIN.test(text) || text.slice(start, at) === 'git') continue;
    result += text.slice(done, start) + remove('email');
    done = DOMAIN.lastIndex;
  }
  return done === 0 ? text : result + text.slice(done);
}
