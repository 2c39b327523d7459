import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeriesBuffer, valueAt } from '../../webview/seriesBuffer.ts';

function buffered(): SeriesBuffer {
  const buffer = new SeriesBuffer();
  const series = { threads: { t: [0, 1000, 2000], v: [1, 2, 3] } };
  buffer.setWhole({ revision: 1, fromMs: 0, toMs: 2000, series });
  return buffer;
}

test('what is appended continues the lines, and what a query had already brought is not drawn twice', () => {
  const buffer = buffered();
  buffer.append({ threads: { t: [2000, 3000], v: [3, 4] } }, 2000, 3000);
  assert.deepEqual(buffer.lines({ fromMs: 0, toMs: 3000 }).threads, { t: [0, 1000, 2000, 3000], v: [1, 2, 3, 4] });
});

test('a finely drawn stretch of the past is not continued with the present', () => {
  const buffer = buffered();
  buffer.setNear({ revision: 1, fromMs: 0, toMs: 1000, series: { threads: { t: [0, 500, 1000], v: [1, 1, 2] } } });
  buffer.append({ threads: { t: [3000], v: [4] } }, 2000, 3000);
  assert.deepEqual(buffer.lines({ fromMs: 0, toMs: 900 }).threads?.t, [0, 500, 1000]);
  assert.deepEqual(buffer.lines({ fromMs: 0, toMs: 3000 }).threads?.t, [0, 1000, 2000, 3000]);
});

test('lines that have grown long ask to be drawn anew, so memory stays bounded', () => {
  const buffer = buffered();
  let lastMs = 2000;
  let isShort = true;
  let appended = 0;
  for (; isShort && appended < 10_000; appended += 1) {
    isShort = buffer.append({ threads: { t: [lastMs + 100], v: [1] } }, lastMs, lastMs + 100);
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
