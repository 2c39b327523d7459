import assert from 'node:assert/strict';
import { test } from 'node:test';
import { areasOf, type AreasRange } from '../../../src/core/panel/areasView.ts';
import type { MemoryInstant } from '../../../src/core/session/processMemory.ts';

function instant(seq: number, sizes: Readonly<Record<string, number>>): MemoryInstant {
  const parts = Object.entries(sizes).map(([name, kb]) => {
    const [comm = '', pid = '0'] = name.split(':');
    return { owner: { pid: Number(pid), startTicks: 1, comm }, kb, cpuPercent: kb / 10 };
  });
  return { ms: seq * 1000, seq, parts, others: { count: 2, kb: 5, cpuPercent: 1 } };
}

const RANGE: AreasRange = { fromMs: 0, toMs: 1e9, pixels: 600, gapMs: 3500, kind: 'memory' };

test('the largest process stands alone and first, small ones of one name together, and nothing is lost', () => {
  const many = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`cc1plus:${i + 50}`, 20]));
  const view = areasOf(
    [instant(0, { 'claude:1': 200, 'python3:2': 900, ...many }), instant(1, { 'claude:1': 210 })],
    RANGE,
  );
  assert.deepEqual(
    view.bands.map(({ comm, pid, count, values }) => [comm, pid, count, values]),
    [
      ['python3', 2, 1, [900, 0]],
      ['claude', 1, 1, [200, 210]],
      ['cc1plus', undefined, 40, [800, 0]],
      [undefined, undefined, 40, [5, 5]],
    ],
  );
});

test('where nothing was recorded the areas are parted, and of many instants the largest are kept', () => {
  const course = Array.from({ length: 5000 }, (_, seq) =>
    instant(seq < 2500 ? seq : seq + 800, { 'node:1': seq === 1234 ? 9e6 : 100 }),
  );
  const view = areasOf(course, RANGE);
  assert.ok(view.t.length <= 620, `${view.t.length} instants`);
  assert.equal(view.bands[0]?.peak, 9e6);
  assert.deepEqual(
    view.breaks.map((i) => [(view.t[i - 1] ?? 0) < 2_500_000, (view.t[i] ?? 0) >= 3_300_000]),
    [[true, true]],
  );
  const near = areasOf(course, { ...RANGE, fromMs: 100_000, toMs: 110_000, kind: 'cpu' });
  assert.deepEqual([near.t.at(0), near.t.at(-1), near.bands[0]?.values[0]], [99_000, 111_000, 10]);
});
