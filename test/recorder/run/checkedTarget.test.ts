import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import { afterEach, describe, test } from 'node:test';
import { nativeProgram } from '../../../src/cli/launcher.ts';
import { readBootId } from '../../../src/recorder/proc/bootId.ts';
import { checkedTarget } from '../../../src/recorder/run/checkedTarget.ts';
import { cleanUp } from '../../../src/recorder/run/leftovers.ts';
import { startTicksOf } from '../../../src/recorder/proc/ownProcess.ts';
import { CLI } from '../../cli/builtCli.ts';

const NATIVE = nativeProgram(CLI, {});
const bootId = readBootId() ?? '';
const sleepers: ChildProcess[] = [];
afterEach(() => {
  for (const sleeper of sleepers.splice(0)) sleeper.kill('SIGKILL');
});

interface Sleeper {
  readonly pid: number;
  readonly startTicks: number;
  readonly ended: Promise<NodeJS.Signals | null>;
  readonly isAlive: () => boolean;
}

function sleeper(): Sleeper {
  const child = spawn('sleep', ['600'], { stdio: 'ignore' });
  sleepers.push(child);
  const pid = child.pid ?? 0;
  return {
    pid,
    startTicks: startTicksOf(pid) ?? 0,
    ended: new Promise((resolve) => child.once('exit', (_code, signal) => resolve(signal))),
    isAlive: () => startTicksOf(pid) !== undefined,
  };
}

const WAYS: readonly (readonly [string, string | undefined])[] = [
  ['through a pidfd', NATIVE],
  ['without the native program', undefined],
  ['with a native program that has gone meanwhile', '/nonexistent/session-diagnostics'],
];

for (const [way, native] of WAYS) {
  const skip =
    (process.platform !== 'linux' && 'start times as Linux has them') ||
    (way.includes('pidfd') && native === undefined && 'the native program is not built here');
  describe(way, { skip }, () => {
    test('every process is signalled that is still itself, and none that took over a number', async () => {
      const [one, two, other] = [sleeper(), sleeper(), sleeper()];
      const target = checkedTarget(
        () => [
          { pid: one.pid, starttime_ticks: one.startTicks },
          { pid: other.pid, starttime_ticks: other.startTicks - 1 },
          { pid: two.pid, starttime_ticks: two.startTicks },
        ],
        { bootId, native },
      );
      assert.equal(target.signal('SIGUSR1'), true);
      assert.deepEqual(await Promise.all([one.ended, two.ended]), ['SIGUSR1', 'SIGUSR1']);
      assert.equal(other.isAlive(), true);
      assert.equal(target.signal('SIGUSR1'), false, 'nobody is left');
    });

    test('nobody is signalled after a reboot, and neither are init, ourselves, our parent and whole groups', () => {
      const { pid, startTicks, isAlive } = sleeper();
      const by = { bootId, native };
      assert.equal(
        checkedTarget(() => [{ pid, starttime_ticks: startTicks }], { ...by, bootId: 'another' }).signal('SIGKILL'),
        false,
      );
      const forbidden = [1, 0, -1, -pid, process.pid, process.ppid].map((number) => ({
        pid: number,
        starttime_ticks: startTicksOf(number) ?? startTicks,
      }));
      assert.equal(checkedTarget(() => forbidden, by).signal('SIGKILL'), false);
      assert.equal(isAlive(), true);
    });

    test('what a session left behind is ended, and what has its number by now is left alone', async () => {
      const [left, other] = [sleeper(), sleeper()];
      const row = { boot_id: bootId, comm: 'sleep', parent_pid: null, parent_comm: null, age_seconds: 1, rss_kb: null };
      const leftovers = [
        { ...row, pid: left.pid, start_ticks: left.startTicks },
        { ...row, pid: other.pid, start_ticks: other.startTicks + 1 },
      ];
      const cleaned = await Promise.all(leftovers.map((leftover) => cleanUp(leftover, 5000, native)));
      assert.deepEqual(
        cleaned.map(({ became }) => became),
        ['ended', 'gone'],
      );
      assert.equal(await left.ended, 'SIGTERM');
      assert.equal(other.isAlive(), true);
    });
  });
}

test(
  'the native program looks at the start by itself, and tells what became of it',
  { skip: NATIVE === undefined && 'the native program is not built here' },
  async () => {
    const statusOf = (...args: readonly (string | number)[]): number | null =>
      spawnSync(NATIVE ?? '', ['signal', ...args.map(String)]).status;
    const { pid, startTicks, isAlive, ended } = sleeper();
    const term = constants.signals.SIGTERM;
    for (const identity of [
      [pid, startTicks - 1],
      [0x3fffff, startTicks],
    ])
      assert.equal(statusOf(term, ...identity), 1);
    for (const wrong of [
      [],
      [term],
      [term, pid],
      [term, pid, 0],
      [term, -pid, startTicks],
      [term, 0, startTicks],
      [0, pid, startTicks],
      [65, pid, startTicks],
      ['TERM', pid, startTicks],
      [term, `${pid}x`, startTicks],
      [term, pid, startTicks, pid],
      [term, 2 ** 32 + pid, startTicks],
    ])
      assert.equal(statusOf(...wrong), 2, wrong.join(' '));
    assert.equal(isAlive(), true);
    assert.equal(statusOf(term, 0x3fffff, 1, pid, startTicks), 0);
    assert.equal(await ended, 'SIGTERM');
  },
);
