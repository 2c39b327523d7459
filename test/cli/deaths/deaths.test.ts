import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { isFaultLogged } from '../../recorder/coroner/faultLog.ts';
import { makeMemoryGroup, MEMORY_HOG } from './memoryGroup.ts';
import { runCli, showSession, startCli, testRoot, until } from '../builtCli.ts';

const root = testRoot();
after(() => root.remove());

let count = 0;
function newId(): string {
  count += 1;
  return `death-${count}`;
}

function run(id: string, command: readonly string[], flags: readonly string[] = []) {
  return ['run', '--log-dir', root.path, '--id', id, '--interval', '0.2', ...flags, '--', ...command];
}

/** Runs a command to its end and shows its session. */
async function deathOf(command: readonly string[], flags: readonly string[] = []) {
  const id = newId();
  const finished = await runCli(run(id, command, flags));
  return { id, finished, shown: await showSession(root, id) };
}

/** Starts a session and waits until its agent says on stdout that it is ready. */
async function startAgent(command: readonly string[], flags: readonly string[] = []) {
  const id = newId();
  const started = startCli(run(id, command, flags));
  let stdout = '';
  started.child.stdout?.on('data', (text: string) => (stdout += text));
  const pid = Number(await until('the agent to say its pid', () => /pid=(\d+)\n/.exec(stdout)?.[1]));
  return { id, pid, ...started };
}

const SLEEPER = ['python3', '-c', 'import os,time; print("pid=%d" % os.getpid(), flush=True); time.sleep(60)'];

describe('the cause of a real death', () => {
  test('exit 0 is completed, certain', async () => {
    const { finished, shown } = await deathOf(['true']);
    assert.equal(finished.code, 0);
    assert.equal(shown.verdict.cause, 'completed');
    assert.equal(shown.verdict.outcome, 'succeeded');
    assert.equal(shown.verdict.confidence, 'certain');
    assert.equal(shown.summary['success'], true);
  });

  test("exit 3 is exit_nonzero and the agent's own code is passed through", async () => {
    const { finished, shown } = await deathOf(['sh', '-c', 'exit 3']);
    assert.equal(finished.code, 3);
    assert.equal(shown.verdict.cause, 'exit_nonzero');
    assert.equal(shown.verdict.outcome, 'failed');
    assert.equal(shown.summary['exit_code'], 3);
  });

  test('kill -9 by another process is killed, never oom', async () => {
    const agent = await startAgent(SLEEPER);
    process.kill(agent.pid, 'SIGKILL');
    assert.equal((await agent.finished).code, 137);
    const shown = await showSession(root, agent.id);
    assert.equal(shown.verdict.cause, 'killed');
    assert.equal(shown.summary['exit_code'], -9);
    assert.equal(shown.summary['signal'], 'SIGKILL');
    // The machine's own counter may have risen for somebody else.
    const ownGroup = shown.verdict.evidence.find(({ kind }) => kind === 'cgroup_oom_counter');
    assert.equal(ownGroup?.value ?? 0, 0);
  });

  test('a SIGKILLed agent under a shell is still killed: the tracked process is the agent, not the shell', async () => {
    const agent = await startAgent(['sh', '-c', `python3 -c '${SLEEPER[2]}'; exit $?`]);
    const isEnrolled = () => existsSync(join(root.path, 'running', agent.id, 'enrollment.json'));
    const enrolledPid = () => root.json('running', agent.id, 'enrollment.json')['pid'];
    await until('the recorder to find it', () => isEnrolled() && enrolledPid() === agent.pid);
    process.kill(agent.pid, 'SIGKILL');
    assert.equal((await agent.finished).code, 137);
    const shown = await showSession(root, agent.id);
    assert.equal(shown.verdict.cause, 'killed');
    assert.equal(shown.summary['pid'], agent.pid);
  });

  test('pkill seen alive or not, SIGTERM from outside is terminated', async () => {
    const agent = await startAgent(SLEEPER);
    spawnSync('kill', ['-TERM', String(agent.pid)]);
    assert.equal((await agent.finished).code, 143);
    const shown = await showSession(root, agent.id);
    assert.equal(shown.verdict.cause, 'terminated');
    assert.equal(shown.verdict.outcome, 'died');
  });

  test('Ctrl-C to the recorder reaches the agent and is interrupted', async () => {
    const agent = await startAgent(SLEEPER);
    agent.child.kill('SIGINT');
    const finished = await agent.finished;
    const shown = await showSession(root, agent.id);
    assert.equal(shown.verdict.cause, 'interrupted', JSON.stringify(shown.verdict));
    assert.equal(shown.verdict.layer, 'user');
    assert.equal(finished.code, 130);
  });

  for (const [signal, code] of [
    ['SEGV', 139],
    ['ABRT', 134],
  ] as const) {
    test(`SIG${signal} is crashed`, async () => {
      const { finished, shown } = await deathOf([
        'python3',
        '-c',
        `import os,signal; os.kill(os.getpid(), signal.SIG${signal})`,
      ]);
      assert.equal(finished.code, code);
      assert.equal(shown.verdict.cause, 'crashed');
      assert.equal(shown.summary['signal'], `SIG${signal}`);
    });
  }

  test('V8 heap exhaustion is heap_limit', async () => {
    const { shown } = await deathOf([
      process.execPath,
      '--max-old-space-size=32',
      '-e',
      'const kept = []; for (;;) kept.push(new Array(1000).fill({}));',
    ]);
    assert.equal(shown.verdict.cause, 'heap_limit', JSON.stringify(shown.verdict));
    assert.equal(shown.verdict.layer, 'environment');
  });

  test('our --timeout is timed_out', async () => {
    const { shown } = await deathOf(SLEEPER, ['--timeout', '0.5']);
    assert.equal(shown.verdict.cause, 'timed_out');
    assert.equal(shown.summary['subtype'], 'timeout');
    assert.equal(shown.summary['termination_reason'], 'timed_out');
    assert.ok(shown.verdict.evidence.some((item) => item.kind === 'own_signal'));
  });

  test('an agent that ignores SIGTERM is killed after the grace time and is timed_out all the same', async () => {
    // Time enough for Python to have begun to ignore it, on a busy machine, too.
    const stubborn = 'import signal,time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)';
    const { shown } = await deathOf(['python3', '-c', stubborn], ['--timeout', '3', '--grace', '0.3']);
    assert.equal(shown.verdict.cause, 'timed_out');
    assert.equal(shown.summary['exit_code'], -9);
  });

  test('stop is stopped', async () => {
    const agent = await startAgent(SLEEPER);
    const stop = await runCli(['stop', agent.id, '--log-dir', root.path]);
    assert.equal(stop.code, 0, stop.stderr);
    await agent.finished;
    const shown = await showSession(root, agent.id);
    assert.equal(shown.verdict.cause, 'stopped');
    assert.equal(shown.verdict.outcome, 'stopped');
    assert.ok(shown.lifecycle.some((event) => event.event === 'stop_requested'));
  });

  test('a command that does not exist is launch_failed, with a clear message and a session', async () => {
    const { finished, shown } = await deathOf(['no-such-agent-here']);
    assert.equal(finished.code, 127);
    assert.match(finished.stderr, /no-such-agent-here.*not found/);
    assert.equal(shown.verdict.cause, 'launch_failed');
    assert.ok(shown.verdict.evidence.some((item) => item.kind === 'launch_error' && item.name === 'ENOENT'));
  });

  test('a file that may not be executed is launch_failed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'session-diagnostics-'));
    const file = join(folder, 'agent');
    writeFileSync(file, '#!/bin/sh\n', { mode: 0o644 });
    const { finished, shown } = await deathOf([file]);
    rmSync(folder, { recursive: true });
    assert.equal(finished.code, 126);
    assert.match(finished.stderr, /not.*executable|may not be executed/);
    assert.equal(shown.verdict.cause, 'launch_failed');
  });

  test('an attached process that goes away is vanished, where the kernel tells nobody how', async () => {
    // A child of another process: nobody tells us how it ended.
    const victim = spawn('sh', ['-c', 'sleep 60 & echo $!; wait'], { stdio: ['ignore', 'pipe', 'ignore'] });
    const pid = await new Promise<number>((resolve) => victim.stdout.once('data', (text) => resolve(Number(text))));
    const id = newId();
    const attached = startCli(['attach', String(pid), '--id', id, '--log-dir', root.path, '--interval', '0.2'], {
      env: { SESSION_DIAGNOSTICS_EXIT_NOTICE: 'off' },
    });
    await until('the first snapshot', () => existsSync(join(root.path, 'running', id, 'proc_trace.jsonl')));
    process.kill(pid, 'SIGKILL');
    await attached.finished;
    victim.kill('SIGKILL');
    const shown = await showSession(root, id);
    assert.equal(shown.verdict.cause, 'vanished');
    assert.equal(shown.verdict.outcome, 'lost');
  });

  test('an attached process that crashes is told as crashed, for the kernel has logged it', async (t) => {
    const script = 'import ctypes, sys; print(1, flush=True); sys.stdin.readline(); ctypes.string_at(0)';
    const victim = spawn('python3', ['-c', script], { stdio: ['pipe', 'pipe', 'ignore'], timeout: 60_000 });
    await once(victim.stdout, 'data');
    const id = newId();
    const attached = startCli(['attach', String(victim.pid), '--id', id, '--log-dir', root.path, '--interval', '0.2']);
    await until('the first snapshot', () => existsSync(join(root.path, 'running', id, 'proc_trace.jsonl')));
    victim.stdin.end('\n');
    await attached.finished;
    if (!isFaultLogged(victim.pid)) return t.skip('this kernel logs no faults, or not every one');
    const { verdict } = await showSession(root, id);
    assert.deepEqual([verdict.cause, verdict.confidence], ['crashed', 'certain'], JSON.stringify(verdict));
    assert.ok(verdict.evidence.some(({ kind, pid }) => kind === 'kernel_log' && pid === victim.pid));
  });

  test('death by EMFILE is fd_exhaustion', async () => {
    const { shown } = await deathOf([
      'prlimit',
      '--nofile=64',
      process.execPath,
      '-e',
      'const fs = require("node:fs"); setInterval(() => fs.openSync("/dev/null"), 5);',
    ]);
    assert.equal(shown.verdict.cause, 'fd_exhaustion', JSON.stringify(shown.verdict));
    assert.equal(shown.verdict.layer, 'environment');
  });

  test('death by ENOSPC is disk_full', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'session-diagnostics-full-'));
    t.after(() => {
      spawnSync('umount', [folder]);
      rmSync(folder, { recursive: true, force: true });
    });
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder]).status !== 0) {
      t.skip('this machine lets nobody mount a tmpfs');
      return;
    }
    const { shown } = await deathOf([
      process.execPath,
      '-e',
      `const fs = require("node:fs"); for (;;) fs.appendFileSync(${JSON.stringify(join(folder, 'data'))}, Buffer.alloc(65536, 1));`,
    ]);
    assert.equal(shown.verdict.cause, 'disk_full', JSON.stringify(shown.verdict));
  });
});

describe('a real OOM kill', () => {
  test('of the agent in a memory-limited group is oom_kill, certain', async (t) => {
    const group = makeMemoryGroup(64 << 20);
    if (group === undefined) {
      t.skip('memory groups are not writable here');
      return;
    }
    t.after(() => group.remove());
    const { finished, shown } = await deathOf([
      'sh',
      '-c',
      `echo $$ > ${group.procs}; exec python3 -c "${MEMORY_HOG}"`,
    ]);
    assert.equal(finished.code, 137);
    assert.equal(shown.verdict.cause, 'oom_kill', JSON.stringify(shown.verdict));
    assert.equal(shown.verdict.confidence, 'certain');
    assert.equal(shown.verdict.layer, 'environment');
  });

  test('of a child, while the agent exits 1, is named in the verdict', async (t) => {
    const group = makeMemoryGroup(64 << 20);
    if (group === undefined) {
      t.skip('memory groups are not writable here');
      return;
    }
    t.after(() => group.remove());
    const agent = [
      'import subprocess, sys',
      `code = subprocess.call(["sh", "-c", "echo $$ > ${group.procs}; exec python3 -c \\"import time; time.sleep(0.6)\\nkept = []\\nwhile True: kept.append(bytearray(4 << 20))\\""])`,
      'sys.exit(1 if code else 0)',
    ].join('\n');
    const { shown } = await deathOf(['python3', '-c', agent]);
    assert.equal(shown.verdict.cause, 'exit_nonzero', JSON.stringify(shown.verdict));
    assert.equal(shown.verdict.layer, 'environment');
    assert.ok(
      shown.verdict.evidence.some((item) =>
        ['kernel_oom_counter', 'cgroup_oom_counter', 'kernel_log'].includes(item.kind),
      ),
    );
  });

  /** In the group: an agent whose child takes memory until the kernel kills it, and that then does something else. */
  const inGroup = (procs: string, then: string) => [
    'sh',
    '-c',
    `echo $$ > ${procs}; exec python3 -c '${[
      'import os, subprocess, sys, time',
      `code = subprocess.call(["python3", "-c", "import time; time.sleep(0.6)\\n${MEMORY_HOG.replaceAll('\n', '\\n')}"])`,
      'print("pid=%d" % os.getpid(), flush=True)',
      then,
    ].join('\n')}'`,
  ];
  const AFTER_A_CHILD: readonly (readonly [string, string, readonly string[], string, string])[] = [
    ['exits with 0', 'sys.exit(0)', [], 'completed', 'none'],
    ['gives up 3 seconds later', 'time.sleep(3); sys.exit(1)', [], 'exit_nonzero', 'environment'],
    ['hangs until its time is up', 'time.sleep(60)', ['--timeout', '3'], 'timed_out', 'environment'],
  ];
  for (const [what, then, flags, cause, layer] of AFTER_A_CHILD) {
    test(`of a child, and the agent ${what}: told in the verdict, in its sentence and at its moment`, async (t) => {
      const group = makeMemoryGroup(64 << 20);
      if (group === undefined) return t.skip('memory groups are not writable here');
      t.after(() => group.remove());
      const { id, shown } = await deathOf(inGroup(group.procs, then), flags);
      const { verdict, anomalies } = shown;
      assert.deepEqual([verdict.cause, verdict.layer], [cause, layer], JSON.stringify(verdict));
      const kills = anomalies.filter(({ kind }) => kind === 'oom_kill');
      assert.deepEqual(
        kills.map(({ severity }) => severity),
        ['critical'],
        JSON.stringify(anomalies),
      );
      const said = await runCli(['show', id, '--log-dir', root.path]);
      assert.match(said.stdout, /killed for memory|OOM kill counter of its memory group rose/);
    });
  }

  test('of a child, and a second later somebody kills the agent: the kernel is not blamed for the second', async (t) => {
    const group = makeMemoryGroup(64 << 20);
    if (group === undefined) return t.skip('memory groups are not writable here');
    t.after(() => group.remove());
    const { id, pid, finished } = await startAgent(inGroup(group.procs, 'time.sleep(60)'), ['--interval', '5']);
    await until('the kill to be told', () =>
      root.lines('running', id, 'anomalies.jsonl').some(({ kind }) => kind === 'oom_kill'),
    );
    process.kill(pid, 'SIGKILL');
    await finished;
    const { verdict } = await showSession(root, id);
    assert.equal(verdict.cause, 'killed', JSON.stringify(verdict));
  });

  test("of another session's agent of the same name in the same group never touches this one", async (t) => {
    const group = makeMemoryGroup(96 << 20);
    if (group === undefined) return t.skip('memory groups are not writable here');
    t.after(() => group.remove());
    const quiet = [
      'sh',
      '-c',
      `echo $$ > ${group.procs}; exec python3 -c 'import os, time; print("pid=%d" % os.getpid(), flush=True); time.sleep(60)'`,
    ];
    const agent = await startAgent(quiet);
    const twin = await deathOf(['sh', '-c', `echo $$ > ${group.procs}; exec python3 -c "${MEMORY_HOG}"`]);
    assert.equal(twin.shown.verdict.cause, 'oom_kill');
    process.kill(agent.pid, 'SIGKILL');
    await agent.finished;
    const { verdict, anomalies } = await showSession(root, agent.id);
    assert.equal(verdict.cause, 'killed', JSON.stringify(verdict));
    assert.ok(!anomalies.some(({ kind }) => kind === 'oom_kill'));
  });
});
