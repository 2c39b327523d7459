import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { editorTests } from '../../rig/editorTests.ts';

const NOW = Date.now();
const DAY_MS = 86_400_000;

interface Given {
  readonly id: string;
  readonly daysAgo: number;
  readonly command: string;
  readonly cause: string;
  readonly files?: Readonly<Record<string, string>>;
}

const SESSIONS: readonly Given[] = [
  { id: 's-tidy', daysAgo: 0, command: "claude -p 'tidy up' --verbose", cause: 'completed' },
  { id: 's-notes', daysAgo: 1, command: "codex exec --json 'write the notes'", cause: 'exit_nonzero' },
  {
    id: 's-login',
    daysAgo: 3,
    command: "claude -p 'fix the login' --verbose",
    cause: 'oom_kill',
    files: { 'stdout.log': 'x\n' },
  },
  { id: 's-cart', daysAgo: 5, command: "claude --verbose -p 'fix the cart'", cause: 'exit_nonzero' },
  { id: 's-old', daysAgo: 12, command: "claude -p 'fix what is old'", cause: 'exit_nonzero' },
];

const inEditor = editorTests({
  prepare: ({ logRoot }) => {
    for (const { id, daysAgo, command, cause, files = {} } of SESSIONS) {
      const dir = join(logRoot, 'sessions', id);
      mkdirSync(dir, { recursive: true });
      const success = cause === 'completed';
      const summary = {
        session_id: id,
        dir_name: id,
        start_ts: new Date(NOW - daysAgo * DAY_MS - 1000).toISOString(),
        skill_command: command,
        duration_seconds: 1,
        success,
        subtype: success ? 'success' : 'crashed',
        verdict: { outcome: success ? 'succeeded' : 'died', cause, layer: 'none', confidence: 'certain', evidence: [] },
      };
      for (const [name, text] of Object.entries({ ...files, 'summary.json': JSON.stringify(summary) }))
        writeFileSync(join(dir, name), text);
    }
  },
});

const rowsOf = (page: Page): Locator => page.locator('.pane-body .monaco-list-row');

inEditor(
  'sessions are called by what was asked, stand under their day, and say how they ended, of whom and when',
  async (rig) => {
    const { page } = rig;
    await page.locator('.activitybar a.action-label[aria-label^="Session Diagnostics"]').click();
    await rowsOf(page).filter({ hasText: 'fix what is old' }).waitFor();
    const texts = (await rowsOf(page).allInnerTexts()).map((text) => text.replaceAll('\n', ' '));
    // At midnight one of them is of the day before.
    assert.equal(
      texts.findLast((text) => /^(?:Today|Yesterday|Earlier) ?\d$/.test(text))?.replace(' ', ''),
      'Earlier3',
    );
    assert.match(
      texts.find((text) => text.includes('fix the login')) ?? '',
      /OOM-killed · Claude Code · \w{3} \d+ .*\d\d:\d\d · 1\.0 s/,
    );
    assert.equal(
      texts.some((text) => text.includes('--verbose')),
      false,
    );
    await rig.picture('sessions-by-day');
  },
);

inEditor('all sessions of one agent that failed last week: three actions from the list', async (rig, t) => {
  const { page } = rig;
  const began = performance.now();
  await page.locator('.sidebar').hover();
  await page.locator('.action-label[aria-label="Filter Sessions"]').first().click();
  const box = page.locator('.quick-input-box input');
  await box.fill('agent:claude failed since:7d');
  await box.press('Enter');
  await page.getByText('agent:claude failed since:7d').first().waitFor();
  await rowsOf(page).filter({ hasText: 'write the notes' }).waitFor({ state: 'detached' });
  const texts = (await rowsOf(page).allInnerTexts()).join(' ');
  for (const title of ['fix the login', 'fix the cart']) assert.ok(texts.includes(title), texts);
  for (const title of ['tidy up', 'fix what is old']) assert.ok(!texts.includes(title), texts);
  await page.getByText('2 of 5').first().waitFor();
  t.diagnostic(`1 click, 1 text, 1 key; ${((performance.now() - began) / 1000).toFixed(1)} s of the machine`);
  await rig.command('Session Diagnostics: Clear Session Filter');
});

inEditor(
  "a menu offers only what its session has, and the panel's own list is folded away beside the view",
  async (rig) => {
    const { page } = rig;
    const offered = async (title: string): Promise<readonly string[]> => {
      await rowsOf(page).filter({ hasText: title }).first().click({ button: 'right' });
      const menu = page.locator('.context-view .action-label');
      await menu.filter({ hasText: 'Open Log Folder' }).waitFor();
      const names = await menu.allInnerTexts();
      await page.keyboard.press('Escape');
      return names;
    };
    await rowsOf(page).filter({ hasText: 'fix the login' }).waitFor();
    assert.ok((await offered('fix the login')).includes('Open Output'));
    const plain = await offered('tidy up');
    for (const name of ['Open Output', 'Clean Up Leftovers', 'Stop Session']) assert.ok(!plain.includes(name), name);
    await rowsOf(page).filter({ hasText: 'tidy up' }).first().click();
    const panel = await rig.panel();
    const list = panel.locator('details.sessions');
    await list.and(panel.locator(':not([open])')).waitFor({ state: 'attached' });
    await rig.picture('list-folded');
  },
);
