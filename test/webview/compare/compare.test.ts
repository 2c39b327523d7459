import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { PageRef } from '../../../src/core/panel/pageRef.ts';
import { seriousFindings } from '../../rig/accessibility.ts';
import { browserPath, PanelHarness } from '../harness.ts';
import { ScriptedRoot } from '../scriptedRoot.ts';
import { writeGoodSession, writeLeakySession } from '../scriptedSessions.ts';
import { THEMES, type ThemeName } from '../themes.ts';

describe('two sessions side by side', { skip: browserPath() === undefined && 'no Chromium is installed' }, () => {
  let harness: PanelHarness;
  let root: ScriptedRoot;
  let page: PageRef;

  before(async () => {
    root = new ScriptedRoot();
    const [bad, good] = [writeLeakySession(root).id, writeGoodSession(root).id];
    page = { kind: 'compare', a: { root: root.path, id: bad }, b: { root: root.path, id: good } };
    harness = await PanelHarness.start();
  });
  after(async () => {
    await harness.stop();
    root.remove();
  });

  test('the first difference stands on top, below it both courses from 0 and all that differs', async () => {
    const panel = await harness.open([root.path], { page });
    const { page: tab } = panel;
    await tab.getByRole('heading', { name: 'Compare two sessions' }).waitFor();
    assert.doesNotMatch(await tab.locator('.verdict').innerText(), /Nothing that matters/);
    const first = tab.locator('.compared-table tbody tr').first();
    assert.equal(await first.locator('td').count(), 2);
    await tab.locator('.compared-lane .plot canvas').first().waitFor();
    assert.equal(await tab.locator('.compare .axis .tick').first().innerText(), '+0.0 s');
    const [a = 0, b = 0] = await tab
      .locator('.mark-a, .mark-b')
      .evaluateAll((marks) => marks.map((mark) => mark.getBoundingClientRect().left));
    assert.notEqual(Math.round(a), Math.round(b), 'they did not take equally long');
    // The toolkit's own.
    assert.deepEqual(
      panel.complaints.filter((line) => !/Applying inline style/.test(line)),
      [],
    );
    await panel.close();
  });

  test('leads to either session, back and forward by button and keys, and is there again after a reload', async () => {
    const panel = await harness.open([root.path], { page });
    const { page: tab } = panel;
    const compared = tab.getByRole('heading', { name: 'Compare two sessions' });
    await compared.waitFor();
    await tab.locator('.side-b button').click();
    await tab.locator('.lane').first().waitFor();
    assert.equal(await compared.count(), 0);
    await tab.getByRole('button', { name: 'Back (Alt+Left)' }).click();
    await compared.waitFor();
    await tab.keyboard.press('Alt+ArrowRight');
    await tab.locator('.lane').first().waitFor();
    await tab.keyboard.press('Alt+ArrowLeft');
    await compared.waitFor();
    await tab.reload();
    await compared.waitFor();
    await tab.keyboard.press('Alt+ArrowRight');
    await tab.locator('.lane').first().waitFor();
    await panel.close();
  });

  for (const theme of Object.keys(THEMES) as ThemeName[]) {
    test(`its page has nothing serious for axe and fits a narrow panel: ${theme}`, async () => {
      const width = theme === 'light' ? 400 : 1000;
      const panel = await harness.open([root.path], { page, theme, width });
      await panel.page.locator('.compared-table tbody tr').first().waitFor();
      assert.deepEqual(await seriousFindings(panel.page), []);
      assert.ok((await panel.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)) <= 0);
      await panel.close();
    });
  }
});
