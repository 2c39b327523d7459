import assert from 'node:assert/strict';
import { runCli } from '../../cli/builtCli.ts';
import { editorTests } from '../../rig/editorTests.ts';

/** The same work, well and badly. */
const inEditor = editorTests({}, async (rig) => {
  for (const [id, code] of [
    ['went-well', '0'],
    ['went-badly', '3'],
  ] as const) {
    const run = ['run', '--log-dir', rig.logRoot, '--id', id, '--label', id, '--', 'sh', '-c', 'sleep 1; exit $CODE'];
    await runCli(run, { cwd: rig.workspace, env: { CODE: code } });
  }
});

inEditor('two sessions are compared by three clicks from the list, the first difference named', async (rig) => {
  const { page } = rig;
  await page.locator('.activitybar a.action-label[aria-label^="Session Diagnostics"]').click();
  const row = (text: string) => page.locator('.pane-body .monaco-list-row', { hasText: text }).first();
  await row('went-well').waitFor();
  const startedMs = performance.now();
  await row('went-well').click();
  const panel = await rig.panel();
  await panel.getByRole('heading', { name: 'went-well' }).waitFor();
  await row('went-badly').click({ button: 'right' });
  await page.locator('.monaco-menu').getByRole('menuitem', { name: 'Compare Sessions' }).click();
  await panel.getByRole('heading', { name: 'Compare two sessions' }).waitFor();
  console.log(`3 clicks, ${((performance.now() - startedMs) / 1000).toFixed(1)} s`);
  assert.match(await panel.locator('.verdict').innerText(), /^Outcome: Succeeded in A, Failed in B\.$/);
  await rig.picture('compare');
  await rig.reload();
  const again = await rig.panel();
  await again.getByRole('heading', { name: 'Compare two sessions' }).waitFor();
});
