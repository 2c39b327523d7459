import assert from 'node:assert/strict';
import { test } from 'node:test';
import { snapshotRecord } from '../../../src/core/session/snapshot.ts';
import type { PortableCommand } from '../../../src/recorder/proc/portableProcesses.ts';
import { createSampler } from '../../../src/recorder/proc/createSampler.ts';
import type { Sampler } from '../../../src/recorder/proc/sampler.ts';
import type { UsedProcess } from '../../../src/recorder/proc/processUsage.ts';

/** `ps -axww -o pid=,ppid=,pgid=,stat=,rss=,lstart=,command=` as macOS prints it in the C locale. */
const MAC = `    1     0     1 Ss    12345 Fri Nov 21 08:00:00 2025     /sbin/launchd
  600     1   600 Ss     2048 Fri Nov 21 09:00:00 2025     /bin/sh -c codex exec hello; true
  601   600   600 S     40960 Fri Nov 21 09:00:01 2025     node /usr/local/bin/codex exec hello
  602   601   600 R+   204800 Fri Nov  7 09:00:01 2025     /usr/local/lib/older/codex
  603   601   600 R+   204800 Fri Nov 21 09:00:01 2025     /usr/local/lib/codex/codex exec hello
  604   603   600 Z         0 Fri Nov 21 09:00:05 2025     (git)
  605   603   605 U      4096 Fri Nov 21 09:00:06 2025     /usr/bin/git status
  700     1   700 S      1024 Fri Nov 21 07:00:00 2025     -zsh
`;

test('macOS: the agent behind shell and launcher, its tree, and nothing that is not told', async () => {
  const { sampler, asked } = over('darwin', () => MAC, 600);
  const { snapshot, processes } = await sampler.sample(5);
  assert.deepEqual(
    processes.map(({ pid, state }) => [pid, state]),
    [
      [600, 'sleeping'],
      [601, 'sleeping'],
      [603, 'running'],
      [604, 'zombie'],
      [605, 'disk-sleep'],
    ],
  );
  assert.deepEqual(sampler.tracked.via, ['sh', 'node']);
  assert.equal(asked[0]?.file, 'ps');
  assert.ok(snapshot !== undefined);
  const line = snapshotRecord({ ...snapshot, ts: 't', seq: 0, event: 'snapshot', captured_at: 't' });
  const told = { pid: 603, comm: 'codex', state: 'running', vm_rss_kb: 99, cpu_percent: 12.5, tree_process_count: 5 };
  const untold = { fd_count: -1, oom_score: -1, wchan: '', sig_pnd: '', oom_score_adj: null, tree_fd_count: null };
  for (const [key, value] of Object.entries({ ...told, ...untold })) assert.equal(line[key], value, key);
  assert.deepEqual(
    sampler.members().map(({ pid }) => pid),
    [601, 605],
  );
});

test('Windows: dates, single objects and missing fields of a CIM listing', async () => {
  const listing = (processes: readonly object[]): string =>
    JSON.stringify(processes.length === 1 ? processes[0] : processes);
  const agent = {
    pid: 4100,
    ppid: 900,
    name: 'node.exe',
    threads: 11,
    bytes: 52_428_800,
    command: '"C:\\Program Files\\nodejs\\node.exe" "C:\\agent\\cli.js" run',
    started: '2025-11-21T09:00:00.1234567Z',
  };
  const child = {
    ...agent,
    pid: 4200,
    ppid: 4100,
    name: 'git.exe',
    command: null,
    started: '2025-11-21T09:00:02.0000000Z',
  };
  const idle = { pid: 0, ppid: 0, name: 'System Idle Process', threads: 8, bytes: 8192, command: null, started: null };
  let processes: readonly object[] = [idle, agent, child];
  const { sampler, asked } = over('win32', () => listing(processes), 4100);
  const first = await sampler.sample(undefined);
  assert.equal(asked[0]?.file, 'powershell.exe');
  assert.deepEqual(
    first.processes.map(({ pid, comm, threads, pgid }) => [pid, comm, threads, pgid]),
    [
      [4100, 'node', 11, undefined],
      [4200, 'git', 11, undefined],
    ],
  );
  processes = [agent];
  assert.deepEqual((await sampler.sample(undefined)).processes.length, 1);
  processes = [{ ...agent, started: '2025-11-21T10:00:00.0000000Z' }, idle];
  assert.equal((await sampler.sample(undefined)).snapshot, undefined, 'the pid has another owner');
});

test('a listing that fails once keeps the tree as it was', async () => {
  let output: string | undefined = MAC;
  const { sampler } = over('darwin', () => output, 600);
  await sampler.sample(0);
  output = undefined;
  const { snapshot, processes } = await sampler.sample(0);
  assert.equal(snapshot?.pid, 603);
  assert.equal(processes.length, 5);
});

function over(platform: NodeJS.Platform, output: () => string | undefined, rootPid: number) {
  const asked: PortableCommand[] = [];
  const sampler: Sampler = createSampler({
    rootPid,
    platform,
    nowMs: () => 0,
    run: (command) => {
      asked.push(command);
      return Promise.resolve(output());
    },
    usageOf: (processes: readonly UsedProcess[]) =>
      Promise.resolve(new Map(processes.map(({ pid }) => [pid, { cpuPercent: 12.5, memoryKb: 99 }]))),
  });
  return { sampler, asked };
}
