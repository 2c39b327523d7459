import assert from 'node:assert/strict';
import { test } from 'node:test';
import { activityOf } from '../../../src/core/anomalies/activity.ts';
import { memoryLeftKb } from '../../../src/core/anomalies/budgets.ts';
import { mayBeSameProgram } from '../../../src/core/anomalies/commIdentity.ts';
import { findAnomalies, type Moment } from '../../../src/core/anomalies/findAnomalies.ts';
import { calibratedOomShare, provenOomFormula } from '../../../src/core/anomalies/oomShare.ts';
import { waitingSignals } from '../../../src/core/anomalies/pendingSignals.ts';
import { Repetition, rankOf, severityOfRank } from '../../../src/core/anomalies/repetition.ts';
import { waitingProcess } from '../../../src/core/anomalies/waitingProcess.ts';
import type { Anomaly } from '../../../src/core/session/anomaly.ts';
import type { OurFields, Snapshot } from '../../../src/core/session/snapshot.ts';
import type { TreeMember } from '../../../src/core/session/tree.ts';
import { MB, memberOf, oursOf, snapshotAt, TRACKED_PID } from './anomalySeries.ts';

/* Each limit of our own anomalies from both sides. */

const OPTIONS = { mode: 'calibrated', pid: undefined, expectedComm: 'node', cores: 2, intervalSeconds: 5 } as const;

interface Step {
  readonly at: number;
  readonly tracked?: Partial<Snapshot>;
  readonly ours?: Partial<OurFields>;
  readonly children?: readonly TreeMember[];
  readonly bytes?: number;
}

function momentsOf(steps: readonly Step[], hasTree: boolean): readonly Moment[] {
  return steps.map(({ at, tracked = {}, ours = {}, children = [], bytes }, seq) => {
    const snapshot = snapshotAt(at, seq, { oom_score: 670, ours: oursOf(ours), ...tracked });
    const root = memberOf(TRACKED_PID, { ppid: 1, comm: 'node', state: snapshot.state });
    const tree = { ts: snapshot.ts, seq, output_bytes: bytes, processes: [root, ...children] };
    return { snapshot, tree: hasTree ? tree : undefined };
  });
}

/** "seq severity" of each anomaly of that kind. */
function found(kind: Anomaly['kind'], steps: readonly Step[], options: { hasTree?: boolean; intervalSeconds?: number; expectedComm?: string } = {}): string {
  const { hasTree = true, ...more } = options;
  const all = findAnomalies(momentsOf(steps, hasTree), { ...OPTIONS, ...more });
  return all.filter((one) => one.kind === kind).map(({ seq, severity }) => `${seq} ${severity}`).join(', ');
} // prettier-ignore

const every5 = (steps: readonly Omit<Step, 'at'>[]): readonly Step[] =>
  steps.map((step, n) => ({ at: n * 5, ...step }));
const repeated = (step: Omit<Step, 'at'>, count: number) => every5(Array.from({ length: count }, () => step));

test('memory is near its limit from 85, 92 and 98 per cent of its group on, and below 256, 128 and 64 MiB of the machine', () => {
  const group = (used: number) => found('memory_limit_near', every5([{ ours: { cgroup_memory_kb: used, cgroup_memory_limit_kb: 1e6 } }]));
  for (const [used, severity] of [[849_999, ''], [850_000, '0 info'], [919_999, '0 info'], [920_000, '0 warning'], [979_999, '0 warning'], [980_000, '0 critical']] as const)
    assert.equal(group(used), severity, String(used));
  const machine = (left: number) => found('memory_limit_near', every5([{ ours: { mem_available_kb: left, tree_rss_kb: 1 } }]));
  for (const [left, severity] of [[256 * MB, ''], [256 * MB - 1, '0 info'], [128 * MB, '0 info'], [128 * MB - 1, '0 warning'], [64 * MB, '0 warning'], [64 * MB - 1, '0 critical']] as const)
    assert.equal(machine(left), severity, String(left));
  const pressure = (percent: number) => found('memory_pressure', every5([{ ours: { psi_memory_some_avg10: percent } }]));
  for (const [percent, severity] of [[14.9, ''], [15, '0 info'], [29.9, '0 info'], [30, '0 warning'], [59.9, '0 warning'], [60, '0 critical']] as const)
    assert.equal(pressure(percent), severity, String(percent));
  const left = (mem: number | undefined, used?: number, limit?: number) => memoryLeftKb({ mem_available_kb: mem, cgroup_memory_kb: used, cgroup_memory_limit_kb: limit });
  assert.deepEqual([left(10), left(10, 5, 9), left(3, 5, 9), left(undefined, 9, 5), left(undefined)], [10, 4, 3, 0, undefined]);
}); // prettier-ignore

test('a condition is told when it begins, when it becomes worse, and again after three quiet samples', () => {
  const told = (...ranks: readonly number[]) => {
    const repetition = new Repetition();
    return ranks.map((rank, seq) => repetition.news(rank, seq) ?? '-').join(' ');
  };
  assert.equal(told(1, 1, 2, 2, 1, 3), '0 - 0 - - 0');
  assert.equal(told(1, 0, 0, 1), '0 - - -');
  assert.equal(told(1, 0, 0, 0, 1), '0 - - - 4');
  assert.equal(told(0, 2, 0, 1, 0, 0, 0, 1), '- 1 - - - - - 7');
  assert.deepEqual([0, 1, 2, 3, 4].map(severityOfRank), ['info', 'info', 'warning', 'critical', 'critical']);
  assert.deepEqual([0, 1, 1.5, 2, 9].map((value) => rankOf(value, [1, 2])), [0, 1, 1, 2, 2]);
}); // prettier-ignore

test('children that nobody collects are told after five seconds, as a warning from ten on and each time they double', () => {
  const zombies = (count: number) => Array.from({ length: count }, (_, n) => memberOf(5000 + n, { state: 'zombie' }));
  const piling = (...counts: readonly number[]) => found('zombie_children', every5(counts.map((count) => ({ children: zombies(count) }))));
  assert.equal(piling(1), '');
  assert.equal(piling(1, 1), '1 info');
  assert.equal(found('zombie_children', [{ at: 0, children: zombies(1) }, { at: 4.999, children: zombies(1) }]), '');
  assert.equal(piling(9, 9), '1 info');
  assert.equal(piling(10, 10), '1 warning');
  assert.equal(piling(10, 10, 19, 19, 20, 20), '1 warning, 5 warning');
  const [anomaly] = findAnomalies(momentsOf(every5([{ children: zombies(2) }, { children: zombies(2) }]), true), OPTIONS);
  assert.deepEqual(anomaly?.detail, { zombie_count: 2, oldest_seconds: 5, parent_pid: TRACKED_PID, since_seq: 1 });
}); // prettier-ignore

test('the tracked process is lost when it is missing twice while others live, or another has its pid', () => {
  const tree = (...processes: readonly TreeMember[]) => processes;
  const lost = (...trees: readonly (readonly TreeMember[])[]) => {
    const moments = momentsOf(repeated({}, trees.length), true).map(({ snapshot, tree: own }, at) => ({
      snapshot,
      tree: own && { ...own, processes: trees[at] ?? [] },
    }));
    return findAnomalies(moments, OPTIONS).flatMap(({ kind, seq, detail }) => (kind === 'identity_lost' ? [[seq, detail['is_pid_reused'], detail['living_members']].join(' ')] : [])).join(', ');
  };
  const root = memberOf(TRACKED_PID, { ppid: 1 });
  const child = memberOf(5000);
  assert.equal(lost(tree(root, child), tree(child)), '');
  assert.equal(lost(tree(root, child), tree(child), tree(child)), '2 false 1');
  assert.equal(lost(tree(root, child), tree(child), tree(root, child), tree(child)), '');
  assert.equal(lost(tree(root), tree(), tree()), '', 'nobody lives');
  assert.equal(lost(tree(root), tree({ ...child, state: 'zombie' }), tree({ ...child, state: 'zombie' })), '');
  assert.equal(lost(tree(child), tree(child), tree(child)), '', 'it was never seen');
  const other = { ...root, start_ticks: 1 };
  assert.equal(lost(tree(root, child), tree(other, child), tree(other, child)), '2 true 1');
}); // prettier-ignore

test('what holds on the tracked process has to last five seconds of samples, pending signals one', () => {
  const stuck = { tracked: { state: 'disk-sleep', wchan: 'nfs_wait', ctx_switches_voluntary: 7 } };
  const two = (kind: Anomaly['kind'], step: Omit<Step, 'at'>, seconds: number) => found(kind, [{ at: 0, ...step }, { at: seconds, ...step }]);
  for (const [kind, step, least, severity] of [
    ['d_state_sustained', stuck, 5, 'warning'],
    ['high_cpu_sustained', { tracked: { cpu_percent: 180 } }, 5, 'info'],
    ['signals_pending', { tracked: { sig_pnd: '0000000000000002' } }, 1, 'warning'],
  ] as const) {
    assert.equal(two(kind, step, least), `1 ${severity}`, kind);
    assert.equal(two(kind, step, least - 0.001), '', kind);
  }
  assert.equal(two('high_cpu_sustained', { tracked: { cpu_percent: 179.9 } }, 5), '', 'of two cores');
  const moving = every5([stuck, { tracked: { ...stuck.tracked, ctx_switches_voluntary: 8 } }]);
  assert.equal(found('d_state_sustained', moving), '', 'it has run in between');
  const zombie = { tracked: { state: 'zombie', threads: 1 } };
  assert.equal(found('zombie_detected', repeated(zombie, 3)), '0 info');
  assert.equal(found('zombie_persistent', repeated(zombie, 4)), '2 critical');
  assert.equal(found('zombie_persistent', [{ at: 0, ...zombie }, { at: 1, ...zombie }, { at: 4.999, ...zombie }, { at: 5, ...zombie }]), '3 critical');
  assert.equal(found('zombie_detected', repeated({ tracked: { state: 'zombie', threads: 2 } }, 2)), '', 'its first thread only');
  const signals = (...masks: readonly (string | undefined)[]) => found('signals_pending', every5(masks.map((sig_pnd) => ({ tracked: { sig_pnd }, ours: { shd_pnd: sig_pnd } }))));
  const [none, one, other] = ['0000000000000000', '0000000000000001', '0000000000000002'];
  assert.equal(signals(none, one, one, one), '2 warning', 'once');
  assert.equal(signals(one, other, one), '', 'not the same ones');
  assert.equal(signals(one, none, one), '');
  assert.equal(signals(one, undefined, one), '2 warning', 'unreadable is no end');
}); // prettier-ignore

test('signals that are ignored unless asked for do not wait, and both masks count', () => {
  const waiting = (own: string | undefined, shared: string | undefined) => waitingSignals(snapshotAt(0, 0, { sig_pnd: own, ours: oursOf({ shd_pnd: shared }) }));
  const mask = (number: number) => (1n << BigInt(number - 1)).toString(16).padStart(16, '0');
  for (const number of [17, 18, 23, 28]) assert.equal(waiting(mask(number), undefined), 0n, String(number));
  for (const number of [1, 2, 9, 15, 16, 19, 22, 24, 27, 29, 64]) assert.equal(waiting(mask(number), undefined), 1n << BigInt(number - 1), String(number));
  assert.equal(waiting(mask(1), mask(2)), 3n);
  assert.equal(waiting(undefined, mask(2)), 2n);
  assert.equal(waiting(undefined, undefined), undefined);
  assert.equal(waiting('0', undefined), undefined);
  assert.equal(waiting(`${mask(1)}0`, undefined), undefined);
}); // prettier-ignore

test('a program that drifts is told after its start, twice seen, and once', () => {
  const drift = (comm: string, times: readonly number[], first = 'cargo') => found('identity_drift', [{ at: 0, tracked: { comm: first } }, ...times.map((at) => ({ at, tracked: { comm } }))], { expectedComm: 'cargo' });
  assert.equal(drift('evil', [10, 15, 20]), '2 critical');
  assert.equal(drift('evil', [9.999, 15]), '');
  assert.equal(drift('evil', [9.999, 15, 20]), '3 critical');
  assert.equal(drift('evil', [10]), '', 'an instant between two programs');
  assert.equal(drift('evil', [30, 59.999, 65], 'make'), '', 'never seen so far');
  assert.equal(drift('evil', [60, 65], 'make'), '2 critical');
  for (const comm of ['MainThread', 'node-MainThread', 'nodejs', 'node', 'bash', 'sudo', 'npx']) assert.equal(drift(comm, [10, 15]), '', comm);
  for (const [expected, actual, isSame] of [['git', 'git', true], ['git', 'vim', false], ['git', 'node', true], ['git', 'env', true], ['node', 'title', true], ['sh', 'vim', true], ['npm run build', 'vim', true], ['git gc', 'vim', false]] as const)
    assert.equal(mayBeSameProgram(expected, actual), isSame, `${expected} ${actual}`);
}); // prettier-ignore

test('a share of memory is what the score says under the formula that is proven', () => {
  assert.equal(provenOomFormula(666, 0), undefined);
  assert.equal(provenOomFormula(665, 0), 'before_5_9');
  assert.equal(provenOomFormula(600, 0), 'before_5_9');
  assert.equal(provenOomFormula(0, 0), undefined);
  assert.equal(provenOomFormula(1, -1000), undefined);
  assert.equal(calibratedOomShare(600, 100), 500);
  assert.equal(calibratedOomShare(600, 100, 'since_5_9'), 0);
  assert.equal(calibratedOomShare(1000, 0), 500);
  assert.equal(calibratedOomShare(700, 0, 'before_5_9'), 700);
  const spike = (share: number) => found('oom_spike', every5([{ tracked: { oom_score: 668 } }, { tracked: { oom_score: Math.ceil(((1002 + share) * 2) / 3) } }]));
  assert.equal(spike(190), '');
  assert.match(spike(210), /^1 /);
  const [jump] = findAnomalies(momentsOf(every5([{ tracked: { oom_score: 668 } }, { tracked: { oom_score: 868 } }]), true), OPTIONS).filter(({ kind }) => kind === 'oom_spike');
  assert.deepEqual(jump?.detail, { from: 2, to: 302, delta: 300, oom_score: 868 });
  assert.equal(found('oom_critical', every5([{ tracked: { oom_score: 1200 } }])), '0 critical');
  assert.equal(found('oom_critical', every5([{ tracked: { oom_score: 1198 } }])), '');
}); // prettier-ignore

test('a recorder that did not run is told from four intervals and five seconds on, and as blind after ten and a minute', () => {
  const gap = (seconds: number, intervalSeconds: number) =>
    found('heartbeat_gap', [{ at: 0 }, { at: 1 }, { at: 1 + seconds }], { intervalSeconds });
  assert.equal(gap(20, 5), '');
  assert.equal(gap(20.001, 5), '2 info');
  assert.equal(gap(5.2, 0.2), '');
  assert.equal(gap(5.201, 0.2), '2 info');
  assert.equal(gap(59.9, 5), '2 info');
  assert.equal(gap(60, 5), '2 warning');
  assert.equal(gap(99.9, 10), '2 info');
  assert.equal(gap(100, 10), '2 warning');
});

test('a session has stalled after ten minutes without output and CPU time, and is told again when that has doubled', () => {
  const still = { ours: { tree_cpu_percent: 0.99 }, bytes: 5 };
  const stalled = (...steps: readonly Step[]) => found('stalled', steps, { intervalSeconds: 600 });
  assert.equal(stalled({ at: 0, ...still }, { at: 599.9, ...still }), '');
  assert.equal(stalled({ at: 0, ...still }, { at: 600, ...still }, { at: 1199, ...still }, { at: 1200, ...still }), '1 info, 3 info');
  assert.equal(stalled({ at: 0, ...still }, { at: 600, ...still, ours: { tree_cpu_percent: 1 } }), '');
  assert.equal(stalled({ at: 0, ...still }, { at: 600, ...still, bytes: 6 }), '');
  assert.equal(stalled({ at: 0, ...still }, { at: 300, ...still, bytes: 6 }, { at: 800, ...still, bytes: 6 }, { at: 900, ...still, bytes: 6 }), '3 info');
  assert.equal(found('stalled', [{ at: 0, ...still }, { at: 600, ...still }]), '', 'nobody looked in between');
}); // prettier-ignore

test('who is waited for is the youngest living process without a child', () => {
  const waiting = (...children: readonly TreeMember[]) => waitingProcess(momentsOf(every5([{ children }]), true)[0] ?? assert.fail());
  const old = memberOf(10, { start_ticks: 100, comm: 'old', state: 'sleeping', wchan: 'pipe_read' });
  const young = memberOf(11, { start_ticks: 200, comm: 'young' });
  assert.equal(waiting(old, young)['waiting_pid'], 11);
  assert.equal(waiting(old, { ...young, state: 'zombie' })['waiting_pid'], 10);
  assert.equal(waiting(old, young, memberOf(9, { ppid: 11, start_ticks: 1 }))['waiting_pid'], 10, 'a parent waits for its child');
  assert.deepEqual(waiting(old), { waiting_pid: 10, waiting_comm: 'old', waiting_state: 'sleeping', waiting_wchan: 'pipe_read' });
  const bare = waitingProcess({ snapshot: snapshotAt(0, 0, { state: undefined, comm: undefined, pid: undefined }), tree: undefined });
  assert.deepEqual(bare, {});
}); // prettier-ignore

test('what a running session does is told by its state, its wait, its CPU time and its output', () => {
  const activity = (tracked: Partial<Snapshot>, more: Omit<Step, 'at' | 'tracked'> = {}, stalledSeq?: number) =>
    activityOf(momentsOf(repeated({ ours: { tree_cpu_percent: 0 }, tracked, ...more }, 3), true), stalledSeq);
  const sleeping = (wchan: string) => activity({ state: 'sleeping', wchan, cpu_percent: 0 }, { children: [memberOf(5000)] });
  for (const [names, expected] of [
    ['do_freezer_trap __refrigerator', 'frozen'],
    ['do_signal_stop ptrace_stop do_jobctl_trap', 'stopped'],
    ['do_wait kernel_wait4 wait_consider_task', 'waiting_child'],
    ['n_tty_read tty_read read_chan', 'waiting_stdin'],
    ['tcp_recvmsg inet_csk_accept sk_wait_data wait_woken unix_stream_read __skb_wait_for skb_wait_x', 'waiting_network'],
    ['nfs_wait rpc_wait cifs_x smb_x fuse_x p9_x ceph_x jbd2_x ext4_x xfs_x btrfs_x folio_wait_bit wait_on_page_x io_schedule blk_x', 'waiting_disk'],
    ['do_epoll_wait pipe_read futex_wait x_do_wait', 'idle'],
  ] as const)
    for (const wchan of names.split(' ')) assert.equal(sleeping(wchan), expected, wchan);
  assert.equal(activity({ state: 'stopped' }), 'stopped');
  assert.equal(activity({ state: 'tracing-stop' }), 'stopped');
  assert.equal(activity({ state: 'disk-sleep' }), 'waiting_disk');
  assert.equal(activity({ state: 'sleeping', wchan: 'do_wait' }), 'idle', 'there is no child');
  assert.equal(activity({ state: 'sleeping', wchan: 'do_wait' }, { children: [memberOf(5000, { state: 'zombie' })] }), 'idle');
  assert.equal(activity({ state: 'sleeping' }, {}, 2), 'stalled');
  assert.equal(activity({ state: 'sleeping' }, {}, 1), 'idle');
  assert.equal(activity({ state: 'sleeping' }, { ours: { tree_cpu_percent: 1.99 } }), 'idle');
  assert.equal(activity({ state: 'sleeping' }, { ours: { tree_cpu_percent: 2 } }), 'working');
  const running = { state: 'running', ctx_switches_voluntary: 7 };
  assert.equal(activity(running), 'busy');
  assert.equal(activity({ state: 'running' }, {}), undefined, 'it waits now and then, and does nothing');
  assert.equal(activity({ ...running, ctx_switches_voluntary: undefined }), undefined);
  const printing = momentsOf(every5([1, 2, 3].map((bytes) => ({ tracked: running, bytes, ours: { tree_cpu_percent: 0 } }))), true);
  assert.equal(activityOf(printing), 'working');
  assert.equal(activityOf(printing.slice(0, 2).map((moment) => ({ ...moment, tree: undefined }))), undefined, 'two samples are too few');
  assert.equal(activityOf([]), undefined);
}); // prettier-ignore
