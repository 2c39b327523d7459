import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CI_SYSTEMS, ciLines, ciMarkdown } from '../../../src/core/report/ciPages.ts';
import { sparkline, type CiParts } from '../../../src/core/report/ciParts.ts';

const PARTS: CiParts = {
  isBad: true,
  title: 'Session Diagnostics: died',
  sentence: 'Line 1 of 100%\r\n::warning::two',
  suspect: '',
  facts: [['Agent', 'codex']],
  course: ['memory       ▁█  1.2 GiB at most'],
  failures: ['2 network in its log', 'network (dns), exit code 6'],
  added: [{ title: 'Command', lines: ['make ``` x'] }],
};

test('the one line of an annotation stays one, whatever its sentence is', () => {
  assert.deepEqual(ciLines('github', PARTS, 7), [
    '::error title=Session Diagnostics::Line 1 of 100%25%0D%0A::warning::two',
  ]);
});

test('a good end is told on no system’s log', () => {
  for (const system of CI_SYSTEMS) assert.deepEqual(ciLines(system, { ...PARTS, isBad: false }, 7), []);
});

test('a page has the answer first, then its facts, the timeline, the failures and what was added, which ends no fence', () => {
  assert.equal(
    ciMarkdown({ ...PARTS, sentence: 'It died.' }),
    [
      '### Session Diagnostics: died',
      '**It died.**',
      '- Agent: codex',
      '```text\nmemory       ▁█  1.2 GiB at most\n```',
      'Failures: 2 network in its log\n- network (dns), exit code 6',
      'Command:',
      '````text\nmake ``` x\n````\n',
    ].join('\n\n'),
  );
});

for (const [values, drawn] of [
  [[0, 50, 100], '▁▅█'],
  [[null, 10, null], ' █ '],
  [[0, 0], '▁▁'],
  [[12, 13, 99, 100], '▁▂██'],
] as const)
  test(`a line of ${values.join(', ')} is drawn as ${drawn}`, () => assert.equal(sparkline(values), drawn));
