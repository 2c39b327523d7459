import { workspace } from 'vscode';
import { displayText } from '../../core/words/displayText.ts';
import { humanKb, humanSeconds } from '../../core/words/humanUnits.ts';
import type { Leftover } from '../../core/session/session.ts';
import type { SessionRef } from '../../core/panel/sessionView.ts';
import type { Backend } from '../backend.ts';
import { cliFailed, notTrusted, queryFailed, showProblem } from '../messages.ts';
import type { RecorderCli } from '../recorderCli.ts';
import { confirm, tell } from '../surfaces.ts';

/**
 * Shows what a session left behind and where each process came from, asks, and lets `cleanup` do it: that command looks
 * at every process again by boot, pid and start time before it signals, since a pid may be somebody else's by now.
 */
export async function cleanUpLeftovers(cli: RecorderCli, backend: Backend, session: SessionRef): Promise<void> {
  if (!workspace.isTrusted) return showProblem(notTrusted('Nothing was cleaned up.'));
  const reply = await backend.query('overview', { session });
  if (!reply.ok) return showProblem(queryFailed('Nothing was cleaned up.', reply.failure));
  const { leftovers } = reply.value;
  if (leftovers.length === 0) return tell('This session left no process behind.');
  const count = leftovers.length === 1 ? '1 process' : `${leftovers.length} processes`;
  const isAgreed = await confirm({
    question: `The session left ${count} behind.`,
    lines: [...leftovers.map(lineOf), '', 'Processes that have ended since are left alone.'],
    answer: `End ${count}`,
  });
  if (!isAgreed) return;
  const result = await cli.run({ command: 'cleanup', flags: { 'log-dir': session.root }, names: [session.id] });
  if (!result.ok) return showProblem(cliFailed('The leftover processes were not all ended.', result.why));
  tell(displayText(result.stdout.trim(), 500));
}

function lineOf(left: Leftover): string {
  const origin =
    left.parent_comm === null ? '' : `, started by ${displayText(left.parent_comm, 40)} (${left.parent_pid})`;
  const memory = left.rss_kb === null ? '' : `, ${humanKb(left.rss_kb)}`;
  return `${displayText(left.comm, 40)} (${left.pid})${origin}, ${humanSeconds(left.age_seconds)} old${memory}`;
}
