import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { ProcessTree, type ProcessRow, type ProcessSource } from '../../../src/recorder/proc/processTree.ts';
import {
  childrenOf,
  commOf,
  eventually,
  killGroup,
  python,
  PYTHON,
  samplerOf,
  started,
  until,
} from '../realProcesses.ts';

/** Forks twice with setsid between, as daemons do; the grandchild sleeps under the name given. */
const DAEMONIZE = `
import ctypes, os, sys, time
pause = float(sys.argv[2])
if os.fork() == 0:
    os.setsid()
    time.sleep(pause)
    if os.fork() == 0:
        open("/proc/self/comm", "w").write(sys.argv[1])
        time.sleep(60)
    os._exit(0)
os.wait()
time.sleep(60)
`;

describe('the tree on real processes', { skip: process.platform !== 'linux' && 'needs /proc' }, () => {
  test('a daemon that forked twice and left session and parent stays a member', async (t) => {
    const pid = python(t, DAEMONIZE, 'daemon-seen', '0.3');
    const sampler = samplerOf(t, pid);
    const daemon = await eventually('the daemon under another parent', async () => {
      const { processes } = await sampler.sample(0);
      const found = processes.find((member) => member.comm === 'daemon-seen');
      return found !== undefined && found.ppid !== pid && childrenOf(pid).length === 0 ? found : undefined;
    });
    t.after(() => killGroup(daemon.pid));
    assert.notEqual(daemon.sid, pid);
    assert.deepEqual(
      sampler.members().map((member) => member.pid),
      [daemon.pid],
    );
    killGroup(pid);
    await until('the agent to be gone', () => sampler.look() === undefined);
    const { processes, snapshot } = await sampler.sample(0);
    assert.deepEqual([processes.map((member) => member.pid), snapshot], [[daemon.pid], undefined]);
  });

  test('a daemon whose way out was never seen is found by the mark in its environment', async (t) => {
    const mark = `SESSION_MARK_${process.pid}`;
    const name = `daemon-${process.pid}`.slice(0, 15);
    const pid = started(t, [PYTHON, '-c', DAEMONIZE, name, '0'], { [mark]: 'x' });
    const daemonPid = await eventually('the daemon', () => pidNamed(name));
    t.after(() => killGroup(daemonPid));
    await until('the way out to be over', () => childrenOf(pid).length === 0);
    const without = await samplerOf(t, pid).sample(0);
    assert.deepEqual(
      without.processes.map((member) => member.pid),
      [pid],
    );
    const marked = await samplerOf(t, pid, { environmentMark: `${mark}=x` }).sample(0);
    assert.deepEqual(new Set(marked.processes.map((member) => member.pid)), new Set([pid, daemonPid]));
  });

  test('a process that stays in a group of ours is a member though its parent was never seen', async (t) => {
    const name = `orphan-${process.pid}`.slice(0, 15);
    const program = `
import os, sys, time
time.sleep(0.3)
if os.fork() == 0:
    if os.fork() == 0:
        open("/proc/self/comm", "w").write(sys.argv[1])
        time.sleep(60)
    os._exit(0)
os.wait()
time.sleep(60)`;
    const pid = python(t, program, name);
    const sampler = samplerOf(t, pid);
    await sampler.sample(0);
    const orphan = await eventually('the orphan', () => pidNamed(name));
    await until('its parent to end', () => childrenOf(pid).length === 0);
    const { processes } = await sampler.sample(0);
    assert.ok(processes.some((member) => member.pid === orphan && member.ppid !== pid));
  });

  test('the recorder is never a member, though it descends from what it records', async (t) => {
    const sampler = samplerOf(t, process.ppid);
    const { processes } = await sampler.sample(0);
    assert.ok(processes.some((member) => member.pid === process.ppid));
    assert.ok(!processes.some((member) => member.pid === process.pid));
  });

  test('the next owner of a reused pid is no member, and no snapshot is taken of it', async (t) => {
    if (!canChoosePids()) return t.skip('needs root and /proc/sys/kernel/ns_last_pid');
    const pid = started(t, ['sleep', '60']);
    const sampler = samplerOf(t, pid);
    const before = await sampler.sample(0);
    const startTicks = before.processes[0]?.start_ticks;
    killGroup(pid);
    await until('its end', () => commOf(pid) === undefined);
    const isReused = await reuse(t, pid);
    if (!isReused) return t.skip(`another process took pid ${pid} first, ten times over`);
    assert.equal(sampler.look(), undefined);
    const after = await sampler.sample(0);
    assert.deepEqual([after.snapshot, after.processes], [undefined, []]);
    const mistaken = samplerOf(t, pid, startTicks === undefined ? {} : { rootStartTicks: startTicks });
    assert.equal((await mistaken.sample(0)).snapshot, undefined, 're-attaching checks the start time as well');
  });
});

describe('membership', () => {
  const row = (pid: number, ppid: number, more: Partial<ProcessRow> = {}): ProcessRow => {
    return { pid, ppid, pgid: 10, sid: 10, startTicks: pid, comm: `p${pid}`, ...more };
  };

  test('a child listed before its parent is found in the same scan', () => {
    const { tree, show } = treeOver([row(10, 1)]);
    show([row(10, 1), row(11, 12, { pgid: 99, sid: 99, startTicks: 13 }), row(12, 10, { pgid: 98, sid: 98 })]);
    assert.deepEqual(new Set(tree.members.keys()), new Set([10, 11, 12]));
  });

  test('an older process in the same session is not ours: attaching must not take the shell in', () => {
    const { tree } = treeOver([
      row(5, 1, { sid: 5, pgid: 5 }),
      row(10, 5, { sid: 5 }),
      row(11, 5, { sid: 5, pgid: 11 }),
    ]);
    assert.deepEqual([...tree.members.keys()], [10]);
  });

  test('a session number reused by a stranger after all of ours ended brings in neither it nor its children', () => {
    const { tree, show } = treeOver([row(10, 1), row(20, 10, { pgid: 20, sid: 20 })]);
    show([
      row(10, 1),
      row(20, 1, { startTicks: 500, pgid: 20, sid: 20 }),
      row(21, 20, { startTicks: 501, pgid: 20, sid: 20 }),
    ]);
    assert.deepEqual([...tree.members.keys()], [10]);
  });

  test('a process once found foreign is not read again, until its pid was gone from the list', () => {
    const { tree, show, reads } = treeOver([row(10, 1), row(50, 1, { pgid: 50, sid: 50 })]);
    show([row(10, 1), row(50, 1, { pgid: 50, sid: 50 })]);
    assert.equal(reads.get(50), 1);
    show([row(10, 1)]);
    show([row(10, 1), row(50, 10, { startTicks: 900, pgid: 50, sid: 50 })]);
    assert.deepEqual([...tree.members.keys()], [10, 50]);
  });

  test('the origin of a member is its first parent', () => {
    const { tree, show } = treeOver([row(10, 1), row(11, 10)]);
    show([row(10, 1), row(11, 1)]);
    assert.deepEqual(tree.members.get(11)?.origin, { pid: 10, comm: 'p10' });
    assert.equal(tree.members.get(11)?.row.ppid, 1);
  });

  function treeOver(first: readonly ProcessRow[]) {
    let rows = new Map<number, ProcessRow>();
    let nowMs = 0;
    const reads = new Map<number, number>();
    const source: ProcessSource<ProcessRow> = {
      listPids: () => [...rows.keys()],
      read: (pid) => {
        reads.set(pid, (reads.get(pid) ?? 0) + 1);
        return rows.get(pid);
      },
      carriesMark: () => false,
      admitted: () => undefined,
      dropped: () => undefined,
    };
    const tree = new ProcessTree(source, {
      rootPid: 10,
      rootStartTicks: undefined,
      otherRootPids: [],
      excludedPid: 4242,
    });
    const show = (next: readonly ProcessRow[]): void => {
      rows = new Map(next.map((each) => [each.pid, each]));
      nowMs += 1000;
      tree.update(nowMs);
    };
    show(first);
    return { tree, show, reads };
  }
});

function pidNamed(name: string): number | undefined {
  const entry = readdirSync('/proc').find((each) => /^\d/.test(each) && commOf(Number(each)) === name);
  return entry === undefined ? undefined : Number(entry);
}

const LAST_PID = '/proc/sys/kernel/ns_last_pid';

function canChoosePids(): boolean {
  try {
    writeFileSync(LAST_PID, readFileSync(LAST_PID));
    return true;
  } catch {
    return false; // not root, or a kernel without checkpoint/restore
  }
}

/** The kernel hands out the pid after ns_last_pid; on a busy machine somebody else may be quicker. */
async function reuse(t: Parameters<typeof started>[0], pid: number): Promise<boolean> {
  for (let attempt = 0; attempt < 10; attempt += 1) {
    const last = readFileSync(LAST_PID, 'utf8');
    writeFileSync(LAST_PID, String(pid - 1));
    const next = started(t, ['sleep', '60']);
    writeFileSync(LAST_PID, last);
    if (next === pid) return true;
    killGroup(next);
    await until('its end', () => commOf(next) === undefined);
    if (commOf(pid) !== undefined) return false;
  }
  return false;
}
