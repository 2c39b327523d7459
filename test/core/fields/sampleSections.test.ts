import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Episode } from '../../../src/core/anomalies/episodes.ts';
import { sampleSections } from '../../../src/core/fields/sampleSections.ts';

function episode(kind: Episode['kind'], first: number, last: number): Episode {
  const iso = '2026-03-01T00:00:00.000+00:00';
  return {
    kind,
    severity: 'warning',
    first_seq: first,
    last_seq: last,
    first_ts: iso,
    last_ts: iso,
    count: last - first + 1,
    pid: undefined,
    detail: {},
  };
}

function shown(seqs: readonly (number | undefined)[], episodes: readonly Episode[]): string[] {
  return sampleSections(seqs, episodes).map(
    ({ firstLine, lastLine, episodes: found }) =>
      `${firstLine}-${lastLine} ${found.map(({ kind }) => kind).join('+') || 'quiet'}`,
  );
}

const upTo = (count: number): number[] => [...Array.from({ length: count }).keys()];

test('every line is in one section, and episodes that overlap share theirs', () => {
  const episodes = [episode('fd_high', 3, 5), episode('rss_growth', 5, 6), episode('zombie_detected', 8, 8)];
  assert.deepEqual(shown(upTo(10), episodes), [
    '0-2 quiet',
    '3-6 fd_high+rss_growth',
    '7-7 quiet',
    '8-8 zombie_detected',
    '9-9 quiet',
  ]);
});

test('a damaged line stays with the one before it, and missing numbers shift nothing', () => {
  assert.deepEqual(shown([0, 4, undefined, 5, 9], [episode('fd_high', 4, 5)]), [
    '0-0 quiet',
    '1-3 fd_high',
    '4-4 quiet',
  ]);
});

test('numbers that begin again, as in files put together, are placed by their own episodes', () => {
  assert.deepEqual(shown([1, 2, 3, 1, 2, 3], [episode('fd_high', 2, 2)]), [
    '0-0 quiet',
    '1-1 fd_high',
    '2-3 quiet',
    '4-4 fd_high',
    '5-5 quiet',
  ]);
});

test('a file without episodes is one quiet section, an empty one none', () => {
  assert.deepEqual(shown(upTo(3), []), ['0-2 quiet']);
  assert.deepEqual(shown([], [episode('fd_high', 0, 1)]), []);
});

test('thousands of episodes are some hundred sections, and none of them is lost', () => {
  const many = Array.from({ length: 5000 }, (_, i) => episode('fd_high', i * 3, i * 3));
  const sections = sampleSections(upTo(15_000), many);
  assert.ok(sections.length <= 1001, `${sections.length}`);
  assert.equal(sections.flatMap(({ episodes }) => episodes).length, 5000);
  assert.equal(sections.at(-1)?.lastLine, 14_999);
});
