import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { seriousFindings } from '../../rig/accessibility.ts';
import { browserPath, PanelHarness } from '../harness.ts';
import { ScriptedRoot } from '../scriptedRoot.ts';
import { INCIDENT_ID, recordIncident, writeIncident } from '../scriptedIncident.ts';
import { writeGoodSession } from '../scriptedSessions.ts';
import { THEMES, type ThemeName } from '../themes.ts';

const SENTENCE = '3 sessions died within 0.2 s: their tmux server went away (likely).';

describe('an incident', { skip: browserPath() === undefined && 'no Chromium is installed' }, () => {
  let harness: PanelHarness;
  let root: ScriptedRoot;

  before(async () => {
    root = new ScriptedRoot();
    writeGoodSession(root);
    writeIncident(root);
    harness = await PanelHarness.start();
  });
  after(async () => {
    await harness.stop();
    root.remove();
  });

  test('stands above its sessions in the list and leads to what they had in common', async () => {
    const panel = await harness.open([root.path]);
    const { page } = panel;
    const items = page.locator('.session-item');
    await items.nth(4).waitFor();
    assert.match(await items.nth(0).innerText(), /^3 sessions died within 0\.2 s: their tmux server went away/);
    assert.match(await items.nth(1).innerText(), /task three/);
    await items.nth(0).click();
    await page.getByRole('heading', { name: '3 sessions died together' }).waitFor();
    assert.equal(await page.locator('.verdict').innerText(), SENTENCE);
    assert.equal(await items.nth(0).getAttribute('aria-current'), 'true');
    // The best proven cause lies open, the others open on demand.
    await page.getByText('The tmux server died or was killed.').waitFor();
    assert.equal(
      await page.getByText('Pkill was running at that moment (pid 811) and may have ended it.').isVisible(),
      false,
    );
    await page.getByText('Another process killed them (possible).').click();
    await page.getByText('Pkill was running at that moment (pid 811) and may have ended it.').waitFor();
    await panel.close();
  });

  test('shows the last minutes of every session on one axis, with the deaths one below the other', async () => {
    const panel = await harness.open([root.path], { incident: { root: root.path, id: INCIDENT_ID } });
    const { page } = panel;
    await page.locator('.death-lane .plot canvas').nth(2).waitFor();
    const marks = await page
      .locator('.death-mark')
      .evaluateAll((found) => found.map((mark) => mark.getBoundingClientRect().left));
    assert.equal(marks.length, 3);
    const [first = 0, , last = 0] = marks;
    // 240 ms of two minutes are less than three pixels.
    assert.ok(last >= first && last - first < 4, marks.join());
    assert.deepEqual(await page.locator('.death-head .quiet').allInnerTexts(), [
      'Terminal lost at 09:05:00.0',
      'Terminal lost at 09:05:00.1',
      'Terminal lost at 09:05:00.2',
    ]);
    await page.getByRole('button', { name: 'task two', exact: true }).click();
    await page.getByRole('heading', { name: 'task two' }).waitFor();
    assert.equal(await page.locator('.incident').count(), 0);
    await page.getByRole('button', { name: 'Died together with 2 others: show the incident' }).click();
    await page.getByRole('heading', { name: '3 sessions died together' }).waitFor();
    await panel.close();
  });

  test('follows its record: another death and a better cause appear where one is looking', async () => {
    const panel = await harness.open([root.path], { incident: { root: root.path, id: INCIDENT_ID } });
    const { page } = panel;
    await page.getByRole('heading', { name: '3 sessions died together' }).waitFor();
    const record = (names: readonly string[]): void => {
      const deaths = names.map((name) => `sess-2026-01-15-${name}`);
      const path = recordIncident(root, {
        candidates: [],
        sessions: deaths.map((id) => ({ session_id: id, dir_name: id, ts: '2026-01-15T09:05:00Z', cause: 'killed' })),
      });
      panel.filesChanged([path]);
    };
    record(['one', 'two']);
    await page.getByRole('heading', { name: '2 sessions died together' }).waitFor();
    await page.getByText('Nothing that was recorded is common to all of them.').waitFor();
    record(['one', 'two', 'three']);
    await page.getByRole('heading', { name: '3 sessions died together' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: '3 sessions died together' }).waitFor();
    await panel.close();
  });

  test('hostile text in it stays text', async () => {
    const text = '<img src=x onerror="globalThis.ran=1">\u202e[a](command:x)';
    const hostile = new ScriptedRoot();
    const session = hostile.session('sess-hostile');
    session.finish({ label: text, success: false, subtype: 'crashed', exit_code: -9 });
    recordIncident(hostile, {
      candidates: [{ name: 'killer_process', confidence: text, evidence: [{ kind: 'killer_process', name: text }] }],
      sessions: [{ session_id: text, dir_name: session.id, ts: '2026-01-15T09:05:00Z', cause: text }],
    });
    const panel = await harness.open([hostile.path], { incident: { root: hostile.path, id: INCIDENT_ID } });
    const { page } = panel;
    await page.getByText('was running at that moment').waitFor();
    const seen = await page.evaluate(() => ({
      images: document.images.length,
      ran: Reflect.get(globalThis, 'ran') !== undefined,
      hidden: /\u202e/.test(document.body.innerText),
    }));
    assert.deepEqual(seen, { images: 0, ran: false, hidden: false });
    await panel.close();
    hostile.remove();
  });

  for (const theme of Object.keys(THEMES) as ThemeName[]) {
    test(`its page has nothing serious for axe and fits a narrow panel: ${theme}`, async () => {
      const width = theme === 'light' ? 400 : 1000;
      const panel = await harness.open([root.path], { incident: { root: root.path, id: INCIDENT_ID }, theme, width });
      const { page } = panel;
      await page.locator('.death-mark').nth(2).waitFor();
      assert.deepEqual(await seriousFindings(page), []);
      assert.ok((await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)) <= 0);
      await panel.close();
    });
  }
});
