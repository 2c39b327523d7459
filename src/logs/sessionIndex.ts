import { constants, lstatSync, readdirSync, readFileSync, statSync, type Dirent } from 'node:fs';
import { join } from 'node:path';
import { isRecord, jsonLine, parseJson, type JsonRecord } from '../core/json.ts';
import { enrollmentFrom, indexLineFrom } from '../core/readSession.ts';
import type { Enrollment, IndexLine, Summary } from '../core/session.ts';
import { isSafeName } from '../core/sessionId.ts';
import { isoFromMs } from '../core/time.ts';
import { appendShared } from './lineWriter.ts';
import type { LogRoot } from './logRoot.ts';

export const ENROLLMENT_FILE = 'enrollment.json';
export const SUMMARY_FILE = 'summary.json';

/** A pipe in a file's place must not make us wait, nor a symbolic link lead out of the root. Windows has neither. */
const READ_FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** A session as `list` shows it. */
export interface ListedSession extends IndexLine {
  readonly state: 'running' | 'finished';
}

export function indexLineOf(summary: Summary): IndexLine {
  return {
    session_id: summary.session_id,
    dir_name: summary.dir_name,
    timestamp: summary.start_ts,
    cwd: summary.cwd,
    skill_command: summary.skill_command.slice(0, 100),
    success: summary.success,
    subtype: summary.subtype,
    exit_code: summary.exit_code,
    snapshot_count: summary.snapshot_count,
    anomaly_count: summary.anomaly_count,
    peak_rss_kb: summary.peak_rss_kb,
    peak_oom_score: summary.peak_oom_score,
    tracked_comm: summary.tracked_comm,
    tracked_comm_drift: summary.tracked_comm_drift,
    claude_code_log: summary.claude_code_log,
    duration_seconds: summary.duration_seconds,
    cause: summary.verdict.cause,
    suspect: summary.failures?.suspect.layer ?? null,
    label: summary.label?.slice(0, 100) ?? null,
  };
}

/**
 * Adds a session's line. AutoSkillit's retention rewrites the index by rename and may take the old file, with our line
 * in it, away at this very moment: then the line is added again.
 */
export function appendIndexLine(root: LogRoot, line: Pick<IndexLine, 'dir_name' | 'suspect'>): void {
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const { ino } = appendShared(root.index, jsonLine(line));
    if (statSync(root.index, { bigint: true, throwIfNoEntry: false })?.ino === ino) return;
    if (readIndex(root).get(line.dir_name)?.suspect === line.suspect) return;
  }
}

/**
 * A session that has another suspect now gets one more line, with all that its last one said: the index is append-only.
 * Without any line its summary is still to be told, by whoever owes the line.
 */
export function retellSuspect(root: LogRoot, name: string, suspect: IndexLine['suspect']): void {
  let last: JsonRecord | undefined;
  for (const { record, line } of indexRecords(root)) if (line.dir_name === name) last = record;
  if (last === undefined || last['suspect'] === suspect) return;
  appendIndexLine(root, { ...last, dir_name: name, suspect });
}

/** The index by directory name; of several lines for one directory the last counts. */
export function readIndex(root: LogRoot): Map<string, IndexLine> {
  const lines = new Map<string, IndexLine>();
  for (const { line } of indexRecords(root)) lines.set(line.dir_name, line);
  return lines;
}

function* indexRecords(root: LogRoot): Generator<{ readonly record: JsonRecord; readonly line: IndexLine }> {
  let text: string;
  try {
    text = readFileSync(root.index, { encoding: 'utf8', flag: READ_FLAGS });
  } catch {
    return; // no index yet, or not ours to read: the directories tell
  }
  for (const row of text.split('\n')) {
    if (row === '') continue;
    const parsed = parseJson(row);
    if (!parsed.ok || !isRecord(parsed.value)) continue;
    const line = indexLineFrom(parsed.value);
    if (line !== undefined && isSafeName(line.dir_name)) yield { record: parsed.value, line };
  }
}

/** Real directories of a folder, never symbolic links. */
export function sessionDirs(folder: string): string[] {
  let entries: Dirent[];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    return []; // no such folder yet
  }
  return entries.filter((entry) => entry.isDirectory() && isSafeName(entry.name)).map((entry) => entry.name);
}

/** Every session of the root, running ones included, newest first. */
export function listSessions(root: LogRoot): ListedSession[] {
  const index = readIndex(root);
  const listed: ListedSession[] = [];
  for (const name of sessionDirs(root.sessions)) {
    const line = index.get(name) ?? lineFromSummary(root, name) ?? lineOfUnread(root, name);
    if (line !== undefined) listed.push({ ...line, state: 'finished' });
  }
  for (const name of sessionDirs(root.running)) {
    const enrollment = readEnrollment(join(root.running, name));
    if (enrollment !== undefined) listed.push({ ...lineOfRunning(name, enrollment), state: 'running' });
  }
  // ISO texts in UTC sort by themselves; a line without a time goes last.
  return listed.sort((a, b) => (a.timestamp < b.timestamp ? 1 : a.timestamp > b.timestamp ? -1 : 0));
}

export function lineFromSummary(root: LogRoot, name: string): IndexLine | undefined {
  const line = indexLineFrom(readJsonFile(join(root.sessions, name, SUMMARY_FILE)));
  return line === undefined ? undefined : { ...line, dir_name: name };
}

/** A session that has a summary which cannot be read is there all the same. */
function lineOfUnread(root: LogRoot, name: string): IndexLine | undefined {
  const endedMs = modifiedMs(join(root.sessions, name, SUMMARY_FILE));
  if (endedMs === undefined) return undefined;
  return indexLineFrom({ dir_name: name, timestamp: isoFromMs(endedMs), subtype: 'lost', cause: 'unknown' });
}

function modifiedMs(path: string): number | undefined {
  try {
    const stat = lstatSync(path);
    return stat.isFile() ? stat.mtimeMs : undefined; // a link in its place is nobody's summary
  } catch {
    return undefined;
  }
}

function lineOfRunning(name: string, enrollment: Enrollment): IndexLine {
  return {
    session_id: enrollment.session_id,
    dir_name: name,
    timestamp: enrollment.enrolled_at,
    cwd: enrollment.cwd,
    skill_command: enrollment.skill_command.slice(0, 100),
    success: false,
    subtype: '',
    exit_code: null,
    snapshot_count: 0,
    anomaly_count: 0,
    peak_rss_kb: 0,
    peak_oom_score: 0,
    tracked_comm: enrollment.comm,
    tracked_comm_drift: false,
    claude_code_log: null,
    duration_seconds: null,
    cause: null,
    suspect: null,
    label: enrollment.label?.slice(0, 100) ?? null,
  };
}

export function readEnrollment(dir: string): Enrollment | undefined {
  return enrollmentFrom(readJsonFile(join(dir, ENROLLMENT_FILE)));
}

export function readJsonFile(path: string): unknown {
  try {
    if (!lstatSync(path).isFile()) return undefined; // a symbolic link could lead anywhere
    const parsed = parseJson(readFileSync(path, 'utf8'));
    return parsed.ok ? parsed.value : undefined;
  } catch {
    return undefined; // not there, or not ours to read
  }
}

/** Whether the recorder that an enrollment names still runs. */
export type IsAlive = (recorder: Enrollment['recorder'], bootId: string) => boolean;
