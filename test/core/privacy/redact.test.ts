import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRedactor, secretsOfEnvironment } from '../../../src/core/privacy/redact.ts';
import { randomFrom } from '../randomFrom.ts';
import { drawn, secretCorpus } from './secretCorpus.ts';

const redactor = createRedactor({ identity: {}, secrets: [] });
const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

test('counts of tokens, keys of tables, commits, UUIDs and versions stay as they are', () => {
  for (const line of [
    '{"input_tokens": 1204, "output_tokens":93, "max_tokens": 4096, "token_count": 7}',
    'primary_key: user_id, foreign_key: order_id, sort_key = created_at, cache_key="v2-main"',
    'commit 9fceb02d0ae598e95dc970b74767f19372d61af8 (HEAD -> main)',
    'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    'session 3f2504e0-4f89-41d3-9a0c-0305e82c3301 resumed',
    'toolu_01A09q90qw90lq917835lq9 finished',
    'const token = parser.nextToken(); if (token.kind === "eof") return;',
    'function login(password: string, token: Token): Promise<void>',
    'export API_TOKEN=$OTHER_TOKEN; echo ${API_TOKEN}',
    'The password is required and the token was not found.',
    'either/or, and/or, text/html, 3/4, n/a, TCP/IP',
    'node v20.19.0, npm 11.2.0, chrome 131.0.6778.85',
    'util.addListener(session, onHttp2SessionGoAway); createRetryableHttpRequestOptionsV2()',
    '"@scope/core-auth": "^1.10.0", auth = "1.3.6.1.5.5.7.3.1"',
    "getpass(prompt='Password: ', stream=None): a basic HTTP/1.1 client",
  ]) {
    assert.equal(redactor.redact(line).text, line);
  }
});

test('a random word is removed even where nothing says that it is a secret; the address of a commit is not one', () => {
  const random = randomFrom(12);
  const alphabet = `${LETTERS}${LETTERS.toUpperCase()}0123456789`;
  let kept = 0;
  for (let i = 0; i < 1000; i += 1) {
    const word = drawn(random, i % 2 === 0 ? alphabet : `${alphabet}+/`, 40);
    if (redactor.credentialsOnly(`it printed ${word} and stopped`).text.includes(word)) kept += 1;
  }
  // A slash may cut a word into parts too short to be judged: 3% stay without a name or a shape beside them.
  assert.ok(kept <= 50, String(kept));
  const address = `see https://github.com/some-one/some-thing/commit/${drawn(random, '0123456789abcdef', 40)}/src`;
  assert.equal(redactor.credentialsOnly(address).text, address);
});

test('what leaked from other redactors is removed', () => {
  const secret = drawn(randomFrom(9), `${LETTERS}0123456789`, 30);
  const github = `ghp_${drawn(randomFrom(9), `${LETTERS}0123456789`, 36)}`;
  for (const text of [
    `clone https://${github}@github.com/a/b`,
    `{"apiKey":"${secret}"}`,
    `x-api-key: ${secret}`,
    `passphrase = "${secret}"`,
    `set-cookie: sid=${secret}; HttpOnly`,
    `curl -H "Authorization: Bearer first${secret}" -H "Authorization: Bearer ${secret}" x`,
    `curl -u someone:${secret} https://example.com`,
    `mysql -u app -p${secret} shop`,
    `line\\nAPI_KEY=${secret}\\nnext`,
    `"{\\"token\\": \\"${secret}\\"`,
    `headers: {"authorization":"Basic ${secret}"}`,
  ]) {
    const { text: shown, removed } = redactor.credentialsOnly(text);
    assert.ok(!shown.includes(secret) && !shown.includes(github), shown);
    assert.ok(Object.values(removed).reduce((sum, count) => sum + count, 0) > 0);
  }
});

test('values of the environment are removed inside longer strings, and "1" is not one', () => {
  const value = `hunter${drawn(randomFrom(2), LETTERS, 9)}`;
  const secrets = secretsOfEnvironment({
    MY_TOKEN: value,
    X_TOKEN: '1',
    PATH: '/usr/bin',
    INPUT_TOKENS: '123456',
    A: undefined,
  });
  assert.deepEqual(secrets, [value]);
  const own = createRedactor({ identity: {}, secrets });
  assert.equal(own.credentialsOnly(`pre${value}post 1 1 1`).text, 'pre[redacted:environment_value]post 1 1 1');
});

test('paths of every system go from a text for everybody and stay in one for the private log root', () => {
  for (const path of [
    '/srv/acme/billing/run.sh',
    './lib/acme/run.ts',
    '../secret-project/run.ts',
    '~/acme/run.ts',
    'acme/billing/run.py',
    'C:\\Users\\Acme Person\\billing\\run.bat',
    'C:/Users/acme/run.bat',
    '\\\\acme-server\\share\\billing\\run.bat',
    'file:///srv/acme/run.sh',
    'https://git.acme.internal/x?y=acme#acme',
  ]) {
    const shown = redactor.redact(`cannot open ${path}: denied`).text;
    assert.ok(!/acme|billing|secret-project/i.test(shown), shown);
    assert.equal(redactor.credentialsOnly(`open ${path}`).text, `open ${path}`);
  }
});

test('blanks in a path do not leave the rest of it standing, and the words after it stay', () => {
  for (const [text, shown] of [
    ['cannot open /mnt/My Data/secret project/file one.txt today', 'cannot open [redacted:path] today'],
    [String.raw`cd /mnt/My\ Data/secret\ project/x && ls`, 'cd [redacted:path] && ls'],
    ["open '/Volumes/Time Machine/Acme Plans'", "open '[redacted:path]'"],
    ['moved /srv/acme/b to x/y and stopped', 'moved [redacted:path] to x/y and stopped'],
    ['GET /v1/models returned 404', 'GET [redacted:path] returned 404'],
    ['see /srv/acme/a.ts and /srv/acme/b.ts for it', 'see [redacted:path] and [redacted:path] for it'],
  ] as const) {
    assert.equal(redactor.redact(text).text, shown);
  }
});

test('of bare random words of 40 characters not one in a hundred stays', () => {
  const random = randomFrom(40);
  const letters = `${LETTERS}${LETTERS.toUpperCase()}0123456789`;
  for (const alphabet of [letters, `${letters}+/`, `${letters}-_`, `${LETTERS}0123456789`]) {
    const words = Array.from({ length: 1000 }, () => drawn(random, alphabet, 40));
    const left = words.filter((word) => redactor.credentialsOnly(`it said ${word} and stopped`).text.includes(word));
    assert.ok(left.length < 10, `${left.length} of ${alphabet}`);
  }
});

test('an encoded text stays encoded, and what is not touched keeps its bytes', () => {
  const secret = `gho_${drawn(randomFrom(4), LETTERS, 36)}`;
  const shown = redactor.redact(JSON.stringify({ a: JSON.stringify({ b: `tab\t"${secret}"` }), n: 1 })).text;
  assert.deepEqual(JSON.parse((JSON.parse(shown) as { a: string }).a), { b: 'tab\t"[redacted:github_token]"' });
  const untouched = '{ "a" : "é\\u00e9 \\/ \\n", "b":1e400 }\r\n50% of 100%25 SGVsbG8gd29ybGQgdGhlcmU=';
  assert.equal(redactor.redact(untouched).text, untouched);
});

test('redacting twice changes nothing more', () => {
  for (const { text } of secretCorpus(randomFrom(6)).filter((_, index) => index % 7 === 0)) {
    const once = redactor.redact(text).text;
    assert.equal(redactor.redact(once).text, once);
  }
});

test('a JSON value is redacted through all its depths, by the names of its keys too', () => {
  const { value, removed } = redactor.redactValue({
    password: 'tr0ub4dor',
    headers: [{ name: 'X-Api-Key', value: 'k3yk3yk3y' }],
    usage: { input_tokens: 3, ok: true, none: null },
    note: 'plain',
    '/srv/acme/file.txt': 1,
  });
  assert.deepEqual(value, {
    password: '[redacted:secret_assignment]',
    headers: [{ name: 'X-Api-Key', value: '[redacted:secret_assignment]' }],
    usage: { input_tokens: 3, ok: true, none: null },
    note: 'plain',
    '[redacted:path]': 1,
  });
  assert.deepEqual(removed, { secret_assignment: 2, path: 1 });
});

test('what cannot be redacted is dropped, not passed', () => {
  const circular: Record<string, unknown> = { secret: 'a1b2c3d4e5' };
  circular['self'] = circular;
  assert.deepEqual(redactor.redactValue(circular), { value: '[redacted:failed]', removed: { failed: 1 } });
  const hostile = {
    get name(): string {
      throw new Error('no');
    },
  };
  assert.equal(redactor.redactValue(hostile).value, '[redacted:failed]');
});
