import { workspace } from 'vscode';
import { displayText } from '../../core/words/displayText.ts';
import { humanKb, humanSeconds } from '../../core/words/humanUnits.ts';
import { leftoversFrom } from '../../core/session/readSession.ts';
import type { Leftover } from '../../core/session/session.ts';
import type { SessionRef } from '../../core/panel/sessionView.ts';
import { cliFailed, notTrusted, showProblem } from '../messages.ts';
import type { RecorderCli } from '../recorderCli.ts';
import { confirm, tell } from '../surfaces.ts';

/**
 * Looks at what a session left behind, shows what of it still runs and where each process came from, asks, and lets `cleanup` do it: that command looks
 * at every process again by boot, pid and start time before it signals, since a pid may be somebody else's by now.
 */
export async function cleanUpLeftovers(cli: RecorderCli, session: SessionRef): Promise<void> {
  if (!workspace.isTrusted) return showProblem(notTrusted('Nothing was cleaned up.'));
  const call = { command: 'cleanup', names: [session.id] } as const;
  const looked = await cli.run({ ...call, flags: { 'log-dir': session.root, 'dry-run': true, json: true } });
  if (!looked.ok) return showProblem(cliFailed('Nothing was cleaned up.', looked.why));
  const leftovers = leftoversFrom({ leftover_processes: looked.json });
  if (leftovers.length === 0) return tell('Nothing that this session left behind still runs.');
  const count = leftovers.length === 1 ? '1 process' : `${leftovers.length} processes`;
  const isAgreed = await confirm({
    question: `${count} of this session still ${leftovers.length === 1 ? 'runs' : 'run'}.`,
    lines: leftovers.map(lineOf),
    answer: `End ${count}`,
  });
  if (!isAgreed) return;
  const result = await cli.run({ ...call, flags: { 'log-dir': session.root } });
  if (!result.ok) return showProblem(cliFailed('The leftover processes were not all ended.', result.why));
  tell(displayText(result.stdout.trim(), 500));
}

function lineOf(left: Leftover): string {
  const origin =
    left.parent_comm === null ? '' : `, started by ${displayText(left.parent_comm, 40)} (${left.parent_pid})`;
  const memory = left.rss_kb === null ? '' : `, ${humanKb(left.rss_kb)}`;
  return `${displayText(left.comm, 40)} (${left.pid})${origin}, ${humanSeconds(left.age_seconds)} old at the session's end${memory}`;
}
