import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { runCli } from '../cli/builtCli.ts';
import { writeForeignTrace } from '../logs/foreignTrace.ts';
import { editorTests } from '../rig/editorTests.ts';

const inEditor = editorTests({ prepare: ({ workspace }) => mkdirSync(join(workspace, '.git')) });

inEditor(
  'a trace shows in the list while it is written, on the timeline when it is opened, and its file can be analyzed',
  async (rig) => {
    const { page, workspace } = rig;
    const trace = async (...args: string[]) => (await runCli(['trace', ...args], { cwd: workspace })).stdout.trim();
    await rig.command('View: Show Session Diagnostics');
    await page.locator('.welcome-view .monaco-button').first().waitFor();
    const id = await trace('begin', '--skill', 'release', '--input', 'the next version');
    const item = page.locator('.tree-explorer-viewlet-tree-view .monaco-list-row', { hasText: 'release: the next' });
    await item.waitFor();
    await trace('event', id, 'decision', '{}');
    await trace('event', id, 'tool_call', '{"tool":"bash"}');
    const failed = { tool: 'bash', ok: false, exit_code: 127, stderr: 'bash: jq: command not found' };
    await trace('event', id, 'tool_result', JSON.stringify(failed));
    await item.click();
    const panel = await rig.panel();
    await panel.getByRole('heading', { name: 'release: the next version' }).waitFor();
    await panel.locator('.lane-of-phases .mark[title^="Decision"]').waitFor();
    await panel.locator('.lane-of-calls .mark.call-failed').waitFor();
    assert.equal(await panel.getByRole('button', { name: 'Stop', exact: true }).isVisible(), false);
    await trace('event', id, 'verify', '{}');
    await panel.locator('.lane-of-phases .mark[title^="Verify"]').waitFor();
    await trace('end', id, '--outcome', 'failure', '--summary', 'jq is missing');
    await panel.getByText('Failed, as its own record says.').waitFor();
    await rig.picture('trace-in-the-panel');

    const { tracePath } = writeForeignTrace(workspace, [
      [0, 'start'],
      [1, 'tool_call', { tool: 'bash' }],
      [2, 'tool_result', { tool: 'bash', ok: false, stderr: 'connect ECONNREFUSED 127.0.0.1:80', exit_code: 1 }],
    ]);
    await rig.command('Session Diagnostics: Analyze Agent Log');
    await rig.chooseFile(tracePath);
    await panel.getByText('devboy, 3 lines').waitFor();
    assert.equal(await page.locator('.tab', { hasText: 'Untitled' }).count(), 0);
    await rig.picture('trace-analyzed');
  },
);
