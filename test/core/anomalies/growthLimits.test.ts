import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Finding } from '../../../src/core/anomalies/detector.ts';
import { ForecastKeeper } from '../../../src/core/anomalies/presentForecast.ts';
import { GROWING, GrowthWatch } from '../../../src/core/anomalies/growthWatch.ts';
import { MB, oursOf, snapshotAt } from './anomalySeries.ts';

/* From which length, height and share on a steady climb is told, and what is told of it. */

interface Told {
  readonly at: number;
  readonly finding: Finding;
}

function toldOf(growing: keyof typeof GROWING, valueAt: (second: number) => number, seconds: number): readonly Told[] {
  const watch = new GrowthWatch(GROWING[growing]);
  return Array.from({ length: seconds + 1 }, (_, at) => {
    const finding = watch.push({ value: valueAt(at), nowMs: at * 1000, seq: at, pid: 7 });
    return finding === undefined ? [] : [{ at, finding }];
  }).flat();
}

/** [seconds, rise, factor] from which a climb is notable, and alarming. */
const LIMITS = {
  trackedMemory: ['rss_growth', 'rss_kb', [120, 96 * 1024, 1.5], [300, 256 * 1024, 2]],
  treeMemory: ['tree_rss_growth', 'tree_rss_kb', [120, 96 * 1024, 1.5], [300, 256 * 1024, 2]],
  descriptors: ['fd_leak', 'fd_count', [35, 128, 1.5], [55, 256, 2]],
  threads: ['thread_growth', 'threads', [35, 16, 1.5], [55, 48, 2]],
  processes: ['process_growth', 'process_count', [35, 16, 1.5], [55, 40, 2]],
} as const;

for (const name of Object.keys(GROWING) as (keyof typeof GROWING)[]) {
  const [kind, unit, notable, alarming] = LIMITS[name];
  for (const [what, from, perSecond] of [
    ['long', notable[1] / 2, notable[1] / 10],
    ['high', notable[1] / 4, notable[1] / 400],
    ['large', notable[1] * 4, notable[1] / 50],
  ] as const)
    test(`${kind} is told when a climb is long, high and large enough: ${what} last`, () => {
      const told = toldOf(name, (at) => Math.round(from + perSecond * at), 3000);
      for (const [severity, [seconds, rise, factor]] of [['info', notable], ['warning', alarming]] as const) {
        const first = told.find(({ finding }) => finding.severity === severity);
        const due = Math.max(seconds, rise / perSecond, ((factor - 1) * from) / perSecond);
        const at = first?.at ?? Number.POSITIVE_INFINITY;
        assert.ok(at >= due * 0.97 && at <= due * 1.35 + 10, `${severity} is due at ${due}, told at ${at}`);
        const detail = first?.finding.detail ?? {};
        const [initial, final] = [Number(detail[`initial_${unit}`]), Number(detail[`final_${unit}`])];
        assert.ok(final - initial >= rise && final >= factor * initial, `${initial} to ${final}`);
        assert.ok(Number(detail['span_seconds']) >= seconds && Number(detail['span_seconds']) <= at);
        assert.ok(Math.abs(Number(detail[`${unit}_per_second`]) / perSecond - 1) < 0.15, String(detail[`${unit}_per_second`]));
        assert.equal(detail['growth_factor'], Math.round((100 * final) / initial) / 100);
        assert.deepEqual([first?.finding.kind, first?.finding.pid, detail['since_seq']], [kind, 7, told[0]?.at]);
      }
      assert.ok(told.length <= 8, 'not each time it is looked');
    }); // prettier-ignore

  test(`${kind} is not told of a climb that lacks one of the three, or has given back what it took`, () => {
    const [seconds, rise] = notable;
    const upTo = (from: number, most: number, pace: number) => toldOf(name, (at) => Math.round(from + Math.min(most, pace * at)), 900);
    assert.deepEqual(upTo(rise / 10, rise * 0.9, rise / 100), [], 'not high');
    assert.deepEqual(upTo(rise * 6, rise * 2.5, rise / 100), [], 'not large');
    assert.deepEqual(upTo(rise / 2, rise * 3, (rise * 3) / (seconds * 0.6)), [], 'not long');
    const saw = toldOf(name, (at) => Math.round(rise / 2 + ((at % 20) * rise) / 10), 900);
    assert.deepEqual(saw, [], 'a saw');
  }); // prettier-ignore
}

test('what runs out first is told whenever somebody asks, by what it is and when', () => {
  const keeper = new ForecastKeeper();
  assert.equal(keeper.soonest(), undefined);
  for (let at = 0; at <= 400; at += 5)
    keeper.push(snapshotAt(at, at / 5, { ours: oursOf({ tree_rss_kb: 100 * MB + at * MB, cgroup_memory_kb: 100 * MB + at * MB, cgroup_memory_limit_kb: 1000 * MB }) })); // prettier-ignore
  const soonest = keeper.soonest();
  assert.equal(soonest?.resource, 'memory');
  assert.ok(Math.abs((soonest?.seconds_to_limit ?? 0) - 500) < 50, String(soonest?.seconds_to_limit));
});
