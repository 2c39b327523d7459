import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { runCli, until } from '../cli/builtCli.ts';
import { readBootId } from '../../src/recorder/proc/bootId.ts';
import { startTicksOf } from '../../src/recorder/proc/ownProcess.ts';
import type { Rig } from '../rig/editor.ts';
import { editorTests } from '../rig/editorTests.ts';
import { processesWith } from '../rig/processes.ts';

/** Text of a log, names of folders and a server that dies, in a real editor: what VS Code would run stays text. */
const LINK = '[report](command:workbench.action.terminal.new)';
const FLAG = `--out=pwned-${process.pid}.md`;
const LEFT = 'sess-2026-03-01-left';
const SUMMARY = { success: false, subtype: 'crashed', exit_code: -9, start_ts: '2026-03-01T10:00:00+00:00', pid: 9 };

const inEditor = editorTests({
  settings: { 'sessionDiagnostics.samplingInterval': 0.2 },
  prepare: ({ logRoot }) => {
    const session = (id: string, more: object): void => {
      mkdirSync(join(logRoot, 'sessions', id), { recursive: true });
      const summary = { ...SUMMARY, session_id: id, dir_name: id, skill_command: `agent ${id}`, ...more };
      writeFileSync(join(logRoot, 'sessions', id, 'summary.json'), JSON.stringify(summary));
    };
    const child = spawn('sleep', ['300'], { detached: true, stdio: 'ignore' });
    child.unref();
    const { pid = 0 } = child;
    const identity = { pid, start_ticks: startTicksOf(pid), boot_id: readBootId() };
    const left = { ...identity, comm: `npm) ${LINK}`, age_seconds: 9, rss_kb: 1 };
    session(LEFT, { leftover_processes: [{ ...left, parent_pid: 1, parent_comm: LINK }] });
    session(LINK, {});
    session(FLAG, {});
  },
});

const toast = (page: Page, text: string): Locator => page.locator('.notification-toast', { hasText: text });
const view = (page: Page, text: string): Locator => page.locator('.pane-body .monaco-list-row', { hasText: text });
const servers = (rig: Rig): string[] => processesWith(rig.home, 'server.cjs');

async function isPlain(page: Page, text: string): Promise<void> {
  await toast(page, text).first().waitFor();
  assert.equal(await page.locator('.notification-toast .notification-list-item-message a').count(), 0, text);
}

inEditor("a process' name in a log is no link in the notification that tells of its end", async (rig) => {
  const { page } = rig;
  await page.locator('.activitybar a.action-label[aria-label^="Session Diagnostics"]').click();
  await view(page, LEFT).first().click();
  await rig.panel();
  await rig.command('Session Diagnostics: Clean Up Leftovers');
  const dialog = page.locator('.monaco-dialog-box');
  await dialog.getByText('1 process of this session still runs.').waitFor();
  assert.equal(await dialog.locator('a[href^="command:"], a[data-href^="command:"]').count(), 0);
  await dialog.getByRole('button', { name: 'End 1 process' }).click();
  await isPlain(page, 'Ended npm)');
  await rig.command('Session Diagnostics: Clean Up Leftovers');
  await toast(page, 'Nothing that this session left behind still runs.').waitFor();
});

inEditor("a session's folder that is named like a link stays text", async (rig) => {
  const { page } = rig;
  await view(page, `agent ${LINK.slice(0, 8)}`)
    .first()
    .click({ button: 'right' });
  await page.locator('.context-view .action-label', { hasText: 'Open Log Folder' }).hover();
  await page.keyboard.press('Enter');
  await isPlain(page, 'on the clipboard: ');
  assert.ok((await toast(page, 'on the clipboard: ').innerText()).includes('[report] (command:'));
});

inEditor("a session's folder that is named like a flag is no session", async (rig) => {
  await view(rig.page, LEFT).first().waitFor();
  assert.equal(await view(rig.page, '--out').count(), 0);
  for (const home of [homedir(), rig.home]) assert.equal(existsSync(join(home, FLAG.replace('--out=', ''))), false);
});

inEditor('a server that crashes comes back without a word, and one that stays down is told everywhere', async (rig) => {
  const { page } = rig;
  await rig.command('Notifications: Clear All Notifications');
  const run = ['run', '--detach', '--interval', '0.2', '--log-dir', rig.logRoot, '--', 'sleep', '197'];
  const id = (await runCli(run)).stdout.trim();
  await view(page, 'sleep 197').first().click();
  const panel = await rig.panel();
  await panel.locator('.live', { hasText: 'Live' }).waitFor();
  await page.locator('.statusbar-item', { hasText: '1 session' }).waitFor();
  for (let crash = 1; crash <= 5; crash += 1) {
    const [server] = await until('a server', () => (servers(rig).length === 1 ? servers(rig) : undefined));
    await panel.locator('.state', { hasText: 'Running' }).waitFor();
    if (crash === 2) assert.equal(await page.locator('.notification-toast').count(), 0);
    process.kill(Number(server), 'SIGKILL');
    await until('it to be gone', () => !servers(rig).includes(server ?? ''));
  }
  await toast(page, 'Sessions cannot be read at the moment.').waitFor();
  assert.equal(await toast(page, 'connection to server').count(), 0);
  await panel.getByText('nothing here is live any more').waitFor();
  await panel.locator('.live', { hasText: 'Live' }).waitFor({ state: 'hidden' });
  await panel.locator('.state', { hasText: 'Not known' }).waitFor();
  await page.locator('.statusbar-item', { hasText: 'Sessions are not read' }).waitFor();
  await view(page, 'Restart the language server').waitFor();
  await rig.picture('server-down');
  await panel.getByRole('button', { name: 'Restart' }).click();
  await panel.locator('.live', { hasText: 'Live' }).waitFor();
  await panel.getByText('nothing here is live any more').waitFor({ state: 'hidden' });
  await view(page, 'sleep 197').first().waitFor();
  await page.locator('.statusbar-item', { hasText: '1 session' }).waitFor();
  await runCli(['stop', id, '--log-dir', rig.logRoot]);
});

inEditor('switched off is off: a panel that is restored says so, and no server is started for it', async (rig) => {
  await rig.command('Session Diagnostics: Open Settings');
  const box = rig.page.locator('.setting-value-checkbox[aria-label="sessionDiagnostics.enabled"]');
  await rig.page.locator('.settings-count-widget', { hasText: /[1-9]/ }).waitFor();
  // The page moves its rows as it fills: a click can hit the neighbour, and is then made once more.
  await until('it to be switched off', async () => {
    await box.click();
    const isOff = box.and(rig.page.locator('[aria-checked="false"]')).waitFor({ timeout: 5000 });
    return await isOff.then(
      () => true,
      () => undefined,
    );
  });
  await until('the server to be stopped', () => servers(rig).length === 0);
  await rig.command('View: Close Editor');
  await (await rig.panel()).getByText('Session Diagnostics is switched off').waitFor();
  await rig.reload();
  const panel = await rig.panel();
  await panel.getByText('Session Diagnostics is switched off').waitFor();
  assert.equal(await panel.locator('main').isVisible(), false);
  await rig.command('Session Diagnostics: Open Panel');
  await toast(rig.page, 'Session Diagnostics is switched off.').waitFor();
  assert.deepEqual(servers(rig), []);
});
