import assert from 'node:assert/strict';
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { claudeAnswer, claudeLine, claudeOpen } from '../cli/unrecorded/agentLines.ts';
import { editorTests } from '../rig/editorTests.ts';

const NOW = Date.now();
const DAY_MS = 86_400_000;

/** A new user with an empty profile, whose agents have run for days without anybody recording them. */
const inEditor = editorTests({
  prepare: ({ home, workspace }) => {
    const put = (name: string, ms: number, text: string): void => {
      const folder = join(home, '.claude/projects/-srv-app');
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, `${name}.jsonl`), text);
      utimesSync(join(folder, `${name}.jsonl`), ms / 1000, ms / 1000);
    };
    put('done', NOW - 60_000, claudeLine('user', NOW - 70_000, 'write the changelog') + claudeAnswer(NOW - 60_000));
    put('here', NOW - 90_000, claudeOpen(NOW - 90_000, 'npm test').replaceAll('/srv/app', workspace));
    put('old', NOW - 5 * DAY_MS, claudeOpen(NOW - 5 * DAY_MS, 'make all'));
  },
});

inEditor(
  'a stranger opens the view and sees the sessions that nobody recorded, by place and day, within a moment',
  async (rig, t) => {
    const { page } = rig;
    const opened = performance.now();
    await rig.command('View: Show Session Diagnostics');
    const rows = page.locator('.pane-body .monaco-list-row');
    await rows.filter({ hasText: 'fix the failing test' }).first().waitFor();
    const foundMs = performance.now() - opened;
    const texts = (await rows.allInnerTexts()).map((text) => text.replaceAll('\n', ' '));
    assert.match(texts.find((text) => text.includes('This workspace')) ?? '', /log only · 1 · 1 ended badly/);
    assert.match(texts.find((text) => text.startsWith('Today')) ?? '', /log only · 1/);
    assert.match(
      texts.find((text) => text.includes('fix the failing test')) ?? '',
      /Vanished \(log only\) · Claude Code · \d\d:\d\d · /,
    );
    assert.ok(texts.some((text) => text.includes('write the changelog')));
    await rig.picture('unrecorded-sessions');
    t.diagnostic(`${Math.round(foundMs)} ms from the palette to the rows`);
  },
);

inEditor('one click from there the panel says why, as far as it is known, and which call was open', async (rig) => {
  const { page } = rig;
  await page.locator('.pane-body .monaco-list-row', { hasText: 'fix the failing test' }).first().click();
  const panel = await rig.panel();
  await panel
    .getByText(/Stopped in the middle of its work; why is not known, for nobody recorded it/)
    .first()
    .waitFor();
  await panel.locator('.state', { hasText: 'Vanished (log only)' }).waitFor();
  assert.equal(await panel.getByRole('button', { name: 'Stop' }).isVisible(), false);
  await rig.picture('unrecorded-panel');
});

inEditor('the machine is asked by a command, and what was looked at is said', async (rig) => {
  const { page } = rig;
  await rig.command('Session Diagnostics: Find Out Why an Agent Died');
  await page.locator('.quick-input-list .monaco-list-row', { hasText: 'fix the failing test' }).first().click();
  const panel = await rig.panel();
  await panel.getByRole('heading', { name: 'Why it died' }).waitFor();
  await panel.getByText(/Looked at:/).waitFor();
  await panel.getByText(/Open when its log stops:/).waitFor();
  await rig.picture('unrecorded-why');
});
