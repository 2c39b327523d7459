import { createTranscriptAnalyzer } from '../../agents/transcriptReader.ts';
import { readNamedSession } from '../../agents/openCode/openCodeDatabase.ts';
import type { Failures } from '../../core/session/failures.ts';
import type { JsonRecord } from '../../core/words/json.ts';
import type { Handles } from '../../logs/handles.ts';
import { readAllLines } from '../../logs/jsonLines.ts';
import { listedLog } from './listedLog.ts';
import type { UnrecordedLog } from './unrecordedLog.ts';

/** What a session that nobody recorded would say of itself: a summary as a recorded one has it, without a process. */
export function summaryOfLog(log: UnrecordedLog, failures: Failures | undefined): JsonRecord {
  const { state: _, outcome: __, last_ts, timestamp, ...line } = listedLog(log);
  return {
    ...line,
    skill_command: log.digest.title ?? '',
    pid: null,
    signal: null,
    start_ts: timestamp,
    end_ts: last_ts,
    transcript: log.file.path,
    verdict: log.verdict,
    failures: failures ?? null,
  };
}

/** What went wrong in it, its log read as a whole. */
export function failuresOfLog({ file, writer }: UnrecordedLog, handles: Handles): Failures {
  const analyzer = createTranscriptAnalyzer({ handleOf: handles.handleOf(file.path) });
  const push = (line: string): void => analyzer.push(line);
  if (!readNamedSession(file.path, push)) readAllLines(file.path, push);
  if (writer === undefined) analyzer.finish();
  return analyzer.snapshotOf();
}
