import type { JsonRecord } from '../../core/words/json.ts';
import { openHandles } from '../../logs/handles.ts';
import type { LogRoot } from '../../logs/logRoot.ts';
import type { TranscriptTail } from '../../sessions/transcriptTail.ts';
import { failuresOfLog, summaryOfLog } from '../../sessions/unrecorded/logSummary.ts';
import type { UnrecordedLog } from '../../sessions/unrecorded/unrecordedLog.ts';

/** How a session that nobody recorded is read: its agent's log is all there is. A database's has no lines to read on. */
function isOfLines({ file }: UnrecordedLog): boolean {
  return !file.path.includes('.db#');
}

export function unrecordedSummary(log: UnrecordedLog, root: LogRoot): JsonRecord {
  return summaryOfLog(log, isOfLines(log) ? undefined : failuresOfLog(log, openHandles(root)));
}

/** True when something new was read. */
export function followLog(tail: TranscriptTail, log: UnrecordedLog): boolean {
  if (!isOfLines(log)) return false;
  tail.follow(log.file.path);
  const hasRead = tail.read();
  if (log.writer === undefined) tail.finish();
  return hasRead;
}
