import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { CodeAction, DocumentSymbol } from 'vscode-languageserver/node';
import { LanguageClient } from '../server/language/languageClient.ts';
import { ScriptedRoot } from '../webview/scriptedRoot.ts';
import { writeLeakySession } from '../webview/scriptedSessions.ts';
import { CLI, runCli } from './builtCli.ts';

let root: ScriptedRoot;

before(() => {
  root = new ScriptedRoot();
});
after(() => root.remove());

test('any editor gets the language server from the command line, with the log root that was named', async () => {
  const session = writeLeakySession(root);
  const workspace = mkdtempSync(join(tmpdir(), 'lsp-workspace-'));
  const inWorkspace = ['--import', `data:text/javascript,process.chdir(${JSON.stringify(workspace)})`];
  const client = await LanguageClient.start({}, inWorkspace, [CLI, 'lsp', '--log-dir', root.path]);
  const shown: string[] = [];
  client.connection.onRequest('window/showDocument', (document: { uri: string }) => {
    shown.push(document.uri);
    return { success: true };
  });
  try {
    const path = join(session.dir, 'anomalies.jsonl');
    const uri = pathToFileURL(path).href;
    await client.open(uri, readFileSync(path, 'utf8'));
    const symbols = await client.ask<DocumentSymbol[]>('documentSymbol', uri);
    assert.equal(symbols[1]?.name, 'Tree RSS growth');
    // The session is one of the root's: a report can be made of it.
    const at = { line: 1, character: 0 };
    const params = { range: { start: at, end: at }, context: { diagnostics: [] } };
    const actions = await client.ask<CodeAction[]>('codeAction', uri, params);
    assert.deepEqual(
      actions.map(({ command }) => command?.arguments),
      [[root.path, session.id]],
    );
    await client.connection.sendRequest('workspace/executeCommand', actions[0]?.command);
    const report = join(workspace, `report-${session.id}.md`);
    assert.deepEqual(shown, [pathToFileURL(report).href]);
    assert.match(readFileSync(report, 'utf8'), /OOM killer/);
    await client.connection.sendRequest('shutdown');
    const exited = once(client.process, 'exit');
    await client.connection.sendNotification('exit');
    assert.deepEqual(await exited, [0, null]);
  } finally {
    client.process.kill('SIGKILL');
    rmSync(workspace, { recursive: true });
  }
});

test('the server ends with its editor', async () => {
  const client = await LanguageClient.start({}, [], [CLI, 'lsp', '--log-dir', root.path]);
  const exited = once(client.process, 'exit');
  client.process.stdin.end();
  await exited;
});

test('without --stdio it says how it is started', async () => {
  const { code, stderr } = await runCli(['lsp']);
  assert.equal(code, 2);
  assert.match(stderr, /--stdio/);
});
