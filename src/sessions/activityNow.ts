import { join } from 'node:path';
import { createTranscriptAnalyzer } from '../agents/transcriptReader.ts';
import { activityOf } from '../core/anomalies/activity.ts';
import type { Moment } from '../core/anomalies/detector.ts';
import type { TranscriptStop } from '../core/failures/transcriptEnd.ts';
import type { Enrollment } from '../core/session/session.ts';
import type { Activity } from '../core/words/vocabulary.ts';
import { lastLines } from '../logs/lastLine.ts';
import { readHead } from '../logs/readHead.ts';
import type { LogRoot } from '../logs/logRoot.ts';
import { growingTranscript } from './knownFailures.ts';
import { isDeadlocked } from './machine/lockedThreads.ts';
import { readTranscript } from './readTranscript.ts';

/** What gives the format away stands at its beginning. */
const HEAD_LINES = 32;
/** A result repeats the answer, which may be long. */
const TAIL_BYTES = 256 * 1024;

/**
 * Where an agent has stopped by what it printed: its result, or a question. Of a long stream only both ends are read, so
 * that it may be asked often.
 */
export function streamStop(dir: string): TranscriptStop | undefined {
  const path = join(dir, 'stdout.log');
  try {
    const tail = lastLines(path, Number.POSITIVE_INFINITY, TAIL_BYTES);
    const analyzer = createTranscriptAnalyzer({ handleOf: () => '', isEndAsked: true });
    const head = readHead(path, HEAD_LINES);
    for (const line of head[0] === tail[0] ? tail : [...head, ...tail]) analyzer.push(line);
    return analyzer.stop();
  } catch {
    return undefined; // nothing is captured
  }
}

/** By what it printed or, where that is no stream, by its own log: it answered, and nothing of its turn is open. */
export function hasGivenItsResult(root: LogRoot, enrollment: Enrollment, dir: string): boolean {
  if (streamStop(dir) === 'result_given') return true;
  try {
    const path = growingTranscript(root, enrollment, { dir, nowMs: Date.now() });
    if (path === undefined) return false;
    const log = readTranscript(path, { handleOf: () => '', isEndAsked: true, isOver: false });
    return log.end()?.name === 'answered';
  } catch {
    return false; // gone, or being replaced: it is looked at again
  }
}

/** By its samples it does nothing: then what it printed may tell what it has come to. */
const AT_REST: ReadonlySet<Activity> = new Set([
  'idle',
  'stalled',
  'waiting_child',
  'waiting_network',
  'waiting_stdin',
]);

const MEANING: { readonly [stop in TranscriptStop]: Activity } = {
  result_given: 'done_not_exited',
  approval_asked: 'waiting_approval',
};

/** Only where its samples say that it waits for a lock is it looked at now; a pid that was given on is not asleep there. */
function isLocked(latest: readonly Moment[]): boolean {
  const { pid, wchan = '' } = latest.at(-1)?.snapshot ?? {};
  return pid !== undefined && wchan.startsWith('futex_') && isDeadlocked(pid);
}

/** What a running session does, by its samples and by what it printed. */
export function activityNow(dir: string, latest: readonly Moment[], stalledSeq?: number): Activity | undefined {
  const activity = activityOf(latest, stalledSeq);
  if (activity === undefined || !AT_REST.has(activity)) return activity;
  const stop = streamStop(dir);
  if (stop !== undefined) return MEANING[stop];
  return isLocked(latest) ? 'deadlocked' : activity;
}
