import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { CodeAction, CodeLens, Command, ShowDocumentParams } from 'vscode-languageserver/node';
import { receive } from '../../telemetry/otlp/otlpReceiver.ts';
import { DEAD } from '../../logs/scratch.ts';
import { ScriptedRoot, type ScriptedSession } from '../../webview/scriptedRoot.ts';
import { writeGoodSession, writeLeakySession } from '../../webview/scriptedSessions.ts';
import { LanguageClient, ScratchFolder } from './languageClient.ts';
import { CLAUDE_LINES } from './transcriptLines.ts';

let root: ScriptedRoot;
let session: ScriptedSession;
let scratch: ScratchFolder;
/** VS Code with our extension, and any other editor. */
let host: LanguageClient;
let other: LanguageClient;
const shown: ShowDocumentParams[] = [];
const messages: string[] = [];

before(async () => {
  root = new ScriptedRoot();
  scratch = new ScratchFolder();
  session = writeLeakySession(root);
  host = await LanguageClient.start({ roots: [root.path], hasHost: true });
  other = await LanguageClient.start({ roots: [root.path] });
  for (const { connection } of [host, other]) {
    connection.onRequest('window/showDocument', (params: ShowDocumentParams) => {
      shown.push(params);
      return { success: true };
    });
    connection.onNotification('window/showMessage', ({ message }: { message: string }) => void messages.push(message));
  }
});
after(async () => {
  await host.stop();
  await other.stop();
  root.remove();
  scratch.remove();
});

async function opened(client: LanguageClient, path: string): Promise<string> {
  const { href } = pathToFileURL(path);
  await client.open(href, readFileSync(path, 'utf8'));
  return href;
}

async function lenses(client: LanguageClient, uri: string): Promise<CodeLens[]> {
  return (await client.ask<CodeLens[] | null>('codeLens', uri)) ?? [];
}

/** `line title`, the line as a person counts it. */
function told(found: readonly CodeLens[]): string[] {
  return found.map(({ range, command }) => `${range.start.line + 1} ${command?.title}`);
}

async function actions(client: LanguageClient, uri: string, line: number, only?: string): Promise<Command[]> {
  const at = { line, character: 0 };
  const context = { diagnostics: [], ...(only !== undefined && { only: [only] }) };
  const found = await client.ask<CodeAction[] | null>('codeAction', uri, { range: { start: at, end: at }, context });
  return (found ?? []).flatMap(({ command }) => command ?? []);
}

function run(client: LanguageClient, command: Command | undefined): Promise<unknown> {
  assert.ok(command !== undefined);
  return client.connection.sendRequest('workspace/executeCommand', {
    command: command.command,
    arguments: command.arguments,
  });
}

test('above an episode stands what leads to the panel and to the snapshot', async () => {
  const uri = await opened(host, join(session.dir, 'anomalies.jsonl'));
  const found = await lenses(host, uri);
  assert.deepEqual(told(found).slice(0, 4), [
    '1 Show on timeline',
    '1 Go to the snapshot',
    '2 Show on timeline',
    '2 Go to the snapshot',
  ]);
  assert.deepEqual(found[2]?.command?.arguments, [session.ref, 900]);
  await run(host, found[3]?.command);
  assert.equal(basename(fileURLToPath(shown.at(-1)?.uri ?? '')), 'proc_trace.jsonl');
  assert.equal(shown.at(-1)?.selection?.start.line, 900);
});

test('snapshots have a lens where an episode begins, every one has the action', async () => {
  const uri = await opened(host, join(session.dir, 'proc_trace.jsonl'));
  assert.deepEqual(told(await lenses(host, uri)), [
    '161 Show on timeline: High CPU sustained',
    '901 Show on timeline: Tree RSS growth',
    '1001 Show on timeline: Zombie children',
    '1251 Show on timeline: Memory limit near',
    '1331 Show on timeline: Limit ahead',
  ]);
  const [show, report] = await actions(host, uri, 77);
  assert.deepEqual([show?.title, show?.arguments], ['Show on timeline', [session.ref, 77]]);
  assert.deepEqual([report?.title, report?.command], ['Export bug report', 'sessionDiagnostics.exportReport']);
});

test('every other file of the layout has its lenses too', async () => {
  const death = [session.ref];
  session.lifecycle(1, 'anomaly_detected', { reason: 'fd_high', context: { severity: 'warning', seq: 1000 } });
  const lifecycle = await lenses(host, await opened(host, join(session.dir, 'lifecycle.jsonl')));
  assert.deepEqual(told(lifecycle), ['5 Show on timeline', '6 Show on timeline']);
  assert.deepEqual(
    lifecycle.map(({ command }) => command?.arguments),
    [death, [session.ref, 1000]],
  );
  const log = join(root.path, 'session_lifecycle.log');
  writeFileSync(log, readFileSync(join(session.dir, 'lifecycle.jsonl')));
  const shared = await lenses(host, await opened(host, log));
  assert.deepEqual(shared[1]?.command?.arguments, [session.ref, 1000]);
  const index = await opened(host, join(root.path, 'sessions.jsonl'));
  assert.deepEqual(told(await lenses(host, index)), ['1 Show on timeline', '1 Go to the session']);
  await host.close(index);
  const summary = await opened(host, join(session.dir, 'summary.json'));
  assert.deepEqual(told(await lenses(host, summary)), ['1 Show on timeline', '1 Export bug report']);
  const tree = await opened(host, join(session.dir, 'tree.jsonl'));
  assert.equal(told(await lenses(host, tree))[0], '17 Show on timeline: High CPU sustained');
  const line = (phase: string, payload: object = {}) =>
    JSON.stringify({ ts: '2026-03-01T10:00:00Z', skill: 'fix', session_id: 's', phase, payload });
  const text = [line('start'), line('tool_call', { tool: 'bash' }), line('tool_result', { ok: false })].join('\n');
  const trace = scratch.write('trace.jsonl', text);
  await host.open(trace, text);
  assert.match(told(await lenses(host, trace))[0] ?? '', /^3 .* · Copy handle$/);
});

test('what only VS Code has is not offered to another editor', async () => {
  const uri = await opened(other, join(session.dir, 'anomalies.jsonl'));
  assert.deepEqual(
    [...new Set((await lenses(other, uri)).map(({ command }) => command?.title))],
    ['Go to the snapshot'],
  );
  const offered = await actions(other, uri, 3);
  assert.deepEqual(
    offered.map(({ command }) => command),
    ['sessionDiagnostics.server.writeReport'],
  );
});

test('a file outside of every log root leads to its siblings, not to the panel', async () => {
  const anomalies = readFileSync(join(session.dir, 'anomalies.jsonl'), 'utf8').split('\n').slice(0, 1).join('\n');
  const uri = scratch.write('anomalies.jsonl', anomalies);
  await host.open(uri, anomalies);
  assert.deepEqual(told(await lenses(host, uri)), ['1 Go to the snapshot']);
  assert.deepEqual(await actions(host, uri, 0), []);
});

test('a failure of a transcript gets its handle when it is asked for, and not before', async () => {
  // Its last call is open: the agent is at it, and nothing has failed yet.
  const text = [...CLAUDE_LINES, ...CLAUDE_LINES.slice(0, 2)].join('\n');
  const uri = scratch.write('transcript.jsonl', text);
  await host.open(uri, text);
  const [failure, ...others] = await lenses(host, uri);
  assert.deepEqual(others, []);
  assert.equal(failure?.command?.title, 'dns · Copy handle');
  assert.equal(existsSync(join(root.path, '.handle-key')), false, 'looking writes nothing');
  const handle = await run(host, failure?.command);
  assert.match(String(handle), /^src:[0-9a-f]{12}:L7$/);
});

test('a torn tail is moved aside when that was chosen; a running session has none to move', async () => {
  const torn = root.session('[torn](command:a.b)$(bell)');
  torn.anomaly(1, 1, { kind: 'fd_high', severity: 'warning', detail: {} });
  torn.raw('anomalies.jsonl', '{"event":"anom');
  const path = join(torn.dir, 'anomalies.jsonl');
  const uri = await opened(host, path);
  assert.equal((await actions(host, uri, 0, 'quickfix')).length, 0, 'only at the line itself');
  const [move] = await actions(host, uri, 1, 'quickfix');
  assert.equal(move?.title, 'Move the torn last line into a .bad file beside this one');
  assert.ok(readFileSync(path, 'utf8').endsWith('{"event":"anom'), 'nothing happens by itself');
  await run(host, move);
  assert.ok(readFileSync(path, 'utf8').endsWith('}\n'));
  assert.equal(readFileSync(`${path}.bad`, 'utf8'), '{"event":"anom\n');
  // An editor would make a link and an icon of the name in what it is told.
  await host.until(() => messages.some((message) => message.includes('[torn] (command:a.b)$ (bell)')), 'a message');
  const live = root.session('live', 'running');
  live.raw('anomalies.jsonl', readFileSync(path, 'utf8') + '{"event":"anom');
  assert.deepEqual(await actions(host, await opened(host, join(live.dir, 'anomalies.jsonl')), 1, 'quickfix'), []);
});

test('an index that misses a session is healed when that was chosen', async () => {
  const index = join(root.path, 'sessions.jsonl');
  assert.deepEqual(await actions(host, await opened(host, index), 0, 'quickfix'), [], 'a whole index needs nothing');
  await host.close(pathToFileURL(index).href);
  const before = readFileSync(index, 'utf8');
  writeGoodSession(root);
  writeFileSync(index, before);
  const [heal] = await actions(host, await opened(host, index), 0, 'quickfix');
  assert.equal(heal?.title, 'Heal the index: add the session that it misses');
  await run(host, heal);
  await host.until(() => messages.includes('1 session was added.'), `a message, among ${messages.join(' ')}`);
  assert.equal(readFileSync(index, 'utf8').trim().split('\n').length, before.trim().split('\n').length + 1);
});

test('a session that is recovered while the index is healed is sent to the receiver of the settings', async () => {
  const own = new ScriptedRoot();
  const receiver = await receive();
  const client = await LanguageClient.start({ roots: [own.path] });
  try {
    writeLeakySession(own);
    const index = join(own.path, 'sessions.jsonl');
    const before = readFileSync(index, 'utf8');
    writeGoodSession(own);
    writeFileSync(index, before);
    const lost = join(own.path, 'running/lost');
    mkdirSync(lost, { recursive: true });
    const enrollment = { ...DEAD, session_id: 'lost', enrolled_at: '2026-03-01T10:00:00+00:00' };
    writeFileSync(join(lost, 'enrollment.json'), JSON.stringify(enrollment));
    const settings = { sessionDiagnostics: { otlpEndpoint: receiver.endpoint } };
    await client.connection.sendNotification('workspace/didChangeConfiguration', { settings });
    const [heal] = await actions(client, await opened(client, index), 0, 'quickfix');
    await run(client, heal);
    assert.ok(existsSync(join(own.path, 'sessions/lost/summary.json')));
    assert.deepEqual(
      receiver.spans.map(({ name }) => name),
      ['invoke_agent other'],
    );
  } finally {
    await client.stop();
    await receiver.close();
    own.remove();
  }
});

test('commands with arguments of somebody else’s making do nothing', async () => {
  for (const command of ['goTo', 'tellHandle', 'moveTornTail', 'writeReport'].map(
    (name) => `sessionDiagnostics.server.${name}`,
  )) {
    for (const args of [
      [],
      [null, '1'],
      [7],
      ['file:///nowhere', 'x'],
      [root.path, '../../etc'],
      [root.path, '--out=x'],
    ]) {
      await host.connection.sendRequest('workspace/executeCommand', { command, arguments: args });
    }
  }
  assert.deepEqual(host.stderr, []);
});
