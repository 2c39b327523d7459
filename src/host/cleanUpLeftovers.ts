import { window, workspace } from 'vscode';
import { displayText } from '../core/displayText.ts';
import { humanKb, humanSeconds } from '../core/humanUnits.ts';
import type { Leftover } from '../core/session.ts';
import type { SessionRef } from '../core/sessionView.ts';
import type { Backend } from './backend.ts';
import { cliFailed, notTrusted, serverFailed, showProblem } from './messages.ts';
import type { RecorderCli } from './recorderCli.ts';

/**
 * Shows what a session left behind and where each process came from, asks, and lets `cleanup` do it: that command looks
 * at every process again by boot, pid and start time before it signals, since a pid may be somebody else's by now.
 */
export async function cleanUpLeftovers(cli: RecorderCli, backend: Backend, session: SessionRef): Promise<void> {
  if (!workspace.isTrusted) return showProblem(notTrusted('Nothing was cleaned up.'));
  const reply = await backend.query('overview', { session });
  if (!reply.ok) return showProblem(serverFailed('The session could not be read.'));
  const { leftovers } = reply.value;
  if (leftovers.length === 0) {
    void window.showInformationMessage('This session left no process behind.');
    return;
  }
  const count = leftovers.length === 1 ? '1 process' : `${leftovers.length} processes`;
  const confirm = `End ${count}`;
  const detail = `${leftovers.map(lineOf).join('\n')}\n\nProcesses that have ended since are left alone.`;
  const answer = await window.showWarningMessage(`The session left ${count} behind.`, { modal: true, detail }, confirm);
  if (answer !== confirm) return;
  const result = await cli.run(['cleanup', session.id, '--log-dir', session.root]);
  if (!result.ok) return showProblem(cliFailed('The leftover processes were not all ended.', result.why));
  void window.showInformationMessage(displayText(result.stdout.trim(), 500));
}

function lineOf(left: Leftover): string {
  const origin =
    left.parent_comm === null ? '' : `, started by ${displayText(left.parent_comm, 40)} (${left.parent_pid})`;
  const memory = left.rss_kb === null ? '' : `, ${humanKb(left.rss_kb)}`;
  return `${displayText(left.comm, 40)} (${left.pid})${origin}, ${humanSeconds(left.age_seconds)} old${memory}`;
}
