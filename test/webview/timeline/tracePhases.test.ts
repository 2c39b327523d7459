import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { traceTs, writeForeignTrace } from '../../logs/foreignTrace.ts';
import { browserPath, PanelHarness } from '../harness.ts';

describe('a trace in the panel', { skip: browserPath() === undefined && 'no Chromium is installed' }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'panel-traces-'));
  const dataHome = process.env['XDG_DATA_HOME'];
  let harness: PanelHarness;

  before(async () => {
    // Where the key of a trace's handles goes.
    process.env['XDG_DATA_HOME'] = folder;
    harness = await PanelHarness.start();
  });
  after(async () => {
    await harness.stop();
    if (dataHome === undefined) delete process.env['XDG_DATA_HOME'];
    else process.env['XDG_DATA_HOME'] = dataHome;
    rmSync(folder, { recursive: true });
  });

  test('shows its phases one after the other within the whole, and its calls below, on one axis', async () => {
    const { id } = writeForeignTrace(
      folder,
      [
        [0, 'start'],
        [10, 'decision'],
        [20, 'tool_call', { tool: 'bash' }],
        [40, 'tool_result', { tool: 'bash', ok: false, exit_code: 1, output: 'no' }],
        [50, 'verify'],
        [100, 'end', { outcome: 'failure', summary: '' }],
      ],
      { ended_at: traceTs(100), outcome: 'failure' },
    );
    const root = join(folder, '.devboy');
    const selected = { root, id: `2026-03-01/review/${id}` };
    const { page, complaints } = await harness.open([root], { selected });
    await page.getByText('Failed, as its own record says.').waitFor();
    const marks = async (lane: string) =>
      await page.locator(`.lane-of-${lane} .mark`).evaluateAll((elements) =>
        elements.map((element) => {
          const { left, width } = (element as HTMLElement).style;
          return `${(element as HTMLElement).title.replace(/,[^,]*$/, '')} ${Math.round(Number.parseFloat(left))}+${Math.round(Number.parseFloat(width))}`;
        }),
      );
    await page.locator('.lane-of-phases .mark').nth(2).waitFor();
    assert.deepEqual(await marks('phases'), ['Trace 0+100', 'Decision 10+40', 'Verify 50+50']);
    assert.deepEqual(await marks('calls'), ['Shell call, failed, 20 s 20+20']);
    // Nothing was sampled: what looks at samples is not offered, and its keys do nothing.
    await page.getByRole('group', { name: 'Timelines' }).getByRole('button', { name: 'Zoom in' }).waitFor();
    assert.deepEqual(await page.getByRole('checkbox').allInnerTexts(), []);
    assert.equal(await page.getByRole('slider').count(), 0);
    await page.locator('.lane-of-calls [tabindex="0"]').focus();
    await page.keyboard.press('p');
    await page.keyboard.press('Enter');
    await page.keyboard.press(',');
    await page.getByRole('button', { name: 'Zoom in' }).click();
    await page.getByRole('button', { name: 'Show the whole session' }).click();
    assert.equal(await page.getByText('This session has no samples to show.').isVisible(), false);
    assert.match(await page.locator('.session-item').innerText(), /review/);
    assert.deepEqual(
      complaints.filter((line) => !/Applying inline style/.test(line)),
      [],
    );
  });
});
