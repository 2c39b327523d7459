import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Locator, Page } from 'playwright-core';
import { seriousFindings } from '../../rig/accessibility.ts';
import { clockOf } from '../../../webview/parts/timeFormat.ts';
import { TRACE_START_MS, writeForeignTrace } from '../../logs/foreignTrace.ts';
import type { SessionRef } from '../../../src/core/panel/sessionView.ts';
import { browserPath, PanelHarness, type OpenPanel } from '../harness.ts';
import { ScriptedRoot } from '../scriptedRoot.ts';
import { liveSample, writeLeakySession, writeRunningSession } from '../scriptedSessions.ts';

const CALLS = 500;

describe('the lanes by keyboard', { skip: browserPath() === undefined && 'no Chromium is installed' }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'panel-lanes-'));
  const dataHome = process.env['XDG_DATA_HOME'];
  let harness: PanelHarness;
  let root: ScriptedRoot;

  before(async () => {
    // Where the key of a trace's handles goes.
    process.env['XDG_DATA_HOME'] = folder;
    root = new ScriptedRoot();
    harness = await PanelHarness.start();
  });
  after(async () => {
    await harness.stop();
    root.remove();
    if (dataHome === undefined) delete process.env['XDG_DATA_HOME'];
    else process.env['XDG_DATA_HOME'] = dataHome;
    rmSync(folder, { recursive: true });
  });

  /** Drawn: only then does a browser give the focus to anything. */
  async function open(path: string, selected: SessionRef): Promise<OpenPanel> {
    const panel = await harness.open([path], { selected });
    await panel.page.getByRole('listbox').first().waitFor();
    await panel.page.locator('.tick').first().waitFor();
    return panel;
  }

  /** The mark that Tab leads to: a lane has exactly one. */
  const stop = (page: Page, lane: string): Locator => page.locator(`.lane-of-${lane} [tabindex="0"]`);

  const label = (page: Page): Promise<string | null> =>
    page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? null);

  /** What a lane's marks say, in the order in which the arrows meet them. */
  const spoken = (page: Page, lane: string): Promise<string[]> =>
    page
      .locator(`.lane-of-${lane} .mark`)
      .evaluateAll((marks) => marks.map((mark) => mark.getAttribute('aria-label') ?? ''));

  test('Tab stops once at a lane; arrows, Home and End move, the words are shown, Enter leads to the moment', async () => {
    const { ref } = writeLeakySession(root);
    const panel = await open(root.path, ref);
    const { page } = panel;
    await stop(page, 'anomalies').focus();
    await page.keyboard.press('Tab');
    const events = await spoken(page, 'lifecycle');
    assert.ok(events.length >= 4, events.join('\n'));
    assert.equal(await label(page), events[0]);
    assert.match(events[0] ?? '', /^Session created, \d\d:\d\d:\d\d$/);
    await page.keyboard.press('Shift+Tab');

    const anomalies = await spoken(page, 'anomalies');
    assert.equal(anomalies.length, 5);
    for (const expected of anomalies) {
      assert.equal(await label(page), expected);
      assert.equal(await page.locator('.lane-of-anomalies .mark-label').innerText(), expected);
      assert.equal(await stop(page, 'anomalies').getAttribute('title'), expected);
      await page.keyboard.press('ArrowRight');
    }
    assert.equal(await label(page), anomalies.at(-1), 'the last mark is the end');
    assert.notEqual(await stop(page, 'anomalies').evaluate((mark) => getComputedStyle(mark).outlineStyle), 'none');
    await page.keyboard.press('Home');
    assert.equal(await label(page), anomalies[0]);
    await page.keyboard.press('End');
    await page.keyboard.press('ArrowLeft');
    assert.match((await label(page)) ?? '', /^Critical: Memory limit near/);
    assert.deepEqual(await seriousFindings(page), []);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: /sample 1250/ }).waitFor();

    // Zoomed to that anomaly, the session's beginning is out of view; its mark is still one key away.
    await page.getByRole('listbox', { name: 'Events, none in view' }).focus();
    await page.keyboard.press('Home');
    assert.equal(await label(page), events[0]);
    await page.keyboard.press('Space');
    await page.getByRole('heading', { name: /sample 0$/ }).waitFor();
    await panel.close();
  });

  test('every call of a long trace is reached, though only some are in the page', async () => {
    const calls = Array.from({ length: CALLS }, (_, i) => i).flatMap(
      (i) =>
        [
          [i * 2, 'tool_call', { tool: 'bash' }],
          [i * 2 + 1, 'tool_result', { tool: 'bash', ok: i % 7 !== 0, output: '' }],
        ] as const,
    );
    const { id } = writeForeignTrace(folder, [[0, 'start'], ...calls, [CALLS * 2, 'end', { outcome: 'success' }]]);
    const traces = join(folder, '.devboy');
    const panel = await open(traces, { root: traces, id: `2026-03-01/review/${id}` });
    const { page } = panel;
    const drawn = page.locator('.lane-of-calls .mark');
    await stop(page, 'calls').focus();
    assert.ok((await drawn.count()) <= 121, `${await drawn.count()} marks`);
    const stands = async (second: number): Promise<void> =>
      assert.match((await label(page)) ?? '', new RegExp(`${clockOf(TRACE_START_MS + second * 1000, 1000)}$`));
    for (const second of [0, 2, 4, 6]) {
      await stands(second);
      await page.keyboard.press('ArrowRight');
    }
    assert.ok((await drawn.count()) <= 121, `${await drawn.count()} marks`);
    for (let i = 0; i < 5; i += 1) await page.getByRole('button', { name: 'Zoom in' }).click();
    await stop(page, 'calls').focus();
    await page.keyboard.press('End');
    await stands((CALLS - 1) * 2);
    assert.ok((await drawn.count()) < 30, `${await drawn.count()} marks`);
    await page.keyboard.press('Home');
    await stands(0);
    await panel.close();
  });

  test('the keyboard stays at its mark while the session grows', async () => {
    const live = writeRunningSession(root);
    const panel = await open(root.path, live.ref);
    const { page } = panel;
    await stop(page, 'lifecycle').focus();
    const before = await label(page);
    live.samples([liveSample(300)]);
    panel.filesChanged([join(live.dir, 'proc_trace.jsonl')]);
    await page.getByText('301', { exact: true }).waitFor();
    assert.match(before ?? '', /^Sampling started/);
    assert.equal(await label(page), before);
    await panel.close();
  });
});
