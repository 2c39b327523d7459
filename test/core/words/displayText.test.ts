import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clippedText, displayText, plainText } from '../../../src/core/words/displayText.ts';

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

test('letters without a glyph and the invisible copy of ASCII are seen', () => {
  assert.equal(displayText('a\u3164b\u{e0041}c\u034f'), 'a‹U+3164›b‹U+E0041›c‹U+034F›');
});

test("what the editor's own surfaces would make a link or an icon of stays text, and nothing else changes", () => {
  assert.equal(plainText('[x](command:y) $(bell) $HOME ${a} f(x)[0]'), '[x] (command:y) $ (bell) $HOME ${a} f(x)[0]');
});
