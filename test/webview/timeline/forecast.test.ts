import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { browserPath, PanelHarness, type OpenPanel } from '../harness.ts';
import { START_MS, ScriptedRoot, type Sample, type ScriptedSession } from '../scriptedRoot.ts';

const MIB = 1024;

/** A megabyte a second towards 200, each 2 s; half-way after 100 s. */
function leakingAt(seq: number): Sample {
  // What a collector has not taken back yet comes and goes.
  const kb = Math.round((seq * 2 + ((seq * 7) % 5) * 1.5) * MIB);
  return {
    seq,
    ms: START_MS + seq * 2000,
    vm_rss_kb: kb,
    tree_rss_kb: kb,
    cgroup_memory_kb: kb,
    cgroup_memory_limit_kb: 200 * MIB,
    mem_available_kb: 20_000 * MIB,
  };
}

describe('a forecast', { skip: browserPath() === undefined && 'no Chromium is installed' }, () => {
  let harness: PanelHarness;
  let root: ScriptedRoot;

  before(async () => {
    root = new ScriptedRoot();
    harness = await PanelHarness.start();
  });
  after(async () => {
    await harness.stop();
    root.remove();
  });

  function running(id: string, samples: readonly Sample[]): ScriptedSession {
    const session = root.session(id, 'running');
    session.enroll({ interval_seconds: 2 });
    session.samples(samples);
    return session;
  }

  async function open(session: ScriptedSession): Promise<OpenPanel> {
    const panel = await harness.open([root.path], { selected: session.ref });
    await panel.page.locator('.plot canvas').first().waitFor();
    await panel.page.locator('.session-header').waitFor();
    return panel;
  }

  const sentence = ({ page }: OpenPanel) => page.locator('.forecast');

  async function visibleMs({ page }: OpenPanel): Promise<number> {
    return page.locator('.plot-surface').evaluate((surface) => {
      return Number(surface.getAttribute('aria-valuemax')) - Number(surface.getAttribute('aria-valuemin'));
    });
  }

  test('tells the numbers behind its badge with their units', async () => {
    const samples = Array.from({ length: 51 }, (_, seq) => leakingAt(seq));
    const leak = running('badge', samples);
    leak.anomaly(50, samples[50]?.ms ?? 0, {
      kind: 'oom_forecast',
      severity: 'critical',
      detail: { resource: 'memory', used_kb: 143_360, limit_kb: 163_840, kb_per_second: 12_383, since_seq: 50 },
    });
    const panel = await open(leak);
    await panel.page.getByRole('button', { name: /Limit ahead/ }).click();
    const cause = panel.page.locator('.moment-cause');
    await cause.waitFor();
    assert.deepEqual((await cause.innerText()).split(/\. | · /).sort(), [
      'Growth: 12 MiB/s',
      'Limit ahead',
      'Limit: 160 MiB',
      'Resource: memory',
      'Used: 140 MiB',
    ]);
    await panel.close();
  });

  test('says when a leak reaches its limit, makes room for it on the axis, and moves on with the samples', async () => {
    const leak = running(
      'leak',
      Array.from({ length: 51 }, (_, seq) => leakingAt(seq)),
    );
    const panel = await open(leak);
    await sentence(panel).waitFor();
    const words = /^Memory reaches its limit of 200 MiB in about 1 min (\d+) s, between .* and .*, at this pace\.$/;
    const first = words.exec(await sentence(panel).innerText());
    assert.ok(first !== null, await sentence(panel).innerText());
    // 98 s are left; a quarter more or less is as good as can be.
    assert.ok(Number(first[1]) >= 14 && Number(first[1]) <= 59);
    const recorded = 50 * 2000;
    assert.ok((await visibleMs(panel)) > recorded * 1.2, `${await visibleMs(panel)} ms`);
    for (let seq = 51; seq <= 65; seq += 1) leak.samples([leakingAt(seq)]);
    panel.filesChanged([join(leak.dir, 'proc_trace.jsonl')]);
    await panel.page.locator('.forecast', { hasText: /in about (1 min 1?\d s|5\d s)/ }).waitFor();
    await panel.close();
  });

  test('is silent about noise, and about a session that has ended', async () => {
    const quiet = running(
      'quiet',
      Array.from({ length: 120 }, (_, seq) => ({ ...leakingAt(60), seq, ms: START_MS + seq * 2000 })).map((sample) => ({
        ...sample,
        cgroup_memory_kb: (120 + ((sample.seq * 7) % 11)) * MIB,
        tree_rss_kb: (120 + ((sample.seq * 7) % 11)) * MIB,
      })),
    );
    const panel = await open(quiet);
    assert.equal(await sentence(panel).isVisible(), false);
    await panel.close();
    const ended = root.session('ended');
    ended.samples(Array.from({ length: 51 }, (_, seq) => leakingAt(seq)));
    ended.finish({ snapshot_interval_seconds: 2 });
    const past = await open(ended);
    assert.equal(await sentence(past).isVisible(), false);
    await past.close();
  });

  test('of the disk brings its lane, which otherwise is shown on demand', async () => {
    const sampleAt = (seq: number, usedMib: number): Sample => ({
      seq,
      ms: START_MS + seq * 2000,
      disk_size_kb: 200 * MIB,
      disk_free_kb: Math.round((200 - usedMib) * MIB),
    });
    const filling = running(
      'filling',
      Array.from({ length: 51 }, (_, seq) => sampleAt(seq, seq * 2)),
    );
    const panel = await open(filling);
    const lane = ({ page }: OpenPanel) => page.getByRole('heading', { name: 'Disk', exact: true });
    await lane(panel).waitFor();
    await panel.page
      .locator('.forecast', { hasText: /^The disk is full in about 1 min 4\d s.*, at this pace\.$/ })
      .waitFor();
    await panel.close();
    const steady = running(
      'roomy',
      Array.from({ length: 51 }, (_, seq) => sampleAt(seq, 120)),
    );
    const other = await open(steady);
    assert.equal(await lane(other).isVisible(), false);
    await other.page.getByRole('checkbox', { name: 'Disk' }).check();
    await lane(other).waitFor();
    await other.page
      .locator('.lane', { has: lane(other) })
      .getByText('80 MiB')
      .waitFor();
    await other.close();
  });

  test('in a replay is the one of that instant', async () => {
    const ended = root.session('replayed');
    ended.samples(Array.from({ length: 95 }, (_, seq) => leakingAt(seq)));
    ended.finish({ snapshot_interval_seconds: 2 });
    const panel = await open(ended);
    const { page } = panel;
    const slider = page.getByRole('slider', { name: 'Replay position' });
    await slider.fill('0.55');
    await page.locator('.forecast', { hasText: /^Memory reaches its limit of 200 MiB in about 1 min \d+ s/ }).waitFor();
    await slider.fill('0.1');
    await sentence(panel).waitFor({ state: 'hidden' });
    await slider.fill('0.9');
    await page.locator('.forecast', { hasText: /in about [23]\d s/ }).waitFor();
    await page.getByRole('button', { name: /Leave replay/ }).click();
    await sentence(panel).waitFor({ state: 'hidden' });
    await panel.close();
  });
});
