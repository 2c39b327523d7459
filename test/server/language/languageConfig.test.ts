import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import type { CompletionItem, Hover, MarkupContent, TextEdit } from 'vscode-languageserver/node';
import { LanguageClient, ScratchFolder } from './languageClient.ts';

let client: LanguageClient;
let folder: ScratchFolder;
let uri: string;

before(async () => {
  folder = new ScratchFolder();
  uri = folder.uri('.autoskillit/config.yaml');
  client = await LanguageClient.start();
});
afterEach(async () => await client.close(uri));
after(async () => {
  await client.stop();
  folder.remove();
});

async function problemsIn(text: string): Promise<readonly (readonly unknown[])[]> {
  await client.open(uri, text, 'yaml');
  const lines = text.split('\n');
  return (await client.problemsOf(uri)).map(({ range: { start, end }, code }) => [
    code,
    lines[start.line]?.slice(start.character, end.character),
  ]);
}

/** The text after each proposal at `|` has been taken. */
async function completed(marked: string): Promise<readonly string[]> {
  const before = marked.slice(0, marked.indexOf('|'));
  const lines = before.split('\n');
  const text = marked.replace('|', '');
  await client.open(uri, text, 'yaml');
  const position = { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 };
  const items: readonly CompletionItem[] = await client.ask('completion', uri, { position });
  return items.map(({ textEdit }) => {
    const { range, newText } = textEdit as TextEdit; // the only form that the server sends
    const line = lines.at(-1) ?? '';
    return `${[...lines.slice(0, -1), line.slice(0, range.start.character)].join('\n')}${newText}${text.slice(before.length)}`;
  });
}

async function hoverAt(line: number, character: number): Promise<string> {
  const hover: Hover | null = await client.ask('hover', uri, { position: { line, character } });
  return (hover?.contents as MarkupContent | undefined)?.value ?? '';
}

test('a value of the wrong type, a misspelled key and broken YAML are marked', async () => {
  assert.deepEqual(await problemsIn('linux_tracing:\n  proc_interval: fast\n  log_dir: 3\n  enabled: maybe\n'), [
    ['wrong_type', 'fast'],
    ['wrong_type', '3'],
    ['wrong_type', 'maybe'],
  ]);
  await client.close(uri);
  assert.deepEqual(await problemsIn('linux_tracing:\n  procInterval: 5\n  log_dirs: x\n  proc_interval: -1\n'), [
    ['unknown_key', 'procInterval'],
    ['unknown_key', 'log_dirs'],
    ['wrong_type', '-1'],
  ]);
  await client.close(uri);
  assert.deepEqual(
    (await problemsIn('linux_tracing: [\n')).map(([code]) => code),
    ['malformed_document'],
  );
  await client.close(uri);
  assert.deepEqual(await problemsIn('linux_tracing: yes please\n'), [['wrong_type', 'linux_tracing']]);
});

test('what AutoSkillit may know and we do not, and a file without our section, have no problems', async () => {
  const text =
    'agents:\n  proc_interval: fast\nlinux_tracing:\n  tmpfs_path: /dev/shm\n  enabled: true\n  log_dir:\n  proc_interval: 0.5\n';
  assert.deepEqual(await problemsIn(text), []);
  await client.close(uri);
  assert.deepEqual(await problemsIn('linux_tracing:\n'), []);
  await client.close(uri);
  assert.deepEqual(await problemsIn(''), []);
});

test('completion offers the section, the keys that are missing, and their values', async () => {
  assert.deepEqual(await completed('lin|'), ['linux_tracing:\n  ']);
  await client.close(uri);
  assert.deepEqual(await completed('linux_tracing:\n  enabled: true\n  |\nother: 1\n'), [
    'linux_tracing:\n  enabled: true\n  proc_interval: \nother: 1\n',
    'linux_tracing:\n  enabled: true\n  log_dir: \nother: 1\n',
  ]);
  await client.close(uri);
  assert.deepEqual(await completed('linux_tracing:\n  enabled: |'), [
    'linux_tracing:\n  enabled: true',
    'linux_tracing:\n  enabled: false',
  ]);
  await client.close(uri);
  assert.deepEqual(await completed('linux_tracing:\n  enabled: true\nother:\n  |'), []);
});

test('the hover follows the editor’s settings: they win where they are set', async () => {
  await client.open(uri, 'linux_tracing:\n  log_dir: logs\n', 'yaml');
  assert.match(await hoverAt(1, 4), /This file decides here:.*sessionDiagnostics\.logDirectory` is not set/);
  const settings = { sessionDiagnostics: { logDirectory: '/var/log/agents' } };
  await client.connection.sendNotification('workspace/didChangeConfiguration', { settings });
  assert.match(await hoverAt(1, 4), /editor’s setting wins here:.*logDirectory` is `\/var\/log\/agents`/);
  assert.match(await hoverAt(0, 4), /AutoSkillit and Session Diagnostics both read it/);
});

test('another config.yaml is not ours', async () => {
  const other = folder.uri('config.yaml');
  await client.open(other, 'linux_tracing:\n  proc_interval: fast\n', 'yaml');
  assert.equal(await client.ask('hover', other, { position: { line: 1, character: 4 } }), null);
  await client.open(uri, 'linux_tracing:\n  proc_interval: fast\n', 'yaml');
  assert.equal((await client.problemsOf(uri)).length, 1);
  assert.ok(!client.published.some((one) => one.uri === other));
  await client.close(other);
});
