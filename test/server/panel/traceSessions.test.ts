import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Queries, QueryName } from '../../../src/core/panel/serverProtocol.ts';
import { answerQuery } from '../../../src/server/panel/answerQuery.ts';
import { resolveRoots } from '../../../src/server/resolveRoots.ts';
import { SessionCatalog } from '../../../src/server/panel/sessionCatalog.ts';
import { SessionReaders } from '../../../src/server/panel/sessionReaders.ts';
import { traceLine, traceTs, TRACE_START_MS, writeForeignTrace, writeMeta } from '../../logs/foreignTrace.ts';

const scratch = mkdtempSync(join(tmpdir(), 'server-traces-'));
const logRoot = join(scratch, 'logs');
const repository = join(scratch, 'repository');
const traces = join(repository, '.devboy');
const dataHome = process.env['XDG_DATA_HOME'];
const catalog = new SessionCatalog();
const readers = new SessionReaders(catalog);

before(() => {
  // Where the key of a trace's handles goes.
  process.env['XDG_DATA_HOME'] = join(scratch, 'data');
  mkdirSync(join(repository, '.git'), { recursive: true });
  catalog.setRoots([logRoot, traces]);
});
after(() => {
  if (dataHome === undefined) delete process.env['XDG_DATA_HOME'];
  else process.env['XDG_DATA_HOME'] = dataHome;
  rmSync(scratch, { recursive: true });
});

function ask<N extends QueryName>(name: N, params: Queries[N]['params']): Queries[N]['result'] {
  const reply = answerQuery({ catalog, readers }, name, params);
  assert.ok(reply.ok, JSON.stringify(reply));
  return reply.value;
}

function listed() {
  return ask('listSessions', { filter: 'all', text: '', offset: 0, limit: 50 }).rows;
}

test('a trace that was written by devboy is a session with its phases and calls on the time axis', () => {
  const { id, dir } = writeForeignTrace(
    repository,
    [
      [0, 'start'],
      [1, 'decision', { choice: 'x' }],
      [2, 'tool_call', { tool: 'bash' }],
      [5, 'tool_result', { tool: 'bash', ok: false, stderr: 'connect ECONNREFUSED 127.0.0.1:80', exit_code: 1 }],
      [6, 'verify'],
      [9, 'end', { outcome: 'aborted', summary: '' }],
    ],
    { ended_at: traceTs(9), outcome: 'aborted', input_summary: 'look at it' },
  );
  const [row] = listed();
  assert.deepEqual(
    [row?.title, row?.outcome, row?.isRunning, row?.durationSeconds],
    ['review: look at it', 'stopped', false, 9],
  );
  assert.equal(row?.ref.root, traces);
  assert.ok(row.ref.id.endsWith(id) && dir.endsWith(row.ref.id));

  const overview = ask('overview', { session: row.ref });
  const second = (ms: number | undefined) => (ms === undefined ? undefined : (ms - TRACE_START_MS) / 1000);
  assert.deepEqual(
    overview.phases.map(({ name, depth, startMs, endMs }) => [name, depth, second(startMs), second(endMs)]),
    [
      ['trace', 0, 0, 9],
      ['decision', 1, 1, 6],
      ['verify', 1, 6, 9],
    ],
  );
  assert.deepEqual(
    overview.calls.map(({ tool_kind, status, startMs, endMs }) => [tool_kind, status, second(startMs), second(endMs)]),
    [['shell', 'failed', 2, 5]],
  );
  assert.equal(overview.failures?.counts.network, 1);
  assert.match(overview.verdictSentence, /^Stopped on request/);
  const series = ask('series', { session: row.ref, fromMs: undefined, toMs: undefined, pixels: 800 });
  assert.deepEqual([second(series.fromMs), second(series.toMs)], [0, 9]);
});

test('a trace is followed while it is written, and its end is seen', () => {
  const { id, tracePath, dir } = writeForeignTrace(repository, [[0, 'start'], [1, 'tool_call', { tool: 'bash' }]]); // prettier-ignore
  catalog.invalidate();
  const row = listed().find(({ ref }) => ref.id.endsWith(id));
  assert.ok(row);
  assert.equal(row.isRunning, true);
  const session = row.ref;
  assert.deepEqual(
    ask('overview', { session }).calls.map(({ status }) => status),
    ['open'],
  );
  assert.equal(ask('overview', { session }).failures?.unclosed_calls, 0, 'it may still return');
  appendFileSync(tracePath, traceLine(id, [4, 'verify']));
  assert.equal(ask('overview', { session }).phases.at(-1)?.name, 'verify');
  appendFileSync(tracePath, traceLine(id, [7, 'end', { outcome: 'failure', summary: 'no' }]));
  writeMeta(dir, { session_id: id, ended_at: traceTs(7), outcome: 'failure' });
  const overview = ask('overview', { session });
  assert.deepEqual([overview.row.outcome, overview.row.isRunning], ['failed', false]);
  assert.equal(overview.verdictSentence, 'Failed, as its own record says.');
  assert.equal(overview.failures?.unclosed_calls, 1);
  catalog.invalidate(); // as for every meta.json that is written
  assert.equal(listed().find(({ ref }) => ref.id.endsWith(id))?.outcome, 'failed');
});

test("a workspace's traces are among the roots, after those of recorded sessions", () => {
  mkdirSync(join(repository, 'packages/deep'), { recursive: true });
  const places = { logDirectory: logRoot, additionalLogDirectories: [], workspaceFolders: [join(repository, 'packages/deep')] }; // prettier-ignore
  assert.deepEqual(resolveRoots(places).roots.slice(0, 2), [logRoot, traces]);
});
