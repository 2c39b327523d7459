import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import {
  CancellationTokenSource,
  LSPErrorCodes,
  type DocumentSymbol,
  type FoldingRange,
  type SelectionRange,
} from 'vscode-languageserver/node';
import { languageScene } from './languageScene.ts';
import { CLAUDE_LINES } from './transcriptLines.ts';

const { root, session, scratch, client, opened } = await languageScene();

/** `1-3 name (detail)`, lines as a person counts them, children indented. */
function shown(symbols: readonly DocumentSymbol[], indent = ''): string[] {
  return symbols.flatMap(({ range, name, detail, children }) => [
    `${indent}${range.start.line + 1}-${range.end.line + 1} ${name} (${detail})`,
    ...shown(children ?? [], `${indent}  `),
  ]);
}

async function outline(uri: string): Promise<string[]> {
  return shown((await client.ask<DocumentSymbol[] | null>('documentSymbol', uri)) ?? []);
}

test('fourteen hundred snapshots are quiet stretches and episodes', async () => {
  const uri = await opened(join(session.dir, 'proc_trace.jsonl'));
  assert.deepEqual(await outline(uri), [
    '1-160 Quiet (160 samples, from +0.0 s)',
    '161-161 High CPU sustained (1 sample, from +2 min 40 s)',
    '162-900 Quiet (739 samples, from +2 min 41 s)',
    '901-940 Tree RSS growth (40 samples, from +15 min 45 s)',
    '941-1000 Quiet (60 samples, from +16 min 25 s)',
    '1001-1001 Zombie children (1 sample, from +17 min 25 s)',
    '1002-1250 Quiet (249 samples, from +17 min 26 s)',
    '1251-1251 Memory limit near (1 sample, from +21 min 35 s)',
    '1252-1330 Quiet (79 samples, from +21 min 36 s)',
    '1331-1331 Limit ahead (1 sample, from +22 min 55 s)',
    '1332-1400 Quiet (69 samples, from +22 min 56 s)',
  ]);
  const folds = (await client.ask<FoldingRange[] | null>('foldingRange', uri)) ?? [];
  assert.ok(folds.some(({ startLine, endLine }) => startLine === 900 && endLine === 939));
  assert.equal(folds.length, 7, 'a section of one line folds nothing');
});

test('overlapping episodes share a stretch and stand in it one by one', async () => {
  const both = root.session('overlap');
  both.samples([0, 1, 2, 3, 4].map((seq) => ({ seq, ms: seq * 1000 })));
  for (const seq of [1, 2]) both.anomaly(seq, seq, { kind: 'fd_high', severity: 'warning', detail: {} });
  for (const seq of [2, 3]) both.anomaly(seq, seq, { kind: 'oom_critical', severity: 'critical', detail: {} });
  assert.deepEqual(await outline(await opened(join(both.dir, 'proc_trace.jsonl'))), [
    '1-1 Quiet (1 sample, from +0.0 s)',
    '2-4 2 episodes (3 samples, from +1.0 s)',
    '  2-3 Fd high (warning, 2 records)',
    '  3-4 OOM critical (critical, 2 records)',
    '5-5 Quiet (1 sample, from +4.0 s)',
  ]);
  assert.deepEqual(await outline(await opened(join(both.dir, 'anomalies.jsonl'))), [
    '1-2 Fd high (warning, 2 records)',
    '3-4 OOM critical (critical, 2 records)',
  ]);
});

test('a trace that nobody has judged is judged for its outline', async () => {
  const line = (seq: number): string =>
    JSON.stringify({
      ts: `2026-01-15T09:00:0${seq}.000+00:00`,
      captured_at: `2026-01-15T09:00:0${seq}.000+00:00`,
      event: 'snapshot',
      comm: 'claude',
      seq,
      pid: 1,
      vm_rss_kb: 1,
      state: seq === 3 ? 'zombie' : 'running',
    });
  const text = [0, 1, 2, 3, 4, 5].map(line).join('\n');
  const uri = scratch.write('alone.jsonl', text);
  await client.open(uri, text);
  assert.deepEqual(await outline(uri), [
    '1-3 Quiet (3 samples, from +0.0 s)',
    '4-4 Zombie detected (1 sample, from +3.0 s)',
    '5-6 Quiet (2 samples, from +4.0 s)',
  ]);
});

test('events are named, repeated ones counted, and the log over all sessions is told by session', async () => {
  const quiet = root.session('quiet');
  quiet.lifecycle(0, 'session_created');
  for (let i = 0; i < 3; i += 1) quiet.lifecycle(i, 'heartbeat_missed');
  quiet.lifecycle(9, 'session_finished', { reason: 'natural_exit' });
  const own = ['1-1 Session created ()', '2-4 Heartbeat missed (3 times)', '5-5 Session finished (natural exit)'];
  assert.deepEqual(await outline(await opened(join(quiet.dir, 'lifecycle.jsonl'))), own);
  const lines = readFileSync(join(quiet.dir, 'lifecycle.jsonl'), 'utf8');
  const more = lines.replaceAll('"quiet"', '"other"');
  const uri = scratch.write('session_lifecycle.log', lines + more);
  await client.open(uri, lines + more, 'log');
  assert.deepEqual((await outline(uri)).slice(0, 5), [
    '1-5 quiet (5 events)',
    ...own.map((line) => `  ${line}`),
    '6-10 other (5 events)',
  ]);
});

test('the index is told by day', async () => {
  const uri = await opened(join(root.path, 'sessions.jsonl'));
  assert.deepEqual(await outline(uri), [
    '1-1 2026-01-15 (1 session)',
    '  1-1 claude -p "migrate the tests" (OOM-killed)',
  ]);
});

test('a transcript is its turns and their calls, and follows an edit', async () => {
  const text = CLAUDE_LINES.join('\n');
  const uri = scratch.write('transcript.jsonl', text);
  await client.open(uri, text);
  const turns = [
    '1-4 Turn 1 (1 call)',
    '  2-3 Shell call (ok)',
    '5-8 Turn 2 (1 call, 1 failed)',
    '  6-7 Shell call (failed: network, dns)',
  ];
  assert.deepEqual(await outline(uri), turns);
  await client.change(uri, [{ range: { start: { line: 4, character: 0 }, end: { line: 8, character: 0 } }, text: '' }]);
  assert.deepEqual((await outline(uri)).slice(0, 2), ['1-4 Turn 1 (1 call)', '  2-3 Shell call (ok)']);
  assert.equal((await outline(uri)).length, 2);
});

test('a devboy trace is its session and the tools it called', async () => {
  const line = (phase: string, payload: object = {}) =>
    JSON.stringify({ ts: '2026-03-01T10:00:00Z', skill: 'fix', session_id: 's', phase, payload });
  const call = { tool: 'bash' };
  const text = [line('start'), line('tool_call', call), line('tool_result', { ok: false }), line('end')].join('\n');
  const uri = scratch.write('trace.jsonl', text);
  await client.open(uri, text);
  assert.deepEqual(await outline(uri), ['1-4 Turn 1 (1 call, 1 failed)', '  2-3 Shell call (failed)']);
});

test('a selection grows from the value over its member, the record and the episode to the file', async () => {
  const uri = pathToFileURL(join(session.dir, 'anomalies.jsonl')).href;
  await opened(join(session.dir, 'anomalies.jsonl'));
  const text = readFileSync(join(session.dir, 'anomalies.jsonl'), 'utf8').split('\n')[1] ?? '';
  const character = text.indexOf('350000') + 2;
  const [found] = await client.ask<SelectionRange[]>('selectionRange', uri, { positions: [{ line: 1, character }] });
  const steps: string[] = [];
  for (let step = found; step !== undefined; step = step.parent) {
    const { start, end } = step.range;
    steps.push(start.line === end.line ? text.slice(start.character, end.character) : `${start.line}-${end.line}`);
  }
  assert.deepEqual(steps, [
    '350000',
    '"from_kb":350000',
    '{"from_kb":350000,"to_kb":790000}',
    '"detail":{"from_kb":350000,"to_kb":790000}',
    text,
    '1-40',
    '0-44',
  ]);
});

test('damaged lines are passed over, and a file that is not ours has no outline of ours', async () => {
  const text = `{"torn\n${readFileSync(join(session.dir, 'anomalies.jsonl'), 'utf8')}{"torn`;
  const uri = scratch.write('damaged.jsonl', text);
  await client.open(uri, text);
  assert.deepEqual((await outline(uri)).slice(0, 2), [
    '2-2 High CPU sustained (info, 1 record)',
    '3-42 Tree RSS growth (warning, 40 records)',
  ]);
  const stranger = scratch.write('stranger.jsonl', '{"a":1}\n');
  await client.open(stranger, '{"a":1}\n');
  for (const method of ['documentSymbol', 'foldingRange']) assert.equal(await client.ask(method, stranger), null);
  const positions = [{ line: 0, character: 2 }];
  assert.equal(await client.ask('selectionRange', stranger, { positions }), null);
});

/** Some megabytes: long enough to be overtaken. */
function longTrace(): string {
  const lines = Array.from({ length: 20_000 }, (_, seq) =>
    JSON.stringify({
      captured_at: `2026-01-15T09:00:00.${seq}`,
      event: 'snapshot',
      comm: 'c'.repeat(200),
      seq,
      vm_rss_kb: 1,
    }),
  );
  return `${lines.join('\n')}\n`;
}

test('an outline that is cancelled, or overtaken by an edit or the closing of its file, is nobody’s answer', async () => {
  const text = longTrace();
  const uri = scratch.write('long.jsonl', text);
  await client.open(uri, text);
  const cancelled = new CancellationTokenSource();
  const params = { textDocument: { uri } };
  const asked = client.connection.sendRequest('textDocument/documentSymbol', params, cancelled.token);
  cancelled.cancel();
  await asked.catch((error: unknown) =>
    assert.equal((error as { code?: number }).code, LSPErrorCodes.RequestCancelled),
  );
  // The edit comes while the answer to what was before it is worked out.
  const before = outline(uri);
  const all = { start: { line: 0, character: 0 }, end: { line: 20_000, character: 0 } };
  await client.change(uri, [{ range: all, text: text.slice(0, text.indexOf('\n') + 1) }]);
  const stale = await before;
  assert.ok(stale.length === 0 || stale[0]?.startsWith('1-20000 ') === true, stale.join(' '));
  assert.deepEqual(await outline(uri), ['1-1 Quiet (1 sample, from +0.0 s)']);
  const last = outline(uri);
  await client.close(uri);
  assert.ok((await last).length <= 1);
  // From now on the disk tells.
  assert.equal((await outline(uri))[0]?.startsWith('1-20000 Quiet'), true);
});

test('requests that make no sense fail by themselves, and the next is answered', async () => {
  const uri = scratch.write('short.jsonl', longTrace().slice(0, 2000));
  const wrong = [{}, { textDocument: null }, { textDocument: { uri: 7 } }, { textDocument: { uri: 'file://%zz' } }, 7];
  for (const method of ['documentSymbol', 'foldingRange', 'codeLens', 'definition', 'selectionRange', 'inlayHint']) {
    for (const params of wrong) {
      await client.connection.sendRequest(`textDocument/${method}`, params).catch(() => undefined);
    }
    const far = { positions: [{ line: 9e9, character: -1 }], position: { line: 9e9, character: 9e9 } };
    await client.ask(method, uri, { ...far, range: { start: far.position, end: far.position } }).catch(() => undefined);
  }
  assert.equal((await outline(uri)).length, 1);
  assert.deepEqual(client.stderr, []);
});
