import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { beforeEach, test } from 'node:test';
import type { Backend } from '../../src/host/backend.ts';
import type { CliResult, RecorderCli } from '../../src/host/recorderCli.ts';
import { cliWords, type CliCall } from '../../src/core/words/cliCall.ts';
import { TOOLS } from '../../src/mcp/serveMcp.ts';
import { CLI, runCli, testRoot } from '../cli/builtCli.ts';
import { editor } from './fakeEditor.ts';

const { AGENT_TOOLS, askAnAgent, registerAgentTools } = await import('../../src/host/agentTools.ts');

const calls: CliCall[] = [];
/** The built command line, run as the extension runs it. */
const cli: RecorderCli = {
  path: CLI,
  run: (call) => {
    calls.push(call);
    try {
      const stdout = execFileSync(process.execPath, [CLI, ...cliWords(call)], { encoding: 'utf8', stdio: 'pipe' });
      return Promise.resolve<CliResult>({ ok: true, stdout, json: undefined });
    } catch (error) {
      return Promise.resolve<CliResult>({ ok: false, why: (error as { readonly stderr: string }).stderr.trim() });
    }
  },
  launch: () => Promise.resolve({ ok: false, why: '' }),
};

const root = testRoot();
const backend = { roots: () => Promise.resolve([root.path]) } as unknown as Backend;

beforeEach(() => {
  editor.clipboard.length = 0;
  editor.commands.clear();
  editor.models.length = 0;
});

interface Contributed {
  readonly name: string;
  readonly inputSchema: { readonly properties: object };
}

test('the editor offers the tools of the server, with the same arguments', () => {
  const file = readFileSync(resolve(import.meta.dirname, '../../package.json'), 'utf8');
  const { contributes } = JSON.parse(file) as { contributes: { languageModelTools: readonly Contributed[] } };
  const offered = contributes.languageModelTools.map(({ name }) => name.replace(/^session-diagnostics_/, ''));
  assert.deepEqual(
    offered,
    TOOLS.map(({ name }) => name),
  );
  assert.deepEqual(offered, AGENT_TOOLS);
  for (const [index, { inputSchema }] of contributes.languageModelTools.entries()) {
    const known = Object.keys(TOOLS[index]?.input ?? {}).filter((name) => name !== 'detail');
    assert.deepEqual(Object.keys(inputSchema.properties), known);
  }
});

test('a tool of the editor answers as the server does, a wrong question included', async () => {
  await runCli(['run', '--log-dir', root.path, '--id', 'dead', '--', 'sh', '-c', 'exit 3']);
  registerAgentTools(cli, backend, '1.0.0');
  const ask = async (name: string, input: object) =>
    (await editor.tools.get(`session-diagnostics_${name}`)?.invoke({ input }))?.parts
      .map(({ value }) => value)
      .join('') ?? '';
  assert.match(await ask('why_did_it_die', {}), /exited by itself with code 3/i);
  assert.match(await ask('why_did_it_die', { id: '--out=x' }), /no session of that id/);
  assert.match(await ask('compare', { a: 'dead' }), /needs b/);
  const [server] = (await editor.servers?.()) ?? [];
  assert.ok(existsSync(server?.args[0] ?? ''));
  assert.deepEqual(server?.args.slice(1), ['mcp', '--stdio', `--log-dir=${root.path}`]);
});

test('asking an agent opens the chat with the private report, and copies it where there is none', async () => {
  const session = { root: root.path, id: 'dead' };
  await askAnAgent(cli, session);
  assert.match(editor.clipboard[0] ?? '', /Session Diagnostics report/);
  let query = '';
  editor.commands.set(
    'workbench.action.chat.open',
    (options) => (query = (options as { readonly query: string }).query),
  );
  await askAnAgent(cli, session);
  assert.equal(editor.clipboard.length, 2, 'a chat without a model answers nothing');
  editor.models.push({});
  await askAnAgent(cli, session);
  assert.match(query, /Session Diagnostics report/);
  assert.equal(editor.clipboard.length, 2);
  root.remove();
});
