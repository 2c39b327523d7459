import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CLASSIFIER_RULES } from '../../../../src/core/words/ruleNames.ts';
import { classify, CUE_RULES, SYMPTOM_RULES } from '../../../../src/core/failures/classify/classify.ts';
import { call, SYMPTOMS } from './symptomsByRule.ts';

test('the list of published rule names is that of the rules, each once', () => {
  const named = [...SYMPTOM_RULES, ...CUE_RULES].map((rule) => rule.name);
  assert.deepEqual([...new Set(named), 'unrecognised'].toSorted(), CLASSIFIER_RULES.toSorted());
});

test('every rule on symptoms has an example', () => {
  const named = SYMPTOM_RULES.map((rule) => rule.name);
  assert.deepEqual(
    [...named, 'unrecognised'].filter((name) => SYMPTOMS[name] === undefined),
    [],
  );
});

for (const [rule, symptoms] of Object.entries(SYMPTOMS)) {
  test(`the rule ${rule} decides its examples`, () => {
    for (const symptom of symptoms) assert.equal(classify(symptom).rule, rule, JSON.stringify(symptom));
  });
}

test('a structured field outranks what the output says', () => {
  const { category } = classify(call({ code: 'timed_out', exit_code: 1, output: 'bash: x: command not found' }));
  assert.equal(category, 'timeout');
});

test('a sandbox that says "denied" is believed only when stderr does not tell another cause', () => {
  const because = (output: string): string => classify(call({ code: 'sandbox_denied', exit_code: 2, output })).category;
  assert.equal(because("bash: -c: line 0: syntax error near unexpected token `('"), 'command_exit');
  assert.equal(because('sed: nope: No such file or directory'), 'missing_dependency');
  assert.equal(because('touch: /etc/x: Operation not permitted'), 'sandbox_approval');
  assert.equal(because(''), 'sandbox_approval');
  assert.equal(
    classify(call({ code: 'sandbox_denied', exit_code: 1, command: 'search', output: '' })).category,
    'benign',
  );
});

test('a search that printed an error did fail', () => {
  assert.equal(
    classify(call({ exit_code: 2, command: 'search', output: 'rg: nope: No such file or directory' })).category,
    'missing_dependency',
  );
  assert.equal(
    classify(call({ exit_code: 1, command: 'search', output: 'x: Permission denied' })).category,
    'sandbox_approval',
  );
});

test('137 alone is never a lack of memory, and 143 alone is never a timeout', () => {
  assert.equal(classify(call({ exit_code: 137 })).category, 'command_exit');
  assert.equal(classify(call({ exit_code: 143 })).category, 'command_exit');
});

test('an output of megabytes is judged by its start and its end', () => {
  const filler = 'a line of a file\n'.repeat(80_000);
  const atEnd = classify(call({ exit_code: 127, output: `${filler}bash: line 1: foo: command not found` }));
  assert.equal(atEnd.category, 'missing_dependency');
  const inMiddle = classify(call({ exit_code: 1, output: `${filler}curl: (6) Could not resolve host: x\n${filler}` }));
  assert.equal(inMiddle.rule, 'exit_nonzero');
});

test('colours do not hide what a program printed', () => {
  const output = '\u001B[31mbash: x: command not found\u001B[0m';
  assert.equal(classify(call({ exit_code: 1, output })).rule, 'command_not_found');
});
