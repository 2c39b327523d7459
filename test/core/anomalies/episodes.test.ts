import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Anomaly } from '../../../src/core/session/anomaly.ts';
import { episodesOf } from '../../../src/core/anomalies/episodes.ts';

function anomaly(kind: Anomaly['kind'], seq: number, changes: Partial<Anomaly> = {}): Anomaly {
  return {
    ts: `t${seq}`,
    seq,
    kind,
    severity: 'warning',
    pid: 1,
    detail: { at: seq },
    snapshot: undefined,
    ...changes,
  };
}

test('records of one kind on consecutive samples are one episode, whatever stands between them', () => {
  const [fd, cpu, ...others] = episodesOf([
    anomaly('fd_high', 3),
    anomaly('high_cpu_sustained', 4),
    anomaly('fd_high', 4),
    anomaly('fd_high', 5),
  ]);
  assert.deepEqual(fd, {
    kind: 'fd_high',
    severity: 'warning',
    first_seq: 3,
    last_seq: 5,
    first_ts: 't3',
    last_ts: 't5',
    count: 3,
    pid: 1,
    detail: { at: 5 },
  });
  assert.equal(cpu?.kind, 'high_cpu_sustained');
  assert.deepEqual(others, []);
});

test('a sample without the kind ends its episode', () => {
  assert.deepEqual(
    episodesOf([anomaly('fd_high', 1), anomaly('fd_high', 3)]).map(({ first_seq, last_seq }) => [first_seq, last_seq]),
    [
      [1, 1],
      [3, 3],
    ],
  );
});

test('a worsening that names the sample it goes back to belongs to that episode', () => {
  const episodes = episodesOf([
    anomaly('tree_rss_growth', 10, { severity: 'info', detail: { since_seq: 10 } }),
    anomaly('tree_rss_growth', 90, { detail: { since_seq: 10 } }),
    anomaly('tree_rss_growth', 200, { detail: { since_seq: 200 } }),
  ]);
  assert.deepEqual(
    episodes.map(({ first_seq, last_seq, severity, count }) => [first_seq, last_seq, severity, count]),
    [
      [10, 90, 'warning', 2],
      [200, 200, 'warning', 1],
    ],
  );
});

test('an episode is as bad as its worst record and keeps what that one says', () => {
  const [episode] = episodesOf([
    anomaly('memory_pressure', 1, { severity: 'critical' }),
    anomaly('memory_pressure', 2, { severity: 'info' }),
  ]);
  assert.deepEqual([episode?.severity, episode?.detail, episode?.last_seq], ['critical', { at: 1 }, 2]);
});

test('two leaking processes are two episodes', () => {
  assert.equal(episodesOf([anomaly('fd_leak', 1), anomaly('fd_leak', 1, { pid: 2 })]).length, 2);
});
