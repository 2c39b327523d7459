import assert from 'node:assert/strict';
import { test } from 'node:test';
import { timeoutIn } from '../../../src/core/death/timeoutCommand.ts';

test('the limit that a command line gives timeout(1) is read in all its forms, and from nothing else', () => {
  const limits = (command: string) => {
    const found = timeoutIn(command);
    return found && [found.afterMs, found.killAfterMs];
  };
  assert.deepEqual(limits('timeout 5 claude -p x'), [5000, 0]);
  assert.deepEqual(limits('/usr/bin/timeout -k 2 --signal=KILL 1.5m agent'), [90_000, 2000]);
  assert.deepEqual(limits('timeout --preserve-status --kill-after=1h -s INT 2d agent'), [172_800_000, 3_600_000]);
  assert.deepEqual(limits(`sh -c 'timeout -k5 7s agent'`), [7000, 5000]);
  assert.equal(limits('timeout 0 agent'), undefined);
  assert.equal(limits('claude -p set-timeout 5 seconds'), undefined);
  assert.equal(limits(`claude -p "${'x'.repeat(200)} timeout 5 agent"`), undefined);
});
