import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { DocumentLink, InlayHint, SemanticTokens } from 'vscode-languageserver/node';
import { openHandles } from '../../../src/logs/handles.ts';
import { logRootAt } from '../../../src/logs/logRoot.ts';
import { languageScene } from './languageScene.ts';
import { CLAUDE_LINES } from './transcriptLines.ts';

const { root, session, scratch, client, opened } = await languageScene({ logFileInlayHints: true });

const range = (firstLine: number, lastLine: number) => ({
  range: { start: { line: firstLine, character: 0 }, end: { line: lastLine, character: 0 } },
});

async function links(uri: string): Promise<DocumentLink[]> {
  return (await client.ask<DocumentLink[] | null>('documentLink', uri)) ?? [];
}

function targetOf({ target = '' }: DocumentLink): string {
  return `${basename(fileURLToPath(target.replace(/#.*/, '')))}${/#.*/.exec(target)?.[0] ?? ''}`;
}

test('the number of an anomaly is a link to its snapshot, found when it is followed', async () => {
  const uri = await opened(join(session.dir, 'anomalies.jsonl'));
  const found = await links(uri);
  assert.equal(found.length, 44);
  const [, second] = found;
  assert.ok(second !== undefined && second.target === undefined);
  const text = readFileSync(fileURLToPath(uri), 'utf8').split('\n')[1] ?? '';
  assert.equal(text.slice(second.range.start.character, second.range.end.character), '900');
  const resolved: DocumentLink = await client.connection.sendRequest('documentLink/resolve', second);
  assert.equal(targetOf(resolved), 'proc_trace.jsonl#L901');
});

test('names of sessions lead to them, where they are there', async () => {
  root.index({ session_id: 'gone', dir_name: 'gone', snapshot_count: 1 });
  assert.deepEqual((await links(await opened(join(root.path, 'sessions.jsonl')))).map(targetOf), ['summary.json']);
});

test('a summary leads to the transcript, and a handle of it to the very line', async () => {
  const transcript = join(scratch.path, 'own.jsonl');
  writeFileSync(transcript, CLAUDE_LINES.join('\n'));
  const handle = openHandles(logRootAt(root.path)).handleOf(transcript)(7);
  const summary = { dir_name: 'x', exit_code: 1, anomaly_count: 0, claude_code_log: transcript };
  const other = root.session('linked');
  other.raw('summary.json', JSON.stringify({ ...summary, failures: { sources: [{ handle }] } }, undefined, 2));
  const found = await links(await opened(join(other.dir, 'summary.json')));
  assert.deepEqual(found.map(targetOf), ['own.jsonl', 'own.jsonl#L7']);
  assert.equal(found[1]?.range.start.line, 8);
});

async function hints(uri: string, firstLine: number, lastLine: number): Promise<string[]> {
  const found = (await client.ask<InlayHint[] | null>('inlayHint', uri, range(firstLine, lastLine))) ?? [];
  return found.map(({ label, position }) => `${position.line}: ${typeof label === 'string' ? label : ''}`);
}

test('sizes and times stand beside the values of the visible lines, and nowhere when switched off', async () => {
  const uri = await opened(join(session.dir, 'proc_trace.jsonl'));
  const text = readFileSync(fileURLToPath(uri), 'utf8').split('\n');
  const found = await hints(uri, 70, 70);
  assert.ok(found.includes('70: +1 min 10 s'), found.join('\n'));
  const rss = Number(/"vm_rss_kb":(\d+)/.exec(text[70] ?? '')?.[1]);
  assert.ok(found.includes(`70: ${Math.round(rss / 1024)} MiB`), found.join('\n'));
  assert.equal(
    (await hints(uri, 0, 1399)).some((hint) => hint.startsWith('600:')),
    false,
    'not beyond a few screens',
  );
  const off = { settings: { sessionDiagnostics: { logFileInlayHints: false } } };
  await client.connection.sendNotification('workspace/didChangeConfiguration', off);
  assert.deepEqual(await hints(uri, 70, 70), []);
});

/** `line: text severity`. */
async function colours(uri: string, text: string, method = 'semanticTokens/full', params = {}): Promise<string[]> {
  const lines = text.split('\n');
  const { data } = await client.ask<SemanticTokens>(method, uri, params);
  const legend = client.initialized?.capabilities.semanticTokensProvider?.legend.tokenTypes ?? [];
  const found: string[] = [];
  let line = 0;
  let start = 0;
  for (let i = 0; i < data.length; i += 5) {
    const [down = 0, right = 0, length = 0, type = 0] = data.slice(i, i + 5);
    line += down;
    start = down === 0 ? start + right : right;
    found.push(`${line}: ${lines[line]?.slice(start, start + length)} ${legend[type]}`);
  }
  return found;
}

test('severities have their colours, in any file of the layout', async () => {
  const uri = await opened(join(session.dir, 'anomalies.jsonl'));
  const text = readFileSync(fileURLToPath(uri), 'utf8');
  const all = await colours(uri, text);
  assert.equal(all.length, 44);
  assert.equal(all[0], '0: "info" infoSeverity');
  assert.equal(all[1], '1: "warning" warningSeverity');
  assert.equal(all[42], '42: "critical" criticalSeverity');
  assert.deepEqual(await colours(uri, text, 'semanticTokens/range', range(42, 43)), all.slice(42));
  const index = join(root.path, 'sessions.jsonl');
  assert.deepEqual(await colours(await opened(index), readFileSync(index, 'utf8')), [
    '0: "oom_kill" criticalSeverity',
    '0: "crashed" criticalSeverity',
    '0: false criticalSeverity',
    '0: "oom_kill" criticalSeverity',
    '0: "died" criticalSeverity',
  ]);
});

test('text of a log cannot pass for a field', async () => {
  const hostile = JSON.stringify({
    sessionId: 's',
    uuid: 'u',
    type: 'user',
    message: '{"severity":"critical","is_error":true}',
  });
  const uri = scratch.write('hostile.jsonl', hostile);
  await client.open(uri, hostile);
  assert.deepEqual(await colours(uri, hostile), []);
});
