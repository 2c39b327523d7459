import type { Random } from '../randomFrom.ts';

/**
 * Secrets of every known form with random bodies, in the places where they are met, and ordinary lines without any.
 * Nothing here looks like a secret until it runs: only the prefixes are written here, the bodies are drawn.
 */

const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const DIGITS = '0123456789';
const ALNUM = LOWER + LOWER.toUpperCase() + DIGITS;
const HEX = `${DIGITS}abcdef`;
const BASE32 = `${LOWER.toUpperCase()}234567`;
const URL_SAFE = `${ALNUM}-_`;

export function drawn(random: Random, alphabet: string, length: number): string {
  let text = '';
  for (let i = 0; i < length; i += 1) text += alphabet.charAt(Math.floor(random() * alphabet.length));
  return text;
}

function oneOf<T>(random: Random, items: readonly T[]): T {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error('nothing to choose from');
  return item;
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const base64Url = (text: string): string => Buffer.from(text).toString('base64url');

interface SecretForm {
  readonly kind: string;
  readonly make: (random: Random) => string;
  /** A form that is a secret only by its name or its place. */
  readonly named?: string;
}

const tail = (prefix: readonly string[], alphabet: string, length: number) => (random: Random) =>
  oneOf(random, prefix) + drawn(random, alphabet, length);

export const SECRET_FORMS: readonly SecretForm[] = [
  { kind: 'anthropic', make: (r) => `sk-ant-api03-${drawn(r, URL_SAFE, 93)}AA` },
  { kind: 'openai', make: (r) => `sk-${drawn(r, ALNUM, 48)}` },
  {
    kind: 'openai project',
    make: (r) => `sk-${oneOf(r, ['proj', 'svcacct', 'admin'])}-${drawn(r, URL_SAFE, 74)}`,
  },
  { kind: 'openrouter', make: (r) => `sk-or-v1-${drawn(r, HEX, 64)}` },
  {
    kind: 'github',
    make: tail(
      ['ghp', 'gho', 'ghu', 'ghs', 'ghr'].map((p) => `${p}_`),
      ALNUM,
      36,
    ),
  },
  { kind: 'github fine', make: (r) => `github_pat_${drawn(r, ALNUM, 22)}_${drawn(r, ALNUM, 59)}` },
  {
    kind: 'gitlab',
    make: tail(
      ['pat', 'dt', 'rt', 'ptt', 'cbt'].map((p) => `gl${p}-`),
      URL_SAFE,
      20,
    ),
  },
  {
    kind: 'aws id',
    make: tail(
      ['AK', 'AS'].map((p) => `${p}IA`),
      BASE32,
      16,
    ),
  },
  { kind: 'aws secret', named: 'AWS_SECRET_ACCESS_KEY', make: (r) => drawn(r, `${ALNUM}+/`, 40) },
  { kind: 'google key', make: tail(['AIza'], URL_SAFE, 35) },
  { kind: 'google token', make: tail(['ya29.'], URL_SAFE, 120) },
  { kind: 'google client secret', make: tail(['GOCSPX-'], URL_SAFE, 28) },
  { kind: 'azure client secret', make: (r) => `${drawn(r, ALNUM, 3)}8Q~${drawn(r, ALNUM, 34)}` },
  { kind: 'azure account key', named: 'AccountKey', make: (r) => `${drawn(r, `${ALNUM}+/`, 86)}==` },
  {
    kind: 'slack',
    make: (r) =>
      `xox${oneOf(r, ['b', 'p', 'a'])}-${drawn(r, DIGITS, 12)}-${drawn(r, DIGITS, 12)}-${drawn(r, ALNUM, 24)}`,
  },
  {
    kind: 'slack hook',
    make: (r) =>
      `https://hooks.slack.com/services/T${drawn(r, BASE32, 8)}/B${drawn(r, BASE32, 8)}/${drawn(r, ALNUM, 24)}`,
  },
  {
    kind: 'stripe',
    make: tail(
      ['sk', 'rk'].flatMap((p) => [`${p}_live_`, `${p}_test_`]),
      ALNUM,
      24,
    ),
  },
  { kind: 'npm', make: tail(['npm_'], ALNUM, 36) },
  { kind: 'pypi', make: (r) => `pypi-AgEIcHlwaS5vcmc${drawn(r, URL_SAFE, 80)}` },
  { kind: 'hugging face', make: tail(['hf_'], ALNUM, 34) },
  {
    kind: 'jwt',
    make: (r) =>
      [
        base64Url('{"alg":"HS256","typ":"JWT"}'),
        base64Url(`{"sub":"${drawn(r, ALNUM, 20)}"}`),
        drawn(r, URL_SAFE, 43),
      ].join('.'),
  },
  { kind: 'telegram', make: (r) => `${drawn(r, DIGITS, 10)}:AA${drawn(r, URL_SAFE, 33)}` },
  { kind: 'discord', make: (r) => `M${drawn(r, ALNUM, 23)}.${drawn(r, ALNUM, 6)}.${drawn(r, URL_SAFE, 38)}` },
  { kind: 'twilio', make: tail(['SK'], HEX, 32) },
  { kind: 'sendgrid', make: (r) => `SG.${drawn(r, URL_SAFE, 22)}.${drawn(r, URL_SAFE, 43)}` },
  { kind: 'mailgun', make: tail(['key-'], HEX, 32) },
  { kind: 'digitalocean', make: tail(['dop_v1_'], HEX, 64) },
  { kind: 'shopify', make: tail(['shpat_'], HEX, 32) },
  { kind: 'databricks', make: tail(['dapi'], HEX, 32) },
  { kind: 'vault', make: tail(['hvs.'], URL_SAFE, 90) },
  { kind: 'groq', make: tail(['gsk_'], ALNUM, 52) },
  { kind: 'linear', make: tail(['lin_api_'], ALNUM, 40) },
  { kind: 'private key', make: privateKey },
  { kind: 'password', named: 'DB_PASSWORD', make: (r) => drawn(r, `${ALNUM}!#%*+`, 14) + drawn(r, DIGITS, 1) },
  { kind: 'passphrase', named: 'passphrase', make: (r) => drawn(r, ALNUM, 16) + drawn(r, DIGITS, 1) },
  { kind: 'api key', named: 'apiKey', make: (r) => drawn(r, HEX, 32) },
  { kind: 'header key', named: 'x-api-key', make: (r) => drawn(r, ALNUM, 24) + drawn(r, DIGITS, 1) },
];

/** The lines of a key without those around them: any of them in the open is a leak. */
function privateKey(random: Random): string {
  const lines = Array.from({ length: 4 }, () => drawn(random, `${ALNUM}+/`, 64));
  const label = `${oneOf(random, ['RSA ', 'EC ', 'OPENSSH ', ''])}PRIVATE KEY`;
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`].join('\n');
}

type Place = (secret: string, name: string | undefined) => string;

/** Places that need no name: what has a shape is found anywhere. */
const SHAPED_PLACES: readonly Place[] = [
  (s) => `I tried it with ${s} and it failed again, see the log.`,
  (s) => `error: invalid credentials (${s})`,
  (s) => `https://${encodeURIComponent(s)}@git.example.com/team/repo.git`,
  (s) => `GET /v1/items?limit=10&access_token=${encodeURIComponent(s)}&page=2 HTTP/1.1`,
  (s) => `curl -sS -H "Authorization: Bearer ${s}" https://api.example.com/v1/models`,
  (s) => `> Authorization: Bearer ${s}\n> Accept: */*`,
  (s) => `set-cookie: session=${s}; Path=/; HttpOnly`,
  (s) => `first line\n${s}\nlast line`,
];

/** Places where the name says it. */
const NAMED_PLACES: readonly Place[] = [
  (s, n = 'API_TOKEN') => `export ${n}=${s}`,
  (s, n = 'API_TOKEN') => `${n}="${s}" npm run deploy`,
  (s, n = 'token') => `{"id": 7, "${n}": ${JSON.stringify(s)}, "ok": true}`,
  (s, n = 'token') => `service:\n  ${n}: ${s}\n  port: 8080`,
  (s, n = 'token') => `tool --${n.toLowerCase().replaceAll('_', '-')} ${s} --verbose`,
  (s, n = 'token') => `tool --${n.toLowerCase().replaceAll('_', '-')}=${s} --verbose`,
  (s, n = 'token') => `const ${n.replaceAll('-', '')} = '${s}';`,
  (s, n = 'X-Auth-Token') => `${n}: ${s}`,
];

export const ENCODINGS: Readonly<Record<string, (text: string) => string>> = {
  plain: (text) => text,
  json: (text) => JSON.stringify({ output: text, code: 0 }),
  'json in json': (text) => JSON.stringify({ payload: { arguments: JSON.stringify({ output: text }) } }),
  url: (text) => `body=${encodeURIComponent(text)}`,
  base64: (text) => `data ${base64(text)} end`,
};

export interface CorpusItem {
  readonly kind: string;
  readonly encoding: string;
  readonly text: string;
  /** What must not be readable in the redacted text, in whatever encoding it is. */
  readonly secrets: readonly string[];
}

/** Every form in every place in every encoding. */
export function secretCorpus(random: Random): CorpusItem[] {
  const items: CorpusItem[] = [];
  for (const form of SECRET_FORMS) {
    const places = form.named === undefined ? [...SHAPED_PLACES, ...NAMED_PLACES] : NAMED_PLACES;
    for (const place of places) {
      for (const [encoding, encode] of Object.entries(ENCODINGS)) {
        const secret = form.make(random);
        const text = encode(place(secret, form.named));
        const secrets = secret.includes('\n') ? secret.split('\n').slice(1, -1) : [secret];
        items.push({ kind: form.kind, encoding, text, secrets });
      }
    }
  }
  return items;
}

/** Whether a secret can still be read in a text, whatever it is encoded as. */
export function isReadable(text: string, secret: string): boolean {
  return layersOf(text).some((layer) => layer.includes(secret));
}

/** A text as it is, and as it reads when it is decoded once, twice, and so on. */
export function layersOf(text: string): readonly string[] {
  const layers = [text];
  for (let depth = 1; depth < 5; depth += 1) layers.push(peeled(layers.at(-1) ?? ''));
  return layers;
}

function peeled(text: string): string {
  return text
    .replace(/[A-Za-z0-9+/_-]{12,}={0,2}/g, (word) => {
      const decoded = Buffer.from(word, 'base64');
      // oxlint-disable-next-line no-control-regex -- what is no text stays encoded
      return /^[\t\n\r\x20-\x7e]+$/.test(decoded.toString('latin1')) ? decoded.toString() : word;
    })
    .replace(/(?:%[0-9A-Fa-f]{2})+/g, (run) => {
      try {
        return decodeURIComponent(run);
      } catch {
        return run;
      }
    })
    .replace(/\\(["\\/])/g, '$1')
    .replace(/\\n/g, '\n');
}
