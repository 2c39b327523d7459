import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import type { Sampler } from '../../../src/recorder/proc/sampler.ts';
import type { TrackedProcess } from '../../../src/recorder/proc/trackedProcess.ts';
import { eventually, PYTHON, samplerOf, started, statOf, until } from '../realProcesses.ts';

describe('the tracked process', { skip: process.platform !== 'linux' && 'needs /proc' }, () => {
  const chains: readonly (readonly [what: string, command: readonly [string, ...string[]], via: readonly string[]])[] =
    [
      ['what was started', ['sleep', '61'], []],
      ['sh -c with more to come', ['sh', '-c', 'sleep 61; true'], ['sh']],
      ['bash with options before -c', ['bash', '-e', '-o', 'pipefail', '-c', 'sleep 61; true'], ['bash']],
      ['timeout', ['timeout', '90', 'sleep', '61'], ['timeout']],
      ['env, nice and nohup, which become what they start', ['env', 'nice', 'nohup', 'sleep', '61'], []],
      [
        'a shell in a timeout in a shell',
        ['sh', '-c', 'timeout 90 sh -c "sleep 61; true"; true'],
        ['sh', 'timeout', 'sh'],
      ],
      ['the head of a pipe into tee', ['sh', '-c', 'sleep 61 | tee /dev/null; true'], ['sh']],
    ];
  for (const [what, command, via] of chains) {
    test(`is the program behind: ${what}`, async (t) => {
      const tracked = await resolved(t, command, 'sleep');
      assert.deepEqual(tracked.via, via);
    });
  }

  test('is the program behind script(1)', async (t) => {
    if (!existsSync('/usr/bin/script')) return t.skip('script(1) is not installed');
    const tracked = await resolved(t, ['script', '-qec', 'sleep 61; true', '/dev/null'], 'sleep');
    assert.equal(tracked.via[0], 'script');
    assert.equal(tracked.via.at(-1)?.endsWith('sh'), true);
  });

  test('is the native program that a node launcher of the same name starts', async (t) => {
    const dir = directory(t);
    copyFileSync('/bin/sleep', join(dir, 'native-agent'));
    chmodSync(join(dir, 'native-agent'), 0o755);
    const launcher = join(dir, 'native-agent.js');
    writeFileSync(launcher, `require('child_process').spawn(${JSON.stringify(join(dir, 'native-agent'))}, ['61'])`);
    const tracked = await resolved(t, [process.execPath, launcher, 'exec', 'prompt'], 'native-agent');
    assert.equal(tracked.via.length, 1);
  });

  test('is what npm exec runs, through its shell', async (t) => {
    const dir = directory(t);
    const npx = join(dir, 'npx');
    writeFileSync(npx, "require('child_process').spawn('sh', ['-c', 'sleep 61; true'])");
    const tracked = await resolved(t, [process.execPath, npx, 'some-agent'], 'sleep');
    assert.equal(tracked.via.length, 2);
    assert.equal(tracked.via[1], 'sh');
  });

  test('stays the shell when that runs a script file: the script does the work', async (t) => {
    const script = join(directory(t), 'work.sh');
    writeFileSync(script, 'sleep 0.2\nsleep 61\n');
    const pid = started(t, ['sh', script]);
    const sampler = samplerOf(t, pid);
    await withMembers(sampler, ['sleep']);
    assert.equal(sampler.tracked.pid, pid);
    assert.deepEqual(sampler.tracked.via, []);
  });

  test('stays the agent when that forks a worker of itself', async (t) => {
    const script = join(directory(t), 'agent.py');
    writeFileSync(script, 'import os, time\nos.fork()\ntime.sleep(60)\n');
    const pid = started(t, [PYTHON, script]);
    const sampler = samplerOf(t, pid);
    await withMembers(sampler, ['python3']);
    await sampler.sample(0);
    assert.equal(sampler.tracked.pid, pid);
  });

  test('becomes the wrapper again when the agent is gone, not whatever cleans up after it', async (t) => {
    const dir = directory(t);
    const pid = started(t, [
      'sh',
      '-c',
      `sleep 0.3; while ! [ -e ${dir}/go ]; do sleep 0.05; done; tail -f /dev/null; true`,
    ]);
    let nowMs = 0;
    const sampler = samplerOf(t, pid, { nowMs: () => nowMs });
    await eventually('the agent', async () => {
      await sampler.sample(0);
      return sampler.tracked.comm === 'sleep' || undefined;
    });
    nowMs = 60_000; // long after start-up
    writeFileSync(join(dir, 'go'), '');
    await withMembers(sampler, ['tail']);
    const { snapshot } = await sampler.sample(0);
    assert.equal(snapshot?.pid, pid);
    assert.equal(sampler.tracked.comm, 'sh');
  });

  test('moves on to an agent known by name, however late a wrapper starts it', async (t) => {
    const dir = directory(t);
    copyFileSync('/bin/sleep', join(dir, 'codex'));
    const pid = started(t, [
      'sh',
      '-c',
      `tail -f /dev/null & child=$!; while ! [ -e ${dir}/go ]; do :; done; kill $child; ${dir}/codex 61; true`,
    ]);
    let nowMs = 0;
    const sampler = samplerOf(t, pid, { nowMs: () => nowMs });
    await withTracked(sampler, 'tail');
    nowMs = 60_000;
    writeFileSync(join(dir, 'go'), '');
    assert.deepEqual((await withTracked(sampler, 'codex')).via, ['sh']);
  });

  test('is left behind, too, when it outlives what was started', async (t) => {
    const pipe = join(directory(t), 'pipe');
    execFileSync('mkfifo', [pipe]);
    const pid = started(t, ['sh', '-c', `sleep 61 & read _ < ${pipe}; true`]);
    const sampler = samplerOf(t, pid);
    const tracked = await withTracked(sampler, 'sleep');
    assert.deepEqual(sampler.members(), []);
    process.kill(pid, 'SIGKILL');
    await until('the shell to be gone', () => statOf(pid) === undefined);
    assert.deepEqual(
      sampler.members().map((member) => member.pid),
      [tracked.pid],
    );
  });
});

async function resolved(
  t: TestContext,
  command: readonly [string, ...string[]],
  comm: string,
): Promise<TrackedProcess> {
  const sampler = samplerOf(t, started(t, command));
  const tracked = await withTracked(sampler, comm);
  const { snapshot } = await sampler.sample(0);
  assert.equal(snapshot?.comm, comm, 'the snapshot is of the tracked process');
  assert.equal(snapshot?.pid, tracked.pid);
  return tracked;
}

function withTracked(sampler: Sampler, comm: string): Promise<TrackedProcess> {
  return eventually(`${comm} to be tracked`, async () => {
    await sampler.sample(0);
    return sampler.tracked.comm === comm ? sampler.tracked : undefined;
  });
}

/** Samples until the tree holds these beside the tracked chain. */
async function withMembers(sampler: Sampler, comms: readonly string[]): Promise<void> {
  await eventually(`${comms.join()} in the tree`, async () => {
    await sampler.sample(0);
    const present = sampler.members().map((member) => member.comm);
    return comms.every((comm) => present.some((name) => name.startsWith(comm))) || undefined;
  });
}

function directory(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'tracked-'));
  writeFileSync(join(dir, 'package.json'), '{}'); // whatever lies above it: the scripts are plain ones
  t.after(() => rmSync(dir, { recursive: true }));
  return dir;
}
