import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { watchStatusFrom, type WatchStatus } from '../../../src/core/session/watchStatus.ts';
import { createKeptProcess, type KeptProcess } from '../../../src/host/keptProcess.ts';
import { CLI, runCli, testRoot, until } from '../../cli/builtCli.ts';
import { fakeAgents } from '../../cli/watch/fakeAgents.ts';
import { openEditor } from '../../rig/editor.ts';

const skip = process.platform === 'linux' ? false : 'agents are found through /proc';
const agents = fakeAgents();
after(() => agents.remove());

interface Window {
  readonly kept: KeptProcess;
  readonly log: string[];
  status: WatchStatus | undefined;
}

function window(): Window {
  const log: string[] = [];
  const opened: Window = {
    log,
    status: undefined,
    kept: createKeptProcess({
      cliPath: CLI,
      log: (line) => log.push(line),
      retryMs: 100,
      failed: 'failed',
      ended: 'ended',
      onMessage: (message) => (opened.status = message === undefined ? undefined : watchStatusFrom(message)),
    }),
  };
  return opened;
}

test(
  'of two windows one watches and tells its cost; the other says so once, and takes over when it is closed',
  { skip },
  async (t) => {
    const root = testRoot();
    t.after(() => root.remove());
    process.env['SESSION_DIAGNOSTICS_WATCH_NAME'] = `windows-${process.pid}`;
    t.after(() => delete process.env['SESSION_DIAGNOSTICS_WATCH_NAME']);
    const call = { command: 'watch', flags: { 'log-dir': root.path } };
    const [first, second] = [window(), window()];
    t.after(() => [first, second].forEach(({ kept }) => kept.dispose()));
    first.kept.serve(call, tmpdir());
    const status = await until('its status', () => first.status);
    assert.equal(status.log_root, root.path);
    second.kept.serve(call, tmpdir());
    await until('its refusal', () => second.log.length > 0);
    assert.match(second.log[0] ?? '', /Another watch of this user runs already/);
    first.kept.dispose();
    await until('its turn', () => second.status?.pid);
    assert.equal(second.log.length, 1);
    second.kept.serve(undefined, tmpdir());
    assert.equal(second.status, undefined);
    await until('the end', async () => (await runCli(['watch', '--status'])).code === 1);
  },
);

test(
  'with watchAgents an agent that a terminal elsewhere starts is in the editor, and nothing watches after it is closed',
  { skip },
  async (t) => {
    const name = `editor-${process.pid}`;
    const editor = await openEditor({
      env: { SESSION_DIAGNOSTICS_WATCH_NAME: name },
      prepare: ({ home }) => {
        mkdirSync(join(home, 'data/Machine'), { recursive: true });
        writeFileSync(
          join(home, 'data/Machine/settings.json'),
          JSON.stringify({ 'sessionDiagnostics.watchAgents': true, 'sessionDiagnostics.watchExcept': ['gemini'] }),
        );
      },
    });
    if ('missing' in editor) return t.skip(editor.missing);
    const env = { SESSION_DIAGNOSTICS_WATCH_NAME: name };
    const runs = async (): Promise<boolean> => (await runCli(['watch', '--status'], { env })).code === 0;
    const { rig } = editor;
    try {
      await until('the watch', runs, 30_000);
      await rig.page.getByRole('button', { name: /Every agent is recorded from its start/ }).waitFor();
      await Promise.all([
        agents.start({ tag: 'never', way: 'shebang', lifeMs: 1000, end: 0 }),
        agents.start({ tag: 'elsewhere', way: 'exec', lifeMs: 1500, end: 3 }),
      ]);
      await rig.command('View: Show Session Diagnostics');
      await rig.page.locator('.pane-body .monaco-list-row', { hasText: 'elsewhere' }).first().waitFor();
      assert.equal(await rig.page.locator('.pane-body .monaco-list-row', { hasText: 'never' }).count(), 0);
    } finally {
      await rig.close();
    }
    await until('the end of the watch', async () => !(await runs()));
  },
);
