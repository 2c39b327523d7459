import { lstatSync } from 'node:fs';
import { basename, join } from 'node:path';
import { anomalyFrom, type Anomaly } from '../core/anomaly.ts';
import { recordOf, type JsonRecord } from '../core/json.ts';
import { lifecycleEventFrom } from '../core/readSession.ts';
import type { Enrollment, LifecycleEvent } from '../core/session.ts';
import { isSafeName } from '../core/sessionId.ts';
import { snapshotFrom, type Snapshot } from '../core/snapshot.ts';
import { treeSampleFrom, type TreeSample } from '../core/tree.ts';
import { readJsonLines } from './jsonLines.ts';
import { DEVBOY_FOLDER, type LogRoot } from './logRoot.ts';
import { readEnrollment, readJsonFile, SUMMARY_FILE } from './sessionIndex.ts';
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
    if (isDirectory(dir)) return { name, dir, state };
  }
  return undefined;
}

function isDirectory(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  } catch (error) {
    // A file has taken the place of the folder above it: node calls that an error, and there is no session either way.
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return false;
    throw error;
  }
}

/** What a session's directory says of it as a whole: its summary or, of a trace, what its own account amounts to. */
export function readSummary(dir: string): JsonRecord | undefined {
  return recordOf(readJsonFile(join(dir, SUMMARY_FILE))) ?? readTraceSummary(dir);
}

/** A session's files, each as far as it can be read. */
export interface SessionFiles {
  readonly summary: JsonRecord | undefined;
  readonly enrollment: Enrollment | undefined;
  readonly snapshots: readonly Snapshot[];
  readonly tree: readonly TreeSample[];
  readonly anomalies: readonly Anomaly[];
  readonly lifecycle: readonly LifecycleEvent[];
  /** Damaged lines by file name; files without any are left out. */
  readonly badLines: Readonly<Record<string, number>>;
}

export function readSessionFiles(dir: string): SessionFiles {
  const badLines: Record<string, number> = {};
  function read<T>(file: string, from: (value: unknown, position: number) => T | undefined): T[] {
    const records: T[] = [];
    let strangers = 0;
    try {
      const { badLines: broken } = readJsonLines(join(dir, file), 0, (value) => {
        const record = from(value, records.length);
        if (record === undefined) strangers += 1;
        else records.push(record);
      });
      if (broken + strangers > 0) badLines[file] = broken + strangers;
    } catch {
      return records; // not every session has every file
    }
    return records;
  }
  return {
    summary: readSummary(dir),
    enrollment: readEnrollment(dir),
    snapshots: read('proc_trace.jsonl', snapshotFrom),
    tree: read('tree.jsonl', treeSampleFrom),
    anomalies: read('anomalies.jsonl', anomalyFrom),
    lifecycle: read('lifecycle.jsonl', lifecycleEventFrom),
    badLines,
  };
}
