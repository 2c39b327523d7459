import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import {
  AGENT_KINDS,
  ANOMALY_KINDS,
  CAUSES,
  FAILURE_CATEGORIES,
  OUTCOMES,
} from '../../../src/core/words/vocabulary.ts';
import { CLI, published, runCli, startCli, testRoot, until, type Started } from '../../cli/builtCli.ts';
import { parseMetrics, valueOf } from './prometheusText.ts';

const root = testRoot();
const canary = `canary${Math.random().toString(36).slice(2)}`;
let server: Started;
let port = 0;

before(async () => {
  const private_ = { env: { PRIVATE: canary }, cwd: join(root.path, '..') };
  const run = (id: string, script: string) =>
    runCli(
      ['run', '--log-dir', root.path, '--id', `${id}-${canary}`, '--label', canary, '--', 'sh', '-c', script],
      private_,
    );
  await run('done', `: ${canary}`);
  await run('killed', 'kill -9 $$');
  await run('failed', 'exit 4');
  ({ server, port } = await serve());
});

after(async () => {
  server.child.kill('SIGTERM');
  await server.finished;
  root.remove();
});

async function serve(): Promise<{ server: Started; port: number }> {
  const started = startCli(['metrics', '--port', '0', '--log-dir', root.path]);
  let told = '';
  started.child.stdout?.on('data', (text: string) => (told += text));
  const url = await until('its address', () => /http:\/\/127\.0\.0\.1:(\d+)\/metrics/.exec(told)?.[1]);
  return { server: started, port: Number(url) };
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

function ask(path = '/metrics', { method = 'GET', host = `127.0.0.1:${port}` } = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, method, headers: { host } }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, type: String(response.headers['content-type']), body }),
      );
    });
    asked.once('error', reject).end();
  });
}

const METRIC = 'session_diagnostics_';

test('what is printed once and what is served is the same, and is valid Prometheus text', async () => {
  const once = await runCli(['metrics', '--once', '--log-dir', root.path]);
  assert.equal(once.code, 0, once.stderr);
  const served = await ask();
  assert.equal(served.status, 200);
  assert.match(served.type, /^text\/plain; version=0\.0\.4/);
  assert.deepEqual([...parseMetrics(once.stdout).keys()], [...parseMetrics(served.body).keys()]);
  const promtool = spawnSync('promtool', ['check', 'metrics'], {
    input: served.body,
    encoding: 'utf8',
    timeout: 20_000,
  });
  if (promtool.error === undefined) assert.equal(promtool.status, 0, promtool.stderr + promtool.stdout);
});

test('ended sessions are counted by what became of them', async () => {
  const { body } = await ask();
  assert.equal(valueOf(body, `${METRIC}sessions_finished_total`, { outcome: 'succeeded' }), 1);
  assert.equal(valueOf(body, `${METRIC}sessions_finished_total`, { outcome: 'failed' }), 1);
  assert.equal(valueOf(body, `${METRIC}session_deaths_total`, { cause: 'killed' }), 1);
  assert.equal(valueOf(body, `${METRIC}session_deaths_total`, { cause: 'exit_nonzero' }), 0);
  assert.equal(valueOf(body, `${METRIC}session_lifetime_seconds_count`), 3);
});

test('a running session shows with its tree and its recorder, and its end counts it once', async () => {
  const before = (await ask()).body;
  const created = (text: string) => valueOf(text, `${METRIC}sessions_created_total`, { agent: 'other' }) ?? NaN;
  const finished = (text: string, outcome: string) => valueOf(text, `${METRIC}sessions_finished_total`, { outcome });
  const run = startCli(['run', '--log-dir', root.path, '--id', 'live', '--interval', '0.2', '--', 'sleep', '60']);
  const during = await until('its first sample', async () => {
    const { body } = await ask();
    return (valueOf(body, `${METRIC}tree_resident_memory_bytes`, { agent: 'other' }) ?? 0) > 100_000 && body;
  });
  assert.equal(valueOf(during, `${METRIC}sessions_active`, { agent: 'other' }), 1);
  assert.ok((valueOf(during, `${METRIC}tree_open_fds`, { agent: 'other' }) ?? 0) >= 3);
  assert.ok((valueOf(during, `${METRIC}tree_processes`, { agent: 'other' }) ?? 0) >= 1);
  assert.ok((valueOf(during, `${METRIC}recorder_resident_memory_bytes`) ?? 0) > 10_000_000);
  assert.equal(created(during), created(before) + 1);

  await runCli(['stop', 'live', '--log-dir', root.path]);
  await run.finished;
  await published(root.path);
  const { body } = await ask();
  assert.equal(valueOf(body, `${METRIC}sessions_active`, { agent: 'other' }), 0);
  assert.equal(valueOf(body, `${METRIC}tree_resident_memory_bytes`, { agent: 'other' }), 0);
  assert.equal(created(body), created(before) + 1);
  assert.equal(finished(body, 'stopped'), (finished(before, 'stopped') ?? 0) + 1);
  const cpu = (text: string) => valueOf(text, `${METRIC}recorder_cpu_seconds_total`) ?? NaN;
  assert.ok(cpu(body) >= cpu(during) && cpu(during) > 0);
});

function writeSession(name: string, summary: object, anomalies: readonly object[] = []): void {
  const dir = join(root.path, 'sessions', name);
  mkdirSync(dir);
  writeFileSync(join(dir, 'anomalies.jsonl'), anomalies.map((line) => `${JSON.stringify(line)}\n`).join(''));
  writeFileSync(join(dir, 'summary.json'), JSON.stringify(summary));
}

test("other writers' words become other, anomalies count as episodes, and a pruned session stays counted", async () => {
  const before = (await ask()).body;
  const anomaly = (kind: string, seq: number) => ({ event: 'anomaly', kind, seq, ts: '', pid: 7, severity: 'warning' });
  writeSession(
    'no_session_1',
    {
      success: false,
      subtype: canary,
      agent: canary,
      duration_seconds: 5,
      failures: null,
      verdict: { outcome: canary },
    },
    [anomaly('fd_high', 3), anomaly('fd_high', 4), anomaly('fd_high', 9), anomaly(canary, 9)],
  );
  const { body } = await ask();
  const added = (name: string, labels: Record<string, string>) =>
    (valueOf(body, METRIC + name, labels) ?? NaN) - (valueOf(before, METRIC + name, labels) ?? NaN);
  assert.equal(added('anomalies_total', { kind: 'fd_high' }), 2);
  assert.equal(added('anomalies_total', { kind: 'other' }), 1);
  assert.equal(added('sessions_created_total', { agent: 'other' }), 1);
  rmSync(join(root.path, 'sessions/no_session_1'), { recursive: true });
  const pruned = (await ask()).body;
  assert.equal(
    valueOf(pruned, `${METRIC}sessions_created_total`, { agent: 'other' }),
    valueOf(body, `${METRIC}sessions_created_total`, { agent: 'other' }),
  );
});

test('a restart after sessions were pruned goes on counting: no counter falls, and nothing is counted twice', async () => {
  const before = (await ask()).body;
  for (const name of root.sessionIds().slice(0, 2)) rmSync(join(root.path, 'sessions', name), { recursive: true });
  writeSession('while_it_was_down', { success: true, subtype: 'success', duration_seconds: 7 });
  await until('its file', () => root.json('.metrics/state.json'));
  server.child.kill('SIGTERM');
  await server.finished;
  ({ server, port } = await serve());
  const { body } = await ask();
  for (const { name, type, samples } of parseMetrics(before).values()) {
    for (const sample of type === 'counter' ? samples : []) {
      const now = valueOf(body, sample.name, sample.labels) ?? NaN;
      const isNew =
        (name.endsWith('created_total') && sample.labels['agent'] === 'other') ||
        (name.endsWith('finished_total') && sample.labels['outcome'] === 'succeeded');
      assert.equal(now, sample.value + (isNew ? 1 : 0), `${name} ${JSON.stringify(sample.labels)}`);
    }
  }
  const lifetimes = (text: string, what: string) => valueOf(text, `${METRIC}session_lifetime_seconds_${what}`) ?? NaN;
  assert.equal(lifetimes(body, 'count'), lifetimes(before, 'count') + 1);
  assert.ok(Math.abs(lifetimes(body, 'sum') - lifetimes(before, 'sum') - 7) < 1e-6);
});

test('a state file that is damaged, or of another version, is left out', async () => {
  const state = join(root.path, '.metrics/state.json');
  for (const text of [
    '{',
    '[]',
    '{"version":99}',
    '{"version":1,"counters":7,"begun":{},"lifetimes":[1,{"count":-5}]}',
  ]) {
    writeFileSync(state, text);
    const once = await runCli(['metrics', '--once', '--log-dir', root.path]);
    assert.equal(once.code, 0, once.stderr);
    const created = valueOf(once.stdout, `${METRIC}sessions_created_total`, { agent: 'other' });
    assert.equal(created, root.sessionIds().length, text);
  }
});

test('a session whose recorder is gone is told apart from one that runs', async () => {
  const dir = join(root.path, 'running/orphan');
  mkdirSync(dir);
  const enrollment = { session_id: 'orphan', enrolled_at: '2026-01-01T00:00:00+00:00', recorder: { pid: 2 ** 22 + 1 } };
  writeFileSync(join(dir, 'enrollment.json'), JSON.stringify(enrollment));
  const { body } = await ask();
  assert.equal(valueOf(body, `${METRIC}sessions_without_recorder`), 1);
  assert.equal(valueOf(body, `${METRIC}sessions_active`, { agent: 'other' }), 0);
  rmSync(dir, { recursive: true });
});

test('the sessions of every tmux server of this user are counted, whatever its socket, and none is started', async (t) => {
  const env = { ...process.env, TMUX: undefined, TMUX_TMPDIR: join(root.path, '..') };
  const tmux = (...args: string[]) => spawnSync('tmux', args, { env, encoding: 'utf8', timeout: 10_000 });
  if (tmux('-V').error !== undefined) return t.skip('no tmux on this machine');
  const sessions = async () => {
    const { stdout } = await runCli(['metrics', '--once', '--log-dir', root.path], { env });
    return {
      count: valueOf(stdout, `${METRIC}tmux_sessions`),
      servers: valueOf(stdout, `${METRIC}tmux_processes`, { role: 'server' }),
    };
  };
  assert.equal((await sessions()).count, 0);
  try {
    for (const [socket, name] of [
      ['one', 'a'],
      ['one', 'b'],
      ['two', 'a'],
    ] as const) {
      const made = tmux('-L', socket, 'new-session', '-d', '-s', name, 'sleep 60');
      assert.equal(made.status, 0, made.stderr);
    }
    const { count, servers } = await sessions();
    assert.equal(count, 3);
    if (process.platform === 'linux') assert.ok((servers ?? 0) >= 2);
  } finally {
    for (const socket of ['one', 'two']) tmux('-L', socket, 'kill-server');
  }
  await until('their end', async () => (await sessions()).count === 0);
});

test('labels are words of closed lists, and no id, path, label or command of a session is in the text', async () => {
  const { body } = await ask();
  assert.ok(!body.includes(canary));
  assert.ok(!body.includes(root.path));
  const known = new Set<string>(
    [AGENT_KINDS, ANOMALY_KINDS, CAUSES, FAILURE_CATEGORIES, OUTCOMES, ['other', 'server', 'client']].flat(),
  );
  for (const { samples } of parseMetrics(body).values()) {
    for (const { labels } of samples) {
      for (const [label, value] of Object.entries(labels)) assert.ok(label === 'le' || known.has(value), value);
    }
  }
});

test('only GET /metrics with a Host of this machine is answered', async () => {
  assert.equal((await ask('/metrics', { host: 'evil.example' })).status, 403);
  assert.equal((await ask('/metrics', { host: '127.0.0.1.evil.example' })).status, 403);
  assert.equal((await ask('/metrics', { host: `localhost:${port}` })).status, 200);
  assert.equal((await ask('/')).status, 404);
  assert.equal((await ask('/metrics/../etc')).status, 404);
  assert.equal((await ask('/metrics', { method: 'POST' })).status, 405);
});

test('it listens on the loopback address alone', async (t) => {
  const other = Object.values(networkInterfaces())
    .flat()
    .find((address) => address?.family === 'IPv4' && !address.internal);
  if (other === undefined) return t.skip('this machine has no other address');
  const code = await new Promise<string>((resolve) => {
    const socket = connect({ host: other.address, port, timeout: 5000 });
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
    socket.once('connect', () => resolve('connected')).once('timeout', () => resolve('timeout'));
    socket.once('close', () => socket.destroy());
  });
  assert.notEqual(code, 'connected');
});

test('a port that is taken, or none, is refused in one line', async () => {
  const taken = await runCli(['metrics', '--port', String(port), '--log-dir', root.path]);
  assert.equal(taken.code, 1);
  assert.match(taken.stderr, /^session-diagnostics: Port \d+ of 127\.0\.0\.1 is taken.*--port\.\n$/);
  for (const flags of [
    ['--port', '70000'],
    ['--port', '1.5'],
    ['--port', '0', '--once'],
  ]) {
    assert.equal((await runCli(['metrics', ...flags, '--log-dir', root.path])).code, 2, flags.join(' '));
  }
});

test('started by an editor, it ends with the editor however that ended', async () => {
  const script = `const c = require('node:child_process').spawn(process.execPath, ${JSON.stringify([CLI, 'metrics', '--port', '0', '--log-dir', root.path])}, { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
    c.stdout.once('data', () => console.log(c.pid)); setInterval(() => {}, 1000);`;
  const editor = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  let told = '';
  editor.stdout.setEncoding('utf8').on('data', (text: string) => (told += text));
  const pid = Number(await until('its pid', () => /^\d+\n/.exec(told)?.[0]));
  editor.kill('SIGKILL');
  await until('its end', () => !isAlive(pid));
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
