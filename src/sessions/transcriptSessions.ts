import { basename, dirname, join } from 'node:path';
import { sessionVerdict } from '../core/session/summaryVerdict.ts';
import type { IndexLine } from '../core/session/session.ts';
import type { Verdict } from '../core/session/verdict.ts';
import { msFromIso } from '../core/words/time.ts';
import { statOf } from '../logs/folders.ts';
import { logRootAt, type LogRoot } from '../logs/logRoot.ts';
import { findSession, readSummary, transcriptOf } from '../logs/sessionFiles.ts';
import { readIndex } from '../logs/sessionIndex.ts';
import type { FoundSession } from './readFound.ts';

/** When a log was written, by its own lines. */
export interface WrittenSpan {
  readonly first_ts: string | null;
  readonly last_ts: string | null;
}

/** An agent makes its log some time after its start, and may write its last line as it is told to go. */
const SLACK_MS = 60_000;
/** Sessions of one moment whose summaries are looked into: more at once are no person's. */
const MOST_LOOKED_INTO = 64;

interface KeptIndex {
  readonly stamp: string;
  readonly lines: readonly IndexLine[];
}

/** Which session a log is of, for a reader that has only the log: by its place, or as the sessions' accounts name it. */
export class TranscriptSessions {
  readonly #roots: () => readonly LogRoot[];
  readonly #indexes = new Map<string, KeptIndex>();

  constructor(roots: () => readonly LogRoot[]) {
    this.#roots = roots;
  }

  /** What became of the session that wrote a log; `undefined` when none is known, or when it still runs. */
  verdictOf(path: string, span: WrittenSpan): Verdict | undefined {
    const found = besideLog(path) ?? this.#named(path, span);
    if (found === undefined || found.place.state === 'running') return undefined;
    return sessionVerdict({ isRunning: false, summary: readSummary(found.place.dir) });
  }

  /** The newest that names it: a session that was resumed goes on with its log. */
  #named(path: string, span: WrittenSpan): FoundSession | undefined {
    for (const root of this.#roots()) {
      const near = this.#linesOf(root).filter((line) => line.claude_code_log === path || isNear(line, span));
      for (const { dir_name: name } of near.slice(-MOST_LOOKED_INTO).toReversed()) {
        const place = findSession(root, name);
        if (place === undefined) continue;
        if (transcriptOf(place.dir, readSummary(place.dir)) === path) return { root, place };
      }
    }
    return undefined;
  }

  #linesOf(root: LogRoot): readonly IndexLine[] {
    const stat = statOf(root.index);
    const stamp = `${stat?.ino} ${stat?.size} ${stat?.mtimeMs}`;
    const kept = this.#indexes.get(root.path);
    if (kept?.stamp === stamp) return kept.lines;
    const lines = [...readIndex(root).values()];
    this.#indexes.set(root.path, { stamp, lines });
    return lines;
  }
}

/** What was captured lies in its session's folder. */
function besideLog(path: string): FoundSession | undefined {
  const dir = dirname(path);
  const folder = dirname(dir);
  if (!['sessions', 'running'].includes(basename(folder))) return undefined;
  const root = logRootAt(dirname(folder));
  const place = findSession(root, basename(dir));
  return place !== undefined && join(place.dir, basename(path)) === path ? { root, place } : undefined;
}

/** A log without times can be any session's. */
function isNear({ timestamp, duration_seconds: seconds }: IndexLine, { first_ts, last_ts }: WrittenSpan): boolean {
  const startMs = msFromIso(timestamp) ?? Number.NEGATIVE_INFINITY;
  const endMs = seconds === null ? Number.POSITIVE_INFINITY : startMs + seconds * 1000;
  const firstMs = msFromIso(first_ts) ?? Number.NEGATIVE_INFINITY;
  const lastMs = msFromIso(last_ts) ?? Number.POSITIVE_INFINITY;
  return startMs - SLACK_MS <= lastMs && firstMs <= endMs + SLACK_MS;
}
