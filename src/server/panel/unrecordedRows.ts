import { agentRow } from '../../core/words/agentTable.ts';
import { displayText } from '../../core/words/displayText.ts';
import type { SessionFilter } from '../../core/panel/serverProtocol.ts';
import type { SessionRow } from '../../core/panel/sessionView.ts';
import { knownCause } from '../../core/session/summaryVerdict.ts';
import { suspectedLayer } from '../../core/failures/suspect.ts';
import { BAD_OUTCOMES } from '../../core/words/vocabulary.ts';
import { isInTheMiddle } from '../../sessions/unrecorded/judgeLog.ts';
import type { UnrecordedLog } from '../../sessions/unrecorded/unrecordedLog.ts';
import { clippedLabel } from './clippedRecord.ts';

/** A session that nobody recorded, as a row of the list; its root is where it would have been recorded. */
export function unrecordedRow(log: UnrecordedLog, root: string): SessionRow {
  const { id, agent, digest, verdict, startMs, lastMs } = log;
  const isRunning = verdict.outcome === 'running';
  return {
    ref: { root, id },
    isRunning,
    outcome: verdict.outcome,
    cause: isRunning ? undefined : knownCause(verdict.cause),
    title: clippedLabel(digest.title ?? `${agentRow(agent)?.name ?? 'An agent'} session`),
    agent,
    startMs,
    durationSeconds: Math.max(0, (lastMs - startMs) / 1000),
    anomalyCount: 0,
    criticals: 0,
    warnings: 0,
    suspect: suspectedLayer(digest.suspect),
    logOnly: { lastMs, folder: digest.cwd === undefined ? undefined : clippedLabel(digest.cwd) },
  };
}

export function isOfFilter(row: SessionRow, filter: SessionFilter): boolean {
  switch (filter) {
    case 'all':
      return true;
    case 'running':
      return row.isRunning;
    case 'failed':
      return BAD_OUTCOMES.has(row.outcome);
    case 'anomalous':
      return false; // nothing was measured
  }
}

/** For the person at this machine: what it was doing, and why there is no more. */
export function unrecordedNotes({ digest, file, writer }: UnrecordedLog): readonly string[] {
  const { openCall } = digest;
  const command = openCall?.command === undefined ? '' : `: ${displayText(openCall.command, 300)}`;
  const isOpen = openCall !== undefined && (writer !== undefined || isInTheMiddle(digest));
  return [
    ...(isOpen
      ? [`${writer === undefined ? 'Open when its log stops' : 'Open now'}, a ${openCall.kind} call${command}.`]
      : []),
    `Nobody recorded it, so that nothing of its processes was measured; what is known is its agent's own log, ${displayText(file.path, 400)}.`,
  ];
}
