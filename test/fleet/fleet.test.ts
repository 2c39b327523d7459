import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';
import { parquetReadObjects } from 'hyparquet';
import { parse } from 'yaml';
import { QUESTION_NAMES } from '../../src/fleet/questionNames.ts';
import { readQuestion, readViews } from '../../src/fleet/questions.ts';
import { sessionRows } from '../../src/fleet/sessionRows.ts';
import { CLI, runCli, testRoot } from '../cli/builtCli.ts';
import { sessionOf, specOf } from './syntheticFleet.ts';

/** What needs no engine; the answers themselves are `npm run test:fleet`'s. */
const MEDIA = resolve(import.meta.dirname, '../../media/fleet');
const root = testRoot();
after(() => root.remove());

test('each question is a file with its meaning, and a panel of the dashboard that asks the same', () => {
  const files = readdirSync(join(MEDIA, 'questions')).map((name) => name.replace('.sql', ''));
  assert.deepEqual(files.toSorted(), [...QUESTION_NAMES].toSorted());
  const { panels } = JSON.parse(readFileSync(join(MEDIA, 'grafana-dashboard.json'), 'utf8')) as {
    readonly panels: readonly {
      readonly description: string;
      readonly targets: readonly { readonly rawSql: string }[];
    }[];
  };
  const asked = panels.map(({ description, targets }) => ({ description, sql: targets[0]?.rawSql ?? '' }));
  for (const name of QUESTION_NAMES) {
    const { meaning, sql } = readQuestion(MEDIA, name);
    assert.ok(meaning.length > 40, name);
    assert.match(sql, /\{since:Float64\}/, `${name} is asked of a time`);
    const panel = asked.find(({ description }) => description === meaning) ?? assert.fail(`no panel: ${name}`);
    assert.equal(panel.sql, sql.replaceAll('{since:Float64}', '($__from / 1000)'), name);
  }
  assert.equal(panels.length, QUESTION_NAMES.length);
});

test('a row of a file has the columns of the view, so that one question is asked of both', () => {
  const rows = sessionRows(sessionOf(specOf(0, 100)));
  const views = readViews(MEDIA);
  assert.equal(views.length, 4);
  for (const [view, [row]] of Object.entries(rows)) {
    const sql = views.find((text) => text.startsWith(`CREATE OR REPLACE VIEW ${view} `)) ?? assert.fail(view);
    assert.ok(row !== undefined);
    for (const column of Object.keys(row))
      assert.match(sql, new RegExp(`(?:AS |\\b)${column}[,\\n]|AS ${column}$`, 'm'), column);
  }
});

test('the example’s parts name each other rightly', () => {
  const yaml = (name: string): Record<string, Record<string, unknown>> =>
    parse(readFileSync(join(MEDIA, 'example', name), 'utf8')) as Record<string, Record<string, unknown>>;
  const collector = yaml('collector.yaml');
  const pipelines = collector['service']?.['pipelines'] as Record<string, Record<string, readonly string[]>>;
  assert.deepEqual(Object.keys(pipelines).toSorted(), ['logs', 'metrics', 'traces']);
  for (const pipeline of Object.values(pipelines))
    for (const [kind, names] of Object.entries(pipeline))
      for (const name of names) assert.ok(name in (collector[kind] ?? {}), `${kind}: ${name}`);
  const services = yaml('docker-compose.yaml')['services'] as Record<string, { readonly volumes: readonly string[] }>;
  assert.deepEqual(Object.keys(services).toSorted(), ['clickhouse', 'collector', 'grafana']);
  for (const { volumes } of Object.values(services))
    for (const [from = ''] of volumes.map((volume) => volume.split(':')))
      if (from.startsWith('.')) assert.ok(existsSync(join(MEDIA, 'example', from)), from);
});

/** What is asked for in an address, by its name. */
const parameters = new Set<string>();

async function speaking(status: number, headers: Record<string, string>, body: string): Promise<string> {
  const server = createServer((request, response) => {
    for (const name of new URL(request.url ?? '/', 'http://x').searchParams.keys()) parameters.add(name);
    request.resume().on('end', () => response.writeHead(status, headers).end(body));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return `http://reader:secret@127.0.0.1:${address.port}/otel`;
}

test('what is asked wrongly is said, and what an engine says wrongly is made plain', async () => {
  const page = await speaking(200, { 'content-type': 'text/html' }, '<html>\u{1b}[2JLog in</html>');
  const locked = await speaking(
    403,
    { 'x-clickhouse-exception-code': '516' },
    'Code: 516. DB::Exception: reader: (AUTHENTICATION_FAILED)',
  );
  const empty = await speaking(
    200,
    { 'content-type': 'application/json' },
    '{"meta":[{"name":"label","type":"String"}],"data":[]}',
  );
  for (const [args, code, said] of [
    [['fleet', 'weather'], 2, /takes one of these questions: death-rate, /],
    [['fleet', 'memory'], 2, /Ask whom\? Give --url or --files/],
    [['fleet', 'memory', '--url', 'ftp://x'], 2, /--url takes the http or https address/],
    [['fleet', 'memory', '--url', page, '--files', '.'], 2, /Give --url or --files, not both/],
    [['fleet', 'memory', '--url', page, '--since', 'soon'], 2, /--since takes a time/],
    [
      ['fleet', 'memory', '--url', 'http://127.0.0.1:1/otel'],
      1,
      /No ClickHouse answers at http:\/\/127\.0\.0\.1:1 \(ECONNREFUSED\)/,
    ],
    [['fleet', 'memory', '--url', page], 1, /What answers at http:\/\/127\.0\.0\.1:\d+ is no ClickHouse/],
    [['fleet', 'memory', '--url', locked], 1, /user or password are wrong/],
    [['fleet', 'memory', '--url', empty], 0, /Nothing: no session since then answers this/],
    [['fleet', 'memory', '--files', root.path], 1, /npm install --global @duckdb\/node-api/],
  ] as const) {
    const told = await runCli(args, { cwd: '/' });
    assert.equal(told.code, code, `${args.join(' ')}: ${told.stderr}`);
    assert.match(told.stderr, said);
    assert.ok(!told.stderr.includes('secret') && !told.stderr.includes('\u{1b}'), 'no password, no escape');
  }
  // A user that may only read may not set a setting either, not even for one question.
  assert.deepEqual([...parameters].toSorted(), ['database', 'param_since', 'query_id']);
  const listed = await runCli(['fleet', '--json']);
  assert.deepEqual(
    (JSON.parse(listed.stdout) as { readonly name: string }[]).map(({ name }) => name),
    [...QUESTION_NAMES],
  );
});

test('`bundle --parquet` writes a row for the session and for each sample, and no private byte', async () => {
  const canary = `canary${Math.random().toString(36).slice(2, 10)}`;
  const sampled = `until [ "$(cat ${root.path}/running/*/proc_trace.jsonl | wc -l)" -ge 2 ]; do sleep 0.1; done 2>/dev/null`;
  const script = `echo ${canary}; ${sampled}; exit 3`;
  const flags = ['--log-dir', root.path, '--id', `one-${canary}`];
  await runCli(['run', ...flags, '--interval', '0.2', '--label', canary, '--', 'sh', '-c', script]);
  const out = join(root.path, 'tables');
  const written = await runCli(['bundle', `one-${canary}`, '--parquet', '--log-dir', root.path, '--out', out]);
  assert.equal(written.code, 0, written.stderr);
  const rowsOf = async (view: string): Promise<Record<string, unknown>[]> => {
    const [name = '', ...more] = readdirSync(join(out, view));
    assert.deepEqual(more, []);
    const bytes = readFileSync(join(out, view, name));
    assert.ok(!bytes.includes(canary) && !name.includes(canary), view);
    return parquetReadObjects({ file: new Uint8Array(bytes).buffer });
  };
  const [session, ...others] = await rowsOf('sessions');
  assert.deepEqual(others, []);
  assert.deepEqual(
    [session?.['outcome'], session?.['cause'], session?.['exit_code'], session?.['is_bad'], session?.['label']],
    ['failed', 'exit_nonzero', 3, 1, ''],
  );
  const samples = await rowsOf('samples');
  assert.ok(samples.filter(({ metric }) => metric === 'process.memory.usage').length >= 2);
  // Asked for by name, and only then.
  const named = await runCli(
    ['bundle', `one-${canary}`, '--parquet', '--log-dir', root.path, '--out', `${out}-named`],
    {
      env: { SESSION_DIAGNOSTICS_OTLP_WITH: 'label' },
    },
  );
  assert.equal(named.code, 0, named.stderr);
  const [name = ''] = readdirSync(`${out}-named/sessions`);
  assert.ok(readFileSync(`${out}-named/sessions/${name}`).includes(canary));
  const twice = await runCli(['bundle', `one-${canary}`, '--parquet', '--full', '--log-dir', root.path]);
  assert.equal(twice.code, 2);
  writeFileSync(join(root.path, 'file'), '');
  const nowhere = await runCli([
    'bundle',
    `one-${canary}`,
    '--parquet',
    '--log-dir',
    root.path,
    '--out',
    join(root.path, 'file'),
  ]);
  assert.match(nowhere.stderr, /could not be written \(ENOTDIR\)/);
});

test('where the editor’s package has left it out, that is said', async () => {
  const folder = join(root.path, 'editor');
  cpSync(join(CLI, '..'), folder, { recursive: true, filter: (path) => !/fleet\.js$|native/.test(path) });
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  const said = spawnSync(process.execPath, [join(folder, 'cli.js'), 'fleet'], { encoding: 'utf8' });
  assert.deepEqual([said.status, said.stdout], [1, '']);
  assert.match(said.stderr, /left out of the editor’s package.* npm install --global session-diagnostics/);
});
