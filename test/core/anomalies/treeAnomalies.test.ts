import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Anomaly } from '../../../src/core/session/anomaly.ts';
import { findAnomalies, type Moment } from '../../../src/core/anomalies/findAnomalies.ts';
import type { TreeMember } from '../../../src/core/session/tree.ts';
import { randomFrom } from '../randomFrom.ts';
import { MB, memberOf, momentsOf, TRACKED_PID, type Series } from './anomalySeries.ts';

const OPTIONS = { mode: 'calibrated', pid: undefined, expectedComm: 'node', cores: 4, intervalSeconds: 5 } as const;

function found(moments: readonly Moment[], kind: Anomaly['kind']): Anomaly[] {
  return findAnomalies(moments, OPTIONS).filter((anomaly) => anomaly.kind === kind);
}

function kindsOf(series: Partial<Series> & Pick<Series, 'scene'>): (kind: Anomaly['kind']) => Anomaly[] {
  const moments = momentsOf({ seconds: 600, intervalSeconds: 5, ...series });
  return (kind) => found(moments, kind);
}

test('a child that leaks 1 MB per second is found within six minutes, through the noise of its siblings', () => {
  const random = randomFrom(7);
  const of = kindsOf({
    seconds: 400,
    scene: (seconds) => ({
      children: [
        memberOf(5000, { rss_kb: Math.round((100 + seconds) * MB) }),
        memberOf(6000, { rss_kb: Math.round(random() * 60 * MB) }),
      ],
    }),
  });
  const [first] = of('tree_rss_growth');
  assert.equal(first?.severity, 'info');
  const warning = of('tree_rss_growth').find(({ severity }) => severity === 'warning');
  assert.ok(warning !== undefined && warning.seq <= 365 / 5 + 3, 'warned in time');
  const rate = warning.detail['tree_rss_kb_per_second'];
  assert.ok(typeof rate === 'number' && Math.abs(rate - MB) < 0.2 * MB, `1 MB per second, not ${String(rate)} kB`);
});

test('the tracked process leaking 1 MB per second is found, and spoken of only when it has become worse', () => {
  const of = kindsOf({
    seconds: 7200,
    scene: (seconds) => ({ tracked: { vm_rss_kb: Math.round((120 + seconds) * MB) } }),
  });
  const growth = of('rss_growth');
  assert.ok(growth.some(({ severity }) => severity === 'warning'));
  assert.ok(growth.length <= 8, `${growth.length} records over two hours`);
});

test('a leak under a sawtooth is found by its lows', () => {
  const of = kindsOf({
    seconds: 3600,
    scene: (seconds) => ({ tracked: { vm_rss_kb: Math.round((150 + 0.3 * seconds + 3 * (seconds % 60)) * MB) } }),
  });
  assert.ok(of('rss_growth').some(({ severity }) => severity === 'warning'));
});

test('ten descriptors a second are a leak of the process that opens them', () => {
  const of = kindsOf({
    seconds: 90,
    scene: (seconds) => ({ children: [memberOf(5000, { fd_count: 10 + Math.floor(10 * seconds) })] }),
  });
  const warning = of('fd_leak').find(({ severity }) => severity === 'warning');
  assert.equal(warning?.pid, 5000);
});

test('two threads a second are a leak', () => {
  const of = kindsOf({ seconds: 90, scene: (seconds) => ({ tracked: { threads: 10 + Math.floor(2 * seconds) } }) });
  const warning = of('thread_growth').find(({ severity }) => severity === 'warning');
  assert.equal(warning?.pid, TRACKED_PID);
});

test('a process more every second is a leak', () => {
  const of = kindsOf({
    seconds: 90,
    scene: (seconds) => ({
      children: Array.from({ length: 3 + Math.floor(seconds) }, (_, i) => memberOf(5000 + i, { rss_kb: 900 })),
    }),
  });
  assert.ok(of('process_growth').some(({ severity }) => severity === 'warning'));
});

test('without a recorded tree the tracked process alone still shows its leak', () => {
  const moments = momentsOf({
    seconds: 90,
    intervalSeconds: 5,
    scene: (seconds) => ({ tracked: { fd_count: 10 + Math.floor(10 * seconds) } }),
  }).map(({ snapshot }) => ({ snapshot, tree: undefined }));
  assert.ok(found(moments, 'fd_leak').some(({ severity }) => severity === 'warning'));
});

test('a leak of a child still shows where of four trees only one was kept', () => {
  const moments = momentsOf({
    seconds: 180,
    intervalSeconds: 5,
    scene: (seconds) => ({ children: [memberOf(5000, { fd_count: 10 + Math.floor(10 * seconds) })] }),
  }).map((moment, i) => (i % 4 === 0 ? moment : { ...moment, tree: undefined }));
  assert.ok(found(moments, 'fd_leak').some(({ severity, pid }) => severity === 'warning' && pid === 5000));
});

test('a pool that is opened at once is no leak', () => {
  const of = kindsOf({
    scene: (seconds) => ({ tracked: { fd_count: seconds < 100 ? 20 : 700, threads: seconds < 100 ? 10 : 120 } }),
  });
  assert.deepEqual([...of('fd_leak'), ...of('thread_growth')], []);
});

test('of a sawtooth only the first tooth can look like a climb', () => {
  const of = kindsOf({
    seconds: 3600,
    scene: (seconds) => ({ tracked: { vm_rss_kb: Math.round((150 + (seconds % 230) + (seconds % 7)) * MB) } }),
  });
  const teeth = new Set(of('rss_growth').map(({ detail }) => detail['since_seq']));
  assert.ok(teeth.size <= 1, `${teeth.size} teeth reported`);
});

test('two large allocations are steps, not a climb', () => {
  const of = kindsOf({
    seconds: 1200,
    scene: (seconds) => ({ tracked: { vm_rss_kb: (seconds < 400 ? 100 : seconds < 800 ? 500 : 900) * MB } }),
  });
  assert.deepEqual(of('rss_growth'), []);
});

test('what goes up and down at random is no climb, however far', () => {
  const random = randomFrom(11);
  const of = kindsOf({ seconds: 20_000, scene: () => ({ tracked: { fd_count: 20 + Math.floor(random() * 700) } }) });
  assert.deepEqual(of('fd_leak'), []);
});

test('children that nobody collects are counted once they pile up, those about to be collected are not', () => {
  const piling = kindsOf({
    seconds: 60,
    scene: (seconds) => ({
      children: Array.from({ length: Math.floor(seconds) }, (_, i) =>
        memberOf(5000 + i, { state: 'zombie', rss_kb: 0 }),
      ),
    }),
  })('zombie_children');
  assert.deepEqual(
    piling.map(({ severity }) => severity),
    ['info', 'warning', 'warning', 'warning'],
  );
  const passing = kindsOf({
    scene: (seconds) => ({
      children: Array.from({ length: 20 }, (_, i) => memberOf(5000 + 20 * seconds + i, { state: 'zombie' })),
    }),
  })('zombie_children');
  assert.deepEqual(passing, []);
});

test('a memory group at 95 per cent is a warning, at 98 critical, and each is said once', () => {
  const of = kindsOf({
    scene: (seconds) => ({
      ours: {
        cgroup_memory_kb: Math.round((seconds < 300 ? 0.95 : 0.985) * 1000 * MB),
        cgroup_memory_limit_kb: 1000 * MB,
      },
    }),
  });
  assert.deepEqual(
    of('memory_limit_near').map(({ severity }) => severity),
    ['warning', 'critical'],
  );
});

test('stalls for memory are a warning above 30 per cent and critical above 60', () => {
  const of = kindsOf({ scene: (seconds) => ({ ours: { psi_memory_some_avg10: seconds < 300 ? 41 : 70 } }) });
  assert.deepEqual(
    of('memory_pressure').map(({ severity }) => severity),
    ['warning', 'critical'],
  );
});

test('the time to the limit is foretold for a steady climb', () => {
  const moments = momentsOf({
    seconds: 90,
    intervalSeconds: 2,
    scene: (seconds) => ({
      ours: { cgroup_memory_kb: Math.round((100 + 10 * seconds) * MB), cgroup_memory_limit_kb: 1000 * MB },
    }),
  });
  const forecasts = found(moments, 'oom_forecast');
  assert.equal(forecasts.at(-1)?.severity, 'critical');
  const critical = forecasts.at(-1);
  const atSeconds = (Date.parse(critical?.ts ?? '') - Date.parse(moments[0]?.snapshot.ts ?? '')) / 1000;
  assert.ok(Math.abs(Number(critical?.detail['seconds_to_limit']) - (90 - atSeconds)) <= 2, 'right to two seconds');
});

test('nothing is foretold from noise, however full the group is', () => {
  const random = randomFrom(3);
  const of = kindsOf({
    seconds: 3600,
    scene: () => ({
      ours: { cgroup_memory_kb: Math.round((800 + random() * 60) * MB), cgroup_memory_limit_kb: 1000 * MB },
    }),
  });
  assert.deepEqual(
    of('oom_forecast').filter(({ severity }) => severity !== 'info'),
    [],
  );
});

test('no output and no CPU for ten minutes is a stall, either of them is none', () => {
  const quiet = { ours: { tree_cpu_percent: 0.1 } };
  const stalls = kindsOf({ seconds: 1300, scene: () => ({ ...quiet, outputBytes: 10 }) })('stalled');
  assert.deepEqual(
    stalls.map(({ severity, detail }) => [severity, Number(detail['quiet_seconds']) >= 600]),
    [
      ['info', true],
      ['info', true],
    ],
  );
  assert.deepEqual(
    kindsOf({ seconds: 1300, scene: (s) => ({ ...quiet, outputBytes: Math.floor(s / 60) }) })('stalled'),
    [],
  );
  assert.deepEqual(kindsOf({ seconds: 1300, scene: () => ({ outputBytes: 10 }) })('stalled'), []);
});

test('time in which nobody looked is no stall', () => {
  const moments = momentsOf({
    seconds: 4000,
    intervalSeconds: 5,
    scene: () => ({ ours: { tree_cpu_percent: 0.1 }, outputBytes: 10 }),
  });
  const suspended = moments.filter(({ snapshot }) => snapshot.seq < 20 || snapshot.seq > 700);
  assert.deepEqual(found(suspended, 'stalled'), []);
});

test('a tracked process that is gone while its children live on is lost, and so is one whose pid was reused', () => {
  const moments = momentsOf({ seconds: 60, intervalSeconds: 5, scene: () => ({ children: [memberOf(5000)] }) });
  const without = moments.map((moment, i) => changed(moment, i >= 6 ? [] : undefined));
  assert.deepEqual(
    found(without, 'identity_lost').map(({ detail }) => detail['is_pid_reused']),
    [false],
  );
  const reused = moments.map((moment, i) =>
    changed(moment, i >= 6 ? [memberOf(TRACKED_PID, { start_ticks: 1 })] : undefined),
  );
  assert.deepEqual(
    found(reused, 'identity_lost').map(({ detail }) => detail['is_pid_reused']),
    [true],
  );
  const once = moments.map((moment, i) => changed(moment, i === 6 ? [] : undefined));
  assert.deepEqual(found(once, 'identity_lost'), []);
});

function changed({ snapshot, tree }: Moment, tracked: readonly TreeMember[] | undefined): Moment {
  if (tracked === undefined || tree === undefined) return { snapshot, tree };
  return {
    snapshot,
    tree: { ...tree, processes: [...tracked, ...tree.processes.filter(({ pid }) => pid !== TRACKED_PID)] },
  };
}

test('a hole in the record is reported, a late sample and sampling that becomes faster are not', () => {
  const moments = momentsOf({ seconds: 120, intervalSeconds: 5, scene: () => ({}) });
  assert.deepEqual(found(moments, 'heartbeat_gap'), []);
  const late = moments.filter(({ snapshot }) => snapshot.seq < 8 || snapshot.seq > 9);
  assert.deepEqual(found(late, 'heartbeat_gap'), []);
  const holed = moments.filter(({ snapshot }) => snapshot.seq < 8 || snapshot.seq > 15);
  const [gap, ...others] = found(holed, 'heartbeat_gap');
  assert.deepEqual(gap?.detail, { gap_seconds: 45, interval_seconds: 5 });
  assert.deepEqual(others, []);
});

test('what outlives the session is reported at its end', () => {
  const leftover = { boot_id: 'b', comm: 'node', parent_pid: null, parent_comm: null };
  const anomalies = findAnomalies(momentsOf({ seconds: 10, intervalSeconds: 5, scene: () => ({}) }), OPTIONS, [
    { ...leftover, pid: 1, start_ticks: 1, age_seconds: 50, rss_kb: 1000 },
    { ...leftover, pid: 2, start_ticks: 2, age_seconds: 20, rss_kb: null },
  ]);
  assert.deepEqual(
    anomalies.map(({ kind, detail }) => [kind, detail]),
    [['leftover_processes', { process_count: 2, rss_kb: 1000, oldest_age_seconds: 50 }]],
  );
});
