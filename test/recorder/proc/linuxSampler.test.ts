import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, describe, test, type TestContext } from 'node:test';
import { PROCESS_STATES } from '../../../src/core/words/vocabulary.ts';
import type { Sample } from '../../../src/recorder/proc/sample.ts';
import {
  childrenOf,
  commOf,
  eventually,
  isAsleep,
  killGroup,
  python,
  samplerOf,
  started,
  statOf,
  until,
} from '../realProcesses.ts';

const IS_ROOT = process.getuid?.() === 0;

describe('sampling on Linux', { skip: process.platform !== 'linux' && 'needs /proc' }, () => {
  before(() => assert.ok(existsSync('/usr/bin/python3'), 'these tests start /usr/bin/python3'));

  test('a plain process gives every field of the snapshot', async (t) => {
    const pid = started(t, ['sleep', '30']);
    await until('it to sleep', () => isAsleep(pid));
    const { snapshot, processes } = await samplerOf(t, pid).sample(7);
    assert.ok(snapshot?.ours !== undefined);
    const { ours, ...standard } = snapshot;
    for (const [name, value] of Object.entries(standard)) assert.notEqual(value, undefined, name);
    assert.equal(snapshot.pid, pid);
    assert.equal(snapshot.comm, 'sleep');
    assert.ok(PROCESS_STATES.some((state) => state === snapshot.state));
    assert.match(snapshot.sig_blk ?? '', /^[0-9a-f]{16}$/);
    assert.ok((snapshot.vm_rss_kb ?? 0) > 100 && (snapshot.vm_rss_kb ?? 0) < 50_000);
    assert.equal(snapshot.fd_count, readdirSync(`/proc/${pid}/fd`).length);
    assert.equal(ours.tree_process_count, 1);
    assert.deepEqual(
      processes.map((member) => [member.pid, member.ppid]),
      [[pid, process.pid]],
    );
  });

  test('CPU is told in shares of one core, for the agent and for the tree', async (t) => {
    const pid = python(t, 'import os\nos.fork()\nwhile True: pass');
    const sampler = samplerOf(t, pid);
    await sampler.sample(0);
    // The kernel counts in hundredths of a second: a share is exact once there are many of them.
    const ticks = () => statOf(pid)?.cpuTicks ?? 0;
    const treePercent = await eventually('two busy processes to show', async () => {
      const fromTicks = ticks();
      await until('half a second of CPU', () => ticks() > fromTicks + 50);
      const { snapshot } = await sampler.sample(0);
      const percent = snapshot?.ours?.tree_cpu_percent ?? 0;
      return (snapshot?.cpu_percent ?? 0) > 5 && percent > 10 ? percent : undefined;
    });
    assert.ok(treePercent <= 100 * 1.5 * readdirSync('/sys/devices/system/cpu').length);
  });

  test('children that live and die between two samples still count as CPU of the tree', async (t) => {
    const burn =
      'import os\nwhile True:\n if os.fork() == 0:\n  for i in range(100000): pass\n  os._exit(0)\n os.wait()';
    const sampler = samplerOf(t, python(t, burn));
    const first = await sampler.sample(0);
    assert.equal(first.snapshot?.ours?.tree_cpu_percent, undefined, 'the first sample has nothing to compare with');
    await eventually('CPU beyond what the members show', async () => {
      const { snapshot, processes } = await sampler.sample(0);
      const seen = processes.reduce((sum, member) => sum + (member.cpu_percent ?? 0), 0);
      return (snapshot?.ours?.tree_cpu_percent ?? 0) > seen + 20 || undefined;
    });
  });

  test('a zombie child is a member in state zombie', async (t) => {
    const pid = python(t, 'import os, time\nif os.fork() == 0: os._exit(0)\ntime.sleep(30)');
    const sampler = samplerOf(t, pid);
    const zombie = await eventually('the zombie', async () => {
      const { processes } = await sampler.sample(0);
      return processes.find((member) => member.pid !== pid && member.state === 'zombie');
    });
    assert.equal(zombie.ppid, pid);
    assert.equal(zombie.rss_kb, 0);
    assert.equal(sampler.members().length, 0, 'a zombie is nothing left over');
  });

  test('a tracked process that is a zombie gives a record, not an end', async (t) => {
    const dir = mkdtempSync(join(tmpdir(), 'zombie-'));
    t.after(() => rmSync(dir, { recursive: true }));
    const parent = python(t, 'import os, time\nif os.fork() == 0: os._exit(0)\ntime.sleep(30)');
    const child = await eventually('the child', () => childrenOf(parent)[0]);
    const sampler = samplerOf(t, child);
    const { snapshot } = await eventually('the zombie', async () => {
      const sample = await sampler.sample(0);
      return sample.snapshot?.state === 'zombie' ? sample : undefined;
    });
    assert.equal(snapshot?.pid, child);
    assert.equal(snapshot?.vm_rss_kb, 0);
  });

  test('a blocked signal sent by kill(2) is pending in shd_pnd', async (t) => {
    const program = 'import signal, time\nsignal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})\ntime.sleep(30)';
    const pid = python(t, program);
    const sampler = samplerOf(t, pid);
    const bit = (1n << 9n).toString(16).padStart(16, '0'); // SIGUSR1 is 10 everywhere Node runs but MIPS
    await eventually(
      'the signal to be blocked',
      async () => (await sampler.sample(0)).snapshot?.sig_blk === bit || undefined,
    );
    process.kill(pid, 'SIGUSR1');
    const { snapshot } = await sampler.sample(0);
    assert.equal(snapshot?.ours?.shd_pnd, bit);
    assert.equal(snapshot?.sig_pnd, '0000000000000000');
  });

  test('10,000 open descriptors are counted against the soft limit', async (t) => {
    const program = [
      'import os, resource, time',
      'hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]',
      'count = min(10000, (hard if hard > 0 else 20000) - 50)',
      'resource.setrlimit(resource.RLIMIT_NOFILE, (count + 40, hard))',
      'base = os.open("/dev/null", os.O_RDONLY)',
      'for fd in range(100, 100 + count - 100): os.dup2(base, fd)',
      'time.sleep(30)',
    ].join('\n');
    const pid = python(t, program);
    const sampler = samplerOf(t, pid);
    const { snapshot } = await eventually('the descriptors', async () => {
      const sample = await sampler.sample(0);
      return (sample.snapshot?.fd_count ?? 0) > 9000 ? sample : undefined;
    });
    await until('all of them', () => isAsleep(pid));
    const look = sampler.look();
    assert.equal(look?.snapshot.fd_count, readdirSync(`/proc/${pid}/fd`).length);
    assert.ok((snapshot?.fd_soft_limit ?? 0) > 9000);
  });

  for (const name of ['a) b (c', '(', ') R 1 2 3', 'two\nlines', 'a\\n b', 'ünïcode']) {
    test(`a process that calls itself ${JSON.stringify(name)} is read by that name`, async (t) => {
      const program = 'import sys, time\nopen("/proc/self/comm", "w").write(sys.argv[1])\ntime.sleep(30)';
      const pid = python(t, program, name);
      await until('the name', () => commOf(pid) === name);
      const { snapshot, processes } = await samplerOf(t, pid).sample(0);
      assert.equal(snapshot?.comm, name);
      assert.equal(processes[0]?.comm, name);
      assert.equal(processes[0]?.ppid, process.pid);
      assert.match(snapshot?.sig_cgt ?? '', /^[0-9a-f]{16}$/, 'the rest of status is found after such a name');
    });
  }

  test('a tree of 300 is read whole, and descriptors of ours stay bounded', async (t) => {
    const pid = started(t, ['sh', '-c', 'i=1; while [ $i -lt 300 ]; do sleep 60 & i=$((i+1)); done; wait']);
    const sampler = samplerOf(t, pid);
    const sample = await eventually('300 processes', async () => {
      const taken = await sampler.sample(0);
      return taken.processes.length === 300 ? taken : undefined;
    });
    assert.equal(sample.snapshot?.ours?.tree_process_count, 300);
    assert.ok(sample.processes.every((member) => member.rss_kb !== undefined && member.fd_count !== undefined));
    assert.ok(readdirSync('/proc/self/fd').length < 2200);
    killGroup(pid);
    await eventually('the tree to end', async () => (await sampler.sample(0)).processes.length === 0 || undefined);
    sampler.close();
    assert.ok(readdirSync('/proc/self/fd').length < 100, 'what was kept open is closed');
  });

  test('what 40 forks share is counted once, and what each has of its own 40 times', async (t) => {
    const program = `
import os, sys, time
shared = bytearray(os.urandom(24 << 20))
for i in range(40):
    if os.fork() == 0:
        own = bytearray(os.urandom(1 << 20))
        time.sleep(60)
time.sleep(60)`;
    const pid = python(t, program);
    await until('its forks to sleep', () => childrenOf(pid).length === 40 && childrenOf(pid).every(isAsleep));
    const { snapshot, processes } = await samplerOf(t, pid).sample(0);
    const addedMb = processes.reduce((sum, { rss_kb: rssKb }) => sum + (rssKb ?? 0), 0) / 1024;
    const treeMb = (snapshot?.ours?.tree_rss_kb ?? 0) / 1024;
    assert.ok(addedMb > 40 * 24, `${addedMb} MB`);
    assert.ok(treeMb > 24 + 40 && treeMb < 24 + 40 * 8, `${treeMb} MB`);
  });

  test('processes that vanish while a sample is taken cost only their own record', async (t) => {
    const pid = python(t, 'import os\nwhile True:\n if os.fork() == 0: os._exit(0)\n os.wait()');
    const sampler = samplerOf(t, pid);
    for (let i = 0; i < 100; i += 1) {
      const { snapshot, processes } = await sampler.sample(0);
      assert.equal(snapshot?.pid, pid);
      assert.ok(processes.some((member) => member.pid === pid));
    }
  });

  test('who was started is known before the first sample', (t) => {
    const pid = started(t, ['sleep', '30']);
    const { tracked } = samplerOf(t, pid);
    assert.deepEqual([tracked.pid, tracked.via], [pid, []]);
    assert.ok(tracked.startTicks > 0);
  });

  test('after the last process there is no snapshot and no look', async (t) => {
    const pid = started(t, ['sleep', '30']);
    const sampler = samplerOf(t, pid);
    await sampler.sample(0);
    assert.equal(sampler.look()?.snapshot.pid, pid);
    killGroup(pid);
    await until('its end', () => sampler.look() === undefined);
    const sample: Sample = await sampler.sample(0);
    assert.equal(sample.snapshot, undefined);
    assert.deepEqual(sample.processes, []);
  });

  test('a look is the tracked process as it is now, with the CPU since the last sample', async (t) => {
    const pid = python(t, 'while True: pass');
    const sampler = samplerOf(t, pid);
    await sampler.sample(0);
    const look = await eventually('CPU time', () => {
      const taken = sampler.look();
      return (taken?.snapshot.cpu_percent ?? 0) > 5 ? taken : undefined;
    });
    assert.equal(look.snapshot.pid, pid);
    assert.notEqual(look.snapshot.ours?.mem_available_kb, undefined);
    assert.equal(look.snapshot.ours?.tree_rss_kb, undefined, 'the tree was not read');
  });

  test("another user's process gives what the kernel shows of it", { skip: !IS_ROOT && 'needs root' }, async (t) => {
    const pid = started(t, ['setpriv', '--reuid', '65534', '--clear-groups', 'sleep', '30']);
    await until('sleep', () => commOf(pid) === 'sleep');
    const { snapshot } = await samplerOf(t, pid).sample(0);
    assert.equal(snapshot?.comm, 'sleep');
    assert.ok((snapshot?.vm_rss_kb ?? 0) > 0);
  });

  test('looking without rights leaves fields out and goes on', { skip: !IS_ROOT && 'needs root' }, async (t) => {
    const root = started(t, ['sleep', '30']);
    const sample = await sampleAsNobody(t, root);
    assert.equal(sample['pid'], root);
    assert.equal(sample['comm'], 'sleep');
    assert.ok(typeof sample['vm_rss_kb'] === 'number' && sample['vm_rss_kb'] > 0);
    assert.match(String(sample['sig_blk']), /^[0-9a-f]{16}$/);
    assert.equal(sample['wchan'], '0', 'where it waits is not shown to others');
  });
});

/** A sample taken by a node process that runs as `nobody`. */
async function sampleAsNobody(t: TestContext, pid: number): Promise<{ readonly [key: string]: unknown }> {
  const dir = mkdtempSync(join(tmpdir(), 'nobody-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const { buildSync } = await import('esbuild');
  const { chmodSync, chownSync, copyFileSync } = await import('node:fs');
  const program = join(dir, 'sample.mjs');
  const entry = join(dir, 'entry.ts');
  const sampler = join(import.meta.dirname, '../../../src/recorder/proc/createSampler.ts');
  writeFileSync(
    entry,
    `import { writeFileSync } from 'node:fs';
     import { createSampler } from ${JSON.stringify(sampler)};
     const { snapshot } = await createSampler({ rootPid: ${pid} }).sample(0);
     writeFileSync(${JSON.stringify(join(dir, 'out.json'))}, JSON.stringify(snapshot) + '\\n');`,
  );
  const banner = { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" };
  const nodePaths = [join(import.meta.dirname, '../../../node_modules')];
  buildSync({
    entryPoints: [entry],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    nodePaths,
    banner,
  });
  const node = join(dir, 'node'); // the interpreter's own directory may be closed to nobody
  copyFileSync(process.execPath, node);
  chmodSync(node, 0o755);
  chownSync(dir, 65534, 65534);
  started(t, ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups', node, program]);
  const text = await eventually('the sample of nobody', () => {
    const out = join(dir, 'out.json');
    const written = existsSync(out) ? readFileSync(out, 'utf8') : '';
    return written.endsWith('\n') ? written : undefined;
  });
  return JSON.parse(text) as { readonly [key: string]: unknown }; // written by the program above
}
