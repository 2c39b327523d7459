import { lstatSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, join } from 'node:path';
import { isRecord, jsonLine, parseJson, type JsonRecord } from '../core/words/json.ts';
import { enrollmentFrom, indexLineFrom } from '../core/session/readSession.ts';
import type { Enrollment, IndexLine, Summary } from '../core/session/session.ts';
import { isSafeName } from '../core/words/sessionId.ts';
import { readText } from './door.ts';
import { entriesOf, statOf, withFolder } from './folders.ts';
import { readLines } from './jsonLines.ts';
import { isoFromMs } from '../core/words/time.ts';
import { appendShared } from './lineWriter.ts';
import type { LogRoot } from './logRoot.ts';

export const ENROLLMENT_FILE = 'enrollment.json';
export const SUMMARY_FILE = 'summary.json';
/** What makes a directory a session's, whoever wrote it. */
const SAMPLES_FILE = 'proc_trace.jsonl';

/** The summary of 5,000 leftovers has half of this. What is larger is nobody's account, but fills our memory. */
const MOST_DOCUMENT_BYTES = 2 * 1024 * 1024;
/** A line of the index has a command's first 100 characters and two paths. */
const MOST_ROW_BYTES = 64 * 1024;

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
    ...(summary.host !== undefined && { host: summary.host }),
  };
}

/**
 * Adds a session's line. AutoSkillit's retention rewrites the index by rename and may take the old file, with our line
 * in it, away at this very moment: then the line is added again.
 */
export function appendIndexLine(root: LogRoot, line: Pick<IndexLine, 'dir_name' | 'suspect'>): void {
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const isThere = withFolder(root.path, [], 'write', (folder) => {
      const path = folder.at(basename(root.index));
      const isNew = statOf(path) === undefined;
      const { ino } = appendShared(path, jsonLine(line));
      if (isNew) folder.sync();
      return lstatSync(path, { bigint: true, throwIfNoEntry: false })?.ino === ino;
    });
    if (isThere) return;
    if (readIndex(root, (name) => name === line.dir_name).get(line.dir_name)?.suspect === line.suspect) return;
  }
}

/**
 * A session that has another suspect now gets one more line, with all that its last one said: the index is append-only.
 * Without any line its summary is still to be told, by whoever owes the line.
 */
export function retellSuspect(root: LogRoot, name: string, suspect: IndexLine['suspect']): void {
  let last: JsonRecord | undefined;
  takeIndexRecords(root, 0, ({ record, line }) => {
    if (line.dir_name === name) last = record;
  });
  if (last === undefined || last['suspect'] === suspect) return;
  appendIndexLine(root, { ...last, dir_name: name, suspect });
}

/**
 * The index by directory name; of several lines for one directory the last counts. An index of a gigabyte has lines of
 * millions of sessions that are gone: whoever says which are wanted holds no others.
 */
export function readIndex(root: LogRoot, isWanted: (name: string) => boolean = () => true): Map<string, IndexLine> {
  const lines = new Map<string, IndexLine>();
  takeIndexRecords(root, 0, ({ line }) => {
    if (isWanted(line.dir_name)) lines.set(line.dir_name, line);
  });
  return lines;
}

/** Some hundred sessions. */
const RECENT_BYTES = 128 * 1024;

/** The last lines of the index, by directory name. */
export function readRecentIndex(root: LogRoot): Map<string, IndexLine> {
  const lines = new Map<string, IndexLine>();
  const from = Math.max(0, (statOf(root.index)?.size ?? 0) - RECENT_BYTES);
  takeIndexRecords(root, from, ({ line }) => lines.set(line.dir_name, line));
  return lines;
}

/**
 * Says again and again which of some directories have a line by now, and reads only what has been added since;
 * `undefined` where the index is there and cannot be read, so nobody knows.
 */
export function createIndexFollower(root: LogRoot, of: ReadonlySet<string>): () => ReadonlySet<string> | undefined {
  let names = new Set<string>();
  let offset = 0;
  let inode: number | undefined;
  return () => {
    const stat = statOf(root.index);
    if (stat?.ino !== inode || (stat?.size ?? 0) < offset) [names, offset] = [new Set(), 0]; // rewritten by rename
    inode = stat?.ino;
    const next = takeIndexRecords(root, offset, ({ line }) => {
      if (of.has(line.dir_name)) names.add(line.dir_name);
    });
    offset = next ?? offset;
    return next === undefined ? undefined : names;
  };
}

interface IndexRecord {
  readonly record: JsonRecord;
  readonly line: IndexLine;
}

/** Where the reading goes on; `undefined` where the index is there and cannot be read: the directories tell then. */
function takeIndexRecords(root: LogRoot, from: number, take: (found: IndexRecord) => void): number | undefined {
  const stat = statOf(root.index);
  if (stat !== undefined && !stat.isFile()) return undefined;
  try {
    const takeRow = (row: string): void => {
      if (row === '') return;
      const parsed = parseJson(row);
      if (!parsed.ok || !isRecord(parsed.value)) return;
      const line = indexLineFrom(parsed.value);
      if (line !== undefined && isSafeName(line.dir_name)) take({ record: parsed.value, line });
    };
    return readLines(root.index, from, takeRow, MOST_ROW_BYTES);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 0 : undefined; // no index yet
  }
}

/** Real directories of a folder, never symbolic links. */
export function sessionDirs(folder: string): string[] {
  return entriesOf(folder)
    .filter((entry) => entry.isDirectory() && isSafeName(entry.name))
    .map((entry) => entry.name);
}

/** Every session of the root, running ones included, newest first. */
export function listSessions(root: LogRoot): ListedSession[] {
  const names = sessionDirs(root.sessions);
  const there = new Set(names);
  const index = readIndex(root, (name) => there.has(name));
  const listed: ListedSession[] = [];
  for (const name of names) {
    const line = index.get(name) ?? lineFromSummary(root, name) ?? lineOfUntold(root, name);
    if (line !== undefined) listed.push({ ...withoutOwnHost(line), state: 'finished' });
  }
  for (const name of sessionDirs(root.running)) {
    const enrollment = readEnrollment(join(root.running, name));
    if (enrollment !== undefined) listed.push({ ...lineOfRunning(name, enrollment), state: 'running' });
  }
  // ISO texts in UTC sort by themselves; a line without a time goes last.
  return listed.sort((a, b) => (a.timestamp < b.timestamp ? 1 : a.timestamp > b.timestamp ? -1 : 0));
}

/** Only of a session of another machine is its name worth telling. */
function withoutOwnHost({ host, ...line }: IndexLine): IndexLine {
  return host === undefined || host === hostname() ? line : { ...line, host };
}

export function lineFromSummary(root: LogRoot, name: string): IndexLine | undefined {
  const line = indexLineFrom(readJsonFile(join(root.sessions, name, SUMMARY_FILE)));
  return line === undefined ? undefined : { ...line, dir_name: name };
}

/** A session whose summary cannot be read, or was never written, is there all the same: its end was never told. */
function lineOfUntold(root: LogRoot, name: string): IndexLine | undefined {
  const dir = join(root.sessions, name);
  const endedMs = modifiedMs(join(dir, SUMMARY_FILE)) ?? modifiedMs(join(dir, SAMPLES_FILE));
  if (endedMs === undefined) return undefined;
  return indexLineFrom({ dir_name: name, timestamp: isoFromMs(endedMs), subtype: 'lost', cause: 'lost' });
}

function modifiedMs(path: string): number | undefined {
  const stat = statOf(path);
  return stat?.isFile() === true ? stat.mtimeMs : undefined; // a link in its place is nobody's summary
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

/** `undefined` where there is none, or none that may be trusted to be one: a link, a pipe, a file of gigabytes. */
export function readJsonFile(path: string, mostBytes = MOST_DOCUMENT_BYTES): unknown {
  try {
    const parsed = parseJson(readText(path, mostBytes));
    return parsed.ok ? parsed.value : undefined;
  } catch {
    return undefined; // not there, or not ours to read
  }
}

/** Whether the recorder that an enrollment names still runs. */
export type IsAlive = (recorder: Enrollment['recorder'], bootId: string) => boolean;
