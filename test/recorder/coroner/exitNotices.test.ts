import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { findExitCarrier, NO_SUCH_KERNEL } from '../../../src/recorder/coroner/exitCarrier.ts';
import { ExitNotices } from '../../../src/recorder/coroner/exitNotices.ts';
import { startTicksOf, statOf } from '../../../src/recorder/proc/ownProcess.ts';
import { until } from '../../cli/builtCli.ts';

const NATIVE = resolve(import.meta.dirname, `../../../dist/native/linux-${process.arch}/session-diagnostics`);

const ENDS = [
  ['exit 0', { code: 0, signal: null }],
  ['exit 3', { code: 3, signal: null }],
  ['exit 255', { code: 255, signal: null }],
  ['kill -KILL $$', { code: null, signal: 'SIGKILL' }],
  ['kill -SEGV $$', { code: null, signal: 'SIGSEGV' }],
  ['kill -40 $$', { code: null, signal: 'SIGRTMIN+6' }],
  // Its first thread ends with 0 and leaves the rest to another one.
  [
    `exec python3 -c 'import ctypes, os, threading, time; threading.Thread(target=lambda: (time.sleep(0.3), os._exit(7))).start(); ctypes.CDLL(None).pthread_exit(None)'`,
    { code: 7, signal: null },
  ],
] as const;

/** A shell that ends in its own way once it reads a line. Its parent is this process, never who is asked. */
function victim(t: TestContext, end: string) {
  const child = spawn('sh', ['-c', `echo; read line; ${end}`], { stdio: ['pipe', 'pipe', 'ignore'] });
  t.after(() => child.kill('SIGKILL'));
  return once(child.stdout, 'data').then(() => ({
    watched: { pid: child.pid ?? 0, startTicks: startTicksOf(child.pid ?? 0) ?? 0 },
    end: () => child.stdin.end('\n'),
  }));
}

for (const kind of ['native', 'events', 'perl', 'python3'] as const) {
  const carrier = findExitCarrier(NATIVE, { SESSION_DIAGNOSTICS_EXIT_NOTICE: kind });
  const [program, ...args] = carrier?.command ?? ['false'];
  const isTold = spawnSync(program, args, { stdio: ['pipe', 'ignore', 'ignore'] }).status;
  const skip =
    carrier === undefined ? `no ${kind} here` : isTold === NO_SUCH_KERNEL && 'this kernel does not tell how others end';

  describe(`the ends of processes that are not ours, through ${kind}`, { skip, concurrency: true }, () => {
    for (const [end, exit] of ENDS) {
      test(`${end} is told exactly`, async (t) => {
        const { watched, end: endIt } = await victim(t, end);
        const exits = new ExitNotices(carrier);
        exits.watch(watched);
        await until(`somebody to watch ${watched.pid}`, () => isWatched(watched.pid));
        endIt();
        const notice = await exits.told(watched);
        assert.deepEqual([notice?.pid, notice?.exit], [watched.pid, exit]);
        exits.close();
      });
    }

    test('another process of the same pid is never taken for it', async (t) => {
      const { watched } = await victim(t, 'exit 3');
      const exits = new ExitNotices(carrier);
      const other = { ...watched, startTicks: watched.startTicks - 1 };
      exits.watch(other);
      assert.equal(await exits.told(other), undefined);
    });

    test('waiting costs no processor time, and ends with whoever waits', async (t) => {
      const { watched } = await victim(t, 'exit 3');
      const child = spawn(program, [...args, `${watched.pid}:${watched.startTicks}`], {
        stdio: ['pipe', 'pipe', 'ignore'],
      });
      const asleep = await sleepingTicks(child);
      await new Promise((done) => setTimeout(done, 300));
      assert.equal(ticksOf(child), asleep);
      child.kill('SIGINT');
      child.stdin.destroy();
      child.stdout.destroy();
      await once(child, 'exit');
    });
  });
}

test(
  'a zombie that its parent leaves unreaped is told by what the kernel keeps of it',
  { skip: process.getuid?.() !== 0 },
  async (t) => {
    const script = 'import os, sys, time; p = os.fork()\nif p == 0: os._exit(7)\nprint(p, flush=True); time.sleep(60)';
    const parent = spawn('python3', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore'] });
    t.after(() => parent.kill('SIGKILL'));
    const [text] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(text.toString());
    await until('it to end', () => statOf(pid)?.state === 'zombie');
    const exits = new ExitNotices({ kind: 'native', command: ['false'] });
    const watched = { pid, startTicks: statOf(pid)?.startTicks ?? 0 };
    exits.watch(watched);
    assert.deepEqual((await exits.ofEnded(watched, 1000))?.exit, { code: 7, signal: null });
  },
);

test('with nobody to ask, nothing is told and nothing is waited for', async () => {
  assert.equal(findExitCarrier(NATIVE, { SESSION_DIAGNOSTICS_EXIT_NOTICE: 'off' }), undefined);
  const exits = new ExitNotices(undefined);
  const watched = { pid: process.pid, startTicks: startTicksOf(process.pid) ?? 0 };
  exits.watch(watched);
  assert.equal(await exits.ofEnded(watched, 60_000), undefined);
});

/** Whether one of our children holds a pidfd of it. */
function isWatched(pid: number): boolean {
  return readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8')
    .split(' ')
    .filter((child) => child !== '')
    .some((child) => descriptorsOf(child).some((text) => new RegExp(`^Pid:\\s*${pid}$`, 'm').test(text)));
}

function descriptorsOf(pid: string): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/fdinfo`).map((fd) => readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8'));
  } catch {
    return []; // it has just ended, or closed one
  }
}

/** Once it sleeps: until then it has been starting. */
async function sleepingTicks(child: ChildProcess): Promise<string> {
  for (let before = ''; ;) {
    const now = ticksOf(child);
    if (now !== '' && now === before && statOf(child.pid ?? 0)?.state === 'sleeping') return now;
    before = now;
    await new Promise((done) => setTimeout(done, 100));
  }
}

/** utime and stime of stat(5). */
function ticksOf({ pid }: ChildProcess): string {
  return (
    readFileSync(`/proc/${pid ?? 0}/stat`, 'latin1')
      .split(') ')[1]
      ?.split(' ')
      .slice(11, 13)
      .join(' ') ?? ''
  );
}
