import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  instant,
  privateAnomaly,
  privateLifecycle,
  privateSnapshot,
  treeTeller,
} from '../../../src/core/report/privateSeries.ts';
import { privateName, privateSummary } from '../../../src/core/report/privateSession.ts';
import { buildReport } from '../../../src/core/report/reportBuild.ts';
import type { SessionReport } from '../../../src/core/report/report.ts';
import { anomalyFrom } from '../../../src/core/session/anomaly.ts';
import { snapshotFrom } from '../../../src/core/session/snapshot.ts';
import { treeSampleFrom } from '../../../src/core/session/tree.ts';
import { recordOf } from '../../../src/core/words/json.ts';
import { reportInput } from './reportFixtures.ts';

/* The lines of a bundle that may be given away: everything that is kept, and nothing else. */

const AT = '2026-01-02T03:04:05.678901+00:00';
const TOLD = '2026-01-02T03:04:05.678+00:00';
const SAMPLE = {
  ts: AT, seq: 7, event: 'exit_snapshot', pid: 4242, captured_at: '2026-01-02T03:04:05.000+00:00', comm: 'claude',
  state: 'sleeping', vm_rss_kb: 123_456, threads: 9, fd_count: 40, fd_soft_limit: -1, ctx_switches_voluntary: 1,
  ctx_switches_involuntary: 2, sig_pnd: '0000000000000001', sig_blk: '00000000deadbeef', sig_cgt: '0', oom_score: -1,
  wchan: 'do_epoll_wait', cpu_percent: 33.333, oom_score_adj: -500, shd_pnd: '0000000000000004', tree_process_count: 3,
  tree_rss_kb: 654_321, tree_cpu_percent: 40, tree_fd_count: 90, mem_available_kb: 5, cgroup_memory_kb: 6,
  cgroup_memory_limit_kb: 7, psi_memory_some_avg10: 0.123456, disk_free_kb: 8, disk_size_kb: 9,
} as const; // prettier-ignore
const KEPT = {
  ts: TOLD, captured_at: TOLD, seq: 7, event: 'exit_snapshot', pid: 4242, comm: 'agent', state: 'sleeping', vm_rss_kb: 123_500,
  threads: 9, fd_count: 40, fd_soft_limit: -1, ctx_switches_voluntary: 1, ctx_switches_involuntary: 2, sig_pnd: '',
  sig_blk: '', sig_cgt: '', oom_score: -1, wchan: 'do_epoll_wait', cpu_percent: 33.33, oom_score_adj: -500, shd_pnd: null,
  tree_process_count: 3, tree_rss_kb: 654_300, tree_cpu_percent: 40, tree_fd_count: 90, mem_available_kb: 5,
  cgroup_memory_kb: 6, cgroup_memory_limit_kb: 7, psi_memory_some_avg10: 0.1235, disk_free_kb: 8, disk_size_kb: 9,
} as const; // prettier-ignore

function snapshot(changes: object = {}) {
  return snapshotFrom({ ...SAMPLE, ...changes }, 0) ?? assert.fail('no snapshot');
}

test('of a sample its numbers are kept, and of its texts what is a word of a closed list', () => {
  assert.deepEqual(privateSnapshot(snapshot()), KEPT);
  const hostile = snapshot({ comm: 'acme-secret', state: 'acme', wchan: 'acme_wait', threads: 1e9, pid: undefined });
  assert.deepEqual(privateSnapshot(hostile), {
    ...KEPT,
    comm: 'other',
    state: '',
    wchan: '',
    threads: 9_999_999,
    pid: null,
  });
  const { oom_score_adj: _adj, tree_rss_kb: _rss, ...strict } = SAMPLE;
  const keys = Object.keys(privateSnapshot(snapshotFrom(strict, 0) ?? assert.fail()) ?? {});
  assert.ok(keys.length > 10 && !keys.some((key) => key.startsWith('tree_')), 'what only we write was not written');
  assert.equal(privateSnapshot(snapshot({ ts: 'call 0151 2345678' })), undefined);
});

test('an instant is told to the millisecond, from 2020 until 2100', () => {
  for (const [told, expected] of [
    [AT, TOLD],
    ['2019-12-31T23:59:59.999Z', undefined],
    ['2020-01-01T00:00:00.000Z', '2020-01-01T00:00:00.000+00:00'],
    ['2100-01-01T00:00:00.000Z', '2100-01-01T00:00:00.000+00:00'],
    ['2100-01-01T00:00:00.001Z', undefined],
    ['soon', undefined],
    [1, undefined],
  ] as const)
    assert.equal(instant(told), expected, String(told));
});

test('processes of a tree are told apart by numbers of their own, and not by when they started', () => {
  const tell = treeTeller();
  const process = {
    pid: 10, ppid: 1, pgid: 10, sid: 10, start_ticks: 987_654, comm: 'node', state: 'zombie', rss_kb: 123_456, cpu_percent: 1.23456,
    threads: 3, fd_count: 4, oom_score: 5, oom_score_adj: -6, wchan: 'pipe_read',
  }; // prettier-ignore
  const { start_ticks: _ticks, ...same } = process;
  const told = { ...same, rss_kb: 123_500, cpu_percent: 1.235 };
  const sample = (seq: number, ...processes: readonly object[]) =>
    tell(treeSampleFrom({ ts: AT, seq, output_bytes: 123_456, processes }) ?? assert.fail());
  assert.deepEqual(sample(1, process, { ...process, start_ticks: 5 }, { ...process, pid: 11 }), {
    ts: TOLD,
    seq: 1,
    output_bytes: 123_500,
    processes: [
      { ...told, start_ticks: 0 },
      { ...told, start_ticks: 1 },
      { ...told, pid: 11, start_ticks: 2 },
    ],
  });
  const hostile = { pid: 11, start_ticks: 987_654, comm: 'acme', state: 'acme', wchan: 'acme', ppid: 1e9, fd_count: 1.5, rss_kb: 1e13 }; // prettier-ignore
  const processes = sample(-1, hostile, process)?.['processes'];
  assert.deepEqual(processes, [
    {
      pid: 11,
      ppid: 9_999_999,
      pgid: null,
      sid: null,
      comm: 'other',
      state: '',
      rss_kb: null,
      cpu_percent: null,
      threads: null,
      fd_count: null,
      oom_score: null,
      oom_score_adj: null,
      wchan: '',
      start_ticks: 2,
    },
    { ...told, start_ticks: 0 },
  ]);
  assert.equal(sample(-1)?.['seq'], 0);
  assert.equal(tell({ ts: 'acme', seq: 1, output_bytes: undefined, processes: [] }), undefined);
});

test('of an anomaly and of an event is told what it was and when', () => {
  const line = {
    ts: AT,
    seq: 7,
    event: 'anomaly',
    kind: 'rss_growth',
    severity: 'critical',
    pid: 4242,
    detail: { a: 'acme' },
  };
  const anomaly = (changes: object) => anomalyFrom({ ...line, ...changes }) ?? assert.fail();
  const kept = { ts: TOLD, seq: 7, event: 'anomaly', kind: 'rss_growth', severity: 'critical', pid: 4242, detail: {} };
  const { pid: _pid, ts: _ts, seq: _seq, event: _event, ...fields } = SAMPLE;
  const told = privateAnomaly(anomaly({ snapshot: { ...fields, ts: AT } }));
  assert.deepEqual({ ...told, snapshot: null }, { ...kept, snapshot: null });
  assert.equal(recordOf(told?.['snapshot'])?.['comm'], 'agent');
  assert.deepEqual(privateAnomaly(anomaly({ kind: 'acme', pid: null, seq: -1, snapshot: null })), {
    ...kept,
    kind: 'other',
    pid: null,
    seq: 0,
    snapshot: null,
  });
  assert.equal(privateAnomaly(anomaly({ ts: 'acme' })), undefined);
  const event = { timestamp: AT, event: 'attached', session_id: 'sess-acme', reason: 'acme', context: {} } as const;
  assert.deepEqual(privateLifecycle(event, 'shared-1'), { timestamp: TOLD, event: 'attached', session_id: 'shared-1' });
  assert.equal(privateLifecycle({ ...event, timestamp: 'acme' }, 'shared-1'), undefined);
});

function report(): SessionReport {
  const proven = buildReport(reportInput());
  return (proven.ok ? proven.report.sessions[0] : undefined) ?? assert.fail();
}

const SUMMARY = {
  pid: 4000, cores: 8, duration_seconds: 200, snapshot_interval_seconds: 5, snapshot_count: 40, anomaly_count: 4,
  peak_rss_kb: 880_000, peak_tree_rss_kb: 1_320_000, peak_oom_score: 739, peak_fd_ratio: 0.07715, exit_code: -9,
  success: true, subtype: 'crashed', termination_reason: 'killed', signal: 'SIGKILL', start_ts: AT, end_ts: AT,
  tracked_comm_drift: true,
} as const; // prettier-ignore

test('a summary that leaves is made of the report, and of the numbers and words of its own', () => {
  const shared = privateSummary({ ...SUMMARY, label: 'acme', cwd: '/home/acme', skill_command: 'acme' }, report());
  const { verdict, failures, schema_version: version, ...told } = shared;
  assert.deepEqual(told, {
    ...SUMMARY,
    start_ts: TOLD,
    end_ts: TOLD,
    session_id: 'shared-0123456789ab',
    dir_name: 'shared-0123456789ab',
    agent: 'claude',
    agent_version: '2.1.5',
    cwd: '',
    skill_command: '',
    tracked_comm: null,
    claude_code_log: null,
    leftover_processes: [],
  });
  assert.equal(typeof version, 'number');
  assert.deepEqual(verdict, {
    outcome: 'died',
    cause: 'oom_kill',
    layer: 'environment',
    confidence: 'certain',
    evidence: [
      { kind: 'exit_status', name: 'SIGKILL', value: -9 },
      { kind: 'kernel_log', name: 'agent' },
      { kind: 'killer_process', name: 'earlyoom' },
      { kind: 'launch_error', name: 'ENOENT' },
    ],
  });
  assert.deepEqual(failures, {
    format: 'claude_transcript',
    total_lines: 900,
    malformed_lines: 2,
    counts: { command_exit: 1, network: 3 },
    unclosed_calls: 1,
    unclosed_turns: { at_end: 1, in_middle: 0 },
    first_ts: null,
    last_ts: null,
    sources: [
      { category: 'network', rule: 'dns', confidence: 'certain', handle: 'src:0123456789ab:L42', tool_kind: 'shell', line: 42, ts: null },
      { category: 'command_exit', rule: 'other', confidence: 'likely', handle: 'src:0123456789ab:L43', exit_code: 2, line: 43, ts: null },
    ],
    suspect: { layer: 'environment', confidence: 'likely', because: ['network'], sentence: 'Environment suspect: 3 of 4 failures are network failures. The model was not at fault.' },
  }); // prettier-ignore
});

test('what a summary does not say, or says in words of its own, is absent from the one that leaves', () => {
  const hostile = {
    subtype: 'acme',
    termination_reason: 'acme',
    signal: 'acme',
    success: 'acme',
    start_ts: 'acme',
    exit_code: 70_000,
  };
  const bare = privateSummary(hostile, { ...report(), agent_version: null, failures: null, handle: 'acme' });
  const { verdict: _verdict, schema_version: _version, ...told } = bare;
  const numbers = Object.entries(SUMMARY).flatMap(([key, value]) => (typeof value === 'number' ? [[key, null]] : []));
  assert.deepEqual(told, {
    ...Object.fromEntries(numbers),
    session_id: 'shared-session',
    dir_name: 'shared-session',
    agent: 'claude',
    cwd: '',
    skill_command: '',
    success: false,
    subtype: '',
    termination_reason: '',
    signal: null,
    start_ts: '',
    end_ts: '',
    tracked_comm: null,
    tracked_comm_drift: false,
    claude_code_log: null,
    leftover_processes: [],
    failures: null,
  });
  assert.equal(privateName('src:0123456789ab:L1'), 'shared-0123456789ab');
});
