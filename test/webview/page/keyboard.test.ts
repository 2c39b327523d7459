import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { browserPath, PanelHarness } from '../harness.ts';
import { ScriptedRoot } from '../scriptedRoot.ts';
import { writeGoodSession, writeLeakySession } from '../scriptedSessions.ts';

const skip = browserPath() === undefined && 'no Chromium or Chrome is installed';
let harness: PanelHarness;
let root: ScriptedRoot;

before(async () => {
  if (skip !== false) return;
  root = new ScriptedRoot();
  writeLeakySession(root);
  writeGoodSession(root);
  harness = await PanelHarness.start();
});

after(async () => {
  await harness?.stop();
  root?.remove();
});

/** In the page: what can be operated, and whether the keyboard's focus was ever on it. */
const OPERABLE =
  'button, vscode-button, vscode-checkbox, vscode-dropdown, vscode-text-field, [role=slider], summary, a[href]';

test('the Tab key reaches everything that can be operated, and Enter works where a click does', { skip }, async () => {
  const id = 'sess-2026-01-15-leak';
  const panel = await harness.open([root.path], { selected: { root: root.path, id } });
  const { page } = panel;
  await page.locator('.plot canvas').first().waitFor();
  await page.locator('.episode').first().waitFor();
  const total = await page.evaluate((operable) => {
    for (const details of document.querySelectorAll('details')) details.open = true;
    const seen = new Set<Element>();
    Object.assign(globalThis, { seen });
    document.addEventListener('focusin', (event) => {
      const target = event.target instanceof Element ? event.target.closest(operable) : null;
      if (target !== null) seen.add(target);
    });
    return document.querySelectorAll(operable).length;
  }, OPERABLE);
  assert.ok(total > 10, `${total} things to operate`);
  for (let press = 0; press < total * 3; press += 1) await page.keyboard.press('Tab');
  const unreached = await page.evaluate((operable) => {
    const { seen } = globalThis as unknown as { seen: Set<Element> }; // put there above
    const isShown = (element: Element): boolean =>
      element.getClientRects().length > 0 && !element.hasAttribute('disabled');
    // Of a group that the arrow keys move in, Tab reaches one member.
    const isInGroup = (element: Element): boolean => element.getAttribute('tabindex') === '-1';
    return [...document.querySelectorAll(operable)]
      .filter((element) => isShown(element) && !isInGroup(element) && !seen.has(element))
      .map((element) => element.outerHTML.slice(0, 120));
  }, OPERABLE);
  assert.deepEqual(unreached, []);
  await page.getByRole('button', { name: /Memory limit near/ }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: /sample \d+/ }).waitFor();
  await page.getByRole('checkbox', { name: 'Table' }).focus();
  await page.keyboard.press('Space');
  await page.getByRole('region', { name: 'Samples as a table' }).waitFor();
  await panel.close();
});
