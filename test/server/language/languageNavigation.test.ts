import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Location } from 'vscode-languageserver/node';
import { languageScene } from './languageScene.ts';
import { CLAUDE_LINES } from './transcriptLines.ts';

const { root, session, scratch, client, opened } = await languageScene();

const uriOf = (path: string): string => pathToFileURL(path).href;

/** `file:line`, the line as a person counts it. */
async function places(method: 'definition' | 'references', uri: string, line: number): Promise<string[]> {
  const position = { line, character: 3 };
  const params = { position, context: { includeDeclaration: true } };
  const found = (await client.ask<Location[] | null>(method, uri, params)) ?? [];
  return found.map((place) => `${basename(fileURLToPath(place.uri))}:${place.range.start.line + 1}`);
}

test('an anomaly leads to its snapshot, and to everything else that tells of its episode', async () => {
  const uri = await opened(join(session.dir, 'anomalies.jsonl'));
  // Line 1 is another kind; the growth of the tree is on samples 900 to 939.
  assert.deepEqual(await places('definition', uri, 1), ['proc_trace.jsonl:901']);
  const told = await places('references', uri, 1);
  assert.equal(told.filter((place) => place.startsWith('anomalies.jsonl')).length, 40);
  assert.deepEqual(told.slice(40), ['proc_trace.jsonl:901', 'tree.jsonl:91']);
});

test('a snapshot leads to the anomalies and the tree of its sample, and a tree to its snapshot', async () => {
  const trace = await opened(join(session.dir, 'proc_trace.jsonl'));
  assert.deepEqual(await places('definition', trace, 1000), ['anomalies.jsonl:42', 'tree.jsonl:101']);
  assert.deepEqual(await places('definition', trace, 1001), []);
  const tree = await opened(join(session.dir, 'tree.jsonl'));
  assert.deepEqual(await places('definition', tree, 100), ['proc_trace.jsonl:1001']);
});

test('what the editor shows counts, not what the disk has: lines are found where an edit has moved them', async () => {
  const trace = uriOf(join(session.dir, 'proc_trace.jsonl'));
  const anomalies = uriOf(join(session.dir, 'anomalies.jsonl'));
  const start = { line: 0, character: 0 };
  await client.change(trace, [{ range: { start, end: start }, text: '\n\n' }]);
  assert.deepEqual(await places('definition', anomalies, 1), ['proc_trace.jsonl:903']);
  await client.close(trace);
  assert.deepEqual(await places('definition', anomalies, 1), ['proc_trace.jsonl:901']);
});

test('a file that grows on disk is read on, and one that is replaced is read anew', async () => {
  const other = root.session('sess-growing', 'running');
  other.anomaly(1, 1, { kind: 'fd_high', severity: 'warning', detail: {} });
  other.anomaly(3, 3, { kind: 'fd_high', severity: 'warning', detail: {} });
  const uri = await opened(join(other.dir, 'anomalies.jsonl'));
  const trace = join(other.dir, 'proc_trace.jsonl');
  writeFileSync(trace, '{"seq":0}\n{"seq":1}\n{"se');
  assert.deepEqual(await places('definition', uri, 0), ['proc_trace.jsonl:2']);
  assert.deepEqual(await places('definition', uri, 1), []);
  appendFileSync(trace, 'q":2}\n{"seq":3}\n');
  assert.deepEqual(await places('definition', uri, 1), ['proc_trace.jsonl:4']);
  writeFileSync(`${trace}.new`, '{"seq":3}\n');
  renameSync(`${trace}.new`, trace);
  assert.deepEqual(await places('definition', uri, 1), ['proc_trace.jsonl:1']);
});

test('a line of the index leads to the session, one whose directory is gone leads nowhere', async () => {
  const path = join(root.path, 'sessions.jsonl');
  root.index({ session_id: 'gone', dir_name: 'gone', snapshot_count: 1 });
  root.index({ session_id: 'x', dir_name: '../../etc', snapshot_count: 1 });
  const uri = await opened(path);
  assert.deepEqual(await places('definition', uri, 0), ['summary.json:1']);
  assert.equal((await places('references', uri, 0)).length, 6);
  assert.deepEqual(await places('definition', uri, 1), []);
  assert.deepEqual(await places('definition', uri, 2), []);
});

test('an event about an anomaly leads to it, in the log over all sessions too', async () => {
  session.lifecycle(1, 'anomaly_detected', { reason: 'zombie_children', context: { severity: 'warning', seq: 1000 } });
  const own = await opened(join(session.dir, 'lifecycle.jsonl'));
  assert.deepEqual(await places('definition', own, 5), ['anomalies.jsonl:42', 'proc_trace.jsonl:1001']);
  const log = join(root.path, 'session_lifecycle.log');
  writeFileSync(log, readFileSync(join(session.dir, 'lifecycle.jsonl')));
  const shared = await opened(log);
  assert.deepEqual(await places('definition', shared, 5), ['anomalies.jsonl:42', 'proc_trace.jsonl:1001']);
  assert.deepEqual(await places('definition', shared, 0), ['summary.json:1']);
});

test('in a transcript a result leads to its call and a call to its result', async () => {
  const uri = scratch.write('session.jsonl', CLAUDE_LINES.join('\n'));
  await client.open(uri, CLAUDE_LINES.join('\n'));
  assert.deepEqual(await places('definition', uri, 2), ['session.jsonl:2']);
  assert.deepEqual(await places('definition', uri, 1), ['session.jsonl:3']);
  assert.deepEqual(await places('references', uri, 1), ['session.jsonl:2', 'session.jsonl:3']);
  assert.deepEqual(await places('definition', uri, 0), []);
});

test('damaged lines and files that are not ours are related to nothing', async () => {
  const torn = scratch.write('anomalies.jsonl', '{"event":"anomaly","kind":"fd_high","severity":"info","seq":1}\n{"ev');
  await client.open(torn, '{"event":"anomaly","kind":"fd_high","severity":"info","seq":1}\n{"ev');
  assert.deepEqual(await places('definition', torn, 1), []);
  assert.deepEqual(await places('definition', torn, 99), []);
  const stranger = scratch.write('package.json', '{"name":"x"}');
  await client.open(stranger, '{"name":"x"}');
  assert.deepEqual(await places('references', stranger, 0), []);
});
