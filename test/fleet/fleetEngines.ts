import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { askClickHouse, setUpClickHouse, type ClickHouse } from '../../src/fleet/askClickHouse.ts';
import { askDuckDb } from '../../src/fleet/askDuckDb.ts';
import type { Answer } from '../../src/fleet/engineAnswer.ts';
import { parquetFiles } from '../../src/fleet/parquetFiles.ts';
import { QUESTION_NAMES } from '../../src/fleet/questionNames.ts';
import { readQuestion, readViews } from '../../src/fleet/questions.ts';
import { sessionRows, type Row, type SessionRows } from '../../src/fleet/sessionRows.ts';
import { otlpRequests } from '../../src/telemetry/otlp/otlpRequests.ts';
import { sendRequests } from '../../src/telemetry/otlp/otlpSend.ts';
import { runCli, testRoot } from '../cli/builtCli.ts';
import { ENGINES, installEngines, startEngine, type Engine } from './engines.ts';
import { EXPECTED, type Expected } from './expectedAnswers.ts';
import { sessionOf, specOf } from './syntheticFleet.ts';

/**
 * `npm run test:fleet`: sessions by the real exporter into ClickHouse's own engine, and as Parquet into DuckDB; every
 * question against answers that were counted another way. `FLEET_SESSIONS=50000 npm run test:fleet` for a whole day's.
 */
const COUNT = Number(process.env['FLEET_SESSIONS'] ?? 2000);
const MEDIA = resolve(import.meta.dirname, '../../media/fleet');
const PASSWORD = 'secret';
/** A real machine answers 50,000 sessions in this; ours may have something else to do. */
const LONGEST_MS = Number(process.env['FLEET_LONGEST_MS'] ?? 1000);

const specs = Array.from({ length: COUNT }, (_, n) => specOf(n, COUNT));
const folder = mkdtempSync(join(tmpdir(), 'session-diagnostics-fleet-'));
let engine: Engine;
let clickHouse: ClickHouse;

before(async () => {
  installEngines();
  engine = await startEngine(PASSWORD);
  clickHouse = { url: new URL(engine.url), user: undefined, password: undefined };
  const rows: Record<keyof SessionRows, Row[]> = { sessions: [], calls: [], samples: [] };
  const take = async (spec: (typeof specs)[number]): Promise<void> => {
    const session = sessionOf(spec);
    for (const [view, some] of Object.entries(sessionRows(session))) rows[view as keyof SessionRows].push(...some); // its keys
    const requests = await otlpRequests(session);
    // Some arrive twice, as what has waited may.
    for (let times = spec.n % 10 === 0 ? 2 : 1; times > 0; times -= 1)
      assert.deepEqual(await sendRequests(requests, engine.receiver, {}), { ok: true });
  };
  for (const spec of specs) await take(spec);
  engine.flush();
  for (const { view, bytes } of parquetFiles(rows)) {
    mkdirSync(join(folder, view));
    writeFileSync(join(folder, view, 'all.parquet'), bytes);
  }
  assert.deepEqual(await setUpClickHouse(clickHouse, readViews(MEDIA)), { ok: true, columns: [], rows: [] });
});

after(() => {
  engine.close();
  rmSync(folder, { recursive: true, force: true });
});

test('what arrives twice is counted once', () => {
  assert.equal(Number(JSON.parse(engine.query('SELECT toUInt32(count()) FROM otel.sessions'))[0]), COUNT);
  assert.ok(
    Number(JSON.parse(engine.query("SELECT toUInt32(count()) FROM otel.otel_traces WHERE SpanName = 'turn'"))[0]) >
      COUNT,
  );
});

function assertAnswers(answer: Answer, { rows, columns }: Expected, what: string): void {
  assert.ok(answer.ok, answer.ok ? '' : answer.message);
  const at = (columns ?? answer.columns).map((column) => answer.columns.indexOf(column));
  assert.ok(!at.includes(-1), `${what}: ${answer.columns.join()}`);
  const said = answer.rows.map((row) => at.map((column) => row[column]));
  const sorted = (some: readonly (readonly unknown[])[]): unknown[] =>
    some
      .map((row) => JSON.stringify(row.map((cell) => (typeof cell === 'number' ? Number(cell.toPrecision(12)) : cell))))
      .sort();
  if (what.includes('retry-cost')) for (const row of said) row[4] = Math.round(Number(row[4]));
  assert.deepEqual(sorted(said), sorted(rows), what);
}

for (const name of QUESTION_NAMES) {
  test(`${name}: ClickHouse and DuckDB give the known answer`, async () => {
    const expected = EXPECTED[name](specs);
    const { sql } = readQuestion(MEDIA, name);
    const sinceS = expected.sinceMs / 1000;
    let tookMs = Infinity;
    let said: Answer | undefined;
    // The quickest of three: what is read first comes from the disk, and the machine may have something else to do.
    for (let time = 0; time < 3 && tookMs > LONGEST_MS / 2; time += 1) {
      const began = performance.now();
      said = await askClickHouse(clickHouse, sql, sinceS);
      tookMs = Math.min(tookMs, performance.now() - began);
    }
    assert.ok(said !== undefined);
    assertAnswers(said, expected, `${name} of ClickHouse`);
    assertAnswers(await askDuckDb({ folder, lookIn: [ENGINES] }, sql, sinceS), expected, `${name} of DuckDB`);
    assert.ok(tookMs < LONGEST_MS, `${name} took ${Math.round(tookMs)} ms`);
  });
}

test('the command line asks both, and says what is wrong with an address, a password or a table', async () => {
  const flags = ['by-label', '--since', '2026-03-01', '--json'];
  const asked = await runCli(['fleet', ...flags, '--url', engine.url]);
  assert.equal(asked.code, 0, asked.stderr);
  const { rows } = JSON.parse(asked.stdout) as { readonly rows: readonly { readonly sessions: number }[] };
  assert.ok(rows.reduce((sum, { sessions }) => sum + sessions, 0) > COUNT * 0.9);
  // DuckDB is found beside the program, or where the user is.
  const tables = await runCli(['fleet', ...flags, '--files', folder], { cwd: join(ENGINES, '..') });
  assert.equal(tables.code, 0, tables.stderr);
  assert.deepEqual((JSON.parse(tables.stdout) as { readonly rows: unknown }).rows, rows);
  const wrong = await runCli(['fleet', ...flags, '--url', engine.url.replace(PASSWORD, 'wrong')]);
  assert.deepEqual([wrong.code, wrong.stdout], [1, '']);
  assert.match(wrong.stderr, /user or password are wrong/);
  const elsewhere = await runCli(['fleet', ...flags, '--url', engine.url.replace('/otel', '/elsewhere')]);
  assert.match(elsewhere.stderr, /has no database "elsewhere"/);
  engine.query('DROP VIEW otel.sessions');
  const missing = await runCli(['fleet', ...flags, '--url', engine.url]);
  assert.match(missing.stderr, /no such table: make the views once with fleet --setup/);
  assert.equal((await runCli(['fleet', '--setup', '--url', engine.url])).code, 0);
  assert.equal((await runCli(['fleet', ...flags, '--url', engine.url])).code, 0);
});

test('a session that is really run and killed is in every view', async () => {
  const root = testRoot();
  const sampled = `until [ "$(cat ${root.path}/running/*/proc_trace.jsonl | wc -l)" -ge 2 ]; do sleep 0.1; done 2>/dev/null`;
  const env = { SESSION_DIAGNOSTICS_OTLP_WITH: 'label', SESSION_DIAGNOSTICS_OTLP_ENDPOINT: engine.receiver };
  const flags = ['--log-dir', root.path, '--interval', '0.2', '--label', 'really'];
  try {
    await runCli(['run', ...flags, '--', 'sh', '-c', `${sampled}; kill -9 $$`], { env });
    engine.flush();
    const ofIt = "IN (SELECT session_id FROM otel.sessions WHERE label = 'really')";
    const said = engine.query(
      `SELECT outcome, cause, toUInt32(is_dead), trace_id = lower(trace_id) FROM otel.sessions WHERE session_id ${ofIt}`,
    );
    assert.deepEqual(JSON.parse(said), ['died', 'killed', 1, 1]);
    assert.deepEqual(JSON.parse(engine.query(`SELECT cause FROM otel.deaths WHERE session_id ${ofIt}`)), ['killed']);
    const samples = `SELECT toUInt32(count()) FROM otel.samples WHERE session_id ${ofIt} AND metric = 'process.memory.usage'`;
    assert.ok(Number(JSON.parse(engine.query(samples))[0]) >= 2);
  } finally {
    root.remove();
  }
});
