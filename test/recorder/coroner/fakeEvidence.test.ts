import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { SCRIPT_RUNNERS } from '../../../src/core/death/deathFacts.ts';
import { exitWithTerminal } from '../../../src/recorder/coroner/agentStatus.ts';
import { readExitNote } from '../../../src/recorder/coroner/exitNote.ts';
import { ancestorsOf, distinctKillers, findKillers, killersAmong } from '../../../src/recorder/coroner/killers.ts';
import { OomCounters } from '../../../src/recorder/coroner/oomCounters.ts';
import { traceEvents } from '../../../src/recorder/coroner/traceLines.ts';
import type { MemoryGroups } from '../../../src/recorder/proc/systemReadings.ts';
import { scratchFolder } from '../../logs/scratch.ts';

/* What the coroner concludes from files of the kernel, written here. */

interface FakeProcess {
  readonly comm: string;
  readonly words?: readonly string[];
  readonly parent?: number;
  /** How old it is. */
  readonly seconds?: number;
}

const UPTIME = 10_000;

function procOf(processes: Readonly<Record<number, FakeProcess>>): string {
  const proc = scratchFolder();
  writeFileSync(join(proc, 'uptime'), `${UPTIME}.00 1.0\n`);
  for (const [pid, { comm, words = [comm], parent = 1, seconds = 1 }] of Object.entries(processes)) {
    mkdirSync(join(proc, pid));
    writeFileSync(join(proc, pid, 'comm'), `${comm}\n`);
    writeFileSync(join(proc, pid, 'cmdline'), words.map((word) => `${word}\0`).join(''));
    writeFileSync(join(proc, pid, 'stat'), `${pid} (a) b) S ${parent} ${'0 '.repeat(17)}${(UPTIME - seconds) * 100} 0`);
  }
  return proc;
}

const VICTIM = 4242;

function roleOf(process: FakeProcess, ownPids: readonly number[] = []): string | undefined {
  const [killer, ...more] = findKillers({ procRoot: procOf({ 50: process }), ownPids, victimPids: [VICTIM] });
  assert.equal(more.length, 0);
  return killer && `${killer.name} ${killer.pid} ${killer.role}`;
}

test('who kills by trade is named while it is young, guards at any age, and whoever does much else by what it was told', () => {
  for (const comm of ['kill', 'pkill', 'killall', 'killall5', 'skill']) {
    assert.equal(roleOf({ comm }), `${comm} 50 command`);
    assert.equal(roleOf({ comm, seconds: 100 }), `${comm} 50 command`);
    assert.equal(roleOf({ comm, seconds: 101 }), undefined);
  }
  assert.equal(roleOf({ comm: 'kill', words: ['kill', '-0', '5'] }), undefined, 'it only asks');
  for (const comm of ['earlyoom', 'systemd-oomd', 'oomd', 'nohang']) assert.equal(roleOf({ comm, seconds: 9000 }), `${comm} 50 daemon`);
  for (const [comm, ending, other] of [
    ['tmux', 'kill-server kill-session kill-window kill-pane', 'kill new-session'],
    ['docker', 'stop kill rm restart down', 'run ps'],
    ['podman', 'stop kill rm restart down', 'run'],
    ['runc', 'kill delete', 'run'],
    ['crun', 'kill delete', 'run'],
    ['systemctl', 'stop kill restart isolate poweroff reboot halt', 'status start'],
    ['loginctl', 'kill-session kill-user kill-seat terminate-session terminate-user terminate-seat', 'list-sessions'],
    ['fuser', '-k -mk -vk', '-v k'],
  ] as const) {
    for (const word of ending.split(' ')) assert.equal(roleOf({ comm, words: [comm, word, 'x'] }), `${comm} 50 command`, word);
    const mere = ending.split(' ').flatMap((word) => (comm === 'fuser' ? [`x${word}`] : [`x${word}`, `${word}x`])); // names
    for (const word of [...other.split(' '), ...mere]) assert.equal(roleOf({ comm, words: [comm, word] }), undefined, `${comm} ${word}`);
    assert.equal(roleOf({ comm, words: [comm, ending.split(' ')[0] ?? ''], seconds: 101 }), undefined, `an old ${comm}`);
  }
  assert.equal(roleOf({ comm: 'tmux: client', words: ['tmux', 'kill-server'] }), 'tmux 50 command');
  for (const comm of ['node', 'vim', 'kills']) assert.equal(roleOf({ comm }), undefined);
}); // prettier-ignore

test('a script counts when it says that it kills one of those who died, and a timeout when it is around them', () => {
  for (const comm of SCRIPT_RUNNERS)
    for (const [script, isOne] of [
      [`sleep 1; kill -9 ${VICTIM}; echo done`, true],
      [`os.kill(${VICTIM}, 9)`, true],
      [`pkill -P ${VICTIM}`, true],
      [`kill -9 1${VICTIM}`, false],
      [`echo ${VICTIM}`, false],
      [`while kill -0 ${VICTIM}; do sleep 1; done`, false],
      [`kill -s 0 ${VICTIM}`, false],
      [`kill -n 0 ${VICTIM}`, false],
      [`os.kill(${VICTIM}, 0)`, false],
      [`kill 0, ${VICTIM}`, false],
      [`kill -0 ${VICTIM} && kill ${VICTIM}`, true],
    ] as const)
      assert.equal(roleOf({ comm, words: [comm, '-c', script] }), isOne ? `${comm} 50 command` : undefined, `${comm}: ${script}`);
  const proc = procOf({ 50: { comm: 'timeout', seconds: 900 }, 51: { comm: 'node', parent: 50 }, 52: { comm: 'timeout' } });
  const found = findKillers({ procRoot: proc, ownPids: [51], victimPids: [] });
  assert.deepEqual(found, [{ name: 'timeout', pid: 50, role: 'wrapper' }]);
  assert.deepEqual(ancestorsOf([51], proc), [51, 50]);
  assert.deepEqual(findKillers({ procRoot: join(proc, 'gone'), ownPids: [], victimPids: [] }), []);
}); // prettier-ignore

test('of processes that came and went those that do nothing but kill are named, each once', () => {
  const seen = ['kill', 'pkill', 'killall', 'killall5', 'skill', 'docker', 'earlyoom', 'node', undefined].map((comm, pid) => ({ pid, comm }));
  assert.deepEqual(killersAmong(seen).map(({ name }) => name), ['kill', 'pkill', 'killall', 'killall5', 'skill']);
  const one = { name: 'kill', pid: 1, role: 'command' } as const;
  assert.deepEqual(distinctKillers([one, { ...one }, { ...one, pid: 2 }]), [one, { ...one, pid: 2 }]);
}); // prettier-ignore

class FakeKernel {
  readonly folder = scratchFolder();
  group = 'group';
  readonly counters: OomCounters;

  readonly file: string;

  constructor(file = 'memory.events.local') {
    this.file = file;
    const groups = { directoriesOf: () => (this.group === '' ? [] : [join(this.folder, this.group)]) };
    this.counters = new OomCounters(groups as unknown as MemoryGroups, join(this.folder, 'proc')); // all that it asks for
    this.counts(0, 0);
    this.process('S', 'VmRSS:\t1 kB\n');
  }

  counts(system: number, group: number): void {
    this.put('proc/vmstat', `x 1\noom_kill ${system}\n`);
    this.put(`${this.group}/${this.file}`, `oom 1\noom_kill ${group}\n`);
  }

  process(state: string, status: string): void {
    this.put('proc/7/stat', `7 (x) ${state} 1`);
    this.put('proc/7/status', `State:\t${state} (x)\n${status}`);
  }

  put(path: string, text: string): void {
    mkdirSync(dirname(join(this.folder, path)), { recursive: true });
    writeFileSync(join(this.folder, path), text);
  }
}

test('the kernel’s counters are told by how far they rose around a death, two seconds and what came before apart', () => {
  for (const file of ['memory.oom_control', 'memory.events.local', 'memory.events']) {
    const kernel = new FakeKernel(file);
    kernel.counters.sample(7, 0);
    kernel.counts(2, 1);
    kernel.counters.sample(7, 1000);
    assert.deepEqual(kernel.counters.atDeath(1500), { systemDelta: 2, groupDelta: 1, earlierGroupDelta: 0 }, file);
  }
  const settled = new FakeKernel();
  settled.counters.sample(7, 0);
  settled.counts(1, 1);
  settled.counters.sample(7, 1000);
  assert.equal(settled.counters.atDeath(2999).groupDelta, 1, 'counted less than two seconds ago');
  const earlier = new FakeKernel();
  earlier.counters.sample(7, 0);
  earlier.counts(1, 1);
  earlier.counters.sample(7, 1000);
  assert.deepEqual(earlier.counters.atDeath(3000), { systemDelta: 0, groupDelta: 0, earlierGroupDelta: 1 });
  const blind = new FakeKernel();
  blind.group = '';
  rmSync(join(blind.folder, 'proc/vmstat'));
  blind.counters.sample(7, 0);
  assert.deepEqual(blind.counters.atDeath(1), { systemDelta: undefined, groupDelta: undefined, earlierGroupDelta: 0 });
  const down = new FakeKernel();
  down.counts(5, 5);
  down.counters.sample(7, 0);
  down.counts(1, 1);
  assert.deepEqual(down.counters.atDeath(1), { systemDelta: 0, groupDelta: 0, earlierGroupDelta: 0 });
});

test('a process that is moved has the counter of each of its groups, and one that is exiting keeps its last', () => {
  const kernel = new FakeKernel();
  kernel.counters.sample(7, 0);
  kernel.group = 'other';
  kernel.counts(0, 9);
  kernel.counters.sample(7, 100);
  assert.equal(kernel.counters.group, join(kernel.folder, 'other'));
  kernel.counts(1, 10);
  assert.equal(kernel.counters.atDeath(200).groupDelta, 1);
  for (const [state, isKept] of [['Z', true], ['X', true], ['S', false]] as const) {
    const dying = new FakeKernel();
    dying.counters.sample(7, 0);
    dying.group = 'root';
    dying.process(state, '');
    dying.counters.sample(7, 100);
    assert.equal(dying.counters.group, join(dying.folder, isKept ? 'group' : 'root'), state);
  }
}); // prettier-ignore

test('a kill is another’s when the process is seen to live on at the next look, without a SIGKILL that waits', () => {
  const outlived = (status: string, state = 'S') => {
    const kernel = new FakeKernel();
    kernel.counters.sample(7, 0);
    kernel.counts(1, 1);
    kernel.process(state, status);
    assert.equal(kernel.counters.look(7, 100), 0, 'one look is not enough');
    const found = kernel.counters.look(7, 200);
    return [found, kernel.counters.atDeath(700)] as const;
  };
  const LIVES = 'VmRSS:\t1 kB\nSigPnd:\t0000000000000000\nShdPnd:\t0000000000000000\n';
  assert.deepEqual(outlived(LIVES), [1, { systemDelta: 1, groupDelta: 0, earlierGroupDelta: 1, earlierKillAgoMs: 500 }]);
  assert.equal(outlived(LIVES.replace('Pnd:\t0000000000000000', 'Pnd:\t0000000000000200'))[0], 1, 'another signal');
  const still = [0, { systemDelta: 1, groupDelta: 1, earlierGroupDelta: 0 }] as const;
  assert.deepEqual(outlived('State'), still, 'it has no memory any more');
  assert.deepEqual(outlived(LIVES, 'Z'), still);
  assert.deepEqual(outlived(LIVES, 'X'), still);
  assert.deepEqual(outlived(LIVES.replace('SigPnd:\t0000000000000000', 'SigPnd:\t0000000000000100')), still);
  assert.deepEqual(outlived(LIVES.replace('ShdPnd:\t0000000000000000', 'ShdPnd:\t0000000000000f00')), still);
  const calm = new FakeKernel();
  calm.counters.sample(7, 0);
  assert.deepEqual([calm.counters.look(7, 1), calm.counters.look(7, 2)], [0, 0]);
}); // prettier-ignore

test('the status that the launcher noted is read, and nothing where it noted none', () => {
  const dir = scratchFolder();
  const noted = (text: string) => {
    writeFileSync(join(dir, 'exit-status.json'), text);
    return readExitNote(dir);
  };
  assert.equal(readExitNote(dir), undefined);
  assert.deepEqual(noted('{"wait_status":768,"at_ms":1000}'), { exit: { code: 3, signal: null }, at: '1970-01-01T00:00:01.000+00:00' });
  assert.deepEqual(noted('{"wait_status":9}'), { exit: { code: null, signal: 'SIGKILL' }, at: undefined });
  for (const text of ['{"wait_status":"9"}', '[9]', '{', '{}']) assert.equal(noted(text), undefined, text);
}); // prettier-ignore

test('what ended with its terminal has no status of its own, but for a signal and for who ended by itself', () => {
  const status = { exit: { code: 1, signal: null }, notices: [] };
  const left = (comm: string, loss: Parameters<typeof exitWithTerminal>[2], exit = status) => exitWithTerminal(exit, comm, loss).exit === undefined;
  assert.equal(left('bash', undefined), false);
  assert.equal(left('bash', 'pane_gone'), false);
  assert.equal(left('bash', 'session_ended'), true);
  assert.equal(left('claude', 'session_ended'), false);
  for (const loss of ['server_gone', 'session_closed', 'session_gone', 'pane_closed'] as const) assert.equal(left('claude', loss), true, loss);
  assert.equal(left('claude', 'server_gone', { exit: { code: null, signal: 'SIGHUP' }, notices: [] } as never), false);
}); // prettier-ignore

test('a trace tells of signals, victims, forks and programs, in the order of their times', () => {
  const line = (who: string, at: string, rest: string) => `            ${who} [001] d..1.  ${at}: ${rest}`;
  const events = traceEvents(
    [
      '# tracer: nop',
      line('kill-15', '2.5', 'signal_generate: sig=9 errno=0 code=0 comm=a pid=1 b pid=16 grp=1 res=0'),
      line('<...>-15', '1.5', 'signal_generate: sig=15 errno=0 code=-6 comm=sleep pid=16 grp=0 res=1'),
      line('a b-c-15', '3.5', 'signal_generate: sig=15 errno=0 code=128 comm=sleep pid=16 grp=0 res=2'),
      line('x-1', '4', 'signal_generate: sig=15 errno=0 code=0 comm=sleep pid=16 grp=0 res=0'),
      line('x-1', '4.5', 'mark_victim: pid=16'),
      line('x-1', '5.5', 'mark_victim: pid=16 comm=no de total-vm=1kB'),
      line('x-7', '6.5', 'task_newtask: pid=8 comm=x clone_flags=1200000 oom_score_adj=0'),
      line('x-7', '7.5', 'task_newtask: pid=9 comm=x clone_flags=3d0f00 oom_score_adj=-500'),
      line('x-8', '8.5', 'sched_process_exec: filename=/bin/a b pid=8 old_pid=8'),
      line('x-8', '9.5', 'sched_switch: prev_comm=x'),
    ].join('\n'),
  );
  assert.deepEqual(events, [
    { kind: 'signal', atSeconds: 1.5, by: { pid: 15, comm: undefined }, number: 15, code: -6, receiver: 16, isDelivered: false },
    { kind: 'signal', atSeconds: 2.5, by: { pid: 15, comm: 'kill' }, number: 9, code: 0, receiver: 16, isDelivered: true },
    { kind: 'signal', atSeconds: 3.5, by: { pid: 15, comm: 'a b-c' }, number: 15, code: 128, receiver: 16, isDelivered: true },
    { kind: 'victim', atSeconds: 4.5, pid: 16, comm: '' },
    { kind: 'victim', atSeconds: 5.5, pid: 16, comm: 'no de' },
    { kind: 'fork', atSeconds: 6.5, parent: 7, child: 8, isThread: false },
    { kind: 'fork', atSeconds: 7.5, parent: 7, child: 9, isThread: true },
    { kind: 'exec', atSeconds: 8.5, pid: 8, file: '/bin/a b' },
  ]);
}); // prettier-ignore
