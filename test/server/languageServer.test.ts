import assert from 'node:assert/strict';
import { fork, type ChildProcess } from 'node:child_process';
import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import {
  createProtocolConnection,
  IPCMessageReader,
  IPCMessageWriter,
  type ProtocolConnection,
} from 'vscode-languageserver/node';
import {
  queryMethod,
  RESOLVE_ROOTS_METHOD,
  type Alert,
  type Queries,
  type QueryName,
  type QueryReply,
  type RootsParams,
  type SessionChanged,
} from '../../src/core/panel/serverProtocol.ts';
import type { SessionRef } from '../../src/core/panel/sessionView.ts';
import { ScriptedRoot, START_MS } from '../webview/scriptedRoot.ts';
import { liveSample, writeLeakySession, writeRunningSession } from '../webview/scriptedSessions.ts';

const MAIN = join(import.meta.dirname, '../../src/server/main.ts');

let root: ScriptedRoot;
let server: ChildProcess;
let connection: ProtocolConnection;
let changes: SessionChanged[];
let alerts: Alert[];

beforeEach(() => {
  root = new ScriptedRoot();
  changes = [];
  alerts = [];
});
afterEach(async () => {
  await connection.sendRequest('shutdown');
  connection.dispose();
  server.kill('SIGKILL');
  root.remove();
});

async function start(): Promise<void> {
  server = fork(MAIN, ['--node-ipc'], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], timeout: 60_000 });
  connection = createProtocolConnection(new IPCMessageReader(server), new IPCMessageWriter(server));
  connection.onNotification('sessionDiagnostics/sessionChanged', (change: SessionChanged) => void changes.push(change));
  connection.onNotification('sessionDiagnostics/alert', (alert: Alert) => void alerts.push(alert));
  connection.listen();
  const initializationOptions = { roots: [root.path] };
  await connection.sendRequest('initialize', {
    processId: process.pid,
    rootUri: null,
    capabilities: {},
    initializationOptions,
  });
  await connection.sendNotification('initialized', {});
}

function ask<N extends QueryName>(name: N, params: Queries[N]['params']): Promise<QueryReply<N>> {
  return connection.sendRequest(queryMethod(name), params);
}

async function value<N extends QueryName>(name: N, params: Queries[N]['params']): Promise<Queries[N]['result']> {
  const reply = await ask(name, params);
  assert.ok(reply.ok, JSON.stringify(reply));
  return reply.value;
}

async function tellChanged(...paths: readonly string[]): Promise<void> {
  const events = paths.map((path) => ({ uri: pathToFileURL(path).href, type: 2 }));
  await connection.sendNotification('workspace/didChangeWatchedFiles', { changes: events });
  // Answered after the notification has been worked off.
  await value('listSessions', { filter: 'all', text: '', offset: 0, limit: 1 });
}

const all = (session: SessionRef) => ({ session, fromMs: undefined, toMs: undefined, pixels: 800 });

test('lists running sessions first, finds by text, and counts episodes', async () => {
  const leak = writeLeakySession(root);
  writeRunningSession(root);
  await start();
  const page = await value('listSessions', { filter: 'all', text: '', offset: 0, limit: 10 });
  assert.deepEqual(
    page.rows.map(({ isRunning, criticals, warnings, cause }) => ({ isRunning, criticals, warnings, cause })),
    [
      { isRunning: true, criticals: 0, warnings: 0, cause: undefined },
      { isRunning: false, criticals: 2, warnings: 2, cause: 'oom_kill' },
    ],
  );
  assert.equal((await value('listSessions', { filter: 'all', text: 'FLAKY', offset: 0, limit: 10 })).matching, 1);
  const failed = await value('listSessions', { filter: 'failed', text: '', offset: 0, limit: 10 });
  assert.deepEqual(
    failed.rows.map(({ ref }) => ref.id),
    [leak.id],
  );
});

test('the moment at a sample number is that line of the trace and that tree', async () => {
  const leak = writeLeakySession(root);
  await start();
  const moment = await value('moment', { session: leak.ref, seq: 1250, atMs: undefined });
  assert.equal(moment.snapshot['seq'], 1250);
  assert.equal(moment.snapshot['vm_rss_kb'], liveSample(1250)['vm_rss_kb']);
  assert.equal(moment.processes?.length, 5);
  assert.equal((await value('moment', { session: leak.ref, seq: 1251, atMs: undefined })).processes, undefined);
  const near = await value('moment', { session: leak.ref, seq: undefined, atMs: START_MS + 10_400 });
  assert.equal(near.seq, 10);
});

test('the overview holds the verdict, episodes placed on the samples, failures and leftovers', async () => {
  const leak = writeLeakySession(root);
  await start();
  const overview = await value('overview', { session: leak.ref });
  assert.match(overview.verdictSentence, /^Out of memory: the kernel killed /);
  assert.equal(overview.evidenceSentences.length, overview.verdict.evidence.length);
  const growth = overview.episodes.find(({ kind }) => kind === 'tree_rss_growth');
  assert.deepEqual([growth?.firstSeq, growth?.lastSeq, growth?.count], [900, 939, 40]);
  assert.equal(growth?.firstMs, liveSample(900).ms);
  assert.equal(overview.failures?.suspect.layer, 'environment');
  assert.equal(overview.leftovers[0]?.pid, 4302);
});

test('what is asked wrongly or is not there fails with its reason', async () => {
  await start();
  const missing = { root: root.path, id: 'nothing' };
  assert.deepEqual(await ask('overview', { session: missing }), { ok: false, failure: { kind: 'no_such_session' } });
  const outside = { root: root.path, id: '../../etc' };
  assert.deepEqual(await ask('overview', { session: outside }), { ok: false, failure: { kind: 'no_such_session' } });
  const elsewhere = { root: '/etc', id: 'ssl' };
  assert.deepEqual(await ask('overview', { session: elsewhere }), { ok: false, failure: { kind: 'no_such_session' } });
  const reply: unknown = await connection.sendRequest(queryMethod('series'), { session: 'x' });
  assert.deepEqual(reply, { ok: false, failure: { kind: 'bad_request' } });
});

test('new samples of a watched session are pushed, each once, also over its move to sessions/', async () => {
  const live = writeRunningSession(root);
  await start();
  await connection.sendNotification('sessionDiagnostics/watch', { sessions: [live.ref] });
  await value('series', all(live.ref));
  live.samples([liveSample(300), liveSample(301)]);
  await tellChanged(join(live.dir, 'proc_trace.jsonl'));
  assert.deepEqual(changes.at(-1)?.appended?.series.vm_rss_kb?.t, [liveSample(300).ms, liveSample(301).ms]);
  assert.equal(changes.at(-1)?.isOverviewChanged, false);

  live.samples([liveSample(302)]);
  live.finish({ snapshot_count: 303, success: true });
  await tellChanged(join(root.path, 'sessions.jsonl'), join(root.path, 'running', live.id), live.dir);
  assert.deepEqual(changes.at(-1)?.appended?.series.vm_rss_kb?.t, [liveSample(302).ms]);
  assert.equal(changes.at(-1)?.isOverviewChanged, true);
  assert.equal((await value('overview', { session: live.ref })).row.outcome, 'succeeded');
  await tellChanged(join(live.dir, 'summary.json'));
  assert.equal(changes.length, 2);
});

test('a session whose directory nobody told of is found with the next change of anything', async () => {
  await start();
  await tellChanged(join(root.path, 'session_lifecycle.log'));
  writeRunningSession(root, 'untold', 3);
  await tellChanged(join(root.path, 'session_lifecycle.log'));
  const page = await value('listSessions', { filter: 'running', text: '', offset: 0, limit: 10 });
  assert.deepEqual(
    page.rows.map(({ ref }) => ref.id),
    ['untold'],
  );
});

test('a torn last line waits for its rest and is damage only once nobody writes on', async () => {
  const live = writeRunningSession(root, 'torn', 3);
  await start();
  appendFileSync(join(live.dir, 'proc_trace.jsonl'), '{"captured_at":"2026-01-15T09:00:03');
  assert.deepEqual((await value('overview', { session: live.ref })).damage, []);
  live.finish({});
  const overview = await value('overview', { session: live.ref });
  assert.equal(overview.snapshotCount, 3);
  assert.equal(overview.damage[0]?.badLines, 1);
});

test('a trace that is replaced by another one is read anew', async () => {
  const live = writeRunningSession(root, 'replaced', 50);
  await start();
  assert.equal((await value('overview', { session: live.ref })).snapshotCount, 50);
  rmSync(join(live.dir, 'proc_trace.jsonl'));
  writeFileSync(join(live.dir, 'proc_trace.jsonl'), '');
  live.samples([liveSample(7)]);
  assert.equal((await value('overview', { session: live.ref })).snapshotCount, 1);
});

test('alerts once for a critical anomaly and once for an unexpected death of what runs here', async () => {
  const live = writeRunningSession(root);
  live.anomaly(5, START_MS + 5000, { kind: 'memory_pressure', severity: 'critical', detail: {} });
  await start();
  await tellChanged(join(root.path, 'session_lifecycle.log'));
  assert.equal(alerts.length, 0, 'what had happened before is no news');
  for (const seq of [20, 21]) {
    live.anomaly(seq, START_MS + seq * 1000, { kind: 'memory_limit_near', severity: 'critical', detail: {} });
    await tellChanged(join(root.path, 'session_lifecycle.log'));
  }
  live.finish({ success: false, subtype: 'crashed', exit_code: -9 });
  await tellChanged(join(root.path, 'running', live.id), live.dir);
  await tellChanged(join(root.path, 'sessions.jsonl'));
  // A death is held for a moment: it may be one of several.
  const end = Date.now() + 30_000;
  while (alerts.length < 2 && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 20));
  assert.deepEqual(alerts.map(toldBy), [
    ['critical_anomaly', 'memory_limit_near'],
    ['unexpected_death', 'killed'],
  ]);
});

function toldBy(alert: Alert): readonly string[] {
  if (alert.type === 'simultaneous_deaths') return [alert.type];
  return [
    alert.type,
    alert.type === 'critical_anomaly' ? alert.kind : alert.type === 'unexpected_death' ? alert.cause : '',
  ];
}

test('the table holds real samples, evenly picked, and never more than asked for', async () => {
  const leak = writeLeakySession(root);
  await start();
  const { rows, inRange } = await value('rows', { session: leak.ref, fromMs: undefined, toMs: undefined, limit: 5 });
  assert.equal(inRange, 1400);
  assert.deepEqual(
    rows.map(({ seq }) => seq),
    [0, 350, 700, 1049, 1399],
  );
});

test('log roots come from the setting and the additional ones', async () => {
  await start();
  const places = { logDirectory: '/var/log/agents', additionalLogDirectories: ['/mnt/logs'], workspaceFolders: [] };
  const resolved: RootsParams = await connection.sendRequest(RESOLVE_ROOTS_METHOD, places);
  assert.deepEqual(resolved.roots, ['/var/log/agents', '/mnt/logs']);
});
