import type { TimedCall } from '../core/session/call.ts';
import type { FailureCategory } from '../core/words/vocabulary.ts';
import { msFromIso } from '../core/words/time.ts';
import { TranscriptTurns } from '../core/failures/transcriptTurns.ts';
import { readTranscript, type TranscriptReading } from './readTranscript.ts';

/** A turn of the agent's log, by its instants alone. */
export interface TimedTurn {
  readonly startMs: number;
  readonly endMs: number;
  readonly calls: readonly TimedCall[];
}

/** More calls than these make a trace that nobody can look at; the last ones are next to the end. */
const MAX_CALLS = 5000;

/** When the turns and calls of an agent's log began and ended; none of a log that cannot be read or has no times. */
export function readTimedTurns(path: string): readonly TimedTurn[] {
  const turns = new TranscriptTurns();
  const lines: number[] = [];
  const times: number[] = [];
  const onEvent: TranscriptReading['onEvent'] = (event, at) => {
    turns.add(event, at);
    const ms = msFromIso(at.ts);
    if (ms === undefined || lines.at(-1) === at.line) return;
    lines.push(at.line);
    times.push(ms);
  };
  let totalLines: number;
  const failures = new Map<number, FailureCategory>();
  try {
    const read = readTranscript(path, { handleOf: () => '', onEvent }).snapshotOf();
    totalLines = read.total_lines;
    for (const { line, category } of read.sources) failures.set(line, category);
  } catch {
    return []; // gone, or not ours to read
  }
  const timeAt = (line: number): number | undefined => times[lastIndexUpTo(lines, line)];
  let calls = 0;
  const timed: TimedTurn[] = [];
  for (const turn of turns.turns(totalLines).toReversed()) {
    const startMs = timeAt(turn.firstLine);
    if (startMs === undefined) continue;
    const kept = turn.calls.slice(-Math.max(1, MAX_CALLS - calls));
    if (calls >= MAX_CALLS) break;
    calls += kept.length;
    timed.push({
      startMs,
      endMs: Math.max(startMs, timeAt(turn.lastLine) ?? startMs),
      calls: kept.map(({ line, resultLine, tool_kind, status }) => {
        const failure = status === 'failed' ? failures.get(resultLine ?? line) : undefined;
        return {
          startMs: timeAt(line) ?? startMs,
          endMs: resultLine === undefined ? undefined : timeAt(resultLine),
          tool_kind,
          status,
          ...(failure !== undefined && { failure }),
        };
      }),
    });
  }
  return timed.toReversed();
}

/** -1 when every line comes later. */
function lastIndexUpTo(lines: readonly number[], line: number): number {
  let low = 0;
  let high = lines.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((lines[middle] ?? 0) <= line) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
