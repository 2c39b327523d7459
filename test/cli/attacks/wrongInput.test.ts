import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { CLI, runCli, startCli, testRoot, until } from '../builtCli.ts';

const root = testRoot();
const home = dirname(root.path);
after(() => root.remove());

const ON_LINUX = { skip: process.platform !== 'linux' && 'needs /proc and /dev/full' };

const touched = join(home, 'touched');
const WRONG: readonly (readonly [string, readonly string[], RegExp])[] = [
  ['a number of seconds that is none', ['run', '--grace', 'soon', '--', 'touch', touched], /--grace takes a number/],
  ['the same, detached', ['run', '--detach', '--grace', 'soon', '--', 'touch', touched], /--grace takes a number/],
  ['a number of sessions that is none', ['run', '--max-sessions=-1', '--', 'touch', touched], /--max-sessions takes/],
  ['a value that begins with a hyphen', ['run', '--interval', '-5', '--', 'touch', touched], /'--interval'.*\. See /],
  ['a flag without its value', ['run', '--id', '--', 'touch', touched], /'--id <value>' argument missing\. See /],
  ['an empty command', ['run', '--', ''], /Run what\?/],
  ['a session for a command that is about all', ['prune', 'sess-1'], /"sess-1" is too much: prune takes flags only\./],
  [
    'a text without its quotes',
    ['trace', 'begin', '--skill', 'a', '--root', touched, 'b'],
    /"b" is too much for trace/,
  ],
  ['a name with control characters', ['run', '--bo\u001b[31m\ngus', '--', 'x'], /^[^\u001b]*\n$/],
];

for (const [what, args, message] of WRONG) {
  test(`${what} is refused in one line, before anything is done`, async () => {
    const [command = '', ...rest] = args;
    const { code, stdout, stderr } = await runCli([command, '--log-dir', root.path, ...rest]);
    assert.equal(code, 2, stderr);
    assert.equal(stdout, '');
    assert.match(stderr, message);
    assert.equal(stderr.trimEnd().split('\n').length, 1, stderr);
    assert.equal(existsSync(touched), false);
  });
}

test('a detached session that cannot be recorded is told of, and the agent runs', async () => {
  const taken = ['run', '--log-dir', root.path, '--id', 'taken'];
  assert.equal((await runCli([...taken, '--', 'true'])).code, 0);
  const { code, stderr } = await runCli([...taken, '--detach', '--', 'true']);
  assert.equal(stderr, 'session-diagnostics: A session named taken exists already. The agent runs unrecorded.\n');
  assert.equal(code, 0);
});

test('a time-out beyond what a timer holds does not end an unrecorded agent at once', ON_LINUX, async () => {
  const { code, stdout } = await runCli([
    'run',
    '--log-dir',
    '/proc/logs',
    '--timeout',
    '99999999',
    '--',
    'sh',
    '-c',
    'sleep 0.3; echo alive',
  ]);
  assert.deepEqual({ code, stdout }, { code: 0, stdout: 'alive\n' });
});

test('analyze says of what is no file that it is none, and of what it cannot read that it has not', async () => {
  const pipe = join(home, 'a-pipe');
  execFileSync('mkfifo', [pipe]);
  const utf16 = join(home, 'utf16.jsonl');
  writeFileSync(utf16, Buffer.from('\ufeff{"type":"error"}\n{"type":"error"}\n', 'utf16le'));
  const empty = join(home, 'empty.jsonl');
  writeFileSync(empty, '');
  const { code, stdout } = await runCli(['analyze', '--json', '--log-dir', root.path, home, pipe, utf16, empty]);
  assert.equal(code, 1);
  const told = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { error?: { code: string }; suspect?: { layer: string } })
    .map(({ error, suspect }) => error?.code ?? suspect?.layer);
  assert.deepEqual(told, ['EISDIR', 'ENOTSUP', 'unknown', 'unknown']);
});

test('a filter that nothing passes does not say that there are no sessions', async () => {
  const path = join(home, 'filtered');
  await runCli(['run', '--log-dir', path, '--', 'true']);
  const { stdout } = await runCli(['list', '--failed', '--log-dir', path]);
  assert.equal(stdout, `No session in ${path} is such a one; it has 1 in all.\n`);
});

test('what could not be printed is no success', ON_LINUX, () => {
  const full = openSync('/dev/full', 'w');
  const { status, stderr } = spawnSync(process.execPath, [CLI, 'list', '--json', '--log-dir', root.path], {
    stdio: ['ignore', full, 'pipe'],
    encoding: 'utf8',
  });
  closeSync(full);
  assert.equal(status, 1);
  assert.match(stderr, /could not be written \(ENOSPC\)\.\n$/);
});

test('a working folder that somebody removed is told of in one line', ON_LINUX, () => {
  const gone = join(home, 'gone');
  mkdirSync(gone);
  const { status, stderr } = spawnSync('sh', ['-c', 'rmdir "$PWD"; exec "$0" "$@"', process.execPath, CLI, 'list'], {
    cwd: gone,
    encoding: 'utf8',
  });
  assert.equal(status, 1);
  assert.match(stderr, /^session-diagnostics: The folder you are in has been removed\..*\n$/);
});

test('a key that cannot be kept is not said to be rotated', ON_LINUX, async () => {
  const { code, stdout, stderr } = await runCli(['locate', '--rotate-key', '--log-dir', '/proc/logs']);
  assert.deepEqual({ code, stdout }, { code: 1, stdout: '' });
  assert.match(stderr, /no key can be kept there/);
});

test('the help keeps to 80 columns, and the version is that of the package', async () => {
  const { stdout } = await runCli(['--help']);
  for (const line of stdout.split('\n')) assert.ok(line.length <= 80, line);
  const { version } = JSON.parse(readFileSync(join(dirname(CLI), '../package.json'), 'utf8')) as { version: string };
  assert.equal((await runCli(['--version'])).stdout, `${version}\n`);
});

test('attach samples as often as the workspace says, as run does', async () => {
  const workspace = join(home, 'workspace');
  mkdirSync(join(workspace, '.autoskillit'), { recursive: true });
  writeFileSync(join(workspace, '.autoskillit/config.yaml'), 'linux_tracing:\n  proc_interval: 0.7\n');
  const agent = spawn('sleep', ['60'], { stdio: 'ignore' });
  after(() => agent.kill());
  const attached = startCli(['attach', '--log-dir', root.path, '--id', 'attached', String(agent.pid)], {
    cwd: workspace,
  });
  await until('the recording', () => existsSync(join(root.path, 'running/attached/proc_trace.jsonl')));
  agent.kill();
  assert.equal((await attached.finished).code, 0);
  assert.equal(root.json('sessions', 'attached', 'summary.json')['snapshot_interval_seconds'], 0.7);
});

test('a session goes by whatever name another writer gave it, unless that leads out of the root', async () => {
  const name = 'no_session_2026-03-01T10:00:00+00:00';
  mkdirSync(join(root.path, 'sessions', name), { recursive: true });
  writeFileSync(join(root.path, 'sessions', name, 'summary.json'), '{"session_id":"x","success":false,"exit_code":-9}');
  const shown = await runCli(['show', '--json', '--log-dir', root.path, name]);
  assert.equal(shown.code, 0, shown.stderr);
  assert.equal((JSON.parse(shown.stdout) as { id: string }).id, name);
  for (const out of ['..', '../sessions', `../sessions/${name}`, `./${name}`]) {
    assert.equal((await runCli(['show', '--log-dir', root.path, out])).code, 2, out);
  }
});
