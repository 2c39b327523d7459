import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runCli, until } from '../cli/builtCli.ts';
import { editorTests } from '../rig/editorTests.ts';

const canary = `canary${Math.random().toString(36).slice(2)}`;

const inEditor = editorTests({}, async (rig) => {
  const record = (id: string, script: string) =>
    runCli(['run', '--log-dir', rig.logRoot, '--id', id, '--label', `${canary} ${id}`, '--', 'sh', '-c', script]);
  await record('fails', `echo ${canary} >&2; exit 3`);
  await record('works', 'true');
});

/** Without what a second report has of its own: when it was made, and in which editor. */
function comparable(text: string): string {
  return text.replace(/Made .* UTC|- Editor: .*\n/g, '').trimEnd();
}

inEditor(
  'from the palette to the saved report: the failed session is on top, the file is what was shown',
  async (rig) => {
    await rig.command('Session Diagnostics: Export Privacy-First Bug Report');
    // The newer session succeeded; the failed one stands above it, so Enter chooses it.
    await rig.page.locator('.quick-input-list .monaco-list-row.focused', { hasText: 'fails' }).waitFor();
    await rig.page.keyboard.press('Enter');
    const panel = await rig.panel();
    await panel.getByRole('heading', { name: 'Session Diagnostics report' }).waitFor();
    const shown = await panel.locator('.told-page').innerText();
    await rig.picture('report-preview');
    await panel.getByRole('button', { name: 'Save…' }).click();
    await rig.chooseFile();
    const path = await until('the saved file', () => {
      const name = readdirSync(rig.workspace).find((file) => file.startsWith('report-') && file.endsWith('.md'));
      return name === undefined ? undefined : join(rig.workspace, name);
    });
    await until('its bytes', () => existsSync(path) && readFileSync(path, 'utf8').length > 0);
    const saved = readFileSync(path, 'utf8');
    const printed = await runCli(['report', 'fails', '--log-dir', rig.logRoot]);
    assert.equal(comparable(saved), comparable(printed.stdout));
    const plain = saved.replaceAll(/[*`]/g, '');
    const answer = plain.split('\n').find((line) => line.startsWith('Exited')) ?? 'no answer';
    assert.ok(shown.includes(answer), `${answer}\n${shown}`);
    assert.ok(!shown.includes(canary));
    assert.ok(!saved.includes(canary));
  },
);

inEditor(
  'from the keyboard alone: three keystrokes after a session was chosen, and its report is in a file as it was shown',
  async (rig) => {
    for (const name of readdirSync(rig.workspace)) if (name.startsWith('report-')) rmSync(join(rig.workspace, name));
    const before = readdirSync(rig.workspace);
    await rig.command('Session Diagnostics: Export Privacy-First Bug Report');
    await rig.page.locator('.quick-input-list .monaco-list-row.focused', { hasText: 'fails' }).waitFor();
    await rig.page.keyboard.press('Enter');
    const panel = await rig.panel();
    await panel.getByText('This is the whole report. Nothing has been sent.').waitFor();
    await panel.locator('vscode-button:focus', { hasText: 'Save…' }).waitFor();
    await rig.page.keyboard.press('Enter');
    await rig.chooseFile();
    const name = await until('the saved file', () => readdirSync(rig.workspace).find((file) => !before.includes(file)));
    const saved = await until('its bytes', () => readFileSync(join(rig.workspace, name), 'utf8') || undefined);
    const printed = await runCli(['report', 'fails', '--log-dir', rig.logRoot]);
    assert.equal(comparable(saved), comparable(printed.stdout));
  },
);

inEditor('sessions that are selected together in the view make one report', async (rig) => {
  const { page } = rig;
  await rig.command('View: Show Session Diagnostics');
  const rows = page.locator('.tree-explorer-viewlet-tree-view .monaco-list-row', { hasText: canary });
  await rows.nth(1).waitFor();
  await rows.nth(0).click();
  await rows.nth(1).click({ modifiers: ['Control'] });
  await rows.nth(1).click({ button: 'right' });
  // A click right after the menu has opened is taken for the end of the one that opened it.
  await page.locator('.context-view .action-label', { hasText: 'Export Privacy-First Bug Report' }).hover();
  await page.keyboard.press('Enter');
  await (await rig.panel()).getByRole('heading', { name: 'Session 1' }).waitFor();
  await rig.picture('report-of-selected-sessions');
});
