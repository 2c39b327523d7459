import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { browserPath, PanelHarness } from '../harness.ts';
import { ScriptedRoot, type ScriptedSession } from '../scriptedRoot.ts';
import { writeGoodSession, writeLeakySession } from '../scriptedSessions.ts';

const SIZES = [
  { width: 900, height: 700 },
  { width: 1400, height: 900 },
];

describe('the moment in its drawer', { skip: browserPath() === undefined && 'no Chromium is installed' }, () => {
  let harness: PanelHarness;
  let root: ScriptedRoot;
  let leak: ScriptedSession;

  before(async () => {
    root = new ScriptedRoot();
    leak = writeLeakySession(root);
    writeGoodSession(root);
    harness = await PanelHarness.start();
  });
  after(async () => {
    await harness.stop();
    root.remove();
  });

  const edges = async (page: Page, what: string): Promise<{ readonly top: number; readonly bottom: number }> => {
    const box = await page.locator(what).first().boundingBox();
    assert.ok(box !== null, what);
    return { top: box.y, bottom: box.y + box.height };
  };

  for (const size of SIZES) {
    test(`opens over the page's edge and moves no chart: ${size.width} x ${size.height}`, async () => {
      const panel = await harness.open([root.path], { selected: leak.ref, ...size });
      const { page } = panel;
      await page.locator('.episode').first().waitFor();
      await page.locator('.plot canvas').first().waitFor();
      const before = await edges(page, '.plot');
      assert.ok(before.top <= 300, `the charts begin at ${before.top}`);
      await page.getByRole('button', { name: /Memory limit near/ }).click();
      await page.getByRole('heading', { name: /sample 1250/ }).waitFor();
      const drawer = await edges(page, '.drawer');
      assert.deepEqual(await edges(page, '.plot'), before);
      assert.ok(drawer.top >= before.bottom, `a chart ends at ${before.bottom}, the drawer begins at ${drawer.top}`);
      assert.ok(drawer.bottom <= size.height);
      await panel.close();
    });
  }

  test('tells the moment in groups, signals by name, who has the most with a bar, and nothing that was not read', async () => {
    const panel = await harness.open([root.path], { selected: leak.ref, seq: 1250 });
    const { page } = panel;
    await page.getByRole('heading', { name: /sample 1250/ }).waitFor();
    const groups = await page.locator('.value-group h3').allInnerTexts();
    assert.deepEqual(groups, ['Memory', 'Files', 'CPU', 'Signals', 'Process']);
    const values = await page.locator('.values').innerText();
    assert.match(values, /Kernel’s OOM score\s+770/);
    assert.match(values, /Caught\s+HUP, INT, QUIT/);
    assert.doesNotMatch(values, /not read|0000|Pending/);
    const names = await page.locator('.tree tbody th').allInnerTexts();
    assert.deepEqual(names, ['claude', 'bash', 'node', 'esbuild', 'rg']);
    const shares = await page
      .locator('.tree tbody td:nth-child(3)')
      .evaluateAll((cells) => cells.map((cell) => (cell as HTMLElement).style.getPropertyValue('--share')));
    assert.deepEqual(shares, ['13%', '0%', '100%', '2%', '0%']);
    await panel.close();
  });

  test('stands where it was put, as large as it was made, by mouse and by keyboard', async () => {
    const panel = await harness.open([root.path], { selected: leak.ref, seq: 1250, width: 1400 });
    const { page } = panel;
    await page.getByRole('heading', { name: /sample 1250/ }).waitFor();
    const heightOf = async () => (await page.locator('.drawer').boundingBox())?.height ?? 0;
    const first = await heightOf();
    await page.getByRole('separator', { name: 'Size of the drawer' }).focus();
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('ArrowUp');
    const grown = await heightOf();
    assert.ok(grown > first + 30, `${first} then ${grown}`);
    const box = await page.locator('.drawer').boundingBox();
    assert.ok(box !== null);
    await page.mouse.move(box.x + 300, box.y);
    await page.mouse.down();
    await page.mouse.move(box.x + 300, box.y + 60, { steps: 3 });
    await page.mouse.up();
    assert.ok((await heightOf()) < grown - 30);

    const { top } = await edges(page, '.plot');
    await page.getByRole('button', { name: 'Move right' }).click();
    const [drawer, lanes] = [await page.locator('.drawer').boundingBox(), await page.locator('.lanes').boundingBox()];
    assert.ok(drawer !== null && lanes !== null && drawer.x >= lanes.x + lanes.width);
    assert.equal((await edges(page, '.plot')).top, top);
    await page.reload();
    await page.getByRole('button', { name: 'Move below' }).waitFor();
    await panel.close();
  });
});
