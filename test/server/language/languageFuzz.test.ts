import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import {
  CancellationTokenSource,
  LSPErrorCodes,
  ResponseError,
  type Diagnostic,
  type LogMessageParams,
} from 'vscode-languageserver/node';
import { TextDocument, type TextDocumentContentChangeEvent } from 'vscode-languageserver-textdocument';
import { logFileKindOf } from '../../../src/server/language/documents/fileKind.ts';
import { isoFromMs } from '../../../src/core/words/time.ts';
import { randomFrom } from '../../core/randomFrom.ts';
import { START_MS } from '../../webview/scriptedRoot.ts';
import { LanguageClient, ScratchFolder } from './languageClient.ts';

const EDITS = 10_000;
const EDITS_A_ROUND = 50;
const LONGEST = 40_000;

let client: LanguageClient;
let folder: ScratchFolder;
/** What went wrong in the server without an answer that says so. */
const complaints: string[] = [];

before(async () => {
  folder = new ScratchFolder();
  mkdirSync(join(folder.path, 'sessions', 'sess-a'), { recursive: true });
  // A heap in which the texts of all versions have no room.
  client = await LanguageClient.start({}, ['--max-old-space-size=64']);
  client.connection.onNotification('window/logMessage', ({ type, message }: LogMessageParams) => {
    if (type <= 2) complaints.push(message);
  });
});
after(async () => {
  await client.stop();
  folder.remove();
});

const at = (second: number): string => isoFromMs(START_MS + second * 1000);
const times = (count: number, line: (i: number) => object): string =>
  Array.from({ length: count }, (_, i) => `${JSON.stringify(line(i))}\n`).join('');

const BASES: Readonly<Record<string, string>> = {
  'sessions/sess-a/proc_trace.jsonl': times(40, (seq) => ({
    ts: at(seq),
    captured_at: at(seq),
    seq,
    event: 'snapshot',
    vm_rss_kb: 1000,
    oom_score: 700,
    tree_rss_kb: 1,
    sig_pnd: '0000000000000000',
    wchan: 'ep_poll',
    state: 'sleeping',
    fd_count: 9,
    fd_soft_limit: 1024,
  })),
  'sessions/sess-a/tree.jsonl': times(10, (seq) => ({ ts: at(seq), seq, processes: [{ pid: 7, rss_kb: 10 }] })),
  'sessions/sess-a/anomalies.jsonl': times(8, (i) => ({
    ts: at(i),
    seq: i,
    event: 'anomaly',
    kind: 'fd_leak',
    severity: 'warning',
    pid: 7,
    detail: { since_seq: 1 },
  })),
  'sessions/sess-a/lifecycle.jsonl': times(8, (i) => ({ timestamp: at(i), event: 'attached', session_id: 'sess-a' })),
  'sessions/sess-a/summary.json': JSON.stringify(
    { session_id: 'sess-a', dir_name: 'sess-a', exit_code: -9, snapshot_count: 40, anomaly_count: 8, verdict: {} },
    undefined,
    2,
  ),
  'sessions.jsonl': times(6, (i) => ({ session_id: `s${i}`, dir_name: 'sess-a', snapshot_count: i, timestamp: at(i) })),
  'session_lifecycle.log': times(8, (i) => ({ timestamp: at(i), event: 'session_finished', session_id: 'sess-a' })),
  'trace.jsonl': times(12, (i) => ({
    ts: at(i),
    skill: 'fix',
    session_id: 'x',
    phase: ['start', 'tool_call', 'tool_result'][i % 3],
    payload: { ok: false, error: 'curl: (6) Could not resolve host: example.test', exit_code: 6 },
  })),
  'meta.json': JSON.stringify(
    { session_id: 'x', skill: 'fix', started_at: at(0), tool_calls: 4, errors: 4 },
    undefined,
    2,
  ),
  '.autoskillit/config.yaml': 'linux_tracing:\n  enabled: true\n  proc_interval: 5\n  log_dir: logs\n',
};

const PIECES = [
  '"',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '\n',
  '\r\n',
  '\r',
  '\\',
  'null',
  '-1',
  '1e999',
  '"seq": 3,',
  ' ',
  '💥',
  '\ud800',
  '\0',
  '  log_dir: x\n',
  '['.repeat(300),
];

/** The same edits in every run. */
const drawn = randomFrom(7);
const random = (below: number): number => Math.floor(drawn() * below);

function randomPosition(text: TextDocument): { readonly line: number; readonly character: number } {
  if (random(50) === 0) return { line: random(1_000_000), character: random(1_000_000) };
  // Mostly behind the first record: it is what makes the file ours.
  const from = random(20) === 0 ? 0 : Math.min(text.getText().length, 400);
  return text.positionAt(from + random(text.getText().length + 1 - from));
}

function randomChange(text: TextDocument, base: string): TextDocumentContentChangeEvent {
  if (text.getText().length > LONGEST || random(100) === 0) return { text: base };
  const start = randomPosition(text);
  const end = random(3) === 0 ? randomPosition(text) : { ...start, character: start.character + random(6) };
  return { range: { start, end }, text: random(4) === 0 ? '' : (PIECES[random(PIECES.length)] ?? '') };
}

const REQUESTS: readonly ((position: object) => readonly [string, object])[] = [
  (position) => ['hover', { position }],
  (position) => ['completion', { position }],
  (position) => ['definition', { position }],
  (position) => ['references', { position, context: { includeDeclaration: true } }],
  (position) => ['selectionRange', { positions: [position] }],
  (position) => ['codeAction', { range: { start: position, end: position }, context: { diagnostics: [] } }],
  (position) => ['inlayHint', { range: { start: { line: 0, character: 0 }, end: position } }],
  () => ['documentSymbol', {}],
  () => ['foldingRange', {}],
  () => ['codeLens', {}],
  () => ['documentLink', {}],
  () => ['semanticTokens/full', {}],
];

/** A request that somebody may lose interest in: an answer, or a word that it was cancelled. */
async function askAnything(uri: string, text: TextDocument): Promise<void> {
  const [method, params] = REQUESTS[random(REQUESTS.length)]?.(randomPosition(text)) ?? ['hover', {}];
  const source = new CancellationTokenSource();
  const asked = client.connection.sendRequest(
    `textDocument/${method}`,
    { textDocument: { uri }, ...params },
    source.token,
  );
  if (random(3) === 0) source.cancel();
  try {
    await asked;
  } catch (error) {
    const isCancelled = error instanceof ResponseError && error.code === LSPErrorCodes.RequestCancelled;
    if (!isCancelled) complaints.push(`${method}: ${String(error)}`);
  } finally {
    source.dispose();
  }
}

const found = (diagnostics: readonly Diagnostic[]): readonly unknown[] =>
  diagnostics.map(({ range, code, message }) => [range.start.line, range.start.character, code, message]);

test(`${EDITS} random edits leave no stale problem, no error and no memory behind`, async () => {
  const texts = new Map<string, { text: TextDocument; readonly base: string }>();
  for (const [name, base] of Object.entries(BASES)) {
    const uri = folder.write(name, base);
    texts.set(uri, { text: TextDocument.create(uri, 'jsonl', 1, base), base });
    await client.open(uri, base);
  }
  const uris = [...texts.keys()];
  for (let done = 0; done < EDITS; done += EDITS_A_ROUND) {
    const uri = uris[random(uris.length)] ?? '';
    const one = texts.get(uri);
    assert.ok(one);
    for (let i = 0; i < EDITS_A_ROUND; i += 1) {
      const change = randomChange(one.text, one.base);
      one.text = TextDocument.update(one.text, [change], one.text.version + 1);
      await client.change(uri, [change]);
    }
    await Promise.all([1, 2, 3].map(() => askAnything(uri, one.text)));
    if (random(8) !== 0) continue;
    await compareWithFresh(uri, one.text.getText());
    await client.close(uri);
    one.text = TextDocument.create(uri, 'jsonl', 1, one.text.getText());
    await client.open(uri, one.text.getText());
  }
  for (const uri of uris) await client.close(uri);
  for (const uri of uris) await client.until(() => isNothingShown(uri), 'nothing to be shown of what is closed');
  assert.ok(compared > 10, `${compared} comparisons`);
  assert.deepEqual(complaints, []);
  assert.equal(client.stderr.join(''), '');
});

let compared = 0;

/** What many edits have led to is what the server says about the same text when it sees it for the first time. */
async function compareWithFresh(uri: string, text: string): Promise<void> {
  if (logFileKindOf(uri, text.split(/\r\n|\r|\n/)) === undefined) {
    await client.until(() => isNothingShown(uri), 'nothing to be shown of what is none of ours');
    return;
  }
  compared += 1;
  const fresh = uri.replace(/[^/]*$/, (name) => (name === 'config.yaml' ? name : `fresh.${name}`));
  const edited = found(await client.problemsOf(uri));
  if (fresh === uri) await client.close(uri);
  await client.open(fresh, text);
  assert.deepEqual(edited, found(await client.problemsOf(fresh)), uri);
  if (fresh !== uri) await client.close(fresh);
}

function isNothingShown(uri: string): boolean {
  return (client.published.findLast((params) => params.uri === uri)?.diagnostics ?? []).length === 0;
}

test('messages that are cut off, no JSON, or not what they say are survived', async () => {
  const { stdin } = client.process;
  const uri = folder.write('proc_trace.jsonl', BASES['sessions/sess-a/proc_trace.jsonl'] ?? '');
  const whole = JSON.stringify({
    jsonrpc: '2.0',
    id: 9001,
    method: 'textDocument/hover',
    params: { textDocument: { uri } },
  });
  for (let length = 1; length < whole.length; length += 7) {
    stdin.write(`Content-Length: ${length}\r\n\r\n${whole.slice(0, length)}`);
  }
  for (const params of [null, 7, [], {}, { textDocument: null }, { textDocument: { uri: 5 } }, { contentChanges: 3 }]) {
    for (const method of ['didOpen', 'didChange', 'didClose']) {
      const message = JSON.stringify({ jsonrpc: '2.0', method: `textDocument/${method}`, params });
      stdin.write(`Content-Length: ${Buffer.byteLength(message)}\r\n\r\n${message}`);
    }
  }
  await client.connection.sendNotification('sessionDiagnostics/largeFiles', {
    uris: [3, null, 'file:///%', 'x:y', uri],
  });
  await client.connection.sendNotification('workspace/didChangeConfiguration', { settings: [1] });
  const hover: unknown = await client.ask('hover', uri, { position: { line: 0, character: 3 } });
  assert.ok(hover, 'it answers what is asked properly');
  assert.deepEqual(
    complaints.filter((message) => message.includes('failed')),
    [],
  );
});

test('an editor that goes away in the middle of a message ends the server', async () => {
  const other = await LanguageClient.start();
  other.process.stdin.end('Content-Length: 500\r\n\r\n{"jsonrpc":');
  await other.until(() => other.process.exitCode !== null, 'its end');
  other.connection.dispose();
});
