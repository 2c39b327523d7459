import { readNamedSession } from '../../agents/openCode/openCodeDatabase.ts';
import type { Failures } from '../../core/session/failures.ts';
import type { JsonRecord } from '../../core/words/json.ts';
import type { Handles } from '../../logs/handles.ts';
import { readTranscript } from '../readTranscript.ts';
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
    ...(failures !== undefined && { failures }),
  };
}

/** What went wrong in it, its log read as a whole. */
export function failuresOfLog({ file, writer }: UnrecordedLog, handles: Handles): Failures {
  const { path } = file;
  const from = path.includes('.db#') ? (take: (line: string) => void) => void readNamedSession(path, take) : path;
  const analyzer = readTranscript(from, { handleOf: handles.handleOf(path), isOver: writer === undefined });
  return analyzer.snapshotOf();
}
