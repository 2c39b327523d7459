import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SessionRow } from '../../../src/core/panel/sessionView.ts';
import { logOnlyGroups } from '../../../src/host/views/logOnlyGroups.ts';

const NOON = new Date(2026, 10, 27, 12).getTime();
const HOUR_MS = 3_600_000;

function row(id: string, hoursAgo: number, folder: string | undefined): SessionRow {
  return {
    ref: { root: '/r', id },
    isRunning: false,
    outcome: 'lost',
    cause: 'vanished',
    title: id,
    agent: 'claude',
    startMs: undefined,
    durationSeconds: undefined,
    anomalyCount: 0,
    criticals: 0,
    warnings: 0,
    suspect: undefined,
    logOnly: { lastMs: NOON - hoursAgo * HOUR_MS, folder },
  };
}
const told = (rows: readonly SessionRow[], folders: readonly string[]): unknown[] =>
  logOnlyGroups(rows, folders, NOON).map(({ label, rows: of, isOpen }) => [
    label,
    of.map(({ title }) => title).join(),
    isOpen,
  ]);

test('those of the workspace come first, all others by day, and what is old is folded', () => {
  const rows = [row('a', 1, '/w/app/src'), row('b', 2, '/w/apple'), row('c', 14, undefined), row('d', 90, '/x')];
  const [here, today, yesterday, older] = told(rows, ['/w/app']);
  assert.deepEqual(
    [here, today, yesterday],
    [
      ['This workspace', 'a', true],
      ['Today', 'b', true],
      ['Yesterday', 'c', true],
    ],
  );
  assert.match(String(older), /2026,d,false$/);
});

test('the only day there is stands open, however old', () => {
  assert.match(String(told([row('d', 90, '/x')], [])), /2026,d,true$/);
  assert.deepEqual(told([], ['/w']), []);
});
