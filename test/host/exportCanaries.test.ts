import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { runCli, until } from '../cli/builtCli.ts';
import { writeForeignTrace } from '../logs/foreignTrace.ts';
import type { Rig } from '../rig/editor.ts';
import { editorTests } from '../rig/editorTests.ts';

/** Everything that a session, a setting and a workspace say is a canary; what leaves the editor must hold none. */
let rig: Rig;
const canaries: string[] = [];

function canary(): string {
  const word = `zq${Math.random().toString(36).slice(2, 10)}k${canaries.length}`;
  canaries.push(word);
  return word;
}

const COMMAND = 'Session Diagnostics: Export Privacy-First Bug Report';

const inEditor = editorTests(
  {
    settings: {
      'sessionDiagnostics.agents': [{ name: canary(), command: ['sh', '-c', canary()] }],
      'sessionDiagnostics.additionalLogDirectories': [`~/${canary()}`],
    },
    env: { [`${canary()}_TOKEN`]: canary() },
    prepare: ({ workspace }) => {
      mkdirSync(join(workspace, canary()));
      writeForeignTrace(
        workspace,
        [
          [0, 'start', {}],
          [1, 'decision', { [canary()]: canary() }],
          [2, 'tool_call', { tool: canary() }],
          [3, 'tool_result', { tool: canary(), ok: false, error: `connect ECONNREFUSED ${canary()}` }],
        ],
        { ended_at: '2026-03-01T10:00:09.000Z', outcome: 'failure', input_summary: canary(), summary: canary() },
      );
    },
  },
  async (opened) => {
    rig = opened;
    for (const id of ['first', 'second']) {
      const log = [
        { type: 'system', subtype: 'init', cwd: `/home/${canary()}`, session_id: canary(), model: canary() },
        { type: 'result', subtype: 'error_during_execution', is_error: true, errors: [`ENOTFOUND ${canary()}`] },
      ];
      const file = join(rig.home, `${canary()}.jsonl`);
      writeFileSync(file, log.map((line) => `${JSON.stringify(line)}\n`).join(''));
      const command = ['sh', '-c', `cat ${file}; echo ${canary()} >&2; exit 3`];
      await runCli(['run', '--log-dir', rig.logRoot, '--id', id, '--label', `${canary()} ${id}`, '--', ...command], {
        env: { SOME_SECRET: canary() },
        cwd: join(rig.workspace, readdirSync(rig.workspace).find((name) => name.startsWith('zq')) ?? ''),
      });
    }
    await rig.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  },
);

function assertPrivate(what: string, text: string): void {
  assert.match(text, /Session Diagnostics report/, what);
  // A machine that is called `linux` or `agent` is not told by a report that says so.
  const host = /[\d-].*.{4}/.test(hostname()) ? [hostname()] : [];
  const names = [rig.home, rig.workspace, rig.logRoot, ...host, ...canaries];
  for (const name of names) {
    const base64 = Buffer.from(name).toString('base64').slice(0, 12);
    for (const form of [name, encodeURIComponent(name), JSON.stringify(name).slice(1, -1), base64]) {
      assert.ok(!text.includes(form), `${what} holds ${form}`);
    }
  }
}

/** Whatever is on the clipboard, once it is no longer what it was. */
async function copied(act: () => Promise<void>): Promise<string> {
  const read = () => rig.page.evaluate(() => navigator.clipboard.readText());
  await rig.page.evaluate(() => navigator.clipboard.writeText('nothing yet'));
  await act();
  return await until('a copy', async () => {
    const text = await read();
    return text === 'nothing yet' ? undefined : text;
  });
}

const button = async (name: string) => (await rig.panel()).getByRole('button', { name, exact: true });

/** The page that shows the report of these sessions, by its text. */
async function preview(...ids: readonly string[]): Promise<string> {
  const panel = await rig.panel();
  await panel.locator('.told-about', { hasText: new RegExp(`^Of .*${ids.join('.*')}`) }).waitFor();
  return await panel.locator('.told-page').innerText();
}

inEditor(
  'several sessions and a trace make one report; preview, clipboard, file and address hold no private text',
  async () => {
    const { page } = rig;
    await rig.command(COMMAND);
    await rig.pick('Several sessions…');
    const rows = page.locator('.quick-input-list .monaco-list-row');
    for (const id of ['first', 'second', 'review']) {
      await rows
        .filter({ hasText: id })
        .locator('.quick-input-list-checkbox, input[type=checkbox], .monaco-checkbox')
        .first()
        .click();
    }
    await rig.picture('report-of-several-sessions');
    await page.getByRole('button', { name: 'OK' }).click();
    const shown = await preview('e');
    for (const part of ['Session 1', 'Session 2', 'Session 3', 'lines of devboy']) {
      assert.ok(shown.includes(part), `${part}\n${shown}`);
    }
    assertPrivate('the preview', shown);

    const clipboard = await copied(async () => (await button('Copy')).click());
    for (const part of ['### Session 1', '### Session 2', '### Session 3', 'lines of devboy'])
      assert.ok(clipboard.includes(part), part);
    assertPrivate('the clipboard', clipboard);

    await rig.command(COMMAND);
    await rig.choose('first');
    assertPrivate('the preview of one', await preview('first$'));
    const single = await copied(async () => (await button('Copy')).click());
    await (await button('Save…')).click();
    await rig.chooseFile();
    const name = await until('the saved file', () => readdirSync(rig.workspace).find((file) => file.endsWith('.md')));
    await until('its bytes', () => readFileSync(join(rig.workspace, name), 'utf8') === single);
    assertPrivate('the file', single);

    await rig.command(COMMAND);
    await rig.choose('second');
    let address: string | undefined;
    await page.context().route('https://github.com/**', async (route) => {
      address = route.request().url();
      await route.fulfill({ body: 'the form' });
    });
    await preview('second$');
    await (await button('Open GitHub Issue…')).click();
    await rig.enter('octo-org/octo-repo');
    await page.getByRole('button', { name: 'Open', exact: true }).click();
    const opened = await until('the form in the browser', () => address);
    assert.ok(opened.startsWith('https://github.com/octo-org/octo-repo/issues/new?title='), opened);
    assertPrivate('the address', decodeURIComponent(opened));
    assertPrivate('the address as it is', opened.replaceAll('%20', ' '));
  },
);
