import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { statOf } from '../../../src/recorder/proc/ownProcess.ts';
import { runCli, showSession, startCli, testRoot, until } from '../builtCli.ts';

const root = testRoot();
after(() => root.remove());

/** An agent that leaves one helper behind and keeps another; it ends when it is told to. */
const LEAVES = `
import os, subprocess, sys, time
kept = subprocess.Popen(["sleep", "77"], stdout=-3, stderr=-3)
os.system("sleep 78 > /dev/null 2>&1 & echo left=$!")
print("kept=%d" % kept.pid, flush=True)
while not os.path.exists(sys.argv[1]): time.sleep(0.05)
`;

test(
  '--reap-helpers ends what was left behind while the agent runs, and nothing else',
  { skip: process.platform !== 'linux' },
  async (t) => {
    const goOn = join(root.path, 'go-on');
    const flags = ['--log-dir', root.path, '--id', 'reaps', '--interval', '0.5', '--reap-helpers'];
    const { child, finished } = startCli(['run', ...flags, '--', 'python3', '-u', '-c', LEAVES, goOn]);
    t.after(() => child.kill('SIGKILL'));
    let stdout = '';
    child.stdout?.on('data', (text: string) => (stdout += text));
    const pidOf = (name: string) => until(name, () => new RegExp(`${name}=(\\d+)\n`).exec(stdout)?.[1]);
    const [left, kept] = [Number(await pidOf('left')), Number(await pidOf('kept'))];
    await until('the helper to be ended', () => statOf(left) === undefined, 60_000);
    assert.notEqual(statOf(kept), undefined, 'what has its parent stays');
    writeFileSync(goOn, '');
    assert.equal((await finished).code, 0);
    const { lifecycle } = await showSession(root, 'reaps');
    const told = lifecycle.filter(({ event }) => event === 'process_ended');
    assert.deepEqual(
      told.map(({ reason, context }) => [reason, context?.['pid']]),
      [['left_behind', left]],
    );
  },
);

const RESULT = JSON.stringify({ type: 'result', subtype: 'success', is_error: false, num_turns: 1, result: 'done' });
const FAILED = JSON.stringify({ type: 'result', subtype: 'error_during_execution', is_error: true, num_turns: 1 });
const INIT = JSON.stringify({ type: 'system', subtype: 'init', session_id: 'a', tools: [] });

for (const [name, result, outcome] of [
  ['completed where the result is good', RESULT, 'succeeded'],
  ['unfinished where the result is an error', FAILED, 'incomplete'],
] as const) {
  test(`--end-after-result ends an agent that lives on, ${name}`, async () => {
    const id = `ends-${outcome}`;
    const script = `printf '%s\\n' '${INIT}' '${result}'; exec sleep 60`;
    const flags = ['--log-dir', root.path, '--id', id, '--end-after-result', '1'];
    const began = performance.now();
    const run = await runCli(['run', ...flags, '--', 'sh', '-c', script]);
    assert.equal(run.code, 143);
    assert.ok(performance.now() - began < 40_000, 'it did not wait for the sleeper');
    const shown = await showSession(root, id);
    assert.equal(shown.verdict.outcome, outcome);
    assert.ok(shown.lifecycle.some(({ event, reason }) => event === 'process_ended' && reason === 'result_given'));
  });
}

test('--end-after-result leaves an agent alone that has given no result', async () => {
  const flags = ['--log-dir', root.path, '--id', 'works', '--end-after-result', '1'];
  const run = await runCli(['run', ...flags, '--', 'sh', '-c', `printf '%s\\n' '${INIT}'; sleep 4; echo end`]);
  assert.equal(run.code, 0);
  assert.match(run.stdout, /end\n$/);
});
