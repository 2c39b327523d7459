import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { jsonLine } from '../../../src/core/words/json.ts';
import { isoFromMs } from '../../../src/core/words/time.ts';
import { seriousFindings } from '../../rig/accessibility.ts';
import { browserPath, PanelHarness, type OpenPanel } from '../harness.ts';
import { START_MS, ScriptedRoot, type ScriptedSession } from '../scriptedRoot.ts';
import { liveSample, writeLeakySession, writeRunningSession } from '../scriptedSessions.ts';
import { THEMES, type ThemeName } from '../themes.ts';

describe('a replay', { skip: browserPath() === undefined && 'no Chromium is installed' }, () => {
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

  async function open(selected: ScriptedSession): Promise<OpenPanel> {
    const panel = await harness.open([root.path], { selected: selected.ref });
    await panel.page.locator('.plot canvas').first().waitFor();
    await panel.page.locator('.session-header').waitFor();
    return panel;
  }

  const sample = async ({ page }: OpenPanel): Promise<number> =>
    Number(/sample (\d+)/.exec(await page.locator('.moment h2').innerText())?.[1]);

  test('shows the whole page as it was at the cursor, and everything again when it is left', async () => {
    const panel = await open(leak);
    const { page } = panel;
    await page.getByRole('slider', { name: 'Replay position' }).fill('0.5');
    await page.getByRole('heading', { name: /sample 6\d\d/ }).waitFor();
    assert.match(await page.locator('.verdict').innerText(), /after the start: running\. 1 of 5 anomalies so far\./);
    assert.equal(await page.locator('.state').first().innerText(), 'Replay');
    assert.equal(await page.getByRole('heading', { name: '1 of 5 anomalies so far' }).count(), 1);
    assert.equal(await page.getByRole('button', { name: /Memory limit near.*later/ }).count(), 1);
    assert.equal(await page.getByRole('button', { name: /High CPU sustained.*later/ }).count(), 0);
    await page.getByText('Heartbeat missed').waitFor();
    assert.equal(await page.getByText('Death detected').count(), 0);
    const tree = () => page.locator('.lane', { hasText: 'Memory (RSS)' }).innerText();
    assert.match(await tree(), /Whole tree\s+3\d\d MiB/);
    // The tree has grown to 1.9 GiB by the end.
    await page.getByRole('slider', { name: 'Replay position' }).fill('1');
    await page.getByRole('heading', { name: /sample 1399/ }).waitFor();
    assert.match(await tree(), /Whole tree\s+1\.9 GiB/);
    await page.locator('.verdict', { hasText: /^Out of memory: the kernel killed/ }).waitFor();
    await page.getByRole('button', { name: /Leave replay/ }).click();
    await page.locator('.moment').waitFor({ state: 'hidden' });
    assert.equal(await page.locator('.cursor').isVisible(), false);
    assert.equal(await page.locator('.episode.is-later').count(), 0);
    await panel.close();
  });

  test('plays by itself, waits when it is told to, and steps from sample to sample by keys alone', async () => {
    const panel = await open(leak);
    const { page } = panel;
    const slider = page.getByRole('slider', { name: 'Replay position' });
    await slider.fill('0.2');
    await page.getByRole('slider', { name: 'Time on the timelines' }).focus();
    await page.keyboard.press('p');
    await page.getByRole('button', { name: 'Pause the replay' }).waitFor();
    const before = Number(await slider.inputValue());
    await page.waitForFunction(
      (from) => Number(document.querySelector<HTMLInputElement>('.replay-slider')?.value) > from + 0.02,
      before,
    );
    await page.keyboard.press('p');
    await page.getByRole('button', { name: 'Play the session' }).waitFor();
    await settled(panel);
    const first = await sample(panel);
    await page.keyboard.press('.');
    await page.getByRole('heading', { name: new RegExp(`sample ${first + 1}$`) }).waitFor();
    await page.keyboard.press(',');
    await page.getByRole('heading', { name: new RegExp(`sample ${first}$`) }).waitFor();
    await page.getByRole('button', { name: 'Replay: next sample' }).click();
    await page.getByRole('heading', { name: new RegExp(`sample ${first + 1}$`) }).waitFor();
    await panel.close();
  });

  test('a badge moves the cursor, and a page that was discarded comes back where it stood', async () => {
    const panel = await open(leak);
    const { page } = panel;
    await page.getByRole('slider', { name: 'Replay position' }).fill('0.1');
    await page.getByRole('heading', { name: /sample 1\d\d/ }).waitFor();
    await page.getByRole('button', { name: /Memory limit near/ }).click();
    await page.getByRole('heading', { name: /sample 1250/ }).waitFor();
    await page.getByRole('heading', { name: '4 of 5 anomalies so far' }).waitFor();
    await settled(panel);
    await page.reload();
    await page.getByRole('heading', { name: '4 of 5 anomalies so far' }).waitFor();
    await page.getByRole('heading', { name: /sample 1250/ }).waitFor();
    await panel.close();
  });

  test('tells which calls of the agent were open then', async () => {
    const session = root.session('sess-2026-01-15-calls');
    session.samples(Array.from({ length: 60 }, (_, seq) => liveSample(seq)));
    const log = join(session.dir, 'agent.jsonl');
    writeFileSync(log, transcript([{ id: 'a', fromMs: START_MS + 10_000, toMs: START_MS + 40_000 }]));
    session.finish({ transcript: log });
    const panel = await open(session);
    const { page } = panel;
    await page.getByRole('slider', { name: 'Replay position' }).fill('0.5');
    await page.getByText('Shell call, open for 19 s').waitFor();
    await page.locator('.verdict', { hasText: '1 call open.' }).waitFor();
    await page.getByRole('slider', { name: 'Replay position' }).fill('0.9');
    await page.getByText('Shell call, open').waitFor({ state: 'hidden' });
    await panel.close();
  });

  test('catches up with a running session and goes on live', async () => {
    const live = writeRunningSession(root);
    const panel = await open(live);
    const { page } = panel;
    await page.locator('.live', { hasText: 'Live' }).waitFor();
    await page.getByRole('slider', { name: 'Replay position' }).fill('0.95');
    await page.getByRole('heading', { name: /sample 28\d/ }).waitFor();
    live.samples([liveSample(300)]);
    panel.filesChanged([join(live.dir, 'proc_trace.jsonl')]);
    await page.getByText('301', { exact: true }).waitFor();
    assert.equal(await page.locator('.state').first().innerText(), 'Replay');
    await page.getByRole('button', { name: 'Play the session' }).click();
    await page.locator('.live', { hasText: 'Live' }).waitFor();
    await page.locator('.state', { hasText: 'Running' }).waitFor();
    await panel.close();
  });

  test('jumps once a second instead of moving for whoever wants no motion', async () => {
    const panel = await open(leak);
    const { page } = panel;
    await page.emulateMedia({ reducedMotion: 'reduce' });
    const picturesMs = await page.evaluate(async () => {
      const slider = document.querySelector<HTMLInputElement>('.replay-slider');
      document.querySelector<HTMLElement>('[aria-label="Play the session"]')?.click();
      const times: number[] = [];
      let shown = slider?.value;
      while (times.length < 3) {
        await new Promise((resolve) => requestAnimationFrame(resolve));
        if (slider?.value !== shown) times.push(performance.now());
        shown = slider?.value;
      }
      return times;
    });
    const [first = 0, , third = 0] = picturesMs;
    assert.ok(third - first > 1500, `pictures at ${picturesMs.join(', ')} ms`);
    await panel.close();
  });

  for (const theme of Object.keys(THEMES) as ThemeName[]) {
    test(`has nothing serious for axe and fits a narrow panel: ${theme}`, async () => {
      const width = theme === 'light' ? 400 : 1000;
      const panel = await harness.open([root.path], { selected: leak.ref, theme, width });
      const { page } = panel;
      await page.locator('.plot canvas').first().waitFor();
      await page.getByRole('slider', { name: 'Replay position' }).fill('0.6');
      await page.getByRole('heading', { name: /sample \d+/ }).waitFor();
      assert.deepEqual(await seriousFindings(page), []);
      assert.ok((await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)) <= 0);
      await panel.close();
    });
  }
});

/** Until no question of the page is on its way: what it shows is what it remembers, and stays. */
async function settled({ page }: OpenPanel): Promise<void> {
  let heading = '';
  for (;;) {
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 150)));
    const now = await page.locator('.moment h2').innerText();
    const remembered = await page.evaluate(() => sessionStorage.getItem('state') ?? '');
    if (now === heading && now.endsWith(`sample ${(JSON.parse(remembered) as { seq?: number }).seq}`)) return;
    heading = now;
  }
}

function transcript(calls: readonly { readonly id: string; readonly fromMs: number; readonly toMs: number }[]): string {
  const line = (ms: number, record: object) =>
    `${jsonLine({ timestamp: isoFromMs(ms), sessionId: 's', uuid: 'u', ...record })}\n`;
  return calls
    .map(({ id, fromMs, toMs }) => {
      const content = [{ type: 'tool_use', id, name: 'Bash', input: {} }];
      const result = [{ type: 'tool_result', tool_use_id: id, content: 'ok', is_error: false }];
      return (
        line(fromMs, { type: 'assistant', message: { id, role: 'assistant', content } }) +
        line(toMs, { type: 'user', message: { role: 'user', content: result } })
      );
    })
    .join('');
}
