import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { laneLayoutFrom, lanesInOrder, movedLane } from '../../../webview/timeline/laneLayout.ts';
import { browserPath, PanelHarness } from '../harness.ts';
import { ScriptedRoot, type ScriptedSession } from '../scriptedRoot.ts';
import { writeLeakySession } from '../scriptedSessions.ts';

test('a layout from outside is brought back to what there is, and lanes move among those that are shown', () => {
  const layout = laneLayoutFrom({
    order: ['cpu', 'nope', 3],
    folded: 'x',
    fitted: ['oom'],
    heights: { cpu: 1e9, fd: 'a' },
  });
  assert.deepEqual(layout, { order: ['cpu'], folded: [], fitted: ['oom'], heights: { cpu: 600 } });
  const ids = lanesInOrder(layout).map(({ id }) => id);
  assert.deepEqual(ids.slice(0, 3), ['cpu', 'memory', 'oom']);
  const moved = movedLane(layout, 'memory', 1, ['cpu', 'memory', 'fd']);
  assert.deepEqual(
    lanesInOrder(moved)
      .map(({ id }) => id)
      .slice(0, 4),
    ['cpu', 'oom', 'fd', 'memory'],
  );
  assert.equal(movedLane(layout, 'cpu', -1, ids), layout);
});

describe(
  'the lanes as a person arranges them',
  { skip: browserPath() === undefined && 'no Chromium is installed' },
  () => {
    let harness: PanelHarness;
    let root: ScriptedRoot;
    let leak: ScriptedSession;

    before(async () => {
      root = new ScriptedRoot();
      leak = writeLeakySession(root);
      harness = await PanelHarness.start();
    });
    after(async () => {
      await harness.stop();
      root.remove();
    });

    const titles = (page: Page): Promise<string[]> => page.locator('.lane h3').allInnerTexts();
    const plotHeight = async (page: Page, id: string): Promise<number> =>
      (await page.locator(`.lane-${id} .plot`).boundingBox())?.height ?? 0;

    test('are folded, moved and resized by keyboard, fitted to what is in view, and stay so', async () => {
      const panel = await harness.open([root.path], { selected: leak.ref });
      const { page } = panel;
      await page.locator('.plot canvas').first().waitFor();
      await page.getByRole('button', { name: 'Fold OOM risk' }).press('Enter');
      assert.equal(await plotHeight(page, 'oom'), 0);
      const up = page.getByRole('button', { name: 'Move CPU up' });
      await up.press('Enter');
      await up.press('Enter');
      assert.deepEqual(await titles(page), ['Memory (RSS)', 'CPU', 'OOM risk', 'File descriptors']);
      const before = await plotHeight(page, 'cpu');
      await page.getByRole('separator', { name: 'Height of CPU' }).press('ArrowDown');
      const grown = await plotHeight(page, 'cpu');
      assert.equal(grown, before + 24);
      await page.getByRole('button', { name: 'Zoom File descriptors to the values in view' }).press('Enter');
      await page.getByRole('checkbox', { name: 'Time since the start' }).click();
      await page.locator('.tick', { hasText: '+5 min 0 s' }).waitFor();
      await page.reload();
      await page.locator('.tick', { hasText: '+5 min 0 s' }).waitFor();
      assert.deepEqual(await titles(page), ['Memory (RSS)', 'CPU', 'OOM risk', 'File descriptors']);
      assert.equal(await plotHeight(page, 'oom'), 0);
      assert.equal(await plotHeight(page, 'cpu'), grown);
      const fitted = page.getByRole('button', { name: 'Zoom File descriptors to the values in view' });
      assert.equal(await fitted.getAttribute('aria-pressed'), 'true');
      await panel.close();
    });

    test('W, A, S and D zoom and pan; the window of the overview is drawn, dragged and made larger', async () => {
      const panel = await harness.open([root.path], { selected: leak.ref });
      const { page } = panel;
      await page.locator('.plot canvas').first().waitFor();
      const slider = page.getByRole('slider', { name: 'Time on the timelines' });
      const span = async (): Promise<readonly [number, number]> => [
        Number(await slider.getAttribute('aria-valuemin')),
        Number(await slider.getAttribute('aria-valuemax')),
      ];
      const whole = await span();
      await slider.focus();
      await page.keyboard.press('w');
      await page.keyboard.press('w');
      const near = await span();
      assert.ok(near[1] - near[0] < (whole[1] - whole[0]) * 0.7);
      await page.keyboard.press('a');
      assert.ok((await span())[0] < near[0]);
      await page.keyboard.press('d');
      await page.keyboard.press('s');
      await page.keyboard.press('s');
      await page.keyboard.press('0');
      assert.deepEqual(await span(), whole);

      const strip = await page.locator('.overview-strip').boundingBox();
      assert.ok(strip !== null);
      const drag = async (from: number, to: number): Promise<void> => {
        const y = strip.y + strip.height / 2;
        await page.mouse.move(strip.x + from * strip.width, y);
        await page.mouse.down();
        await page.mouse.move(strip.x + to * strip.width, y, { steps: 4 });
        await page.mouse.up();
      };
      const share = async (): Promise<readonly number[]> =>
        (await span()).map((ms) => Math.round(((ms - whole[0]) / (whole[1] - whole[0])) * 10));
      await drag(0.2, 0.4);
      assert.deepEqual(await share(), [2, 4]);
      await drag(0.3, 0.6);
      assert.deepEqual(await share(), [5, 7]);
      await drag(0.7, 0.9);
      assert.deepEqual(await share(), [5, 9]);
      await panel.close();
    });
  },
);
