import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeMemoryGroup } from '../cli/deaths/memoryGroup.ts';
import { runCli, until } from '../cli/builtCli.ts';
import { seriousFindings } from '../rig/accessibility.ts';
import type { Rig } from '../rig/editor.ts';
import { editorTests } from '../rig/editorTests.ts';

/** What a stranger does on the first day: the packaged extension, a real leak, a real kernel. */
let rig: Rig;

const inEditor = editorTests({ settings: { 'sessionDiagnostics.samplingInterval': 0.2 } }, (opened) => {
  rig = opened;
});

const names = (folder: string): string[] => {
  const path = join(rig.logRoot, folder);
  return existsSync(path) ? readdirSync(path) : [];
};

/** Twelve seconds to its limit, from when somebody looks at it. */
const LEAK_LIMIT_BYTES = 240 << 20;
const LEAK = `import os, time
while not os.path.exists('go'): time.sleep(0.05)
kept = []
while True: kept.append(bytearray(1 << 20)); time.sleep(0.05)
`;

inEditor(
  'a leak is seen live, its badge leads to the moment, and the death by the kernel is explained',
  async (_rig, t) => {
    const group = makeMemoryGroup(LEAK_LIMIT_BYTES);
    if (group === undefined) return t.skip('memory groups are not writable here');
    try {
      writeFileSync(join(rig.workspace, 'leak.py'), LEAK);
      writeFileSync(join(rig.workspace, 'leak.sh'), `echo $$ > ${group.procs}; exec python3 leak.py\n`);
      await rig.command('Session Diagnostics: Run Agent Session');
      await rig.pick('Command…');
      await rig.enter('sh leak.sh');
      const panel = await rig.panel();
      await panel.getByRole('heading', { name: 'leak.sh' }).waitFor();
      writeFileSync(join(rig.workspace, 'go'), '');
      // Live: the legend's value of the process grows under our eyes.
      const value = panel.locator('.lane', { hasText: 'Memory (RSS)' }).first();
      const megabytes = async (): Promise<number> =>
        Number(/python3[^\d]*([\d.]+) MiB/.exec(await value.innerText())?.[1] ?? 0);
      const first = await megabytes();
      await until('the line to grow', async () => (await megabytes()) > first + 10);
      // The warning and the critical one are two badges when a sample between them told nothing new.
      const badge = panel.getByRole('button', { name: /Memory limit near/ }).first();
      await badge.waitFor({ timeout: 40_000 });
      await until('the kernel to end it', () => names('running').length === 0, 40_000);
      await panel.locator('.verdict', { hasText: /^Out of memory: the kernel killed / }).waitFor();
      await badge.click();
      await panel.getByRole('heading', { name: /sample \d+/ }).waitFor();
      await panel.getByRole('rowheader', { name: 'python3' }).waitFor();
      await rig.picture('death-explained');
      assert.deepEqual(await seriousFindings(panel), []);
    } finally {
      await until('the group to be empty', () => readFileSync(group.procs, 'utf8') === '');
      group.remove();
    }
  },
);

inEditor('hostile text in a session runs nothing in the panel', async () => {
  const payload = `<img src=x onerror="document.title='pwned'">`;
  await runCli([
    'run',
    '--log-dir',
    rig.logRoot,
    '--id',
    'hostile',
    '--label',
    payload,
    '--',
    'sh',
    '-c',
    `exit 7 # ${payload} javascript:alert(1) \u202e`,
  ]);
  await rig.page.locator('.activitybar a.action-label[aria-label^="Session Diagnostics"]').click();
  const row = rig.page.locator('.pane-body .monaco-list-row', { hasText: 'onerror' }).first();
  await row.click();
  const panel = await rig.panel();
  await panel
    .getByRole('heading', { name: /onerror/ })
    .first()
    .waitFor();
  assert.equal(await panel.locator('img[src="x"]').count(), 0);
  assert.notEqual(await panel.evaluate(() => document.title), 'pwned');
});

inEditor('a log root that disappears is said to be empty, and what comes back is shown again', async () => {
  const aside = `${rig.logRoot}-aside`;
  const row = rig.page.locator('.pane-body .monaco-list-row', { hasText: 'onerror' }).first();
  renameSync(rig.logRoot, aside);
  await row.waitFor({ state: 'detached', timeout: 30_000 });
  renameSync(aside, rig.logRoot);
  await row.waitFor({ timeout: 30_000 });
});

inEditor('two windows on one root agree about what runs', async () => {
  const other = await rig.page.context().browser()?.newPage();
  assert.ok(other !== undefined);
  await other.goto(rig.page.url());
  const view = '.activitybar a.action-label[aria-label^="Session Diagnostics"]';
  await other.locator(view).first().waitFor({ timeout: 60_000 });
  await other.locator(view).first().click();
  const run = ['run', '--detach', '--log-dir', rig.logRoot, '--id', 'shared', '--', 'sleep', '95'];
  assert.equal((await runCli(run)).code, 0);
  for (const page of [rig.page, other]) {
    await page.locator('.pane-body .monaco-list-row', { hasText: 'sleep 95' }).first().waitFor();
    await page.locator('.statusbar-item', { hasText: '1 session' }).waitFor();
  }
  assert.equal((await runCli(['stop', 'shared', '--log-dir', rig.logRoot])).code, 0);
  for (const page of [rig.page, other]) {
    await page
      .locator('.pane-body .monaco-list-row', { hasText: /sleep 95.*Stopped/ })
      .first()
      .waitFor();
  }
  await other.close();
});
