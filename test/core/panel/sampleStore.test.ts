import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SampleStore } from '../../../src/core/panel/sampleStore.ts';
import { MOST_ROWS } from '../../../src/core/panel/sampleColumns.ts';
import type { Snapshot } from '../../../src/core/session/snapshot.ts';
import { isoFromMs } from '../../../src/core/words/time.ts';
import { snapshotAt } from '../anomalies/anomalySeries.ts';

const START_MS = Date.UTC(2026, 0, 1);
const STEP_MS = 1000;
/** Thinned twice. */
const COUNT = 400_000;
const SPIKES = [7, 123_456, 310_001];
const DIP = 222_222;
/** An hour in which nobody recorded. */
const GAP_AT = 300_000;
const GAP_MS = 3_600_000;

function msOf(seq: number): number {
  return START_MS + seq * STEP_MS + (seq >= GAP_AT ? GAP_MS : 0);
}

function longStore(): SampleStore {
  const store = new SampleStore();
  const usual: Snapshot = { ...snapshotAt(0, 0), oom_score: undefined };
  for (let seq = 0; seq < COUNT; seq += 1) {
    const ts = isoFromMs(msOf(seq));
    const vm_rss_kb = SPIKES.includes(seq) ? 9_000_000 : 200_000 + (seq % 100);
    store.append({ ...usual, ts, captured_at: ts, seq, vm_rss_kb, fd_count: seq === DIP ? 1 : 40 });
  }
  return store;
}

const store = longStore();
const whole = { fromMs: msOf(0), toMs: msOf(COUNT - 1), pixels: 600 };

test('of a session of any length the numbers are kept in bounded room, and its newest samples as they are', () => {
  assert.equal(store.count, COUNT);
  const { rows } = store.rows(-Infinity, Infinity, Infinity);
  assert.ok(rows.length <= MOST_ROWS && rows.length > MOST_ROWS / 4, `${rows.length} rows`);
  assert.equal(store.firstMs, msOf(0));
  assert.equal(store.lastMs, msOf(COUNT - 1));
  assert.ok(store.exactFromMs <= msOf(COUNT - 30_000));
  const newest = rows.slice(-30_000);
  assert.ok(
    newest.every(({ seq, ms, values }, i) => {
      const expected = COUNT - 30_000 + i;
      return seq === expected && ms === msOf(seq) && values.vm_rss_kb === 200_000 + (seq % 100);
    }),
  );
  const times = rows.map(({ ms }) => ms);
  assert.ok(times.every((ms, i) => i === 0 || ms > (times[i - 1] ?? 0)));
  assert.ok(
    rows.every(({ seq, ms }) => ms === msOf(seq)),
    'each row bears the time and number of a sample',
  );
});

test('a spike and a dip of one sample are drawn, wherever they were', () => {
  const { vm_rss_kb: memory, fd_count: descriptors } = store.slice(whole);
  assert.equal(memory?.v.filter((value) => value === 9_000_000).length, SPIKES.length);
  assert.equal(descriptors?.v.filter((value) => value === 1).length, 1);
  for (const seq of SPIKES) {
    const { vm_rss_kb: near } = store.slice({ fromMs: msOf(seq) - 60_000, toMs: msOf(seq) + 60_000, pixels: 600 });
    assert.ok(near?.v.includes(9_000_000), `sample ${seq}`);
  }
});

test('a line does not break where samples were thinned, but where there were none', () => {
  const breaks = (fromSeq: number, toSeq: number) =>
    store
      .slice({ fromMs: msOf(fromSeq), toMs: msOf(toSeq), pixels: 600 })
      .vm_rss_kb?.v.filter((value) => value === null);
  assert.equal(breaks(1000, 50_000)?.length, 0);
  assert.equal(breaks(GAP_AT - 5000, GAP_AT + 5000)?.length, 1);
  assert.equal(breaks(COUNT - 5000, COUNT - 1)?.length, 0);
});

test('what is pushed to a live plot are the samples that came, after a thinning as before', () => {
  const { vm_rss_kb: pushed } = store.since(COUNT - 3);
  assert.deepEqual(pushed?.t, [COUNT - 3, COUNT - 2, COUNT - 1].map(msOf));
  assert.deepEqual(pushed?.v, [200_097, 200_098, 200_099]);
});

test('lines end at the last living sample: who is ending has no memory, and no slope to 0 was ever there', () => {
  const dying = new SampleStore();
  for (const [seq, vm_rss_kb] of [200_000, 372_000, 0].entries()) {
    const ts = isoFromMs(msOf(seq));
    dying.append({ ...snapshotAt(seq, vm_rss_kb), ts, captured_at: ts, seq, vm_rss_kb });
  }
  assert.equal(dying.count, 3);
  const points = dying.slice({ ...whole, toMs: msOf(2) }).vm_rss_kb;
  assert.deepEqual(
    points?.v.filter((value) => value !== null),
    [200_000, 372_000],
  );
});
