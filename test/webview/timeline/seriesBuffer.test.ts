import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeriesBuffer, valueAt } from '../../../webview/timeline/seriesBuffer.ts';

function buffered(): SeriesBuffer {
  const buffer = new SeriesBuffer();
  const series = { threads: { t: [0, 1000, 2000], v: [1, 2, 3] } };
  buffer.setWhole({ revision: 1, snapshotCount: 3, fromMs: 0, toMs: 2000, series });
  return buffer;
}

test('what is appended continues the lines, and what a query had already brought is not drawn twice', () => {
  const buffer = buffered();
  buffer.append({ after: 2, series: { threads: { t: [2000, 3000], v: [3, 4] } } }, 3000, 4);
  assert.deepEqual(buffer.lines({ fromMs: 0, toMs: 3000 }).threads, { t: [0, 1000, 2000, 3000], v: [1, 2, 3, 4] });
});

test('a finely drawn stretch of the past is not continued with the present', () => {
  const buffer = buffered();
  buffer.setNear({
    revision: 1,
    snapshotCount: 3,
    fromMs: 0,
    toMs: 1000,
    series: { threads: { t: [0, 500, 1000], v: [1, 1, 2] } },
  });
  buffer.append({ after: 3, series: { threads: { t: [3000], v: [4] } } }, 3000, 4);
  assert.deepEqual(buffer.lines({ fromMs: 0, toMs: 900 }).threads?.t, [0, 500, 1000]);
  assert.deepEqual(buffer.lines({ fromMs: 0, toMs: 3000 }).threads?.t, [0, 1000, 2000, 3000]);
});

test('a session that had no sample yet when it was first drawn is asked for again', () => {
  const buffer = new SeriesBuffer();
  buffer.setWhole({ revision: 0, snapshotCount: 0, fromMs: 0, toMs: 0, series: {} });
  assert.equal(buffer.append({ after: 0, series: { threads: { t: [4000], v: [5] } } }, 4000, 1), false);
});

test('samples that were missed are asked for, not drawn over', () => {
  const buffer = buffered();
  const series = { threads: { t: [4000], v: [5] } };
  assert.equal(buffer.append({ after: 4, series }, 4000, 5), false);
  assert.deepEqual(buffer.lines({ fromMs: 0, toMs: 4000 }).threads?.t, [0, 1000, 2000]);
  assert.equal(new SeriesBuffer().append({ after: 0, series }, 4000, 1), false, 'nothing has been asked for yet');
});

test('lines that have grown long ask to be drawn anew, so memory stays bounded', () => {
  const buffer = buffered();
  let lastMs = 2000;
  let isShort = true;
  let appended = 0;
  for (; isShort && appended < 10_000; appended += 1) {
    const series = { threads: { t: [lastMs + 100], v: [1] } };
    isShort = buffer.append({ after: appended + 3, series }, lastMs + 100, appended + 4);
    lastMs += 100;
  }
  assert.ok(appended < 5000, `${appended} points were appended before anybody objected`);
});

test('the value at a time is that of the nearest point; within a gap there is none', () => {
  const points = { t: [0, 1000, 1500, 2000], v: [1, 2, null, 3] };
  assert.deepEqual(
    [-5, 400, 600, 1500, 9999].map((ms) => valueAt(points, ms)),
    [1, 1, 2, undefined, 3],
  );
});
