import assert from 'node:assert/strict';
import { test } from 'node:test';
import { removeRandomWords } from '../../../src/core/privacy/entropy.ts';

const CUT = '[redacted:high_entropy]';
const shown = (text: string) => removeRandomWords(text, (kind) => `[redacted:${kind}]`);
const isRemoved = (word: string) => shown(word) !== word;

const CLASSES = ['abcdefghijklmnopqrstuvwxyz', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', '0123456789'];

/** A word whose characters change their class so often, of as many different characters as there are. */
function made(length: number, changes: number, classes: readonly string[] = CLASSES): string {
  const used = new Map<string, number>();
  let word = '';
  for (let i = 0; i < length; i += 1) {
    const letters = classes[Math.floor((i * (changes + 1)) / length) % classes.length] ?? '';
    const at = used.get(letters) ?? 0;
    used.set(letters, at + 1);
    word += letters[at % letters.length] ?? '';
  }
  return word;
}

test('a word of twenty characters or more is random when its letters and digits alternate often enough for its length', () => {
  for (const [length, least] of [
    [20, 10],
    [23, 11],
    [24, 10],
    [31, 13],
    [32, 12],
    [40, 15],
  ] as const) {
    assert.equal(isRemoved(made(length, least)), true, `${length} characters, ${least} changes`);
    assert.equal(isRemoved(made(length, least - 1)), false, `${length} characters, ${least - 1} changes`);
  }
  assert.equal(isRemoved(made(19, 18)), false, 'too short to be judged');
  assert.equal(isRemoved('aB1cdeFghijklmnopqrs'), false, 'a name with a digit');
});

test('a word of one case is random from 28 characters on, with three digits that stand apart', () => {
  const [lower = '', , digits = ''] = CLASSES;
  const oneCase = (length: number, changes: number) => made(length, changes, [lower, digits]);
  assert.equal(isRemoved(oneCase(28, 6)), true);
  assert.equal(isRemoved(oneCase(28, 5)), false);
  assert.equal(isRemoved(oneCase(27, 26)), false);
  assert.equal(isRemoved('a1bcdefg2hijklmn3opqrstuvwxy'), true);
  assert.equal(isRemoved('a1bcdefg2hijklmnzopqrstuvwxy'), false, 'two digits');
  assert.equal(isRemoved(oneCase(28, 6).toUpperCase()), true);
});

test('a word that repeats itself is not random', () => {
  // Ten characters, each twice: 3.32 bits; of eleven 3.42.
  assert.equal(isRemoved('aB1cD2eF3gaB1cD2eF3g'), false);
  assert.equal(isRemoved('aB1cD2eF3gaB1cD2eF3H'), true);
  // Twelve characters in 28: 3.56 bits; of thirteen 3.68.
  assert.equal(isRemoved('a1b2c3d4e5f6a1b2c3d4e5f6a1b2'), false);
  assert.equal(isRemoved('a1b2c3d4e5f6ga1b2c3d4e5f6ga1'), true);
});

test('ids that services print, commits, UUIDs and checksums are none; what stands around a word stays', () => {
  const random = made(24, 23);
  assert.equal(shown(`it said ${random} and ${random}.`), `it said ${CUT} and ${CUT}.`);
  for (const prefix of 'toolu msg req call resp item rs fc ctc chatcmpl run thread asst file batch srvtoolu event evt turn sess src sha1 sha256 sha384 sha512'.split(' '))
    for (const joint of ['_', '-']) assert.equal(isRemoved(`${prefix}${joint}${random}`), false, `${prefix}${joint}`);
  assert.equal(isRemoved(`x_${random}`), true);
  assert.equal(isRemoved(`call${random}`), true);
  for (const before of ['h1:', 'sha1:', 'sha256:', 'SHA384:', 'sha512-', 'base64,', 'base64,AAAA '])
    assert.equal(isRemoved(`${before}${random}`), before === 'base64,AAAA ', before);
  assert.equal(isRemoved(`sha2:${random}`), true);
  assert.equal(isRemoved('9fceb02d0ae598e95dc970b74767f19372d61af8'), false);
  assert.equal(isRemoved('0x9fceb02d0ae598e95dc970b74767f19372d61af8'), false);
  assert.equal(isRemoved('3f2504e0-4f89-41d3-9a0c-0305e82c3301'), false);
  assert.equal(isRemoved(`${'a'.repeat(8)}-${random}`), true, 'one random part is enough');
  assert.equal(isRemoved('createRetryableHttpRequestOptionsV2'), false);
}); // prettier-ignore

test('a secret whose own separators cut it is random as a whole, unless words or commits stand between them', () => {
  const part = (seed: number) =>
    made(12, 11)
      .slice(0, 11)
      .replace('a', CLASSES[0]?.[seed] ?? '');
  const cut = [part(3), part(5), part(7)];
  for (const joint of ['/', '_', '-']) {
    assert.equal(isRemoved(cut.join(joint)), true, joint);
    for (const name of ['word', 'Words', 'WORD', '9fceb02'])
      assert.equal(isRemoved([...cut, name].join(joint)), false, `${joint}${name}`);
    assert.equal(isRemoved([...cut, 'wor'].join(joint)), true, 'three letters are no word');
    assert.equal(isRemoved([...cut, '9fceb0'].join(joint)), true, 'six digits are no commit');
  }
});
