import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { runCli, startCli, testRoot, until } from './builtCli.ts';

const root = testRoot();
after(() => root.remove());

const letters = 'abcdefghijkmnpqrstuvwxyz23456789';
const random = (length: number): string =>
  Array.from({ length }, () => letters[Math.floor(Math.random() * letters.length)]).join('');

for (const native of ['on', 'off']) {
  test(`--redact-output keeps no credential of what is printed, and passes all of it on (native program ${native})`, async () => {
    const id = `redacted-${native}`;
    const secret = `sk-ant-api03-${random(60)}`;
    const inEnvironment = `value-${random(24)}`;
    // The number and the quotes keep the secret off the command line, which is redacted anyway.
    const script = 'printf "key %s\\n" "$FIRST_SECRET"; echo "plain line"; printf "token %s\\n" "$SECOND_TOKEN" >&2';
    const finished = await runCli(
      ['run', '--log-dir', root.path, '--id', id, '--redact-output', '--', 'sh', '-c', script],
      { env: { FIRST_SECRET: secret, SECOND_TOKEN: inEnvironment, SESSION_DIAGNOSTICS_NATIVE: native } },
    );
    assert.equal(finished.stdout, `key ${secret}\nplain line\n`);
    assert.equal(finished.stderr, `token ${inEnvironment}\n`);
    const kept = (name: string): string => readFileSync(join(root.path, 'sessions', id, name), 'utf8');
    assert.match(kept('stdout.log'), /^key .*\nplain line\n$/);
    assert.ok(!kept('stdout.log').includes(secret.slice(13)), kept('stdout.log'));
    assert.match(kept('stderr.log'), /^token .*\n$/);
    assert.ok(!kept('stderr.log').includes(inEnvironment), kept('stderr.log'));
    assert.match(kept('output.index'), /"stream":"stdout","offset":0/);
  });
}

test('what is printed is kept as it is, with the time at which it came', async () => {
  await runCli(['run', '--log-dir', root.path, '--id', 'timed', '--', 'sh', '-c', 'echo a; sleep 0.6; echo b']);
  const lines = root.lines('sessions', 'timed', 'output.index');
  assert.deepEqual(
    lines.map(({ stream, offset }) => [stream, offset]),
    [
      ['stdout', 0],
      ['stdout', 2],
    ],
  );
  const [first = 0, second = 0] = lines.map(({ ts }) => Date.parse(String(ts)));
  assert.ok(second - first >= 500, `${second - first} ms apart`);
});

test('an agent does not wait for ever for a recorder that hangs, and loses nothing but the copy', async (t) => {
  const script = 'while ! [ -e "$1" ]; do sleep 0.05; done; seq 400000; exit 5';
  const goOn = join(root.path, 'go-on');
  const flags = ['--log-dir', root.path, '--id', 'hangs', '--redact-output'];
  const { finished } = startCli(['run', ...flags, '--', 'sh', '-c', script, 'sh', goOn]);
  await until('the recorder', () => existsSync(join(root.path, 'running/hangs/proc_trace.jsonl')));
  const { recorder } = root.json('running', 'hangs', 'enrollment.json') as { recorder: { pid: number } };
  process.kill(recorder.pid, 'SIGSTOP');
  t.after(() => process.kill(recorder.pid, 'SIGKILL'));
  writeFileSync(goOn, '');
  const { code, stdout } = await finished;
  assert.deepEqual([code, stdout.split('\n').length], [5, 400_001]);
});
