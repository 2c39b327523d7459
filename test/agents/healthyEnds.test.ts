import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTranscriptAnalyzer } from '../../src/agents/transcriptReader.ts';
import { HEALTHY, INCOMPLETE, textOf } from './sessionEnds.ts';

function endOf(lines: readonly (object | string)[]) {
  const analyzer = createTranscriptAnalyzer({ handleOf: () => '', isEndAsked: true });
  for (const line of textOf(lines).split('\n')) analyzer.push(line);
  analyzer.finish();
  return { end: analyzer.end()?.name, format: analyzer.snapshotOf().format };
}

for (const { format, end, lines } of INCOMPLETE) {
  test(`a ${format} that stops so is ${end}: ${JSON.stringify(lines.at(-1)).slice(0, 60)}`, () => {
    assert.deepEqual(endOf(lines), { end, format });
  });
}

test('healthy logs end with an answer, however badly the turns before went', () => {
  let count = 0;
  for (const { format, lines } of HEALTHY) {
    // An old rollout tells no turns at all, and none of a newer version stands before it.
    const isOld = format === 'codex_rollout' && !textOf(lines).includes('task_started');
    const before = INCOMPLETE.filter(
      (sample) => !isOld && sample.format === format && typeof sample.lines.at(-1) !== 'string',
    );
    for (const earlier of [[], ...before.map((sample) => sample.lines)]) {
      assert.deepEqual(
        endOf([...earlier, ...lines]),
        { end: 'answered', format },
        JSON.stringify([...earlier, ...lines]),
      );
      count++;
    }
  }
  assert.ok(count >= 100, `${count} healthy logs`);
});

test('a log of no known format tells nothing of its end', () => {
  assert.equal(endOf(['Building...\nDone.\n']).end, undefined);
  assert.equal(
    endOf([
      { level: 'info', msg: 'started' },
      { level: 'error', msg: 'failed' },
    ]).end,
    undefined,
  );
});
