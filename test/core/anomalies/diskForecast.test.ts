import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Anomaly } from '../../../src/core/session/anomaly.ts';
import { findAnomalies } from '../../../src/core/anomalies/findAnomalies.ts';
import { forecastsAt } from '../../../src/core/panel/forecastsAt.ts';
import { SampleStore } from '../../../src/core/panel/sampleStore.ts';
import { snapshotFrom, snapshotRecord } from '../../../src/core/session/snapshot.ts';
import { randomFrom } from '../randomFrom.ts';
import { MB, momentsOf } from './anomalySeries.ts';

const GB = 1024 * MB;

interface Disk {
  readonly sizeKb: number;
  /** What is taken of it after so many seconds. */
  readonly usedKb: (seconds: number) => number;
  readonly seconds: number;
  readonly intervalSeconds?: number;
}

function momentsWith({ sizeKb, usedKb, seconds, intervalSeconds = 2 }: Disk) {
  return momentsOf({
    seconds,
    intervalSeconds,
    scene: (at) => ({ ours: { disk_size_kb: sizeKb, disk_free_kb: Math.max(0, Math.round(sizeKb - usedKb(at))) } }),
  });
}

function anomaliesOf(disk: Disk): readonly Anomaly[] {
  const { intervalSeconds = 2 } = disk;
  const options = { pid: undefined, expectedComm: 'node', cores: 4, intervalSeconds };
  return findAnomalies(momentsWith(disk), { mode: 'calibrated', ...options });
}

function aheadOf(disk: Disk) {
  const samples = new SampleStore();
  for (const { snapshot } of momentsWith(disk)) samples.append(snapshot);
  return forecastsAt(samples, samples.lastMs ?? 0);
}

const FILLS: Readonly<Record<string, Disk & { readonly fullAtSeconds: number }>> = {
  'an empty disk': { sizeKb: 20 * GB, usedKb: (at) => at * 40 * MB, seconds: 256, fullAtSeconds: 512 },
  'the rest of a used one': {
    sizeKb: 500 * GB,
    usedKb: (at) => 480 * GB + at * 20 * MB,
    seconds: 512,
    fullAtSeconds: 1024,
  },
  'a night of downloads': {
    sizeKb: 1000 * GB,
    usedKb: (at) => 400 * GB + at * 21 * MB,
    seconds: 14_400,
    intervalSeconds: 5,
    fullAtSeconds: (600 * 1024) / 21,
  },
  'a small one': {
    sizeKb: 100 * MB,
    usedKb: (at) => at * 0.5 * MB,
    seconds: 100,
    intervalSeconds: 1,
    fullAtSeconds: 200,
  },
};

for (const [what, fill] of Object.entries(FILLS)) {
  test(`half-way through ${what}, the time that is left is told to a quarter`, () => {
    const random = randomFrom(11);
    // Temporary files come and go.
    const wobbling = { ...fill, usedKb: (at: number) => fill.usedKb(at) + random() * fill.sizeKb * 0.005 };
    const [forecast, ...others] = aheadOf(wobbling);
    assert.deepEqual(others, []);
    assert.equal(forecast?.series, 'disk_free_kb');
    const leftSeconds = (forecast.reachedMs - forecast.fromMs) / 1000;
    const truth = fill.fullAtSeconds - fill.seconds;
    assert.ok(Math.abs(leftSeconds - truth) <= truth / 4, `${leftSeconds} s for ${truth} s`);
    assert.ok(forecast.earliestMs <= forecast.reachedMs && forecast.reachedMs <= forecast.latestMs);
    assert.equal(forecast.limit, 0, 'what is drawn is the free space');
    assert.match(forecast.sentence, /^The disk is full in about .+, at this pace\.$/);
  });
}

test('samples that do not tell of the disk are passed over, but not when they are all there is at the end', () => {
  const countAhead = (isMissing: (seq: number) => boolean): number => {
    const samples = new SampleStore();
    const moments = momentsOf({
      seconds: 500,
      intervalSeconds: 2,
      scene: (at, seq) => ({
        ours: isMissing(seq) ? {} : { disk_size_kb: 500 * GB, disk_free_kb: Math.round(20 * GB - at * 20 * MB) },
      }),
    });
    for (const { snapshot } of moments) samples.append(snapshot);
    return forecastsAt(samples, samples.lastMs ?? 0).length;
  };
  const counts = [() => false, (seq: number) => seq % 5 === 0, (seq: number) => seq > 240].map(countAhead);
  assert.deepEqual(counts, [1, 1, 0]);
});

test('a disk that fills is an anomaly that names it, worse as its end comes nearer', () => {
  const found = anomaliesOf({ sizeKb: 20 * GB, usedKb: (at) => 10 * GB + at * 20 * MB, seconds: 510 });
  const forecasts = found.filter(({ kind }) => kind === 'oom_forecast');
  assert.deepEqual(
    forecasts.map(({ severity, detail }) => [severity, detail['resource']]),
    [
      ['info', 'disk'],
      ['warning', 'disk'],
      ['critical', 'disk'],
    ],
  );
  for (const { detail, snapshot } of forecasts) {
    assert.equal(detail['limit_kb'], 20 * GB);
    const truth = (snapshot?.ours?.disk_free_kb ?? 0) / (20 * MB);
    assert.ok(Math.abs(Number(detail['seconds_to_limit']) - truth) <= 2, JSON.stringify(detail));
  }
});

test('a memory forecast names what runs out as well', () => {
  const moments = momentsOf({
    seconds: 60,
    intervalSeconds: 2,
    scene: (at) => ({ ours: { cgroup_memory_kb: (100 + 10 * at) * MB, cgroup_memory_limit_kb: 1000 * MB } }),
  });
  const options = { pid: undefined, expectedComm: 'node', cores: 4, intervalSeconds: 2 };
  const found = findAnomalies(moments, { mode: 'calibrated', ...options });
  assert.equal(found.find(({ kind }) => kind === 'oom_forecast')?.detail['resource'], 'memory');
});

const HARMLESS: Readonly<Record<string, (random: () => number) => Disk>> = {
  'noise at any level': (random) => {
    const level = (0.3 + 0.69 * random()) * 100 * GB;
    return { sizeKb: 100 * GB, usedKb: () => level + random() * GB, seconds: 900 };
  },
  'an install into a disk that is nearly full, and its end': () => ({
    sizeKb: 250 * GB,
    usedKb: (at) => 240 * GB + Math.min(at, 60) * 40 * MB,
    seconds: 300,
  }),
  'a slow climb of a disk that has room for months': () => ({
    sizeKb: 1000 * GB,
    usedKb: (at) => 700 * GB + at * 2 * MB,
    seconds: 7200,
    intervalSeconds: 5,
  }),
  'a build that fills and empties its folder': (random) => ({
    sizeKb: 100 * GB,
    usedKb: (at) => 80 * GB + (at % 120) * 60 * MB * random(),
    seconds: 900,
  }),
  'a disk that is full and stays so': () => ({ sizeKb: 10 * GB, usedKb: () => 10 * GB, seconds: 300 }),
  'a change to the folder of another disk': () => ({
    sizeKb: 100 * GB,
    usedKb: (at) => (at < 100 ? 5 * GB : 90 * GB),
    seconds: 300,
  }),
};

for (const [what, diskOf] of Object.entries(HARMLESS)) {
  test(`no end of the disk is foretold from ${what}`, () => {
    for (let seed = 0; seed < 20; seed += 1) {
      const disk = diskOf(randomFrom(seed));
      assert.deepEqual(
        anomaliesOf(disk).map(({ kind, detail }) => ({ kind, detail })),
        [],
      );
      assert.deepEqual(aheadOf(disk), []);
    }
  });
}

test('a file that was written before the disk was read stays readable, and what is read now comes back', () => {
  const [moment] = momentsWith({ sizeKb: 10 * GB, usedKb: () => GB, seconds: 2 });
  assert.ok(moment !== undefined);
  const record = snapshotRecord(moment.snapshot);
  assert.deepEqual([record['disk_free_kb'], record['disk_size_kb']], [9 * GB, 10 * GB]);
  assert.deepEqual(snapshotFrom(record, 0)?.ours, moment.snapshot.ours);
  const { disk_free_kb: _free, disk_size_kb: _size, ...older } = record;
  const read = snapshotFrom(older, 0);
  assert.equal(read?.ours?.tree_rss_kb, moment.snapshot.ours?.tree_rss_kb);
  assert.equal(read?.ours?.disk_free_kb, undefined);
  assert.equal(aheadOf({ sizeKb: 10 * GB, usedKb: () => Number.NaN, seconds: 60 }).length, 0);
});
