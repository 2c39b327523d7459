import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextDelayMs, type CadenceInput, type PressureFacts } from '../../../src/recorder/proc/cadence.ts';

const MIB = 1024;
const CALM: PressureFacts = {
  atMs: 0,
  treeRssKb: 200 * MIB,
  memoryLeftKb: 8192 * MIB,
  fdRatio: 0.01,
  psiMemorySomeAvg10: 0,
  costMs: 1,
};

function delay(current: Partial<PressureFacts>, more: Partial<CadenceInput> = {}): number {
  const previous = { ...CALM, atMs: -5000 };
  return nextDelayMs({ intervalMs: 5000, taken: 100, current: { ...CALM, ...current }, previous, ...more });
}

test('a session of two seconds leaves four samples at the default interval', () => {
  const takenAtMs = [0];
  for (let taken = 1; (takenAtMs.at(-1) ?? 0) < 5000; taken += 1) {
    takenAtMs.push((takenAtMs.at(-1) ?? 0) + delay({}, { taken }));
  }
  assert.deepEqual(takenAtMs, [0, 250, 750, 1750, 6750]);
});

test('an interval beyond what a timer holds is as long as one holds', () => {
  assert.equal(delay({}, { intervalMs: 1e12 }), 0x7fffffff);
});

test('an interval shorter than the first steps is kept from the start', () => {
  assert.deepEqual(
    [1, 2, 3, 9].map((taken) => delay({}, { taken, intervalMs: 100 })),
    [100, 100, 100, 100],
  );
});

test('calm samples come at the interval', () => {
  assert.equal(delay({}), 5000);
  assert.equal(delay({ treeRssKb: 220 * MIB }), 5000, 'breathing is not climbing');
  assert.equal(delay({ treeRssKb: undefined, fdRatio: undefined, psiMemorySomeAvg10: undefined }), 5000);
});

test('ten samples fit before a steep climb reaches the limit, and it is back to normal when the climb ends', () => {
  const before = { ...CALM, atMs: -5000, treeRssKb: 3000 * MIB };
  const climbing = { treeRssKb: 4000 * MIB, memoryLeftKb: 2000 * MIB }; // 200 MiB a second: ten seconds left
  assert.equal(delay(climbing, { previous: before }), 1000);
  assert.equal(delay(climbing, { previous: { ...before, ...climbing, atMs: -1000 } }), 5000);
});

test('a process that doubles fast is watched closely with any amount of memory left', () => {
  const doubling = delay({ treeRssKb: 1000 * MIB, memoryLeftKb: undefined });
  assert.ok(doubling < 1000 && doubling >= 200, String(doubling));
});

test('descriptors near their limit and memory stalls bring samples closer', () => {
  assert.equal(delay({ fdRatio: 0.75 }), 1250);
  assert.equal(delay({ fdRatio: 0.95 }), 500);
  assert.equal(delay({ psiMemorySomeAvg10: 20 }), 1000);
});

test('the hurry is bounded by the clock and by what a sample costs', () => {
  const dire = { treeRssKb: 4000 * MIB, memoryLeftKb: 1, fdRatio: 1, psiMemorySomeAvg10: 90 };
  assert.equal(delay(dire), 200);
  assert.equal(delay({ ...dire, costMs: 8 }), 800, 'one per cent of a core');
  assert.equal(delay({ ...dire, costMs: 900 }), 5000, 'never slower than the interval');
});
