import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { jsonLine } from '../../../src/core/words/json.ts';
import { isoFromMs } from '../../../src/core/words/time.ts';
import { seriousFindings } from '../../rig/accessibility.ts';
import { browserPath, PanelHarness } from '../harness.ts';
import { ScriptedRoot, START_MS, type ScriptedSession } from '../scriptedRoot.ts';
import { liveSample } from '../scriptedSessions.ts';
import { THEMES, type ThemeName } from '../themes.ts';

const SECONDS = 300;

describe('the output', { skip: browserPath() === undefined && 'no Chromium is installed' }, () => {
  let harness: PanelHarness;
  let root: ScriptedRoot;
  let live: ScriptedSession;
  let printed = 0;

  function print(second: number, text: string): void {
    live.raw(
      'output.index',
      `${jsonLine({ ts: isoFromMs(START_MS + second * 1000), stream: 'stdout', offset: printed })}\n`,
    );
    live.raw('stdout.log', text);
    printed += Buffer.byteLength(text);
  }

  before(async () => {
    root = new ScriptedRoot();
    live = root.session('printing', 'running');
    live.enroll();
    live.samples(Array.from({ length: SECONDS }, (_, seq) => liveSample(seq)));
    for (let second = 0; second < SECONDS; second += 1) {
      print(second, `\u001b[32m✓\u001b[0m test ${second} passed\n${'x'.repeat(200)}\n`);
    }
    live.raw('stderr.log', 'warning: slow\n');
    live.raw('output.index', `${jsonLine({ ts: isoFromMs(START_MS + 250_000), stream: 'stderr', offset: 0 })}\n`);
    harness = await PanelHarness.start();
  });
  after(async () => {
    await harness.stop();
    root.remove();
  });

  const now = (page: Page): Promise<string> => page.locator('.output-line.is-now').innerText();

  test('is there with one click, grows while it is watched, follows the cursor and leads to its moment', async () => {
    const panel = await harness.open([root.path], { selected: live.ref });
    const { page } = panel;
    await page.getByRole('button', { name: 'Open Output' }).click();
    await page.getByText('test 299 passed').waitFor();
    assert.equal(await page.locator('.output-line .ansi-green').first().innerText(), '✓');
    print(300, 'printed live\n');
    panel.filesChanged([join(live.dir, 'stdout.log')]);
    await page.getByText('printed live').waitFor();

    await page.getByRole('slider', { name: 'Replay position' }).fill('0.5');
    await page.locator('.output-line.is-now').waitFor();
    assert.match(await now(page), /x{50}/);
    const before = page.locator('.output-line', { hasText: /test 1[45]\d passed/ });
    await before.first().waitFor();
    await page.getByRole('button', { name: /Leave replay/ }).click();

    const line = page.locator('.output-line', { hasText: 'test 140 passed' });
    await line.scrollIntoViewIfNeeded();
    await line.click();
    await page.getByRole('tab', { name: 'Moment' }).click();
    await page.getByRole('heading', { name: /sample 140$/ }).waitFor();
    await page.getByRole('tab', { name: 'Output' }).click();
    assert.match(await now(page), /x{50}/);
    await page.getByRole('button', { name: 'Close the moment' }).click();
    await page.locator('.drawer').waitFor({ state: 'hidden' });
    await panel.close();
  });

  test('is searched both ways, far from what is shown, and read by keyboard alone', async () => {
    const panel = await harness.open([root.path], { selected: live.ref });
    const { page } = panel;
    await page.getByRole('button', { name: 'Open Output' }).click();
    await page.getByText('test 299 passed').waitFor();
    assert.equal(await page.getByText('test 3 passed').count(), 0);
    await page.locator('.output vscode-text-field input').fill('test 3 passed');
    await page.keyboard.press('Enter');
    await page.locator('.output-line[aria-selected=true]', { hasText: 'test 3 passed' }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByText('Nothing below').waitFor();
    await page.getByRole('listbox', { name: 'Output lines' }).focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.locator('.output-line[aria-selected=true]', { hasText: 'test 4 passed' }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('tab', { name: 'Moment' }).click();
    await page.getByRole('heading', { name: /sample 4$/ }).waitFor();
    await panel.close();
  });

  for (const theme of Object.keys(THEMES) as ThemeName[]) {
    test(`has nothing serious for axe and fits: ${theme}`, async () => {
      const width = theme === 'light' ? 400 : 1280;
      const panel = await harness.open([root.path], { selected: live.ref, theme, width });
      const { page } = panel;
      await page.getByRole('button', { name: 'Open Output' }).click();
      await page.getByText('test 299 passed').waitFor();
      await page.mouse.move(0, 0); // this theme has no colour for a button under the pointer
      assert.deepEqual(await seriousFindings(page), []);
      assert.deepEqual(await tooWide(page), []);
      await panel.close();
    });
  }
});

/** What reaches beyond the page, where the page scrolls sideways. */
async function tooWide(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    if (document.documentElement.scrollWidth <= window.innerWidth) return [];
    const isWide = (element: Element): boolean => element.getBoundingClientRect().right > window.innerWidth;
    return [...document.querySelectorAll('*')]
      .filter(isWide)
      .map((element) => `${element.tagName} ${element.className}`);
  });
}
