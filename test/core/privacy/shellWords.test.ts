import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openQuoteAt, simpleCommandAt } from '../../../src/core/privacy/shellWords.ts';

test('the quote that is open at a place is the one that a shell would see there', () => {
  for (const [text, open] of [
    ['', ''],
    [`bash -c '`, `'`],
    [`bash -c 'a' `, ''],
    [`bash -c 'it'\\''s `, `'`],
    [`bash -c 'a\\' `, ''],
    [`bash -c "`, `"`],
    [`bash -c "a \\" `, `"`],
    [`bash -c "a \\\\" `, ''],
    [`bash -c "it's `, `"`],
    [`bash -c 'a " `, `'`],
    [`don't do `, ''],
    [`\\' `, ''],
    [`\\" `, ''],
    [`"a\n`, ''],
    [`"${'x'.repeat(1022)}`, `"`],
    [`"${'x'.repeat(1024)}`, ''],
  ] as const)
    assert.equal(openQuoteAt(text, text.length, 0), open, text);
  assert.equal(openQuoteAt(`"a 'b`, 5, 2), `'`, 'from where it is asked');
});

test('a simple command is the words up to where a shell ends it, without the quotes around them', () => {
  for (const [text, outer, words] of [
    [`mysql -p x`, '', ['mysql', '-p', 'x']],
    [`mysql -p 'a b' "c d" e`, '', ['mysql', '-p', 'a b', 'c d', 'e']],
    [`a b; c`, '', ['a', 'b']],
    [`a b | c`, '', ['a', 'b']],
    [`a b && c`, '', ['a', 'b']],
    [`a b) c`, '', ['a', 'b']],
    [`a b\nc`, '', ['a', 'b']],
    [`a \\\n b`, '', ['a', 'b']],
    [`a 'b; c' d`, '', ['a', 'b; c', 'd']],
    [`a b' c`, `'`, ['a', 'b']],
    [`a b" c`, `"`, ['a', 'b']],
    [`a < b > c`, '', ['a', 'b', 'c']],
    ['', '', []],
  ] as const)
    assert.deepEqual(simpleCommandAt(text, 0, outer).words.map((word) => word.text), words, text); // prettier-ignore
  const { words, end } = simpleCommandAt(`x; mysql 'a b'; y`, 3, '');
  assert.deepEqual(words, [{ start: 3, end: 8, text: 'mysql' }, { start: 10, end: 13, text: 'a b' }]); // prettier-ignore
  assert.equal(end, 14);
});
