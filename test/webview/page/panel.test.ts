import assert from 'node:assert/strict';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Locator, Page } from 'playwright-core';
import { seriousFindings } from '../../rig/accessibility.ts';
import { browserPath, PanelHarness, type OpenPanel } from '../harness.ts';
import { START_MS, ScriptedRoot, type ScriptedSession } from '../scriptedRoot.ts';
import { liveSample, writeGoodSession, writeLeakySession, writeRunningSession } from '../scriptedSessions.ts';
import { THEMES, type ThemeName } from '../themes.ts';

/** The toolkit probes :focus-visible with a style element, which the policy forbids; it then falls back to :focus. */
const KNOWN_COMPLAINT = /Applying inline style violates/;

describe('the panel in a real browser', { skip: browserPath() === undefined && 'no Chromium is installed' }, () => {
  let harness: PanelHarness;
  let root: ScriptedRoot;
  let leak: ScriptedSession;
  let live: ScriptedSession;

  before(async () => {
    root = new ScriptedRoot();
    leak = writeLeakySession(root);
    writeGoodSession(root);
    live = writeRunningSession(root);
    harness = await PanelHarness.start();
  });
  after(async () => {
    await harness.stop();
    root.remove();
  });

  async function open(options: Parameters<PanelHarness['open']>[1] = {}): Promise<OpenPanel> {
    const panel = await harness.open([root.path], { selected: leak.ref, ...options });
    await panel.page.locator('.plot canvas').first().waitFor();
    await panel.page.locator('.session-header').waitFor();
    return panel;
  }

  const slider = ({ page }: OpenPanel): Locator => page.getByRole('slider', { name: 'Time on the timelines' });

  async function visibleMs({ page }: OpenPanel): Promise<number> {
    return page.locator('.plot-surface').evaluate((surface) => {
      return Number(surface.getAttribute('aria-valuemax')) - Number(surface.getAttribute('aria-valuemin'));
    });
  }

  test('tells what happened in one sentence and shows what says so', async () => {
    const panel = await open();
    const { page } = panel;
    assert.match(await page.locator('.verdict').innerText(), /^Out of memory: the kernel killed node \(pid 4301\) at /);
    await page.getByText('Evidence (5)').click();
    await page.getByText('The kernel log names pid 4301 (node) as killed for memory.').waitFor();
    await page.getByText('6 of 7 failures').waitFor();
    assert.deepEqual(await page.locator('.lane h3').allInnerTexts(), [
      'Memory (RSS)',
      'OOM risk',
      'File descriptors',
      'CPU',
    ]);
    assert.deepEqual(
      panel.complaints.filter((complaint) => !KNOWN_COMPLAINT.test(complaint)),
      [],
    );
    await panel.close();
  });

  test('a badge leads to its moment: zoomed, highlighted, with that sample and its process tree', async () => {
    const panel = await open();
    const { page } = panel;
    const whole = await visibleMs(panel);
    await page.getByRole('button', { name: /Memory limit near/ }).click();
    await page.getByRole('heading', { name: /sample 1250/ }).waitFor();
    assert.ok((await visibleMs(panel)) < whole / 10);
    await page.locator('.highlight').waitFor({ state: 'visible' });
    await page.getByRole('rowheader', { name: 'esbuild' }).waitFor();
    assert.equal(await page.getByRole('button', { name: /Memory limit near/ }).getAttribute('aria-pressed'), 'true');
    await page.getByRole('button', { name: 'Close the moment' }).click();
    await page.locator('.moment').waitFor({ state: 'hidden' });
    await panel.close();
  });

  test('a page that was discarded while hidden comes back as it was', async () => {
    const panel = await open();
    const { page } = panel;
    await page.getByRole('checkbox', { name: 'Processes' }).click();
    await page.getByRole('button', { name: /Limit ahead/ }).click();
    await page.getByRole('heading', { name: /sample 1330/ }).waitFor();
    const range = await slider(panel).getAttribute('aria-valuemin');
    await page.reload();
    await page.getByRole('heading', { name: /sample 1330/ }).waitFor();
    await page.getByRole('heading', { name: 'Processes' }).waitFor();
    await untilTrue(async () => (await slider(panel).getAttribute('aria-valuemin')) === range);
    await panel.close();
  });

  test('drag, wheel and keys zoom, pan and reset; the crosshair reads out its values', async () => {
    const panel = await open();
    const { page } = panel;
    const whole = await visibleMs(panel);
    await slider(panel).scrollIntoViewIfNeeded();
    const box = await slider(panel).boundingBox();
    assert.ok(box !== null);
    await page.mouse.move(box.x + 300, box.y + 60);
    await page.mouse.down();
    await page.mouse.move(box.x + 500, box.y + 60, { steps: 4 });
    await page.mouse.up();
    const dragged = await visibleMs(panel);
    assert.ok(dragged < whole / 3, `${dragged} of ${whole}`);
    await page.keyboard.press('Escape');
    assert.equal(await visibleMs(panel), whole);
    await slider(panel).focus();
    await page.mouse.wheel(0, -240);
    await untilTrue(async () => (await visibleMs(panel)) < whole);
    await page.keyboard.press('0');
    await page.keyboard.press('+');
    await page.keyboard.press('+');
    const zoomed = await visibleMs(panel);
    assert.ok(zoomed < whole * 0.7);
    const from = await slider(panel).getAttribute('aria-valuemin');
    await page.keyboard.press('PageDown');
    assert.notEqual(await slider(panel).getAttribute('aria-valuemin'), from);
    await page.keyboard.press('Home');
    assert.match((await slider(panel).getAttribute('aria-valuetext')) ?? '', /Memory \(RSS\): Process 2\d\d MiB/);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: /sample 0$/ }).waitFor();
    await panel.close();
  });

  test('lines break where nothing was recorded and the table says the same as the lines', async () => {
    const panel = await open();
    const { page } = panel;
    await page.getByRole('checkbox', { name: 'Table' }).click();
    const table = page.getByRole('region', { name: 'Samples as a table' });
    await table.getByRole('columnheader', { name: 'Memory, tree' }).waitFor();
    assert.match(await table.locator('caption').innerText(), /60 of 1,400 samples. Zoom in for more./);
    await page.getByRole('button', { name: /Memory limit near/ }).click();
    const caption = table.locator('caption', { hasText: /^The visible range: \d+ samples\.$/ });
    for (let step = 0; step < 4; step += 1) await page.getByRole('button', { name: 'Zoom in' }).click();
    await caption.waitFor();
    await page.getByRole('checkbox', { name: 'Threads' }).click();
    await page.getByRole('heading', { name: 'Threads' }).waitFor();
    await panel.close();
  });

  test('a running session grows, waits while somebody looks at the past, and moves when it ends, all without a flicker', async () => {
    const panel = await open({ selected: live.ref });
    const { page } = panel;
    await page.locator('.live', { hasText: 'Live' }).waitFor();
    const item = page.locator('.session-item[aria-current=true]');
    const before = await item.elementHandle();
    const grow = (seq: number) => {
      live.samples([liveSample(seq)]);
      panel.filesChanged([join(live.dir, 'proc_trace.jsonl')]);
    };
    grow(300);
    await page.getByText('301', { exact: true }).waitFor();
    await slider(panel).focus();
    await page.keyboard.press('+');
    await page.keyboard.press('+');
    await page.locator('.live', { hasText: 'Paused' }).waitFor();
    const from = await slider(panel).getAttribute('aria-valuemin');
    grow(301);
    await page.getByText('302', { exact: true }).waitFor();
    assert.equal(await slider(panel).getAttribute('aria-valuemin'), from);
    await page.getByRole('button', { name: 'Follow the newest samples' }).click();
    await page.locator('.live', { hasText: 'Live' }).waitFor();

    live.anomaly(301, START_MS + 301_000, { kind: 'fd_leak', severity: 'critical', detail: { count: 900 } });
    panel.filesChanged([join(live.dir, 'anomalies.jsonl')]);
    await page.getByRole('button', { name: /Fd leak/i }).waitFor();

    live.finish({
      skill_command: 'codex exec "fix the flaky test"',
      success: false,
      subtype: 'error_during_execution',
      exit_code: 3,
      snapshot_count: 302,
      anomaly_count: 1,
      agent: 'codex',
    });
    panel.filesChanged([join(root.path, 'sessions.jsonl'), join(root.path, 'running', live.id), live.dir]);
    await page.locator('.state', { hasText: 'Failed' }).waitFor();
    await untilTrue(async () => /Failed/.test(await item.innerText()));
    const isSameElement = await item.evaluate((now, then) => now === then, before);
    assert.ok(isSameElement, 'the selected item is still the same element');
    await panel.close();
  });

  test('a damaged file shows its good part and says how many lines were bad', async () => {
    const damaged = root.session('sess-2026-01-13-damaged');
    damaged.samples([liveSample(0), liveSample(1), liveSample(2)]);
    appendFileSync(join(damaged.dir, 'proc_trace.jsonl'), '{"seq": 3, broken\nnot json\n');
    damaged.samples([liveSample(4)]);
    damaged.finish({ skill_command: 'damaged', start_ts: '2026-01-13T00:00:00+00:00' });
    const panel = await harness.open([root.path], { selected: damaged.ref });
    await panel.page.getByText('proc_trace.jsonl: 2 damaged lines were skipped; the rest is shown.').waitFor();
    await panel.page.locator('.plot canvas').first().waitFor();
    await panel.close();
  });

  test('a root that is missing, or a file, is named with what is wrong', async () => {
    const file = join(root.path, 'a-file');
    appendFileSync(file, '');
    const panel = await harness.open([join(root.path, 'nowhere'), file]);
    await panel.page.getByText('does not exist yet').waitFor();
    await panel.page.getByText('is not a folder').waitFor();
    await panel.page.getByRole('heading', { name: 'No sessions yet' }).waitFor();
    await panel.close();
  });

  test('a root that is taken away while a session runs is gone, and nobody claims that the session runs', async () => {
    const taken = new ScriptedRoot();
    const running = writeRunningSession(taken);
    const panel = await harness.open([taken.path], { selected: running.ref });
    await panel.page.locator('.state', { hasText: 'Running' }).waitFor();
    taken.remove();
    panel.filesChanged([taken.path]);
    await panel.page.getByText('has been removed or moved away').waitFor();
    await panel.page.locator('.state', { hasText: 'Not known' }).waitFor();
    await panel.page.locator('.live').waitFor({ state: 'hidden' });
    assert.equal(await panel.page.getByText('No sessions yet').isVisible(), false);
    await panel.close();
  });

  test('the list finds the words that it shows, counts what it found, and folds away beside the Sessions view', async (t) => {
    // The other tests' running session may have ended by now.
    const own = new ScriptedRoot();
    t.after(() => own.remove());
    const selected = writeLeakySession(own).ref;
    writeGoodSession(own);
    writeRunningSession(own);
    const panel = await harness.open([own.path], { selected });
    const { page } = panel;
    const search = page.locator('.sessions-tools vscode-text-field input');
    const titles = page.locator('.session-item .session-title');
    const count = (text: string): Promise<void> =>
      page.locator('.sessions-count', { hasText: new RegExp(`^${text}`) }).waitFor();
    await count('3, 1 running');
    assert.deepEqual(await page.locator('.day-heading').allInnerTexts(), ['Earlier']);
    for (const [text, title] of [
      ['agent:gemini', 'write the changelog'],
      ['"Gemini CLI" completed', 'write the changelog'],
      ['cause:oom', 'migrate the tests'],
      ['OOM-killed', 'migrate the tests'],
      ['outcome:run', 'fix the flaky test'],
    ] as const) {
      await search.fill(text);
      await count('1 of 3');
      assert.deepEqual(await titles.allInnerTexts(), [title], text);
      await search.fill('');
      await count('3, 1 running');
    }
    await search.fill('agent:gemni');
    await page.getByText('There is no agent "gemni". Did you mean gemini?').waitFor();
    await count('0 of 3');
    await search.fill('');
    await count('3, 1 running');
    const list = page.locator('details.sessions');
    panel.post({ type: 'sessionsView', isVisible: true });
    await list.and(page.locator(':not([open])')).waitFor();
    const folded = await page.locator('main').boundingBox();
    assert.ok(folded !== null && folded.width > 1200, "the room is the session's");
    panel.post({ type: 'sessionsView', isVisible: false });
    await list.and(page.locator('[open]')).waitFor();
    await panel.close();
  });

  test('where nothing may be run nothing offers to, until the workspace is trusted', async () => {
    const panel = await harness.open([join(root.path, 'nowhere')], { isTrusted: false });
    await panel.page.getByText('This workspace is not trusted').waitFor();
    await panel.page.getByRole('heading', { name: 'No sessions yet' }).waitFor();
    const run = panel.page.getByRole('button', { name: 'Run agent session' });
    assert.equal(await run.isVisible(), false);
    panel.post({ type: 'trust', isTrusted: true });
    await run.waitFor();
    await panel.page.getByText('This workspace is not trusted').waitFor({ state: 'hidden' });
    await panel.close();
  });

  for (const [name, text] of hostileTexts()) {
    test(`hostile text stays text: ${name}`, async () => {
      const hostile = root.session(`hostile-${name}`);
      const fields = { comm: text, wchan: text, state: text };
      hostile.samples([0, 1, 2].map((seq) => ({ ...liveSample(seq), ...fields })));
      hostile.tree(1, START_MS + 1000, [{ pid: 1, ppid: 0, comm: text, state: text, wchan: text }]);
      hostile.anomaly(1, START_MS + 1000, {
        kind: 'fd_high',
        severity: 'warning',
        detail: { note: text, [text.slice(0, 50)]: text },
      });
      hostile.lifecycle(START_MS, 'heartbeat_missed', { reason: text, context: { text } });
      hostile.finish({
        skill_command: text,
        cwd: text,
        success: false,
        subtype: text,
        label: text,
        anomaly_count: 1,
        signal: text,
        verdict: {
          outcome: 'died',
          cause: 'killed',
          confidence: 'likely',
          evidence: [
            { kind: 'exit_status', name: text },
            { kind: 'killer_process', name: text },
          ],
        },
        failures: {
          format: text,
          counts: { network: 1 },
          sources: [{ category: 'network', rule: text, handle: text, line: 1 }],
          suspect: { layer: 'environment', sentence: text },
        },
        leftover_processes: [{ pid: 5, start_ticks: 1, comm: text }],
      });
      const panel = await harness.open([root.path], { selected: hostile.ref, seq: 1 });
      const { page } = panel;
      await page.getByRole('rowheader').first().waitFor();
      const seen = await page.evaluate(() => ({
        scripts: document.scripts.length,
        images: document.images.length,
        links: document.links.length,
        ran: Reflect.get(globalThis, 'ran') !== undefined,
        characters: document.body.innerText.length,
        hidden: /[\u0000-\u0008\u001b\u202a-\u202e\u2066-\u2069\u200b]/.test(document.body.innerText),
        isTooWide: document.documentElement.scrollWidth > window.innerWidth,
      }));
      assert.deepEqual(
        { ...seen, characters: seen.characters < 60_000 },
        { scripts: 2, images: 0, links: 0, ran: false, characters: true, hidden: false, isTooWide: false },
      );
      await panel.close();
    });
  }

  for (const theme of Object.keys(THEMES) as ThemeName[]) {
    test(`axe finds nothing serious: ${theme}`, async () => {
      const panel = await open({ theme, seq: 1250, width: theme === 'light' ? 400 : 1280 });
      const { page } = panel;
      await page.getByRole('rowheader', { name: 'esbuild' }).waitFor();
      await page.getByText('In the agent’s log').click();
      await page.getByRole('checkbox', { name: 'Table' }).click();
      await page.getByRole('columnheader', { name: 'Memory, tree' }).waitFor();
      assert.deepEqual(await seriousFindings(page), []);
      assert.deepEqual(await faintColors(page), []);
      await panel.close();
    });
  }

  test('fits 400 pixels and 200% zoom without scrolling sideways', async () => {
    for (const options of [{ width: 400 }, { width: 1280, zoom: 2 }]) {
      const panel = await open({ ...options, seq: 1250 });
      await panel.page.getByRole('rowheader', { name: 'esbuild' }).waitFor();
      const overflow = await panel.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      assert.ok(overflow <= 0, `${overflow} pixels too wide`);
      await panel.close();
    }
  });
});

/** The chart's colours that stand out by less than 3 to 1 (WCAG 1.4.11), which axe does not look at. */
async function faintColors(page: Page): Promise<readonly string[]> {
  const painted = await page.evaluate(() => {
    const pixel = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
    const background = getComputedStyle(document.body).backgroundColor;
    const paint = (color: string): readonly number[] => {
      if (pixel === null) throw new Error('no canvas');
      for (const layer of [background, color]) {
        pixel.fillStyle = layer;
        pixel.fillRect(0, 0, 1, 1);
      }
      return Array.from(pixel.getImageData(0, 0, 1, 1).data.subarray(0, 3));
    };
    const swatches = [...document.querySelectorAll('.swatch')].map((element) => {
      return [element.className, paint(getComputedStyle(element).borderTopColor)] as const;
    });
    const bars = [...document.querySelectorAll('.bar-fill')].map((element) => {
      return ['bar-fill', paint(getComputedStyle(element).backgroundColor)] as const;
    });
    return { background: paint(background), colors: [...swatches, ...bars] };
  });
  return painted.colors.flatMap(([name, color]) => {
    const ratio = contrast(color, painted.background);
    return ratio < 3 ? `${name}: ${ratio.toFixed(1)}` : [];
  });
}

function contrast(a: readonly number[], b: readonly number[]): number {
  const [darker = 0, lighter = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (lighter + 0.05) / (darker + 0.05);
}

function luminance(rgb: readonly number[]): number {
  const [r = 0, g = 0, b = 0] = rgb.map((byte) => {
    const share = byte / 255;
    return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function hostileTexts(): readonly (readonly [string, string])[] {
  return [
    ['markup', '<img src=x onerror="globalThis.ran=1"><script>globalThis.ran=1</script>'],
    ['link', 'javascript:globalThis.ran=1//'],
    ['escapes', '\u001b[31mred\u001b[0m \u0007\u0000'],
    ['direction', 'safe\u202egpj.exe\u2066\u200b'],
    ['long', 'x'.repeat(1_000_000)],
  ];
}

async function untilTrue(check: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 30_000;
  while (!(await check())) {
    if (Date.now() > end) throw new Error('it did not become true in 30 s');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
