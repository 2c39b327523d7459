import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { after, test } from 'node:test';
import { nativeProgram } from '../../src/cli/launcher.ts';
import { CLI, published, runCli, testRoot, until } from '../cli/builtCli.ts';
import { makeMemoryGroup } from '../cli/deaths/memoryGroup.ts';

const NATIVE = nativeProgram(CLI, {}) ?? '';
const skip = NATIVE === '' && 'the native program is not built here';
const root = testRoot();
after(() => root.remove());

function told(code: number): string {
  return JSON.stringify({
    hook_event_name: 'PostToolUseFailure',
    tool_name: 'Bash',
    tool_input: { command: 'make' },
    error: `Exit code ${code}\nKilled`,
  });
}

function afterCommand(input: string): { readonly status: number | null; readonly stdout: string; readonly ms: number } {
  const start = performance.now();
  const { status, stdout } = spawnSync(NATIVE, ['hook', 'after-command'], { input, encoding: 'utf8' });
  return { status, stdout, ms: performance.now() - start };
}

test('a command that ended otherwise, and anything that is no hook, is met with silence', { skip }, () => {
  for (const input of [told(1), told(143), '', 'x'.repeat(3_000_000), '{"tool_name":"Bash"}', '\0\0']) {
    const { status, stdout } = afterCommand(input);
    assert.deepEqual([status, stdout], [0, '']);
  }
  for (const word of ['unheard-of', '']) assert.equal(spawnSync(NATIVE, ['hook', word], { input: '' }).status, 0);
});

test('a hook takes less time than anybody notices', { skip }, () => {
  const bare = Array.from({ length: 9 }, () => spawnedMs()).toSorted((a, b) => a - b)[4] ?? 0;
  const own = Array.from({ length: 9 }, () => afterCommand(told(137)).ms).toSorted((a, b) => a - b)[4] ?? 0;
  // 30 ms at most, and a busy machine takes more for anything.
  assert.ok(own - bare < Math.max(30, 3 * bare), `${own} ms, ${bare} bare`);
});

function spawnedMs(): number {
  const start = performance.now();
  spawnSync('true', [], { input: '' });
  return performance.now() - start;
}

test('the agent in whose memory group the kernel killed a command is told so, with the limit', { skip }, (t) => {
  const group = makeMemoryGroup(48 << 20);
  if (group === undefined) return t.skip('memory groups cannot be made here');
  t.after(() => group.remove());
  const hog = 'import os\nkept=[]\nwhile True: kept.append(bytearray(b"x"*(4<<20)))';
  const script = 'echo $$ > "$0"; python3 -c "$1"; printf %s "$2" | "$3" hook after-command';
  const agent = spawnSync('sh', ['-c', script, group.procs, hog, told(137), NATIVE], { encoding: 'utf8' });
  const { hookSpecificOutput } = JSON.parse(agent.stdout) as { hookSpecificOutput: Record<string, string> };
  assert.equal(hookSpecificOutput['hookEventName'], 'PostToolUseFailure');
  assert.match(hookSpecificOutput['additionalContext'] ?? '', /of your memory group, whose limit is 48 MiB/);
});

test(
  'a session that starts is recorded to its end, and one that is recorded already is not twice',
  { skip },
  async () => {
    const env = { ...process.env, XDG_DATA_HOME: root.path, HOME: root.path };
    const agent = spawn(
      'python3',
      [
        '-c',
        `import subprocess, time, sys\nsubprocess.run(["sh", "-c", "${NATIVE} hook session-start"])\ntime.sleep(60)`,
      ],
      { env, stdio: 'ignore' },
    );
    const list = async () => {
      const { stdout } = await runCli(['list', '--json'], { env });
      return JSON.parse(stdout) as { dir_name: string; state: string }[];
    };
    await until('its session', async () => (await list()).some(({ state }) => state === 'running'));
    agent.kill('SIGKILL');
    await until('its end', async () => (await list()).some(({ state }) => state === 'finished'));
    const again = await runCli(
      ['run', '--log-dir', root.path, '--id', 'once', '--', 'sh', '-c', `${NATIVE} hook session-start; sleep 1`],
      { env },
    );
    assert.equal(again.code, 0);
    await published(root.path);
    assert.equal((await list()).length, 1);
  },
);
