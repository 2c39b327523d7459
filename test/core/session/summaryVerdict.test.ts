import assert from 'node:assert/strict';
import { test } from 'node:test';
import { summaryVerdict } from '../../../src/core/session/summaryVerdict.ts';

function told(summary: { readonly [key: string]: unknown }): string {
  const { outcome, cause, confidence } = summaryVerdict(summary);
  return `${outcome} ${cause} ${confidence}`;
}

test('our own verdict is taken as it is', () => {
  assert.equal(
    told({ verdict: { outcome: 'died', cause: 'oom_kill', confidence: 'certain' } }),
    'died oom_kill certain',
  );
});

test('a summary of another writer says no more than its exit status allows', () => {
  assert.equal(told({ success: true, subtype: 'success', exit_code: 0 }), 'succeeded completed likely');
  assert.equal(told({ success: true, subtype: 'success', exit_code: -9 }), 'succeeded completed likely');
  assert.equal(told({ success: false, subtype: 'crashed', exit_code: -9 }), 'died killed possible');
  assert.equal(told({ success: false, subtype: 'crashed', exit_code: -11 }), 'died crashed possible');
  assert.equal(
    told({ success: false, subtype: 'error_during_execution', exit_code: 1 }),
    'failed exit_nonzero possible',
  );
  assert.equal(told({ success: false, subtype: 'something new', exit_code: 1 }), 'failed exit_nonzero possible');
  assert.equal(told({}), 'failed unknown possible');
});

test('a negative exit code is a death by that signal, whatever word another writer has for it', () => {
  assert.equal(told({ success: false, subtype: 'error', exit_code: -9 }), 'died killed possible');
  assert.equal(told({ success: false, subtype: 'error_during_execution', exit_code: -15 }), 'died terminated possible');
  assert.equal(told({ success: false, subtype: 'error', exit_code: -2 }), 'stopped interrupted possible');
  assert.equal(told({ success: false, subtype: 'timeout', exit_code: -15 }), 'died timed_out possible');
  assert.equal(told({ success: false, subtype: 'error', exit_code: -1 }), 'failed unknown possible');
});
