import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CAUSES } from '../../../src/core/words/vocabulary.ts';
import { causeWords } from '../../../src/core/words/vocabularyWords.ts';

test('every cause reads as words, each its own, and one of a later version too', () => {
  const words = CAUSES.map((cause) => causeWords(cause));
  assert.equal(new Set(words).size, CAUSES.length);
  assert.deepEqual(
    words.filter((text) => !/^[A-Z][A-Za-z -]+$/.test(text)),
    [],
  );
  assert.equal(causeWords('eaten_by_a_dog'), 'Eaten by a dog');
});
