import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCli } from '../cli/builtCli.ts';
import { editorTests } from '../rig/editorTests.ts';

/** A workspace that nobody trusts, and that would like to have its own programs run and its own folders used. */
const inEditor = editorTests({
  isTrusted: false,
  prepare: ({ workspace }) => {
    const trap = join(workspace, 'trap');
    mkdirSync(join(workspace, '.vscode'));
    mkdirSync(join(workspace, '.autoskillit'));
    writeFileSync(
      join(workspace, '.vscode/settings.json'),
      JSON.stringify({
        'sessionDiagnostics.logDirectory': trap,
        'sessionDiagnostics.additionalLogDirectories': [trap],
        'sessionDiagnostics.agents': { Trap: ['touch', trap] },
      }),
    );
    writeFileSync(join(workspace, '.autoskillit/config.yaml'), `linux_tracing:\n  log_dir: ${trap}\n`);
  },
});

inEditor('nothing of an untrusted workspace is run or used as a path, and sessions can still be read', async (rig) => {
  const { page } = rig;
  await page.locator('.statusbar-item', { hasText: 'Restricted Mode' }).waitFor();
  await runCli(['run', '--log-dir', rig.logRoot, '--', 'sh', '-c', 'exit 3'], { cwd: rig.home });

  await page.locator('.activitybar a.action-label[aria-label^="Session Diagnostics"]').click();
  await page.locator('.pane-body .monaco-list-row', { hasText: 'exit 3' }).first().click();
  const panel = await rig.panel();
  await panel.getByText('This workspace is not trusted').waitFor();
  await panel.getByText('Failed with exit code 3').first().waitFor();

  await rig.command('Session Diagnostics: Run Agent Session');
  await page.locator('.notification-toast', { hasText: 'The session was not started.' }).waitFor();
  await page.getByPlaceholder('Select an agent to run').waitFor({ state: 'hidden' });
  await rig.picture('untrusted');
  assert.equal(existsSync(join(rig.workspace, 'trap')), false);
});
