import { databaseSession } from '../core/session/transcriptPath.ts';
import { lstatSync } from 'node:fs';
import { basename, join } from 'node:path';
import { anomalyFrom, type Anomaly } from '../core/session/anomaly.ts';
import { recordOf, stringOf, type JsonRecord } from '../core/words/json.ts';
import { lifecycleEventFrom } from '../core/session/readSession.ts';
import type { Enrollment, LifecycleEvent } from '../core/session/session.ts';
import { isSafeName } from '../core/words/sessionId.ts';
import { isOwnFile, statOf, withSessionFolder } from './folders.ts';
import { readJsonLines } from './jsonLines.ts';
import { DEVBOY_FOLDER, type LogRoot } from './logRoot.ts';
import { isOurs } from './owners.ts';
import { readEnrollment, readJsonFile, SUMMARY_FILE } from './sessionIndex.ts';
import { isOfFile, readSeries, seriesIn, TRACE_FILE, TREE_FILE, type SeriesTaker } from './series.ts';
import { findTrace, readTraceSummary } from './traceFolders.ts';

/** Where a session's files are. */
export interface SessionPlace {
  readonly name: string;
  readonly dir: string;
  readonly state: 'running' | 'finished';
}

/** A real directory of that name under `running/` or `sessions/`, or a trace; a symbolic link is not followed. */
export function findSession(root: LogRoot, name: string): SessionPlace | undefined {
  if (basename(root.path) === DEVBOY_FOLDER) return findTrace(root, name);
  if (!isSafeName(name)) return undefined;
  for (const [folder, state] of [
    [root.sessions, 'finished'],
    [root.running, 'running'],
  ] as const) {
    const dir = join(folder, name);
    if ([folder, dir].every(isFolder)) return { name, dir, state };
  }
  return undefined;
}

/** No link. Throws as node:fs does where it may not be looked at: that is no answer to whether there is such a session. */
function isFolder(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  } catch (error) {
    // A file has taken the place of the folder above it: node calls that an error, and there is no session either way.
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return false;
    throw error;
  }
}

/** Whether a session's account is our own: directory and file, and no link on the way from the root. */
export function isOwnSession(dir: string): boolean {
  try {
    return withSessionFolder(dir, 'own', (folder) => isOwnFile(folder.at(SUMMARY_FILE)));
  } catch {
    return false; // gone, a link, or another user's
  }
}

/** What a session's directory says of it as a whole: its summary or, of a trace, what its own account amounts to. */
export function readSummary(dir: string): JsonRecord | undefined {
  return recordOf(readJsonFile(join(dir, SUMMARY_FILE))) ?? readTraceSummary(dir);
}

/**
 * The agent's own log that a session's account names. Another user's account may name any file that its reader can
 * open, /etc/shadow for root: it counts only where log and account belong to the same user.
 */
export function transcriptOf(dir: string, summary: JsonRecord | undefined): string | undefined {
  const named = stringOf(summary?.['transcript']) ?? stringOf(summary?.['claude_code_log']);
  const account = statOf(join(dir, SUMMARY_FILE)) ?? statOf(dir);
  const log = named === undefined ? undefined : statOf(databaseSession(named)?.database ?? named);
  if (account === undefined || log?.isFile() !== true) return undefined;
  return isOurs(account) || account.uid === log.uid ? named : undefined;
}

const ANOMALIES_FILE = 'anomalies.jsonl';

/** A session's files, each as far as it can be read; its series and anomalies go to whoever takes them. */
export interface SessionFiles {
  readonly summary: JsonRecord | undefined;
  readonly enrollment: Enrollment | undefined;
  readonly snapshotCount: number;
  readonly lifecycle: readonly LifecycleEvent[];
  /** Damaged lines by file name; files without any are left out. */
  readonly badLines: Readonly<Record<string, number>>;
}

export interface SessionTaker extends SeriesTaker {
  readonly anomaly?: (anomaly: Anomaly) => void;
}

export function readSessionFiles(dir: string, taker: SessionTaker = {}): SessionFiles {
  const badLines: Record<string, number> = {};
  function read<T>(file: string, from: (value: unknown) => T | undefined, take: (record: T) => void): void {
    let strangers = 0;
    try {
      const { badLines: broken } = readJsonLines(join(dir, file), 0, (value) => {
        const record = from(value);
        if (record === undefined) strangers += 1;
        else take(record);
      });
      if (broken + strangers > 0) badLines[file] = broken + strangers;
    } catch (error) {
      if (!isOfFile(error)) throw error; // not every session has every file
    }
  }
  const lifecycle: LifecycleEvent[] = [];
  const series = readSeries(seriesIn(dir), taker);
  if (series.badTraceLines > 0) badLines[TRACE_FILE] = series.badTraceLines;
  if (series.badTreeLines > 0) badLines[TREE_FILE] = series.badTreeLines;
  read(ANOMALIES_FILE, anomalyFrom, (anomaly) => taker.anomaly?.(anomaly));
  read('lifecycle.jsonl', lifecycleEventFrom, (event) => lifecycle.push(event));
  return {
    summary: readSummary(dir),
    enrollment: readEnrollment(dir),
    snapshotCount: series.snapshots,
    lifecycle,
    badLines,
  };
}

/** As many as there may be. */
export function eachAnomaly(dir: string, take: (anomaly: Anomaly) => void): void {
  try {
    readJsonLines(join(dir, ANOMALIES_FILE), 0, (value) => {
      const anomaly = anomalyFrom(value);
      if (anomaly !== undefined) take(anomaly);
    });
  } catch (error) {
    if (!isOfFile(error)) throw error; // a session without any has no file
  }
}
