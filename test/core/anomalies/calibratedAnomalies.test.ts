import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findAnomalies } from '../../../src/core/anomalies/findAnomalies.ts';
import { calibratedOomShare } from '../../../src/core/anomalies/oomShare.ts';
import type { Snapshot } from '../../../src/core/session/snapshot.ts';
import { MB, oursOf, snapshotAt } from './anomalySeries.ts';

const OPTIONS = { mode: 'calibrated', pid: undefined, expectedComm: 'node', cores: 2, intervalSeconds: 5 } as const;

/** [kind, severity, seq] of a series sampled every five seconds. */
function judged(
  changes: readonly Partial<Snapshot>[],
  options: { expectedComm?: string; everySeconds?: number } = {},
): unknown[] {
  const { everySeconds = 5, ...others } = options;
  const moments = changes.map((change, seq) => ({
    snapshot: snapshotAt(seq * everySeconds, seq, { ours: oursOf(), oom_score: 670, ...change }),
    tree: undefined,
  }));
  return findAnomalies(moments, { ...OPTIONS, ...others }).map(({ kind, severity, seq }) => [kind, severity, seq]);
}

test('an idle process has a share of nothing on every kernel and with every adjustment', () => {
  for (const adj of [-500, 0, 200, 300, 1000]) {
    assert.equal(calibratedOomShare(Math.floor(((1000 + adj) * 2) / 3), adj), 0, `since 5.9, adj ${adj}`);
  }
  assert.equal(calibratedOomShare(800, 200), 0);
  assert.equal(calibratedOomShare(300, 290), 10, 'before 5.9');
});

test('the share survives the division of the score', () => {
  for (let share = 0; share <= 1000; share += 7) {
    const measured = calibratedOomShare(Math.floor(((1000 + share + 200) * 2) / 3), 200);
    assert.ok(measured !== undefined && Math.abs(measured - share) <= 2, `${share} read as ${measured}`);
  }
});

test('no score, no adjustment and the 0 of a zombie say nothing about memory', () => {
  assert.equal(calibratedOomShare(undefined, 0), undefined);
  assert.equal(calibratedOomShare(666, undefined), undefined);
  assert.equal(calibratedOomShare(0, 0), undefined);
});

test('a score that becomes readable is no spike, and a high adjustment is not critical', () => {
  const adjusted = { oom_score: 1333, ours: oursOf({ oom_score_adj: 1000 }) };
  assert.deepEqual(judged([{ oom_score: undefined }, {}, { oom_score: 0 }, {}]), []);
  assert.deepEqual(judged([adjusted, adjusted]), []);
});

test('a jump of a third of all memory is a warning when another would not fit, and a note when it would', () => {
  const before = { vm_rss_kb: 100 * MB };
  const after = { oom_score: 890, vm_rss_kb: 1400 * MB };
  assert.deepEqual(judged([before, { ...after, ours: oursOf({ mem_available_kb: 900 * MB }) }]), [
    ['oom_spike', 'warning', 1],
  ]);
  assert.deepEqual(judged([before, after]), [['oom_spike', 'info', 1]]);
});

test('four fifths of all memory are critical under both formulas', () => {
  assert.deepEqual(judged([{ oom_score: 1200 }]), [['oom_critical', 'critical', 0]]);
  // 300 can only be the old formula, and then 850 is a share of 850 and not of 275.
  assert.deepEqual(
    judged([{ oom_score: 300 }, { oom_score: 850 }]).filter((anomaly) => String(anomaly).includes('critical')),
    [['oom_critical', 'critical', 1]],
  );
});

const TERM = '0000000000004000';
const CHLD = '0000000000010000';

test('a signal that stays pending is reported once, whether sent to the process or to its thread', () => {
  const blocked = { ours: oursOf({ shd_pnd: TERM }) };
  assert.deepEqual(judged([{}, blocked, blocked, blocked]), [['signals_pending', 'warning', 2]]);
  assert.deepEqual(judged([{}, { sig_pnd: TERM }, { sig_pnd: TERM }]), [['signals_pending', 'warning', 2]]);
});

test('a signal on its way, an unreadable mask and the end of a child are not pending', () => {
  assert.deepEqual(judged([{}, { sig_pnd: TERM }, {}, { sig_pnd: TERM }, {}]), []);
  assert.deepEqual(judged([{}, { sig_pnd: undefined, ours: oursOf({ shd_pnd: undefined }) }, {}]), []);
  assert.deepEqual(judged([{}, { sig_pnd: CHLD }, { sig_pnd: CHLD }, { sig_pnd: CHLD }]), []);
});

test('only all usable cores are high CPU, and never a warning', () => {
  assert.deepEqual(judged([{ cpu_percent: 120 }, { cpu_percent: 120 }]), []);
  assert.deepEqual(judged([{ cpu_percent: 190 }, { cpu_percent: 190 }]), [['high_cpu_sustained', 'info', 1]]);
});

test('a process that has run in between is not stuck', () => {
  const asleep = { state: 'disk-sleep', wchan: 'nfs_wait' };
  assert.deepEqual(judged([asleep, asleep, asleep]), []);
  const stuck = { ...asleep, ctx_switches_voluntary: 5 };
  assert.deepEqual(judged([stuck, stuck]), [['d_state_sustained', 'warning', 1]]);
  assert.deepEqual(judged([stuck, stuck], { everySeconds: 0.2 }), []);
});

test('the zombie of the exit snapshot is the end, not an anomaly', () => {
  assert.deepEqual(judged([{}, { event: 'exit_snapshot', state: 'zombie' }]), []);
  const zombie = { state: 'zombie', threads: 1 };
  assert.deepEqual(judged([zombie, zombie, zombie]), [
    ['zombie_detected', 'info', 0],
    ['zombie_persistent', 'critical', 2],
  ]);
  // Its first thread has ended, and the others work on.
  const leader = { state: 'zombie', threads: 11 };
  assert.deepEqual(judged([leader, leader, leader]), []);
});

test('starting, renaming itself and naming threads is not drift', () => {
  const comms = (...names: string[]) => names.map((comm) => ({ comm }));
  assert.deepEqual(judged(comms('sh', 'node', 'MainThread', 'MainThread', 'claude', 'claude')), []);
  assert.deepEqual(judged(comms('node', 'node', 'claude', 'claude', 'claude'), { expectedComm: 'claude' }), []);
  assert.deepEqual(
    judged(comms('claude', 'claude', 'claude', 'node-MainThread', 'node-MainThread'), { expectedComm: 'claude' }),
    [],
  );
});

test('becoming another program is drift, once', () => {
  const series = ['claude', 'claude', 'claude', 'stress', 'stress', 'stress'].map((comm) => ({ comm }));
  assert.deepEqual(judged(series, { expectedComm: 'claude' }), [['identity_drift', 'critical', 4]]);
  const never = Array.from({ length: 16 }, () => ({ comm: 'stress' }));
  assert.deepEqual(judged(never, { expectedComm: 'claude' }), [['identity_drift', 'critical', 13]]);
});
