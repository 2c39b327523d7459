import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { DeathWitness } from '../../../src/recorder/coroner/deathWitness.ts';
import { readDiskSpace } from '../../../src/recorder/proc/workingDisk.ts';
import { openKernelLog, type KernelLog } from '../../../src/recorder/coroner/kernelLog.ts';
import { isFaultLogged } from './faultLog.ts';
import { findKillers } from '../../../src/recorder/coroner/killers.ts';
import { OomCounters } from '../../../src/recorder/coroner/oomCounters.ts';
import { MemoryGroups } from '../../../src/recorder/proc/systemReadings.ts';
import { makeMemoryGroup, MEMORY_HOG } from '../../cli/deaths/memoryGroup.ts';
import { eventually, isAsleep, until } from '../realProcesses.ts';

const clocks = { nowMs: Date.now, monotonicMs: () => Number(process.hrtime.bigint() / 1_000_000n) };

test('a real OOM kill shows in the group, in the machine and in the kernel log with pid and name', async (t) => {
  const group = makeMemoryGroup(40 << 20);
  if (group === undefined) {
    t.skip('memory groups are not writable here');
    return;
  }
  t.after(() => group.remove());
  const opened = openKernelLog({ path: '/dev/kmsg', from: 'now', ...clocks });
  if (opened.ok) t.after(() => opened.log.close());
  const counters = new OomCounters(new MemoryGroups({ procRoot: '/proc', fileRoot: '' }), '/proc');
  const hog = `import sys\nsys.stdin.readline()\n${MEMORY_HOG}`;
  const victim = spawn('python3', ['-c', hog], { stdio: ['pipe', 'ignore', 'ignore'], timeout: 30_000 });
  const { pid } = victim;
  assert.ok(pid !== undefined);
  counters.sample(pid, 0);
  writeFileSync(group.procs, String(pid)); // moved after its start
  counters.sample(pid, 1000);
  victim.stdin.end('\n');
  const [, signal] = (await once(victim, 'exit')) as [number | null, string | null]; // the event's documented arguments
  assert.equal(signal, 'SIGKILL');
  const deltas = counters.atDeath(1100);
  assert.equal(deltas.groupDelta, 1);
  assert.ok((deltas.systemDelta ?? 0) >= 1);
  if (!opened.ok) return;
  const kill = opened.log.kills().find((each) => each.pid === pid);
  assert.equal(kill?.scope, 'group');
  assert.equal(kill?.comm, 'python3');
  assert.ok(Math.abs(Date.now() - Date.parse(kill?.ts ?? '')) < 5000);
});

test('a real segmentation fault is read from the kernel log with its pid, its name and its time', async (t) => {
  const opened = openKernelLog({ path: '/dev/kmsg', from: 'now', ...clocks });
  if (!opened.ok) return t.skip('the kernel log is not readable');
  t.after(() => opened.log.close());
  const victim = spawn('python3', ['-c', 'import ctypes; ctypes.string_at(0)'], { stdio: 'ignore', timeout: 10_000 });
  await once(victim, 'exit');
  if (!isFaultLogged(victim.pid)) return t.skip('this kernel logs no faults, or not every one');
  const crash = opened.log.crashes().find((each) => each.pid === victim.pid);
  assert.deepEqual([crash?.comm, crash?.signal], ['python3', 'SIGSEGV']);
  assert.ok(Math.abs(Date.now() - Date.parse(crash?.ts ?? '')) < 5000);
});

describe('the kernel log', () => {
  const killLine = (comm: string) =>
    `Memory cgroup out of memory: Killed process 42 (${comm}) total-vm:61664kB, anon-rss:1kB`;

  function read<T>(records: string, of: (log: KernelLog) => readonly T[]): readonly T[] {
    const folder = mkdtempSync(join(tmpdir(), 'session-diagnostics-'));
    const path = join(folder, 'kmsg');
    writeFileSync(path, '');
    const opened = openKernelLog({ path, from: 'now', ...clocks });
    assert.ok(opened.ok);
    // The kernel hands out one record at a read.
    for (const record of records.split(/(?<=\n)/)) {
      appendFileSync(path, record);
      opened.log.readOn();
    }
    const found = of(opened.log);
    opened.log.close();
    rmSync(folder, { recursive: true });
    return found;
  }

  const killsIn = (records: string) => read(records, (log) => log.kills());
  const crashIn = (text: string, priority = 6) =>
    read(`${priority},424,1000,-;${text}\n`, (log) => log.crashes()).map(
      ({ pid, comm, signal }) => `${comm} ${pid} ${signal}`,
    )[0];

  test('a name with brackets or an escaped newline is read as it is', () => {
    assert.equal(killsIn(`3,424,1000,-;${killLine('a) b (c')}\n`)[0]?.comm, 'a) b (c');
    assert.equal(killsIn(`3,424,1000,-;${killLine('a\\x0ab')}\n`)[0]?.comm, 'a\\x0ab');
  });

  test('the memory group of a kill is told by the line before it, and by no other', () => {
    const chosen = (pid: number): string =>
      `6,423,999,-;oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/a,task_memcg=/a/b,c,task=x,pid=${pid},uid=0\n`;
    const killed = `3,424,1000,-;${killLine('x')}\n`;
    const pid = killsIn(killed)[0]?.pid ?? 0;
    assert.equal(killsIn(chosen(pid) + killed)[0]?.group, '/a/b,c');
    assert.equal(killsIn(chosen(pid + 1) + killed)[0]?.group, undefined);
  });

  for (const [text, expected] of [
    [
      'node[7]: segfault at 0 ip 00007fa087f85ad8 sp 00007ffe26a2d478 error 4 in libc.so.6[167ad8,7fa087e44000+156000] likely on CPU 1 (core 1, socket 0)',
      'node 7 SIGSEGV',
    ],
    ['traps: node[7] general protection fault ip:7f46d76de000 sp:7ffe error:0 in node[0,7f+1000]', 'node 7 SIGSEGV'],
    ['traps: node[7] general protection ip:7f46d76de000 sp:7ffe error:0 in node[400000+1000]', 'node 7 SIGSEGV'],
    ['traps: node[7] trap invalid opcode ip:7f48372ec000 sp:7ffe error:0 in node[0,7f+1000]', 'node 7 SIGILL'],
    ['traps: node[7] trap int3 ip:7f9d39e7a001 sp:7fff error:0 in node[1,7f+1000]', 'node 7 SIGTRAP'],
    ['traps: node[7] trap divide error ip:7f5603597002 sp:7ffd error:0 in node[2,7f+1000]', 'node 7 SIGFPE'],
    [
      'audit: type=1326 audit(1772366400.123:42): auid=0 uid=0 gid=0 ses=1 subj=unconfined pid=7 comm="perl" exe="/usr/bin/perl" sig=9 arch=c000003e syscall=41 compat=0 ip=0x7f code=0x0',
      'perl 7 SIGKILL',
    ],
    ['a[1] b[2]: c[7]: segfault at 0 ip 00 sp 00 error 4', 'a[1] b[2]: c 7 SIGSEGV'],
    ['x[7]: segfault at 0 ip 00 sp 00 error 4 in y[8]: segfault at 0 ip [0,7f+1000]', 'x 7 SIGSEGV'],
    ['usb[7]: segfault is a word of this driver', undefined],
  ] as const) {
    test(`"${text.slice(0, 50)}" is read as ${expected ?? 'no crash'}`, () => assert.equal(crashIn(text), expected));
  }

  test('what root writes into the log itself is not believed', () => {
    assert.equal(crashIn('node[7]: segfault at 0 ip 00 sp 00 error 4', 12), undefined);
    assert.deepEqual(killsIn(`12,424,1000,-;${killLine('agent')}\n`), []);
  });

  test('a log that may not be read is said to be so', () => {
    assert.deepEqual(openKernelLog({ path: '/no/such/log', from: 'now', ...clocks }), { ok: false, code: 'ENOENT' });
  });
});

test('a kernel whose clock is an hour behind is believed to have logged a crash after the last sample', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'session-diagnostics-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const kernelLogPath = join(folder, 'kmsg');
  writeFileSync(kernelLogPath, '');
  const witness = new DeathWitness({
    cwd: folder,
    logRoot: folder,
    kernelLogFrom: 'now',
    sinceMs: 0,
    kernelLogPath,
    rootPid: process.pid,
    launcherPid: undefined,
  });
  t.after(() => witness.close());
  const openedMs = Date.now();
  await until('the clock to go on', () => Date.now() > openedMs);
  const sampledMs = Date.now();
  witness.sample(process.pid, []);
  const stampUs = Math.max(0, Math.round(clocks.monotonicMs() * 1000 - 3_600_000_000));
  appendFileSync(kernelLogPath, `6,424,${stampUs},-;node[7]: segfault at 0 ip 00 sp 00 error 4\n`);
  const [crash] = witness.atDeath({
    ownPids: [],
    trackedPid: process.pid,
    exit: undefined,
    ownSignal: undefined,
  }).crashes;
  assert.ok(Date.parse(crash?.ts ?? '') >= sampledMs, crash?.ts);
});

describe('killers alive at the death', () => {
  test('a shell counts when its own command line kills the victim, and no other shell does', async () => {
    const [killer, other] = ['sleep 20; kill 424242', 'sleep 20; kill 1424242'].map((script) =>
      spawn('sh', ['-c', script], { stdio: 'ignore' }),
    );
    const watcher = spawn('sh', ['-c', 'kill -0 424242; while sleep 1; do kill -s 0 424242; done'], {
      stdio: 'ignore',
    });
    try {
      const seen = () => findKillers({ procRoot: '/proc', ownPids: [], victimPids: [424242] }).map(({ pid }) => pid);
      await until('both shells to wait', () => [killer, other, watcher].every((child) => isAsleep(child?.pid ?? 0)));
      assert.ok(seen().includes(killer?.pid ?? 0));
      assert.ok(!seen().includes(other?.pid ?? 0));
      assert.ok(!seen().includes(watcher.pid ?? 0), 'signal 0 only asks');
    } finally {
      for (const child of [killer, other, watcher]) child?.kill('SIGKILL');
    }
  });

  test('the timeout that the session runs under is its wrapper; a timeout of somebody else is no killer', async (t) => {
    const start = () => spawn('timeout', ['20', 'sleep', '20'], { stdio: 'ignore' });
    const [ours, other] = [start(), start()];
    t.after(() => [ours, other].forEach((child) => child.kill()));
    const named = await eventually('timeout to run', () => {
      const seen = findKillers({ procRoot: '/proc', ownPids: [ours.pid ?? 0], victimPids: [] });
      return seen.find((killer) => killer.pid === ours.pid) && seen;
    });
    assert.deepEqual(
      named.find((killer) => killer.pid === ours.pid),
      { name: 'timeout', pid: ours.pid, role: 'wrapper' },
    );
    assert.ok(!named.some((killer) => killer.pid === other.pid));
  });

  test('a pkill at work is a command', async (t) => {
    // Waits on its pid file, a pipe nobody writes to: a pkill that stays long enough to be looked at.
    const folder = mkdtempSync(join(tmpdir(), 'session-diagnostics-'));
    const pipe = join(folder, 'pids');
    t.after(() => rmSync(folder, { recursive: true }));
    assert.equal(spawnSync('mkfifo', [pipe]).status, 0);
    const pkill = spawn('pkill', ['-URG', '-F', pipe], { stdio: 'ignore', timeout: 10_000 });
    t.after(() => pkill.kill());
    const seen = await eventually('pkill to run', () =>
      findKillers({ procRoot: '/proc', ownPids: [process.pid], victimPids: [] }).find(
        (killer) => killer.pid === pkill.pid,
      ),
    );
    assert.deepEqual(seen, { name: 'pkill', pid: pkill.pid, role: 'command' });
  });
});

test('a full file system is seen as full', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'session-diagnostics-'));
  t.after(() => {
    spawnSync('umount', [folder]);
    rmSync(folder, { recursive: true, force: true });
  });
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder]).status !== 0) {
    t.skip('this machine lets nobody mount a tmpfs');
    return;
  }
  assert.throws(() => writeFileSync(join(folder, 'data'), Buffer.alloc(1 << 20)), { code: 'ENOSPC' });
  const places = { working_directory: folder, temporary_directory: tmpdir(), log_root: '/no/such/place' };
  const [full, ...others] = readDiskSpace(places);
  assert.deepEqual({ place: full?.place, free: full?.free_bytes }, { place: 'working_directory', free: 0 });
  assert.deepEqual(
    others.map((disk) => disk.place),
    ['temporary_directory'],
  );
});
