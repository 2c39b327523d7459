import assert from 'node:assert/strict';
import { test } from 'node:test';
import { array, assert as assertProperty, integer, option, property, record } from 'fast-check';
import { downsample, MAX_POINTS, type SampledColumn } from '../../../src/core/panel/downsample.ts';

const SECOND = 1000;

function column(values: readonly number[], times?: readonly number[]): SampledColumn {
  return {
    times: Float64Array.from(times ?? values.map((_, i) => i * SECOND)),
    values: Float32Array.from(values),
    count: values.length,
    gapMs: 3500,
  };
}

function whole(sampled: SampledColumn, pixels = 1000) {
  return { fromMs: sampled.times[0] ?? 0, toMs: sampled.times[sampled.count - 1] ?? 0, pixels };
}

test('a spike of one sample among 100,000 is drawn', () => {
  const values = Array.from({ length: 100_000 }, () => 5);
  values[61_803] = 900;
  values[61_804] = -900;
  const sampled = column(values);
  const { t, v } = downsample(sampled, whole(sampled));
  assert.equal(t[v.indexOf(900)], 61_803 * SECOND);
  assert.equal(t[v.indexOf(-900)], 61_804 * SECOND);
});

test('no more points are drawn than Chart.js draws quickly, whatever the width', () => {
  const sampled = column(Array.from({ length: 100_000 }, (_, i) => (i * 7919) % 1013));
  for (const pixels of [16, 400, 1000, 8000]) {
    assert.ok(downsample(sampled, whole(sampled, pixels)).t.length <= MAX_POINTS);
  }
});

test('a few samples are drawn as they are', () => {
  const sampled = column([1, 2, 1, 4]);
  assert.deepEqual({ ...downsample(sampled, whole(sampled)) }, { t: [0, 1000, 2000, 3000], v: [1, 2, 1, 4] });
});

test('the line breaks where samples are missing and where a value could not be read', () => {
  const late = column([1, 2, 3], [0, 1000, 60_000]);
  assert.deepEqual(downsample(late, whole(late)).v, [1, 2, null, 3]);
  const unreadable = column([1, Number.NaN, 3]);
  assert.deepEqual(downsample(unreadable, whole(unreadable)).v, [1, null, 3]);
});

test('a gap in a long session stays a gap at every width', () => {
  const times = Array.from({ length: 50_000 }, (_, i) => (i < 25_000 ? i : i + 20_000) * SECOND);
  const sampled = column(
    times.map((_, i) => i % 50),
    times,
  );
  for (const pixels of [50, 300, 2000]) {
    const { t, v } = downsample(sampled, whole(sampled, pixels));
    const at = v.indexOf(null);
    assert.ok((t[at] ?? 0) > 24_999 * SECOND && (t[at] ?? 0) < 45_000 * SECOND);
    assert.equal(v.lastIndexOf(null), at);
  }
});

test('zooming in shows the samples of the range and one beyond each edge', () => {
  const sampled = column(Array.from({ length: 100_000 }, (_, i) => i));
  const { t } = downsample(sampled, { fromMs: 5000 * SECOND, toMs: 5010 * SECOND, pixels: 1000 });
  assert.deepEqual([t[0], t.at(-1), t.length], [4999 * SECOND, 5011 * SECOND, 13]);
});

test('a range without samples shows only its neighbours, an empty column nothing', () => {
  const sampled = column([1, 2], [0, 100_000]);
  assert.deepEqual(downsample(sampled, { fromMs: 40_000, toMs: 50_000, pixels: 100 }).v, [1, null, 2]);
  assert.deepEqual(downsample(column([]), { fromMs: 0, toMs: 1, pixels: 100 }).t, []);
});

test('time never runs backwards and the lowest and highest values always survive', () => {
  const sample = record({
    step: integer({ min: 0, max: 9000 }),
    value: option(integer({ min: -500, max: 500 })),
  });
  assertProperty(
    property(
      array(sample, { minLength: 1, maxLength: 6000, size: 'max' }),
      integer({ min: 16, max: 3000 }),
      (samples, pixels) => {
        let ms = 0;
        const times = samples.map(({ step }) => (ms += step));
        const sampled = column(
          samples.map(({ value }) => value ?? Number.NaN),
          times,
        );
        const { t, v } = downsample(sampled, whole(sampled, pixels));
        const known = samples.flatMap(({ value }) => value ?? []);
        const drawn = v.flatMap((value) => value ?? []);
        assert.ok(t.every((at, i) => i === 0 || at >= (t[i - 1] ?? 0)));
        assert.ok(t.length <= MAX_POINTS);
        assert.equal(lowest(drawn), lowest(known));
        assert.equal(lowest(drawn.map((value) => -value)), lowest(known.map((value) => -value)));
      },
    ),
    { numRuns: 60 },
  );
});

function lowest(values: readonly number[]): number {
  return values.reduce((low, value) => Math.min(low, value), Number.POSITIVE_INFINITY);
}
