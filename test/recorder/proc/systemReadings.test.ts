import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { MemoryGroups, SystemReader } from '../../../src/recorder/proc/systemReadings.ts';
import { samplerOf, started, until } from '../realProcesses.ts';

const MOUNTED_V2 = '24 23 0:22 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate';
const MOUNTED_V1 = '30 23 0:26 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory';

describe('what surrounds a process', () => {
  test('version 2: the smallest limit over the hierarchy, and what that group uses without idle cache', (t) => {
    const roots = copied(t, {
      'proc/self/mountinfo': `${MOUNTED_V2}\n`,
      'sys/fs/cgroup/memory.stat': 'anon 1\n',
      'sys/fs/cgroup/a/memory.max': '104857600\n',
      'sys/fs/cgroup/a/memory.current': '73400320\n',
      'sys/fs/cgroup/a/memory.stat': 'anon 4096\ninactive_file 20971520\nactive_file 7\n',
      'sys/fs/cgroup/a/b/memory.max': 'max\n',
      'sys/fs/cgroup/a/b/memory.current': '41943040\n',
      'proc/meminfo': 'MemTotal: 100 kB\nMemFree: 1 kB\nMemAvailable:      64 kB\n',
      'proc/pressure/memory': 'some avg10=12.50 avg60=1.00 avg300=0.00 total=1\nfull avg10=3.00 avg60=0 total=0\n',
    });
    const reader = new SystemReader(roots);
    t.after(() => reader.close());
    assert.deepEqual(reader.read('0::/a/b\n'), {
      memAvailableKb: 64,
      psiMemorySomeAvg10: 12.5,
      cgroupMemoryKb: 50 * 1024,
      cgroupMemoryLimitKb: 100 * 1024,
    });
    assert.equal(reader.read('0::/\n').cgroupMemoryLimitKb, undefined, 'the process has moved to the root group');
  });

  test('version 2 without a limit anywhere gives the use of the own group', (t) => {
    const groups = groupsOver(t, {
      'proc/self/mountinfo': MOUNTED_V2,
      'sys/fs/cgroup/a/memory.max': 'max',
      'sys/fs/cgroup/a/memory.current': '41943040',
    });
    assert.deepEqual(groups.usageOf('0::/a\n'), { memoryKb: 40 * 1024, limitKb: undefined });
  });

  test('version 1: the huge number is no limit, and a hybrid set-up is read there', (t) => {
    const groups = groupsOver(t, {
      'proc/self/mountinfo': `${MOUNTED_V2.replace('/sys/fs/cgroup', '/sys/fs/cgroup/unified')}\n${MOUNTED_V1}\n`,
      'sys/fs/cgroup/unified/cgroup.procs': '',
      'sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n',
      'sys/fs/cgroup/memory/memory.usage_in_bytes': '99999744\n',
      'sys/fs/cgroup/memory/job/memory.limit_in_bytes': '268435456\n',
      'sys/fs/cgroup/memory/job/memory.usage_in_bytes': '134217728\n',
      'sys/fs/cgroup/memory/job/memory.stat': 'cache 5\ninactive_file 1\ntotal_inactive_file 33554432\n',
    });
    assert.deepEqual(groups.usageOf('4:memory:/job\n0::/\n'), { memoryKb: 96 * 1024, limitKb: 256 * 1024 });
    assert.equal(groups.usageOf('4:memory:/\n0::/\n')?.limitKb, undefined);
  });

  test("a container sees its part of the hierarchy at the mount's root", (t) => {
    const files = {
      'proc/self/mountinfo': MOUNTED_V1.replace('0:26 / ', '0:26 /docker/abc '),
      'sys/fs/cgroup/memory/memory.limit_in_bytes': '1048576',
      'sys/fs/cgroup/memory/memory.usage_in_bytes': '524288',
    };
    assert.deepEqual(groupsOver(t, files).usageOf('4:memory:/docker/abc\n'), { memoryKb: 512, limitKb: 1024 });
    assert.deepEqual(groupsOver(t, files).usageOf('4:memory:/elsewhere\n'), { memoryKb: 512, limitKb: 1024 });
  });

  test('a machine that tells nothing gives nothing', (t) => {
    const reader = new SystemReader(copied(t, { 'proc/meminfo': '' }));
    assert.deepEqual(new Set(Object.values(reader.read('0::/\n'))), new Set([undefined]));
    assert.deepEqual(new Set(Object.values(reader.read(undefined))), new Set([undefined]));
  });

  test('a process moved into a limited group after its start shows that limit', async (t) => {
    const group = `/sys/fs/cgroup/memory/sampling-${process.pid}`;
    if (!canMakeGroup(group)) return t.skip('needs a writable memory control group (version 1)');
    writeFileSync(join(group, 'memory.limit_in_bytes'), String(64 * 1024 * 1024));
    const pid = started(t, ['sleep', '30']);
    t.after(() => until('the group to be empty', () => isRemoved(group)));
    const sampler = samplerOf(t, pid);
    await sampler.sample(0);
    writeFileSync(join(group, 'cgroup.procs'), String(pid));
    const { snapshot } = await sampler.sample(0);
    assert.equal(snapshot?.ours?.cgroup_memory_limit_kb, 64 * 1024);
    assert.ok((snapshot?.ours?.cgroup_memory_kb ?? Infinity) < 64 * 1024);
  });
});

function canMakeGroup(group: string): boolean {
  try {
    mkdirSync(group);
    return existsSync(join(group, 'memory.limit_in_bytes')) && readFileSync(join(group, 'cgroup.procs')).length === 0;
  } catch {
    return false; // not root, or version 2
  }
}

function isRemoved(group: string): boolean {
  try {
    rmdirSync(group);
    return true;
  } catch {
    return false; // EBUSY: the process is still on its way out
  }
}

function copied(t: TestContext, files: { readonly [path: string]: string }) {
  const fileRoot = mkdtempSync(join(tmpdir(), 'system-'));
  t.after(() => rmSync(fileRoot, { recursive: true }));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(fileRoot, path)), { recursive: true });
    writeFileSync(join(fileRoot, path), content);
  }
  return { fileRoot, procRoot: join(fileRoot, 'proc') };
}

function groupsOver(t: TestContext, files: { readonly [path: string]: string }): MemoryGroups {
  const groups = new MemoryGroups(copied(t, files));
  t.after(() => groups.close());
  return groups;
}
