import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { CLI, published, runCli, showSession, startCli, testRoot, until } from './builtCli.ts';

const root = testRoot();
after(() => root.remove());

function run(id: string, flags: readonly string[], command: readonly string[]) {
  return ['run', '--log-dir', root.path, '--id', id, ...flags, '--', ...command];
}

test('output, exit code and standard error pass through, and both streams are kept', async () => {
  const finished = await runCli(run('streams', [], ['sh', '-c', 'echo out; echo err >&2; exit 4']));
  assert.deepEqual([finished.code, finished.stdout, finished.stderr], [4, 'out\n', 'err\n']);
  assert.equal(readFileSync(join(root.path, 'sessions/streams/stdout.log'), 'utf8'), 'out\n');
  assert.equal(readFileSync(join(root.path, 'sessions/streams/stderr.log'), 'utf8'), 'err\n');
});

test('a reader that closes early ends the agent as a pipe would, and ten megabytes arrive whole', async () => {
  const many = await runCli(run('many', [], ['sh', '-c', 'head -c 10000000 /dev/zero | tr "\\0" x']));
  assert.equal(many.stdout.length, 10_000_000);
  const early = startCli(run('early', [], ['yes']));
  early.child.stdout?.destroy();
  await early.finished;
  const shown = await showSession(root, 'early');
  assert.notEqual(shown.verdict.outcome, 'succeeded');
});

test('--stdin close gives an agent that reads it an end at once', async () => {
  const finished = await runCli(run('stdin', ['--stdin', 'close'], ['cat']));
  assert.equal(finished.code, 0);
});

test('a session is sampled at once and often at first, whatever the interval, and once more at its end', async () => {
  const go = `${root.path}-go`; // the root itself is made by the recorder, later than the agent starts
  const started = startCli(
    run('short', ['--interval', '60'], ['sh', '-c', 'until [ -e "$0" ]; do sleep 0.05; done', go]),
  );
  await until('three samples', () => root.lines('running', 'short', 'proc_trace.jsonl').length >= 3);
  writeFileSync(go, '');
  await started.finished;
  await published(root.path);
  const events = root.lines('sessions', 'short', 'proc_trace.jsonl').map((line) => line['event']);
  assert.equal(events.at(-1), 'exit_snapshot');
  assert.equal(events.filter((event) => event === 'exit_snapshot').length, 1);
});

test('every file is private, keys of a trace line are sorted, times and numbers rise', async () => {
  const go = `${root.path}-goes`;
  const started = startCli(
    run('files', ['--interval', '0.1'], ['sh', '-c', 'until [ -e "$0" ]; do sleep 0.05; done', go]),
  );
  await until('three samples', () => root.lines('running', 'files', 'proc_trace.jsonl').length >= 3);
  writeFileSync(go, '');
  await started.finished;
  await published(root.path);
  const dir = join(root.path, 'sessions/files');
  assert.equal(statSync(root.path).mode & 0o777, 0o700);
  assert.equal(statSync(dir).mode & 0o777, 0o700);
  for (const name of ['summary.json', 'proc_trace.jsonl', 'tree.jsonl', 'lifecycle.jsonl', 'stdout.log']) {
    assert.equal(statSync(join(dir, name)).mode & 0o777, 0o600, name);
  }
  assert.equal(existsSync(join(dir, 'enrollment.json')), false);
  assert.equal(existsSync(join(dir, 'anomalies.jsonl')), false, 'no anomalies, no file');
  const lines = root.lines('sessions', 'files', 'proc_trace.jsonl');
  const keys = Object.keys(lines[0] ?? {});
  assert.deepEqual(keys, keys.toSorted());
  const times = lines.map((line) => String(line['ts']));
  assert.deepEqual(times, [...new Set(times)].sort());
  assert.match(times[0] ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00$/);
});

test('the anomalies that were written while the session ran are those that the whole series gives', async () => {
  // Descriptors near the limit from the start: an anomaly that needs no minutes to show.
  const hold = 'import os,time; kept=[os.open("/dev/null",0) for _ in range(58)]; time.sleep(1.2)';
  await runCli(run('anomalous', ['--interval', '0.1'], ['prlimit', '--nofile=64', 'python3', '-c', hold]));
  const streamed = root.lines('sessions', 'anomalous', 'anomalies.jsonl');
  assert.ok(streamed.some((line) => line['kind'] === 'fd_high'));
  const analyzed = await runCli([
    'analyze',
    join(root.path, 'sessions/anomalous/proc_trace.jsonl'),
    '--json',
    '--log-dir',
    root.path,
  ]);
  assert.deepEqual((JSON.parse(analyzed.stdout) as { anomalies: unknown[] }).anomalies, streamed);
});

test('an anomaly is in the file while the session still runs', async () => {
  const hold = 'import os,time; kept=[os.open("/dev/null",0) for _ in range(58)]; time.sleep(30)';
  const started = startCli(run('live', ['--interval', '0.1'], ['prlimit', '--nofile=64', 'python3', '-c', hold]));
  await until('the anomaly', () => root.lines('running', 'live', 'anomalies.jsonl').length > 0);
  started.child.kill('SIGTERM');
  await started.finished;
});

test('secrets in a command line are gone before it is written, ordinary words stay', async () => {
  const secret = `sk-ant-api03-${Array.from({ length: 60 }, () => 'abcdefghijkmnpqrstuvwxyz23456789'[Math.floor(Math.random() * 32)]).join('')}`;
  const fromEnvironment = `value-${Math.random().toString(36).slice(2)}${Math.random().toString(36).slice(2)}`;
  await runCli(run('secret', [], ['sh', '-c', `true --api-key ${secret} --max-tokens 100 ${fromEnvironment}`]), {
    env: { MY_SERVICE_TOKEN: fromEnvironment },
  });
  for (const file of ['sessions/secret/summary.json', 'sessions.jsonl']) {
    const text = readFileSync(join(root.path, file), 'utf8');
    assert.ok(!text.includes(secret.slice(14)), file);
    assert.ok(!text.includes(fromEnvironment), file);
    assert.ok(text.includes('--max-tokens 100'), file);
  }
});

test('--detach gives the id at once, the agent goes on when the recorder is killed, and nothing breaks it', async () => {
  const [go, done] = [join(root.path, 'go'), join(root.path, 'done')];
  const command = [
    'sh',
    '-c',
    `while [ ! -e ${go} ]; do sleep 0.05; done; i=0; while [ $i -lt 3000 ]; do echo line; i=$((i+1)); done; echo $? > ${done}`,
  ];
  const started = await runCli(['run', '--detach', '--json', ...run('detached', [], command).slice(1)]);
  assert.equal(started.code, 0, started.stderr);
  assert.equal((JSON.parse(started.stdout) as { id: string }).id, 'detached');
  const enrollment = root.json('running', 'detached', 'enrollment.json') as { recorder: { pid: number } };
  process.kill(enrollment.recorder.pid, 'SIGKILL');
  writeFileSync(go, '');
  await until('the agent to finish by itself', () => existsSync(done));
  const recovered = await runCli(['recover', '--log-dir', root.path]);
  assert.equal(recovered.code, 0, recovered.stderr);
  await until('the session to be finished', () => root.sessionIds().includes('detached'));
  assert.match(readFileSync(join(root.path, 'sessions/detached/stdout.log'), 'utf8'), /(line\n){3000}/);
});

/** Gone, or dead and not yet collected by a parent that takes its time. */
function hasEnded(pid: number): boolean {
  try {
    return /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return true; // no such process
  }
}

test('what a session leaves behind is listed with its origin, and cleanup ends exactly that', async () => {
  await runCli(run('leaves', ['--interval', '0.1'], ['sh', '-c', 'setsid sleep 300 > /dev/null 2>&1 & sleep 1.5']));
  const shown = await showSession(root, 'leaves');
  assert.equal(shown.leftovers.length, 1, JSON.stringify(shown.leftovers));
  const pid = shown.leftovers[0]?.pid ?? 0;
  const offered = await runCli(['cleanup', 'leaves', '--log-dir', root.path, '--dry-run']);
  assert.match(offered.stdout, new RegExp(`^${pid}  sleep, .* old when its session ended, `));
  const cleaned = await runCli(['cleanup', 'leaves', '--log-dir', root.path, '--json']);
  assert.equal((JSON.parse(cleaned.stdout) as { became: string }[])[0]?.became, 'ended');
  assert.ok(hasEnded(pid));
  const again = await runCli(['cleanup', 'leaves', '--log-dir', root.path, '--json']);
  assert.equal((JSON.parse(again.stdout) as { became: string }[])[0]?.became, 'gone');
  for (const flags of [[], ['--dry-run']]) {
    const told = await runCli(['cleanup', 'leaves', '--log-dir', root.path, ...flags]);
    assert.equal(told.stdout, 'Nothing that session leaves left behind still runs.\n');
  }
});

test('an attached recording that is interrupted leaves the process alone', async () => {
  const target = startCli(run('target', ['--no-capture'], ['sleep', '30']));
  const pid = await until('the agent', () => {
    const enrollment = existsSync(join(root.path, 'running/target/enrollment.json'))
      ? root.json('running', 'target', 'enrollment.json')
      : {};
    return typeof enrollment['pid'] === 'number' ? enrollment['pid'] : undefined;
  });
  const attached = startCli(['attach', String(pid), '--log-dir', root.path, '--id', 'attached', '--interval', '0.1']);
  await until('a sample', () => root.lines('running', 'attached', 'proc_trace.jsonl').length > 1);
  const shown = await runCli(['show', 'attached', '--log-dir', root.path]);
  assert.match(
    shown.stdout,
    /^runs since +(\d\d-\d\d \d\d:\d\d)\nwatched since +\d\d-\d\d \d\d:\d\d\nTo end the process itself, not only its recording: session-diagnostics stop attached$/m,
  );
  const event = root.lines('running', 'attached', 'lifecycle.jsonl').find(({ event: name }) => name === 'attached');
  const started = Date.parse(String((event?.['context'] as { process_start_ts?: string })?.process_start_ts));
  assert.ok(started < Date.parse(String(event?.['timestamp'])) && Date.now() - started < 300_000, String(started));
  attached.child.kill('SIGINT');
  assert.equal((await attached.finished).code, 0);
  process.kill(pid, 0);
  assert.equal((await showSession(root, 'attached')).verdict.outcome, 'running');
  target.child.kill('SIGTERM');
  await target.finished;
});

test('a reader that has gone costs a command nothing', async () => {
  const told = promisify(execFile)('sh', [
    '-c',
    '("$0" "$1" list --log-dir "$2"; echo "code $?" >&2) | true',
    process.execPath,
    CLI,
    root.path,
  ]);
  assert.equal((await told).stderr, 'code 0\n');
});

test('a command that ends at once is a session without an anomaly', async () => {
  for (let round = 0; round < 5; round += 1) {
    const id = `at-once-${round}`;
    await runCli(run(id, [], ['sh', '-c', 'exit 0']));
    const { summary, verdict } = await showSession(root, id);
    assert.equal(summary['anomaly_count'], 0);
    assert.equal(verdict.cause, 'completed');
    assert.equal(verdict.confidence, 'certain'); // it may end before the recorder has seen it: its parent tells
  }
});

test('a signal that comes before the agent runs is passed on once it does', async () => {
  for (let round = 0; round < 5; round += 1) {
    const early = startCli(run(`early-signal-${round}`, ['--no-capture'], ['sleep', '60']));
    await until('the enrollment', () => existsSync(join(root.path, `running/early-signal-${round}/enrollment.json`)));
    early.child.kill('SIGTERM');
    assert.equal((await early.finished).code, 143);
    assert.equal((await showSession(root, `early-signal-${round}`)).verdict.cause, 'terminated');
  }
});

test('a label stands before the command in the list, while the session runs and afterwards', async () => {
  const running = startCli(run('labelled', ['--label', 'night build'], ['sleep', '60']));
  const listed = async (): Promise<string> => (await runCli(['list', '--log-dir', root.path])).stdout;
  await until('the running session', async () => / Running .* night build/.test(await listed()));
  running.child.kill('SIGTERM');
  await running.finished;
  assert.match(await listed(), /Terminated .* night build/);
});
