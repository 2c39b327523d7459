import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createStreamRedactor } from '../../../src/core/privacy/streamRedactor.ts';
import { randomFrom } from '../randomFrom.ts';
import { drawn, secretCorpus } from './secretCorpus.ts';

const ALNUM = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
const random = randomFrom(8);
const value = `pässword-${drawn(random, ALNUM, 6)}`;

function redacted(bytes: Uint8Array, size: number): Buffer {
  const redactor = createStreamRedactor({ secrets: [value] });
  const passed: Uint8Array[] = [];
  for (let i = 0; i < bytes.length; i += size) passed.push(redactor.push(bytes.subarray(i, i + size)));
  return Buffer.concat([...passed, redactor.end()]);
}

function privateKey(): string[] {
  return [
    '-----BEGIN PRIVATE KEY-----',
    ...Array.from({ length: 6 }, () => drawn(random, ALNUM, 64)),
    '-----END PRIVATE KEY-----',
  ];
}

test('secrets go at every size of pieces, and the result is the same', () => {
  const token = `ghp_${drawn(random, ALNUM, 36)}`;
  const word = drawn(random, 'qxzjvk', 8);
  const key = privateKey();
  const text = `ok é\nexport API_TOKEN=${token}\nmysql -p${word} x\n€ ${value} ü\n${key.join('\n')}\nlast line, no end`;
  const whole = redacted(Buffer.from(text), text.length * 2);
  const shown = whole.toString();
  for (const secret of [token, word, value, ...key.slice(1, -1)]) assert.ok(!shown.includes(secret), shown);
  assert.match(shown, /^ok é\nexport API_TOKEN=\[redacted:\w+\]\nmysql -p\[redacted:\w+\] x\n€ \[redacted:\w+\] ü\n/);
  assert.match(shown, /\nlast line, no end$/);
  for (let size = 1; size <= text.length; size += 1)
    assert.deepEqual(redacted(Buffer.from(text), size), whole, String(size));
});

test('the corpus of secrets, one line each, is found as it is in one text', () => {
  const items = secretCorpus(randomFrom(3)).filter(({ text }) => !text.includes('\n'));
  const shown = redacted(Buffer.from(items.map(({ text }) => text).join('\n')), 4093)
    .toString()
    .split('\n');
  const missed = items.filter(({ secrets }, index) => secrets.some((secret) => shown[index]?.includes(secret)));
  assert.ok(missed.length <= items.length / 1000, missed.map(({ kind }) => kind).join(', '));
});

test('bytes that are no text come out as they went in', () => {
  const noise = Uint8Array.from({ length: 300_000 }, () => Math.floor(random() * 256));
  // Random words of 20 letters and more do not occur in so little noise.
  assert.deepEqual(redacted(noise, 777), Buffer.from(noise));
  const all = Uint8Array.from({ length: 512 }, (_, i) => i & 255);
  assert.deepEqual(redacted(all, 3), Buffer.from(all));
});

test('a line without an end is passed on in time, and a secret anywhere in it goes', () => {
  const secret = `ghp_${drawn(random, ALNUM, 36)}`;
  const filler = 'nothing, of note; ';
  for (const before of [65_480, 65_500, 65_520, 65_536, 61_430, 61_440, 130_000]) {
    const line = `${filler.repeat(8000).slice(0, before)} --password ${value} ${secret} ${filler.repeat(5000)}`;
    const redactor = createStreamRedactor({ secrets: [] });
    let passed = '';
    let held = 0;
    const bytes = Buffer.from(line);
    for (let i = 0; i < bytes.length; i += 10_000) {
      passed += Buffer.from(redactor.push(bytes.subarray(i, i + 10_000))).toString();
      held = Math.max(held, i + 10_000 - Buffer.byteLength(passed));
    }
    passed += Buffer.from(redactor.end()).toString();
    assert.ok(held < 200_000, String(held));
    assert.ok(!passed.includes(secret) && !passed.includes(value.slice(-6)), String(before));
    assert.equal(passed.replaceAll(/\[redacted:\w+\]/g, '').length, line.length - secret.length - value.length);
  }
});

test('after a torn private key ordinary lines are shown again', () => {
  const [begin = '', first = ''] = privateKey();
  const shown = redacted(Buffer.from(`${begin}\n${first}\nand then, it stopped (5).\nnext\n`), 7).toString();
  assert.match(shown, /^\[redacted:private_key\]\n\nand then, it stopped \(5\)\.\nnext\n$/);
});
