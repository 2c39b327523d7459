import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createRedactor, secretsOfEnvironment } from '../../../src/core/privacy/redact.ts';
import { ordinaryLines } from './ordinaryLines.ts';
import { randomFrom } from '../randomFrom.ts';
import { drawn, ENCODINGS, isReadable, secretCorpus } from './secretCorpus.ts';

const redactor = createRedactor({ identity: {}, secrets: [] });
const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

test('at least 99% of secrets of every known form are found in every place and encoding', () => {
  const missed: string[] = [];
  let items = 0;
  for (const seed of [1, 2, 3]) {
    for (const { text, secrets, kind, encoding } of secretCorpus(randomFrom(seed))) {
      items += 1;
      const leaks = [redactor.redact(text), redactor.credentialsOnly(text)].some((redaction) =>
        secrets.some((secret) => isReadable(redaction.text, secret)),
      );
      if (leaks) missed.push(`${kind} ${encoding}`);
    }
  }
  assert.ok(items > 8000, String(items));
  assert.ok(missed.length <= items / 100, `${missed.length} of ${items}: ${missed.slice(0, 20).join(', ')}`);
});

test('at most 1% of ordinary lines are touched', () => {
  const sources = readdirSync(join(import.meta.dirname, '../../../src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) => readFileSync(join(import.meta.dirname, '../../../src', name), 'utf8').split('\n'));
  const lines = [...sources.filter((line) => line.trim() !== ''), ...ordinaryLines(randomFrom(5), 4000)];
  const byCredentials = lines.filter((line) => redactor.credentialsOnly(line).text !== line);
  assert.ok(byCredentials.length <= lines.length / 100, byCredentials.slice(0, 20).join('\n'));
  // What is meant to go from a text for everybody are paths and hosts; nothing else of an ordinary line is.
  const beyondPaths = lines.filter((line) =>
    Object.keys(redactor.redact(line).removed).some((kind) => kind !== 'path' && kind !== 'host'),
  );
  assert.ok(beyondPaths.length <= lines.length / 100, beyondPaths.slice(0, 20).join('\n'));
});

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

test('whatever identifies a person is gone, in every encoding', () => {
  const random = randomFrom(77);
  for (let i = 0; i < 1000; i += 1) {
    const word = (): string => `q${drawn(random, LETTERS, 7)}`;
    const [user, host, project, owner, mail] = [word(), word(), word(), word(), word()];
    const own = createRedactor({
      identity: {
        user,
        host,
        home: `/home/${user}`,
        workspace: `/home/${user}/work/${project}`,
        remotes: [`git@github.com:${owner}/${project}.git`],
        emails: [`${mail}@${owner}.example`],
      },
      secrets: [],
    });
    const text =
      `${user}@${host}:~/work/${project}$ cat /home/${user}/work/${project}/a.txt; see -home-${user}-work-${project} ` +
      `and https://github.com/${owner}/${project}/issues/3, ask ${mail}@${owner}.example or ${mail} at 10.1.2.3`;
    for (const encode of Object.values(ENCODINGS)) {
      const shown = own.redact(encode(text)).text;
      for (const term of [user, host, project, owner, mail, '10.1.2.3']) assert.ok(!isReadable(shown, term), shown);
    }
  }
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

test('no text makes it slow: long repetitions of every awkward kind', { timeout: 60_000 }, () => {
  const slow: string[] = [];
  const pieces = [
    'a', '/', '\\', '"', '%', '%2', '%25', '@', 'a@', '.', '-', '_', '=', ':', '://', 'a://', 'token', 'token=', 'token:"', 'key: ',
    'Authorization: ', 'Bearer ', 'sk-', 'eyJ', 'eyJ.', 'a.', '1.', '1:', 'fe80:', '\\"', '\\\\', '\\n', 'a/', './', '../', 'C:\\',
    'C:\\a b ', '\\\\a\\', '-----BEGIN PRIVATE KEY-----', 'curl -u ', 'curl ', 'mysql -', '?a=', '&token', 'M', 'aB3', 'QUJD', '{"a":', ' ', '\n', '0',
    'hooks.slack.com/services/', '😀', 'é', '/a b ', '/a b/', '/a\\ b/', '"/ab c', ' b/', 'aB3-', 'aB3_x/', 'QUJD=', 'mysql -p', 'mysql \'', 'curl -u a:b ', "x 'curl ", 'echo a|',
    'echo ', 'echo a | sudo -', '<<', '<<<', '<<<a ', '<<E\n', '<<EOF\nE', "'", "'\\''", 'password is ', 'password for a ', 'pw: ', 'my password ', 'use the key ',
  ]; // prettier-ignore
  for (const piece of pieces) {
    for (const suffix of ['', '"', '@', '!']) {
      const text = piece.repeat(Math.ceil(50_000 / piece.length)) + suffix;
      // Of this process' own time: a machine that does something else as well makes nothing slow.
      const before = process.cpuUsage();
      redactor.redact(text);
      const ms = process.cpuUsage(before).user / 1000;
      // 10 MB/s would be 5 ms; a quadratic expression takes many seconds.
      if (ms > 1000) slow.push(`${JSON.stringify(piece)} ${ms.toFixed(0)} ms`);
    }
  }
  assert.deepEqual(slow, []);
});
