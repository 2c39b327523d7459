import assert from 'node:assert/strict';
import { test } from 'node:test';
import { treeSampleFrom } from '../../../src/core/session/tree.ts';
import { placeInTree } from '../../../webview/session/treeRows.ts';

function placed(processes: readonly { pid: number; ppid?: number; rss_kb?: number }[]): readonly string[] {
  const members = treeSampleFrom({ ts: '', seq: 0, processes })?.processes ?? [];
  return placeInTree(members).map(({ member, depth }) => `${'.'.repeat(depth)}${member.pid}`);
}

test('children stand under their parents whatever the order of the file', () => {
  assert.deepEqual(
    placed([
      { pid: 3, ppid: 2 },
      { pid: 1, ppid: 99 },
      { pid: 2, ppid: 1 },
      { pid: 4, ppid: 1 },
    ]),
    ['1', '.2', '..3', '.4'],
  );
});

test('processes that are each other’s parents, or their own, are all shown once', () => {
  assert.deepEqual(
    placed([
      { pid: 1, ppid: 2 },
      { pid: 2, ppid: 1 },
      { pid: 3, ppid: 3 },
    ]).toSorted(),
    ['.2', '1', '3'],
  );
});

test('of siblings the one with the most memory below it comes first', () => {
  const members = [
    { pid: 1, ppid: 0, rss_kb: 10 },
    { pid: 2, ppid: 1, rss_kb: 300 },
    { pid: 3, ppid: 1, rss_kb: 5 },
    { pid: 4, ppid: 3, rss_kb: 900 },
  ];
  assert.deepEqual(placed(members), ['1', '.3', '..4', '.2']);
});

test('a chain of 50,000 processes does not exhaust the stack', () => {
  const chain = Array.from({ length: 50_000 }, (_, i) => ({ pid: i + 1, ppid: i }));
  assert.equal(placed(chain).length, 50_000);
});
