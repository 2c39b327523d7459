import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRedactor } from '../../../src/core/privacy/redact.ts';

/* What is a path, a header's value and a text in base64, each from both sides. */

const redactor = createRedactor({ identity: {}, secrets: [] });

test('a run of names is a path when it is rooted, deep or ends in a file, and else two words', () => {
  for (const path of '/foo /a/b /a/b/ ./x ../x ~/x ~me/x a/b.ts src/core/x ab/c/d /usr/local/lib/x /system/x /binary/x /usr/share2/x x/y.a1234567'.split(' '))
    assert.equal(redactor.redact(`open ${path} now`).text, 'open [redacted:path] now', path);
  for (const words of '/ab /n and/or text/html n/a 3/4 1/2/3 a/b/c a/b x/y.a12345678 /usr/bin/env /usr/local/bin/x /bin/sh /sbin/x /lib/x /lib64/x /dev/null /proc/1/stat /sys/x /usr/share/x'.split(' '))
    assert.equal(redactor.redact(`open ${words} now`).text, `open ${words} now`, words);
  for (const end of ['.', '...', '!', '!.'])
    assert.equal(redactor.redact(`open /srv/a/b${end}`).text, `open [redacted:path]${end}`);
}); // prettier-ignore

test('a header is what it says, unless it is prose or only names a variable', () => {
  for (const [text, shown] of [
    ['Authorization: Bearer abcdef123456', 'Authorization: [redacted:secret_assignment]'],
    ['authorization: required', 'authorization: required'],
    ['authorization: required by the server.', 'authorization: required by the server.'],
    ['authorization: required by everybody who asks it, always', 'authorization: [redacted:secret_assignment]'],
    ['Authorization: Bearer $TOKEN', 'Authorization: Bearer $TOKEN'],
    ['Authorization: Bearer %TOKEN%', 'Authorization: Bearer %TOKEN%'],
    ['Cookie: session abcdefgh', 'Cookie: [redacted:secret_assignment]'],
    ['Authorization: session abcdefgh', 'Authorization: session abcdefgh'],
    ['Authorization: a b', 'Authorization: a b'],
    ['Authorization: 7x', 'Authorization: [redacted:secret_assignment]'],
  ] as const)
    assert.equal(redactor.credentialsOnly(text).text, shown, text);
});

test('what is removed from a text in base64 leaves the rest of it readable, whatever its length and letters', () => {
  for (const rest of ['', 'x', 'xy', 'xyz', '?>~?>~', 'ÿþý', '日本語', '😀'])
    for (const name of ['', 'n', 'na', 'name', '>>>???'])
      for (const around of ['', '"', ' ']) {
        const text = `${name} the password=hunter2hunter2 is${rest}`;
        const encoded = Buffer.from(text).toString('base64');
        const shown = redactor.credentialsOnly(`${around}${encoded}${around}`).text;
        const inner = shown.slice(around.length, shown.length - around.length);
        assert.equal(Buffer.from(inner, 'base64').toString(), redactor.credentialsOnly(text).text);
        assert.equal(inner, Buffer.from(redactor.credentialsOnly(text).text).toString('base64'));
      }
});

test('a text of several words is a secret from twelve characters and a digit on', () => {
  for (const [value, isSecret] of [
    ['two words 12', true],
    ['two word 12', false],
    ['two longer words', false],
    ['two! longer words', false],
  ] as const)
    for (const name of ['auth', 'token']) {
      const text = JSON.stringify({ [name]: value });
      assert.equal(redactor.credentialsOnly(text).text !== text, isSecret, text);
    }
});

test('a mail address and an address of the net are removed whoever they belong to, and what only looks like one stays', () => {
  for (const [text, shown] of [
    ['ask jo.do+x@mail.example.org now', 'ask [redacted:email] now'],
    ['a@b.co, c_d%@e-f.example', '[redacted:email], [redacted:email]'],
    ['<a@b.co>', '<[redacted:email]>'],
    ['a@b a@b.c @b.co a@b.co1 react@18.2.0', 'a@b a@b.c @b.co a@b.co1 react@18.2.0'],
    ['git@example.org', 'git@example.org'],
    ['from 10.1.2.3 to 192.168.0.255', 'from [redacted:ip_address] to [redacted:ip_address]'],
    ['127.0.0.1 0.0.0.0 255.255.255.0 1.2.3.256', '127.0.0.1 0.0.0.0 255.255.255.0 1.2.3.256'],
    ['0.0.0.1 is one', '[redacted:ip_address] is one'],
    ['fe80::1ff:fe23:4567:890a and 2001:db8:85a3:0:0:8a2e:370:7334', '[redacted:ip_address] and [redacted:ip_address]'],
    ['00:1A:2b:3c:4d:5e or 00-1a-2b-3c-4d-5e', '[redacted:mac_address] or [redacted:mac_address]'],
    ['at 12:34:56 it was 1:2', 'at 12:34:56 it was 1:2'],
  ] as const)
    assert.equal(redactor.redact(text).text, shown);
  const long = `${'x'.repeat(70)}@b.example`;
  assert.ok(redactor.redact(long).text.endsWith('[redacted:email]'));
});
