import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { runCli, startCli, testRoot, until } from '../cli/builtCli.ts';

/** A real Prometheus, where there is one: `apt-get install prometheus`, or its program in $PROMETHEUS. */
const PROMETHEUS = process.env['PROMETHEUS'] ?? 'prometheus';
const isThere = spawnSync(PROMETHEUS, ['--version']).status === 0;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  assert.ok(typeof address === 'object' && address !== null);
  return address.port;
}

test('a real Prometheus scrapes what is told of sessions', { skip: !isThere && 'no prometheus' }, async () => {
  const root = testRoot();
  const folder = mkdtempSync(join(tmpdir(), 'session-diagnostics-prometheus-'));
  const [port, ownPort] = [await freePort(), await freePort()];
  await runCli(['run', '--log-dir', root.path, '--id', 'one', '--', 'sh', '-c', 'kill -9 $$']);
  const metrics = startCli(['metrics', '--log-dir', root.path, '--port', String(port)]);
  writeFileSync(
    join(folder, 'prometheus.yml'),
    `global: { scrape_interval: 1s }\nscrape_configs:\n  - { job_name: s, static_configs: [{ targets: ['127.0.0.1:${port}'] }] }\n`,
  );
  const prometheus = spawn(
    PROMETHEUS,
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${ownPort}`,
    ],
    { stdio: 'ignore' },
  );
  const ask = async (query: string): Promise<string | undefined> => {
    const url = `http://127.0.0.1:${ownPort}/api/v1/query?query=${encodeURIComponent(query)}`;
    const said = await fetch(url).catch(() => undefined);
    if (said?.ok !== true) return undefined;
    const { data } = (await said.json()) as { data: { result: { value: [number, string] }[] } };
    return data.result[0]?.value[1];
  };
  try {
    const up = await until('the first scrape', () => ask('up == 1'), 60_000);
    assert.equal(up, '1');
    assert.equal(await ask('session_diagnostics_session_deaths_total{cause="killed"}'), '1');
    assert.equal(await ask('count(session_diagnostics_sessions_finished_total)'), '6');
  } finally {
    prometheus.kill('SIGKILL');
    metrics.child.kill('SIGKILL');
    await metrics.finished;
    rmSync(folder, { recursive: true, force: true });
    root.remove();
  }
});
