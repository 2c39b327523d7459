import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Locator } from 'playwright-core';
import { browserPath, PanelHarness, type OpenPanel } from '../harness.ts';
import { ScriptedRoot, START_MS, type ScriptedSession } from '../scriptedRoot.ts';

const SAMPLES = 120;
const MIB = 1024;

/** A tree in which a child of a child eats until it is gone. */
function writeEaten(root: ScriptedRoot): ScriptedSession {
  const session = root.session('eaten', 'running');
  session.enroll();
  for (let seq = 0; seq < SAMPLES; seq += 1) {
    const ms = START_MS + seq * 1000;
    const eaten = seq < 100 ? seq * 8 * MIB : 0;
    const used = 150 * MIB + eaten;
    session.samples([{ seq, ms, tree_rss_kb: used, cgroup_memory_kb: used, cgroup_memory_limit_kb: 1000 * MIB }]);
    session.tree(seq, ms, [
      { pid: 4242, ppid: 1, start_ticks: 1, comm: 'claude', rss_kb: 150 * MIB, cpu_percent: 3 },
      ...(eaten === 0
        ? []
        : [{ pid: 4300, ppid: 4242, start_ticks: 9, comm: 'vitest', rss_kb: eaten, cpu_percent: 90 }]),
    ]);
  }
  return session;
}

describe('memory by process', { skip: browserPath() === undefined && 'no Chromium is installed' }, () => {
  let harness: PanelHarness;
  let root: ScriptedRoot;
  let eaten: ScriptedSession;

  before(async () => {
    root = new ScriptedRoot();
    eaten = writeEaten(root);
    harness = await PanelHarness.start();
  });
  after(async () => {
    await harness.stop();
    root.remove();
  });

  const lane = ({ page }: OpenPanel, id: string): Locator => page.locator(`.lane-${id} .legend`);
  const words = async (legend: Locator): Promise<readonly string[]> =>
    (await legend.locator('.legend-item:visible').allInnerTexts()).map((text) => text.replaceAll(/\s+/g, ' '));

  test('names the child that ate it, the largest first, with the limit, its share and what is left', async () => {
    const panel = await harness.open([root.path], { selected: eaten.ref });
    const { page } = panel;
    await lane(panel, 'memory').getByText('vitest').waitFor();
    assert.deepEqual(await words(lane(panel, 'memory')), [
      'Whole tree 150 MiB (peak 942 MiB)',
      'Limit 1000 MiB (15% used, 850 MiB left)',
      'Available on the machine 4.8 GiB (off the chart)',
      'vitest peak 792 MiB',
      'claude peak 150 MiB',
    ]);
    const slider = page.getByRole('slider', { name: 'Time on the timelines' });
    await slider.focus();
    await page.keyboard.press('Home');
    for (let i = 0; i < 5; i += 1) await page.keyboard.press('Shift+ArrowRight');
    assert.match((await slider.getAttribute('aria-valuetext')) ?? '', /vitest 4\d\d MiB, claude 150 MiB/);
    assert.match((await words(lane(panel, 'memory'))).join(), /vitest 4\d\d MiB/);
    await panel.close();
  });

  test('of the CPU on demand, and where no trees were recorded the process and its tree', async () => {
    const panel = await harness.open([root.path], { selected: eaten.ref });
    await lane(panel, 'memory').getByText('vitest').waitFor();
    assert.equal(await lane(panel, 'cpu').getByText('vitest').count(), 0);
    await panel.page.getByRole('checkbox', { name: 'CPU by process' }).click();
    await lane(panel, 'cpu').getByText('vitest').waitFor();
    await panel.page.reload();
    await lane(panel, 'cpu').getByText('vitest').waitFor();
    await panel.close();
    const alone = root.session('alone');
    alone.samples([0, 1, 2].map((seq) => ({ seq, ms: START_MS + seq * 1000 })));
    alone.finish({});
    const other = await harness.open([root.path], { selected: alone.ref });
    await lane(other, 'memory').getByText('Process', { exact: true }).waitFor();
    await other.close();
  });
});
