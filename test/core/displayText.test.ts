import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clippedText, displayText } from '../../src/core/displayText.ts';

test('escape sequences and control characters are shown as what they are', () => {
  assert.equal(displayText('\u001b[31mred\u0000\u007f'), '␛[31mred␀␡');
  assert.equal(displayText('two\nlines\tand a tab'), 'two⏎lines and a tab');
});

test('text cannot be reordered or hidden', () => {
  assert.equal(displayText('\u202egpj.exe'), '‹U+202E›gpj.exe');
  assert.equal(displayText('a\u200bb\ufeffc\u2066d'), 'a‹U+200B›b‹U+FEFF›c‹U+2066›d');
});

test('ordinary text of any script stays as it is', () => {
  for (const text of ['Größe 12 µs', '日本語のログ', 'مرحبا', '👩‍💻'.replaceAll('\u200d', '')])
    assert.equal(displayText(text), text);
});

test('a long text is cut, says how long it was, and never in the middle of a character', () => {
  assert.equal(displayText('x'.repeat(1_000_000), 10), 'xxxxxxxxxx… (1,000,000 characters)');
  assert.equal(clippedText('ab😀', 3), 'ab');
});
