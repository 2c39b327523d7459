import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failuresOfOutput } from '../../../src/core/failures/capturedOutput.ts';

const judged = (text: string, exitCode = 1) =>
  failuresOfOutput({ text, exitCode, endTs: '2026-01-01T00:00:00.000+00:00', line: 7, handle: 'src:0269095cef33:L7' });

/** What commands really printed last, and what that is. */
const PRINTED: readonly (readonly [text: string, exitCode: number, told: string | undefined])[] = [
  [
    "Cloning into 'y'...\nfatal: unable to access 'https://x.invalid/': Could not resolve host: x.invalid",
    128,
    'network dns',
  ],
  ['curl: (7) Failed to connect to 127.0.0.1 port 9 after 0 ms: Could not connect to server', 7, 'network refused'],
  [
    'Traceback (most recent call last):\n  File "a.py", line 1, in <module>\nModuleNotFoundError: No module named \'numpyy\'',
    1,
    'missing_dependency module',
  ],
  ['sh: 1: npm-not-there: not found', 127, 'missing_dependency program'],
  ['bash: line 1: pytest: command not found', 127, 'missing_dependency program'],
  ['cp: error writing /mnt/x: No space left on device', 1, 'resource disk'],
  // Somebody else's error, in prose.
  ['The user said: could not resolve host, which is bad.', 3, undefined],
  ['I saw "Connection refused" in their log, and stopped there.', 3, undefined],
  ['This run had: fatal: unable to access x: Could not resolve host: y', 3, undefined],
  // Long before the end, and followed by what it ended with.
  [`curl: (6) Could not resolve host: x\n${'step done\n'.repeat(40)}assertion failed: 3 != 4`, 1, undefined],
  ['boom', 7, undefined],
  ['', 1, undefined],
];

for (const [text, exitCode, told] of PRINTED) {
  test(`${JSON.stringify(text.slice(-60))} with exit code ${exitCode} is ${told ?? 'left alone'}`, () => {
    const failures = judged(text, exitCode);
    const [source] = failures?.sources ?? [];
    assert.equal(source && `${source.category} ${source.detail ?? ''}`, told);
    assert.equal(failures?.format ?? 'captured_output', 'captured_output');
    for (const confidence of [source?.confidence, failures?.suspect.confidence]) assert.notEqual(confidence, 'certain');
  });
}
