import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CallView } from '../../../src/core/panel/sessionView.ts';
import { callMarks } from '../../../webview/timeline/callMarks.ts';
import { throughMarks } from '../../../webview/timeline/throughMarks.ts';

function call(startMs: number, endMs: number | undefined, more: Partial<CallView> = {}): CallView {
  return { startMs, endMs, tool_kind: 'shell', status: 'ok', ...more };
}

test('a call’s bar says what was asked, how long it took and how it went', () => {
  const marks = callMarks(
    [
      call(0, 12_000, { asked: 'pytest -q\u202e', status: 'failed', answer: 'E  assert\n1 failed' }),
      call(20_000, undefined, { tool_kind: 'read', status: 'open' }),
    ],
    () => undefined,
  );
  assert.deepEqual(
    marks.map(({ text, more, class: name }) => [text, more, name]),
    [
      ['✗ pytest -q‹U+202E› · 12 s', 'E  assert\n1 failed', 'call-failed'],
      ['… Read', undefined, 'call-open'],
    ],
  );
  assert.match(marks[0]?.label ?? '', /^Shell call: pytest -q‹U\+202E›, failed, 12 s, \d\d:\d\d:00$/);
});

test('calls beside each other stand below each other, in three rows at most', () => {
  const calls = [call(0, 100), call(10, 20), call(15, 30), call(16, 17), call(40, 50), call(200, 300)];
  assert.deepEqual(
    callMarks(calls, () => undefined).map(({ row }) => row),
    [0, 1, 2, 2, 1, 0],
  );
});

test('what changes everything after it goes through all lanes, with its word', () => {
  const marks = throughMarks(
    [
      { ms: 5, event: 'sampling_started', reason: undefined, context: undefined },
      { ms: 90, event: 'session_death_detected', reason: undefined, context: { signal: 'SIGKILL', exit_code: -9 } },
      { ms: 40, event: 'stop_requested', reason: undefined, context: undefined },
    ],
    [
      {
        kind: 'oom_kill',
        severity: 'critical',
        firstSeq: 1,
        lastSeq: 1,
        firstMs: 60,
        lastMs: 60,
        count: 1,
        pid: 7,
        detail: { comm: 'python3' },
      },
    ],
  );
  assert.deepEqual(
    marks.map(({ ms, label, tone }) => `${ms} ${tone} ${label}`),
    ['40 warn Stop requested', '60 bad OOM kill: python3', '90 bad Death detected: SIGKILL'],
  );
});
