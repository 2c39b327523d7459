import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findAnomalies, SeriesFacts } from '../../../src/core/anomalies/findAnomalies.ts';
import { snapshotFrom, type Snapshot } from '../../../src/core/session/snapshot.ts';

type Line = { readonly [key: string]: unknown };

/** [kind, seq, detail] of a series of lines as AutoSkillit writes them. */
function judged(lines: readonly Line[], expectedComm?: string): unknown[] {
  const moments = lines.flatMap((line, index) => {
    const snapshot = snapshotFrom(line, index);
    return snapshot === undefined ? [] : [{ snapshot, tree: undefined }];
  });
  const options = { mode: 'strict', pid: 9, expectedComm, cores: undefined, intervalSeconds: undefined } as const;
  return findAnomalies(moments, options).map(({ kind, seq, detail }) => [kind, seq, detail]);
}

function series(field: string, values: readonly unknown[]): Line[] {
  return values.map((value) => (value === undefined ? {} : { [field]: value }));
}

const ZERO = '0000000000000000';
const TERM = '0000000000004000';

test('a spike is more than 200 above the sample before', () => {
  assert.deepEqual(judged(series('oom_score', [10, 210, 411, 0, 1])), [
    ['oom_spike', 2, { from: 210, to: 411, delta: 201 }],
  ]);
});

test('an unreadable score counts as -1, one that is no integer is not compared', () => {
  assert.deepEqual(judged(series('oom_score', [undefined, 200])), [
    ['oom_spike', 1, { from: -1, to: 200, delta: 201 }],
  ]);
  for (const malformed of ['5', null, 5.5, [5]]) {
    assert.deepEqual(judged(series('oom_score', [malformed, 700, malformed])), []);
  }
});

test('a score of 800 is critical on every sample that shows it', () => {
  assert.deepEqual(judged(series('oom_score', [800, 801, 799])).slice(-2), [
    ['oom_critical', 0, { oom_score: 800 }],
    ['oom_critical', 1, { oom_score: 801 }],
  ]);
});

test('a zombie is reported at once, as persistent the third time, and anew after an interruption', () => {
  const states = ['zombie', 'zombie', 'zombie', 'zombie', 'sleeping', 'zombie'];
  assert.deepEqual(judged(series('state', states)), [
    ['zombie_detected', 0, { state: 'zombie' }],
    ['zombie_persistent', 2, { consecutive_count: 3 }],
    ['zombie_detected', 5, { state: 'zombie' }],
  ]);
});

test('the second uninterruptible sleep in a row is sustained, unless it waits where healthy processes wait', () => {
  const lines = ['nfs_wait', 'nfs_wait', 'do_epoll_wait', 'nfs_wait', null].map((wchan) => ({
    state: 'disk-sleep',
    wchan,
  }));
  assert.deepEqual(judged(lines), [
    ['d_state_sustained', 1, { state: 'disk-sleep', wchan: 'nfs_wait', consecutive_count: 2 }],
  ]);
});

test('the second sample at 90 per cent in a row is sustained', () => {
  assert.deepEqual(judged(series('cpu_percent', [90, 90.5, '99', 90])), [
    ['high_cpu_sustained', 1, { cpu_percent: 90.5, consecutive_count: 2 }],
  ]);
});

test('signals are pending from no signal on; an empty mask is a change, and remembered is the last readable one', () => {
  assert.deepEqual(judged(series('sig_pnd', [TERM, ZERO, '', TERM, TERM])), [
    ['signals_pending', 2, { from: ZERO, to: '' }],
    ['signals_pending', 3, { from: ZERO, to: TERM }],
  ]);
  assert.deepEqual(judged(series('sig_pnd', [ZERO, null, ZERO])), []);
});

test('more than four fifths of the descriptors is high, and a limit that is none has no ratio', () => {
  const lines = [
    { fd_count: 205, fd_soft_limit: 256 },
    { fd_count: 4, fd_soft_limit: 5 },
    { fd_count: 900, fd_soft_limit: -1 },
    { fd_count: 900, fd_soft_limit: 0 },
    { fd_count: -1, fd_soft_limit: 10 },
  ];
  assert.deepEqual(judged(lines), [['fd_high', 0, { fd_count: 205, fd_soft_limit: 256, ratio: 0.801 }]]);
});

test('ratios round as Python rounds them: exact ties to the even digit', () => {
  const ratios = [
    [15, 16, 0.938],
    [29, 32, 0.906],
    [17, 16, 1.062],
    [19, 16, 1.188],
  ] as const;
  for (const [fd_count, fd_soft_limit, ratio] of ratios) {
    assert.deepEqual(judged([{ fd_count, fd_soft_limit }]), [['fd_high', 0, { fd_count, fd_soft_limit, ratio }]]);
  }
});

test('growth is the last sample against twice the first readable one, over five samples', () => {
  const grown = { initial_rss_kb: 8, final_rss_kb: 19, growth_factor: 2.38, snapshot_count: 6 };
  assert.deepEqual(judged(series('vm_rss_kb', [0, 8, 1, 'x', 1.5, 19])), [['rss_growth', 5, grown]]);
  assert.deepEqual(judged(series('vm_rss_kb', [8, 8, 8, 19])), []);
  assert.deepEqual(judged(series('vm_rss_kb', [8, 8, 8, 8, 16])), []);
  assert.deepEqual(judged(series('vm_rss_kb', [8, 8, 8, 99, undefined])), []);
});

test('drift is reported once, after everything else, with the pid of the snapshot or 0', () => {
  const lines = [{ comm: 'claude' }, { comm: 'script', oom_score: 900 }, { comm: 'sh' }];
  const detail = { expected_comm: 'claude', actual_comm: 'script', seq: 1 };
  assert.deepEqual(judged(lines, 'claude').at(-1), ['identity_drift', 1, detail]);
  assert.equal(judged(lines, 'claude').length, 3);
  assert.deepEqual(judged([{ comm: 'x' }, { comm: '' }], ''), []);
});

test('a series without our fields is judged strictly', () => {
  const theirs = snapshotFrom({ comm: 'claude' }, 0);
  const ours = snapshotFrom({ comm: 'node', oom_score_adj: 0, tree_rss_kb: null }, 1);
  assert.ok(theirs !== undefined && ours !== undefined);
  assert.equal(factsOf([theirs]).mode, 'strict');
  assert.equal(factsOf([theirs, ours]).mode, 'calibrated');
  assert.equal(factsOf([]).mode, 'strict');
});

test('the expected comm is the most frequent one, the first of equals', () => {
  const comms = ['sh', 'node', 'claude', 'claude', 'node', undefined].map((comm) => snapshotFrom({ comm }, 0));
  assert.equal(factsOf(comms).expectedComm, 'node');
  assert.equal(factsOf([]).expectedComm, undefined);
  assert.equal(factsOf(comms, 'codex').expectedComm, 'codex', 'what is known needs no counting');
});

function factsOf(snapshots: readonly (Snapshot | undefined)[], knownComm?: string): SeriesFacts {
  const facts = new SeriesFacts(knownComm);
  for (const snapshot of snapshots) if (snapshot !== undefined) facts.push(snapshot);
  return facts;
}
