import assert from 'node:assert/strict';
import { appendFileSync, closeSync, openSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Hover, MarkupContent } from 'vscode-languageserver/node';
import { queryMethod } from '../../../src/core/panel/serverProtocol.ts';
import { isoFromMs } from '../../../src/core/words/time.ts';
import { START_MS } from '../../webview/scriptedRoot.ts';
import { LanguageClient, ScratchFolder } from './languageClient.ts';

/** VS Code sends files up to 50 MB. */
const LINES = 60_000;
const PADDING = 'x'.repeat(900);
const LARGE_FILES = 'sessionDiagnostics/largeFiles';

let client: LanguageClient;
let folder: ScratchFolder;
let uri: string;

before(async () => {
  folder = new ScratchFolder();
  uri = folder.write('large.jsonl', '');
  const fd = openSync(join(folder.path, 'large.jsonl'), 'w');
  for (let from = 0; from < LINES; from += 1000) {
    writeSync(fd, Array.from({ length: 1000 }, (_, i) => `${snapshotLine(from + i)}\n`).join(''));
  }
  closeSync(fd);
  // A heap in which the file has no room.
  client = await LanguageClient.start({}, ['--max-old-space-size=40']);
});
after(async () => {
  await client.stop();
  folder.remove();
});

function snapshotLine(seq: number): string {
  if (seq === 50_000) return '{"captured_at": "2026-01-15T';
  const at = isoFromMs(START_MS + seq * 1000);
  return JSON.stringify({
    captured_at: at,
    vm_rss_kb: 2048,
    ts: at,
    seq,
    event: 'snapshot',
    comm: 'agent',
    note: PADDING,
  });
}

async function hoverAt(line: number): Promise<string | undefined> {
  const character = snapshotLine(0).indexOf('vm_rss_kb');
  const hover: Hover | null = await client.ask('hover', uri, { position: { line, character } });
  return (hover?.contents as MarkupContent | undefined)?.value; // the only form that the server sends
}

test('a file that the editor shows but does not send has its problems, a bounded part of it in memory', async () => {
  await client.connection.sendNotification(LARGE_FILES, { uris: [uri] });
  await client.until(() => client.published.some((params) => params.uri === uri), 'its problems');
  const problems = client.published.findLast((params) => params.uri === uri)?.diagnostics ?? [];
  assert.deepEqual(
    problems.map(({ range, code }) => [range.start.line, code]),
    [[50_000, 'malformed_line']],
  );
});

test('its lines are explained wherever they stand, also those that came later', async () => {
  assert.match((await hoverAt(0)) ?? '', /2\.0 MiB/);
  assert.match((await hoverAt(LINES - 1)) ?? '', /2\.0 MiB/);
  assert.equal(await hoverAt(LINES), undefined);
  appendFileSync(join(folder.path, 'large.jsonl'), `${snapshotLine(LINES)}\n`);
  assert.match((await hoverAt(LINES)) ?? '', /2\.0 MiB/);
});

test('a query of the panel does not wait for it, and closing it ends the work and takes its problems away', async () => {
  await client.connection.sendNotification(LARGE_FILES, { uris: [] });
  await client.until(() => client.published.findLast((params) => params.uri === uri)?.diagnostics.length === 0, 'none');
  const publications = client.published.length;
  await client.connection.sendNotification(LARGE_FILES, { uris: [uri] });
  const page = await client.connection.sendRequest(queryMethod('listSessions'), {
    filter: 'all',
    text: '',
    offset: 0,
    limit: 1,
  });
  assert.ok(page);
  assert.equal(client.published.length, publications, 'answered before the file was read to its end');
  await client.connection.sendNotification(LARGE_FILES, { uris: [] });
  const small = folder.write('small.jsonl', `${snapshotLine(1)}\nx\n${snapshotLine(2)}\n`);
  await client.open(small, `${snapshotLine(1)}\nx\n${snapshotLine(2)}\n`);
  assert.equal((await client.problemsOf(small)).length, 1);
  assert.ok(!client.published.slice(publications).some((params) => params.uri === uri), 'nothing about the closed one');
  await client.close(small);
});

test('another file in its place is read anew, and none at all gives nothing', async () => {
  folder.write('next.jsonl', `${snapshotLine(1)}\n`);
  renameSync(join(folder.path, 'next.jsonl'), join(folder.path, 'large.jsonl'));
  assert.match((await hoverAt(0)) ?? '', /2\.0 MiB/);
  assert.equal(await hoverAt(5), undefined);
  renameSync(join(folder.path, 'large.jsonl'), join(folder.path, 'moved.jsonl'));
  assert.equal(await hoverAt(0), undefined);
});
