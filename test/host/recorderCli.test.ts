import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { listProcesses } from '../../src/host/commands/processList.ts';
import { childEnvironment, createRecorderCli } from '../../src/host/recorderCli.ts';
import { CLI } from '../cli/builtCli.ts';

const log: string[] = [];
const cli = createRecorderCli(CLI, tmpdir(), (line) => log.push(line));

test('a refused command comes back as the one sentence that the command line gave as the reason', async () => {
  const result = await cli.run({
    command: 'show',
    flags: { 'log-dir': join(tmpdir(), 'not-there') },
    names: ['no-such-session'],
  });
  assert.ok(!result.ok && result.why.includes('no-such-session'), JSON.stringify(result));
});

test('data of the command line comes back parsed', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'session-diagnostics-cli-'));
  const result = await cli.run({ command: 'list', flags: { json: true, 'log-dir': dir } });
  assert.ok(result.ok, JSON.stringify(result));
  assert.deepEqual(result.json, []);
  rmSync(dir, { recursive: true });
});

test('a program that cannot be started is a failure with a reason, not an exception', async () => {
  const lost = createRecorderCli(CLI, join(tmpdir(), 'no-such-folder'), () => {});
  const result = await lost.run({ command: 'list' });
  assert.ok(!result.ok && result.why !== '', JSON.stringify(result));
});

test("the log names the command but never the agent's own command line, which may hold a key", async () => {
  const secret = `key-${Math.random()}`;
  await cli.run({ command: 'run', flags: { 'no-such-flag': true }, program: ['agent', secret] });
  assert.ok(log.some((line) => line.includes('run --no-such-flag')));
  assert.ok(!log.some((line) => line.includes(secret)));
});

test("an agent does not inherit what VS Code sets for its own processes, and keeps the user's own variables", () => {
  const env = childEnvironment({ PATH: '/bin', VSCODE_IPC_HOOK: 'x', ELECTRON_NO_ATTACH_CONSOLE: '1', MY_KEY: 'y' });
  assert.deepEqual(env, { PATH: '/bin', MY_KEY: 'y', ELECTRON_RUN_AS_NODE: '1' });
});

test('running processes are listed with agents on top, and without the editor itself', async () => {
  const child = spawn('bash', ['-c', 'exec -a claude sleep 20'], { stdio: 'ignore' });
  try {
    const deadline = performance.now() + 5000;
    for (;;) {
      const found = await listProcesses(process.platform, process.pid);
      const at = found.findIndex(({ pid }) => pid === child.pid);
      if (found[at]?.agent === 'claude') {
        const before = found.slice(0, at);
        assert.ok(before.every(({ agent }) => agent !== 'other'));
        assert.ok(!found.some(({ pid }) => pid === process.pid));
        return;
      }
      if (performance.now() > deadline) assert.fail('the process was not listed as an agent');
    }
  } finally {
    child.kill('SIGKILL');
  }
});
