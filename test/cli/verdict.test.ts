import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { HarnessVerdict } from '../../src/core/report/harnessVerdict.ts';
import { CLI, runCli, startCli, testRoot, until } from './builtCli.ts';

/** What a program gets that starts agents: the verdict as a small contract, asked for or handed to it at the end. */
const root = testRoot();
const home = mkdtempSync(join(tmpdir(), 'session-diagnostics-verdict-'));
after(() => {
  root.remove();
  rmSync(home, { recursive: true });
});
const at = ['--log-dir', root.path];

test('no session yet is said in one line, and `last` is the newest that has ended', async () => {
  const none = await runCli(['verdict', 'last', ...at]);
  assert.deepEqual([none.code, none.stdout], [1, '']);
  assert.match(none.stderr, /No session has ended/);
  await runCli(['run', '--id', 'first', ...at, '--', 'sh', '-c', 'exit 3']);
  await runCli(['run', '--id', 'second', ...at, '--', 'no-such-program']);
  const { stdout } = await runCli(['verdict', 'last', '--json', ...at]);
  const told = JSON.parse(stdout) as HarnessVerdict;
  assert.deepEqual(
    [told.session, told.cause, told.blame, told.retry],
    ['second', 'launch_failed', 'environment', 'safe'],
  );
  assert.match((await runCli(['verdict', 'first', ...at])).stdout, /code 3[\s\S]*^retry  unknown: /m);
  assert.match((await runCli(['show', 'last', ...at])).stdout, /^second/);
});

test('a harness in sh decides by the verdict alone', async () => {
  const script = join(home, 'harness.sh');
  writeFileSync(
    script,
    `"$1" "$2" run --id again --log-dir "$3" -- no-such-program 2>/dev/null
     case "$("$1" "$2" verdict last --json --log-dir "$3")" in
       *'"blame":"environment"'*'"retry":"safe"'*) echo start it again ;;
       *) echo a failure of the model ;;
     esac`,
  );
  const said = execFileSync('sh', [script, process.execPath, CLI, root.path], { encoding: 'utf8' });
  assert.equal(said, 'start it again\n');
});

for (const native of ['', 'off']) {
  const how = native === 'off' ? 'without the native program' : 'beside the agent';
  test(`--on-end is handed the verdict once the session is published, ${how}`, async () => {
    const id = `told-${native}x`;
    const out = join(home, `${id}.json`);
    const command = `cat > '${out}.part'; ls '${root.path}/sessions' > '${out}.ls'; echo noise; mv '${out}.part' '${out}'; exit 7`;
    const env = { SESSION_DIAGNOSTICS_NATIVE: native };
    const ran = await runCli(['run', '--id', id, '--on-end', command, ...at, '--', 'sh', '-c', 'echo out; exit 4'], {
      env,
    });
    assert.deepEqual([ran.code, ran.stdout], [4, 'out\n'], ran.stderr);
    const told = JSON.parse(readFileSync(out, 'utf8')) as HarnessVerdict;
    assert.deepEqual([told.session, told.cause], [id, 'exit_nonzero']);
    assert.ok(readFileSync(`${out}.ls`, 'utf8').split('\n').includes(id), 'published before');
    const last = await until('the line', () => root.lines('sessions', id, 'lifecycle.jsonl').at(-1));
    assert.deepEqual([last['event'], last['context']], ['on_end_finished', { exit_code: 7, signal: null }]);
  });
}

test('a command that does not end is ended with all that it started, and changes nothing else', async () => {
  const mark = join(home, 'pid');
  const started = startCli([
    'run',
    '--id',
    'late',
    '--on-end',
    `sleep 90 & echo $! > '${mark}'; wait`,
    ...at,
    '--',
    'sh',
    '-c',
    'exit 5',
  ]);
  assert.equal((await started.finished).code, 5);
  const line = await until(
    'the line',
    () => root.lines('sessions', 'late', 'lifecycle.jsonl').find(({ event }) => event === 'on_end_finished'),
    30_000,
  );
  assert.deepEqual(line['context'], { exit_code: null, signal: 'SIGKILL', timed_out: true });
  const pid = readFileSync(mark, 'utf8').trim();
  await until(
    'the child to be gone',
    () => !existsSync(`/proc/${pid}`) || / Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8')),
  );
  assert.equal(
    (JSON.parse((await runCli(['verdict', 'late', '--json', ...at])).stdout) as HarnessVerdict).cause,
    'exit_nonzero',
  );
});
