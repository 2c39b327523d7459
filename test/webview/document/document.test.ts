import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { markdownBlocks } from '../../../src/core/panel/markdownBlocks.ts';
import type { PageContent } from '../../../src/core/panel/pageContent.ts';
import { seriousFindings } from '../../rig/accessibility.ts';
import { browserPath, PanelHarness } from '../harness.ts';
import { ScriptedRoot } from '../scriptedRoot.ts';
import { THEMES, type ThemeName } from '../themes.ts';

const HOSTILE = '<img src=x onerror="globalThis.ran=1">\u202e[a](command:x)';
const MARKDOWN = `## Report

One **bold** line with \`code\`
that goes on.

- first
- ${HOSTILE}

| A | B |
|---|---:|
| 1 | \`two\` |

<details><summary>More</summary>

| C |
|---|
| 3 |

</details>

\`\`\`
as it is
\`\`\`
`;
const CONTENT: PageContent = {
  ok: true,
  title: HOSTILE,
  lead: 'The answer.',
  about: 'Of one',
  blocks: [
    ...markdownBlocks(MARKDOWN),
    { type: 'bars', bars: [{ label: 'Network', text: '1 of 2', share: 0.5, standsOut: true }] },
  ],
  actions: ['save', 'copy', 'refresh'],
};
const PAGE = { kind: 'trend' } as const;

test('a report in Markdown becomes blocks, and what is none of its forms is text', () => {
  assert.deepEqual(
    markdownBlocks(MARKDOWN).map(({ type }) => type),
    ['heading', 'text', 'list', 'table', 'details', 'code'],
  );
  assert.deepEqual(markdownBlocks('a < b\n\n* no list'), [
    { type: 'text', text: 'a < b' },
    { type: 'text', text: '* no list' },
  ]);
  for (const torn of ['```\nnever closed', '<details><summary>x</summary>', '|', '| a |'])
    assert.ok(markdownBlocks(torn).length <= 1, torn);
});

describe('a told page', { skip: browserPath() === undefined && 'no Chromium is installed' }, () => {
  let harness: PanelHarness;
  const root = new ScriptedRoot();
  before(async () => {
    harness = await PanelHarness.start();
  });
  after(async () => {
    await harness.stop();
    root.remove();
  });

  test('shows its content as text, has its buttons in the title and the focus on the first', async () => {
    const panel = await harness.open([root.path], { page: PAGE, content: CONTENT });
    const { page } = panel;
    await page.locator('.told-table').first().waitFor();
    await page.locator('vscode-button:focus', { hasText: 'Save…' }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Copy', exact: true }).click();
    const acted = panel.messages.flatMap((message) => (message.type === 'page' ? (message.action ?? 'load') : []));
    assert.deepEqual(acted, ['load', 'save', 'copy']);
    const seen = await page.evaluate(() => ({
      images: document.images.length,
      ran: Reflect.get(globalThis, 'ran') !== undefined,
      hidden: /\u202e/.test(document.body.innerText),
    }));
    assert.deepEqual(seen, { images: 0, ran: false, hidden: false });
    await panel.close();
  });

  test('says why where it cannot be made', async () => {
    const panel = await harness.open([root.path], { page: PAGE, content: { ok: false, why: 'No such log.' } });
    await panel.page.getByRole('alert').filter({ hasText: 'No such log.' }).waitFor();
    await panel.close();
  });

  for (const theme of Object.keys(THEMES) as ThemeName[]) {
    test(`has nothing serious for axe and fits a narrow panel: ${theme}`, async () => {
      const panel = await harness.open([root.path], { page: PAGE, content: CONTENT, theme, width: 400 });
      await panel.page.locator('.told-bar').first().waitFor();
      assert.deepEqual(await seriousFindings(panel.page), []);
      assert.ok((await panel.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)) <= 0);
      await panel.close();
    });
  }
});
