import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createRedactor } from '../../../src/core/privacy/redact.ts';
import { ordinaryLines } from './ordinaryLines.ts';
import { randomFrom } from '../randomFrom.ts';
import { drawn, ENCODINGS, isReadable, secretCorpus } from './secretCorpus.ts';

/* What takes seconds: thousands of secrets and lines, and the length of each awkward text. */

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
