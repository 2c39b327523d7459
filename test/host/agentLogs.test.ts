import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCli } from '../cli/builtCli.ts';
import { traceTs, writeForeignTrace } from '../logs/foreignTrace.ts';
import { editorTests } from '../rig/editorTests.ts';

/** An agent whose own log is nowhere to be found by itself, and the log. */
const inEditor = editorTests({}, async (rig) => {
  const agent = join(rig.workspace, 'claude');
  writeFileSync(agent, '#!/bin/sh\nexit 1\n');
  chmodSync(agent, 0o755);
  await runCli(['run', '--log-dir', rig.logRoot, '--id', 'unlinked', '--no-capture', '--', agent, '-p', 'hello']);
  writeFileSync(join(rig.workspace, 'kept-elsewhere.jsonl'), streamOfFailedSession());
});

inEditor(
  'a log that was not found is linked by hand from the panel, which then says whom to suspect; the trend counts it',
  async (rig) => {
    await rig.command('Session Diagnostics: Show on Timeline');
    const panel = await rig.panel();
    await panel.getByRole('heading', { name: 'No agent log' }).waitFor();
    await panel.getByRole('button', { name: 'Link agent log…' }).click();
    await rig.pick('kept-elsewhere.jsonl');
    await panel.getByText(/^The only failure, a network failure/).waitFor();
    await rig.picture('linked-by-hand');
    const missingTool = { ok: false, stderr: 'bash: jq: command not found', exit_code: 127 };
    const trace = [
      [1, 'tool_call', { tool: 'bash' }],
      [2, 'tool_result', { tool: 'bash', ...missingTool }],
    ] as const;
    writeForeignTrace(rig.workspace, trace, { ended_at: traceTs(9), outcome: 'failure' });
    await rig.command('Session Diagnostics: Show Failure Trend');
    await panel.getByRole('heading', { name: 'Failure trend' }).waitFor();
    await panel.getByRole('heading', { name: 'Claude Code: 1 session' }).waitFor();
    await panel.getByRole('heading', { name: 'Other agent: 1 session' }).waitFor();
    const bars = (await panel.locator('.told-bar').allInnerTexts()).map((text) => text.replaceAll(/\s+/g, ' '));
    for (const bar of ['Network in 1 of 1', 'Missing dependency in 1 of 1']) assert.ok(bars.includes(bar), bars.join());
    await rig.picture('failure-trend');
    await rig.command('Session Diagnostics: Show Death Patterns');
    await panel.getByRole('heading', { name: 'Death patterns' }).waitFor();
    await panel.locator('.verdict', { hasText: /ended in the last/ }).waitFor();
    // Pages are left and come back like any place of the panel, and a reload keeps them; nothing untitled is open.
    await panel.getByRole('button', { name: 'Back (Alt+Left)' }).click();
    await panel.getByRole('heading', { name: 'Failure trend' }).waitFor();
    await rig.reload();
    await (await rig.panel()).getByRole('heading', { name: 'Failure trend' }).waitFor();
    assert.equal(await rig.page.locator('.tab', { hasText: 'Untitled' }).count(), 0);
    await rig.picture('death-patterns');
  },
);

/** Claude Code's `--output-format stream-json`, its service refusing three times. */
function streamOfFailedSession(): string {
  const id = '6f0d3f0e-0c34-4a7e-9d53-5a8f5f6a7b10';
  const line = (record: object): string => `${JSON.stringify({ session_id: id, ...record })}\n`;
  const retry = (attempt: number): string =>
    line({
      type: 'system',
      subtype: 'api_retry',
      attempt,
      max_retries: 3,
      retry_delay_ms: 500,
      error_status: 529,
      error: 'overloaded_error',
    });
  return [
    line({ type: 'system', subtype: 'init', tools: ['Bash'], model: 'm', cwd: '/w' }),
    retry(1),
    retry(2),
    line({
      type: 'result',
      subtype: 'error_during_execution',
      is_error: true,
      api_error_status: 529,
      num_turns: 1,
      result: 'API Error: 529 {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}',
    }),
  ].join('');
}
