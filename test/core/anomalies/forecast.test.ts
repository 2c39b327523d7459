import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findAnomalies } from '../../../src/core/anomalies/findAnomalies.ts';
import { forecastOf, RECENT_POINTS, type Forecast } from '../../../src/core/anomalies/forecast.ts';
import { LowsHistory } from '../../../src/core/anomalies/lowsHistory.ts';
import type { Point } from '../../../src/core/words/slope.ts';
import { randomFrom } from '../randomFrom.ts';
import { momentsOf, type Machine } from './anomalySeries.ts';
import { HEALTHY } from './healthySessions.ts';

interface Quantity {
  readonly limit: number;
  readonly at: (seconds: number) => number;
  readonly intervalSeconds: number;
}

/** What is forecast after each sample, up to a time. */
function forecasts({ limit, at, intervalSeconds }: Quantity, untilSeconds: number): (Forecast | undefined)[] {
  const lows = new LowsHistory();
  let recent: Point[] = [];
  const found: (Forecast | undefined)[] = [];
  for (let seconds = 0; seconds <= untilSeconds; seconds += intervalSeconds) {
    const used = at(seconds);
    recent = [...recent, { x: seconds, y: used }].slice(-RECENT_POINTS);
    lows.push(seconds * 1000, used);
    found.push(forecastOf({ used, left: limit - used, recent, scales: lows.scales, leastRise: limit / 50 }));
  }
  return found;
}

for (const intervalSeconds of [0.5, 1, 5]) {
  test(`a leak of 1 MB/s towards 200 MB is forecast at half-way, sampled every ${intervalSeconds} s`, () => {
    const random = randomFrom(7);
    // What a collector has not taken back yet comes and goes.
    const leak = { limit: 200, at: (seconds: number) => seconds + random() * 4, intervalSeconds };
    const forecast = forecasts(leak, 100).at(-1);
    assert.ok(forecast !== undefined);
    assert.ok(Math.abs(forecast.seconds - 100) <= 25, `${forecast.seconds} s`);
    assert.ok(forecast.earliestSeconds <= forecast.seconds && forecast.seconds <= forecast.latestSeconds);
    assert.ok(Math.abs(forecast.perSecond - 1) < 0.25);
  });
}

test('growth that quickens is told as such, and not as late as its pace of now would say', () => {
  const doubling = { limit: 200, intervalSeconds: 2, at: (seconds: number) => 10 * 2 ** (seconds / 40) };
  const forecast = forecasts(doubling, 130).at(-1);
  assert.ok(forecast?.isQuickening === true);
  assert.ok(Math.abs(forecast.seconds - 43) <= 4, `${forecast.seconds} s`);
  const steady = { limit: 200, intervalSeconds: 2, at: (seconds: number) => seconds };
  assert.equal(forecasts(steady, 130).at(-1)?.isQuickening, false);
});

test('a climb that has ended, and one that slows down towards its end, are not forecast', () => {
  const ended = { limit: 200, intervalSeconds: 1, at: (seconds: number) => Math.min(seconds, 100) };
  assert.equal(forecasts(ended, 220).at(-1), undefined);
  const slowing = { limit: 200, intervalSeconds: 1, at: (seconds: number) => 120 * (1 - Math.exp(-seconds / 60)) };
  assert.equal(forecasts(slowing, 300).at(-1), undefined);
});

test('noise around a level raises no forecast, however full it is', () => {
  for (let seed = 0; seed < 100; seed += 1) {
    const random = randomFrom(seed);
    const level = 50 + seed;
    const noisy = { limit: 200, intervalSeconds: 2, at: () => level + (random() - 0.5) * 30 };
    assert.deepEqual(
      forecasts(noisy, 900).filter((forecast) => forecast !== undefined),
      [],
    );
  }
});

test('100 healthy sessions on a machine of their size raise no forecast', () => {
  const machine: Machine = { totalMb: 4000, oomScoreAdj: 0 };
  const behaviours = Object.values(HEALTHY);
  for (let i = 0; i < 100; i += 1) {
    const behaviour = behaviours[i % behaviours.length];
    assert.ok(behaviour !== undefined);
    const series = behaviour(randomFrom(i), machine);
    const options = { pid: undefined, expectedComm: 'node', cores: 4, intervalSeconds: series.intervalSeconds };
    const anomalies = findAnomalies(momentsOf({ ...series, machine }), { mode: 'calibrated', ...options });
    const forecast = anomalies.find(({ kind }) => kind === 'oom_forecast');
    assert.equal(forecast, undefined, `session ${i}: ${JSON.stringify(forecast?.detail)}`);
  }
});
