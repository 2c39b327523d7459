import assert from 'node:assert/strict';
import { test } from 'node:test';
import { classify, CUE_RULES } from '../../../../src/core/failures/classify/classify.ts';
import type { Symptom } from '../../../../src/core/failures/transcriptEvents.ts';
import { CUE_TEXTS, PLAIN_EXITS, TEST_REPORTS } from './failureTexts.ts';
import { TEXTS_BY_CATEGORY } from './textsByCategory.ts';

function shell(exitCode: number, output: string): Symptom {
  return { origin: 'call', tool_kind: 'shell', exit_code: exitCode, output };
}

test('every cue rule has texts, and every text is of a rule', () => {
  assert.deepEqual(Object.keys(CUE_TEXTS).sort(), CUE_RULES.map((rule) => rule.name).sort());
});

for (const [rule, texts] of Object.entries(CUE_TEXTS)) {
  test(`what programs print is recognised as ${rule}`, () => {
    for (const [exitCode, output] of texts) {
      assert.equal(classify(shell(exitCode, output)).rule, rule, output);
    }
  });
}

test('a test run that reports failing tests is a command exit, whatever the tests printed', () => {
  for (const output of TEST_REPORTS) {
    const { rule, category } = classify(shell(1, output));
    assert.deepEqual({ rule, category }, { rule: 'tests_failed', category: 'command_exit' }, output);
  }
});

test('a failure that only its exit code tells about is a command exit', () => {
  for (const [exitCode, output] of PLAIN_EXITS) {
    assert.equal(classify(shell(exitCode, output)).rule, 'exit_nonzero', output);
  }
});

for (const [category, texts] of Object.entries(TEXTS_BY_CATEGORY)) {
  test(`what programs print is filed under ${category}`, () => {
    for (const [exitCode, output] of texts) assert.equal(classify(shell(exitCode, output)).category, category, output);
  });
}
