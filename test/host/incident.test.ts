import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { CLI, until } from '../cli/builtCli.ts';
import { editorTests } from '../rig/editorTests.ts';

const NAMES = ['one', 'two', 'three'];
const isTmuxHere = spawnSync('tmux', ['-V']).status === 0;
const inEditor = editorTests({});

inEditor(
  'three sessions whose tmux server goes away are one notification, one click from the sentence that says why',
  async (rig, t) => {
    if (!isTmuxHere) return t.skip('tmux is not installed');
    const { page } = rig;
    // A server of this test's own, beside whatever else runs here.
    const tmux = (...args: readonly string[]) =>
      spawnSync('tmux', ['-f', '/dev/null', '-S', join(rig.home, 'tmux'), ...args], { timeout: 10_000 });
    t.after(() => tmux('kill-server'));
    for (const name of NAMES) {
      const run = ['run', '--interval', '0.2', '--log-dir', rig.logRoot, '--id', name, '--', 'sleep', '193'];
      tmux('new-session', '-d', '-s', name, process.execPath, CLI, ...run);
    }
    await page.locator('.activitybar a.action-label[aria-label^="Session Diagnostics"]').click();
    await page.locator('.statusbar-item', { hasText: '3 sessions' }).waitFor();
    tmux('kill-server');
    const toasts = page.locator('.notification-toast');
    const toast = toasts.filter({ hasText: '3 sessions died' });
    await toast.waitFor();
    await rig.picture('incident-notification');
    assert.equal(await toasts.count(), 1, 'none of them is told alone');
    await toast.getByRole('button', { name: 'Show Incident' }).click();
    const panel = await rig.panel();
    await panel.locator('.verdict', { hasText: 'their tmux server went away (certain).' }).waitFor();
    await panel.locator('.death-mark').nth(2).waitFor();
    await rig.picture('incident');
    const row = page.locator('.pane-body .monaco-list-row', { hasText: '3 sessions died together' });
    await row.waitFor();
    await panel
      .getByRole('button', { name: /^sleep 193/ })
      .last()
      .click();
    await panel.locator('.verdict', { hasText: 'Ended because its terminal went away' }).waitFor();
    // Its last moments again, as a person would: a step back, and all the way from the beginning.
    await panel.getByRole('button', { name: 'Replay: previous sample' }).click();
    await panel.locator('.state', { hasText: 'Replay' }).waitFor();
    await panel.getByRole('rowheader', { name: 'sleep' }).waitFor();
    await panel.getByRole('button', { name: 'Play the session' }).click();
    await panel.locator('.verdict', { hasText: 'Ended because its terminal went away' }).waitFor();
    await rig.picture('replay-ended');
    await panel.getByRole('button', { name: /^Leave replay/ }).click();
    // And back from the list.
    await row.click();
    await panel.getByRole('heading', { name: '3 sessions died together' }).waitFor();
    const running = join(rig.logRoot, 'running');
    await until('every recorder to have finished', () => existsSync(running) && readdirSync(running).length === 0);
  },
);
