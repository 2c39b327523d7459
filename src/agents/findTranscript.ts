import { readdirSync, statSync, type Dirent } from 'node:fs';
import { basename, join } from 'node:path';
import { agentRow, KNOWN_AGENTS } from '../core/words/agentTable.ts';
import { isRecord, parseJson, recordOf, stringOf, type JsonRecord } from '../core/words/json.ts';
import type { Enrollment } from '../core/session/session.ts';
import { databaseTranscript } from '../core/session/transcriptPath.ts';
import { msFromIso } from '../core/words/time.ts';
import type { AgentKind } from '../core/words/vocabulary.ts';
import { logsOf } from './agentList.ts';
import type { AgentLogs, LogHead, LogPlace, LogSearch } from './agentLogs.ts';
import { openSession } from './openCode/openCodeDatabase.ts';
import { detectTranscriptFormat } from './transcriptReader.ts';

export interface TranscriptSearch {
  readonly enrollment: Enrollment;
  readonly endTs: string;
  /** The session's directory, for what was captured. */
  readonly dir: string;
  readonly env: NodeJS.ProcessEnv;
  readonly home: string;
  /** The first lines of a file, as many as are whole within its head. */
  readonly readHead: (path: string, count: number) => readonly string[];
}

/** Lines that tell what a stream is and whose: agents begin with a header, and other tools may write before them. */
const HEAD_LINES = 32;

/** Where a session's log is and how it is read. */
export type FoundTranscript =
  | { readonly type: 'file'; readonly path: string }
  /** `path` names the session behind a `#`: no file, so that nobody takes the database for one of lines. */
  | { readonly type: 'database'; readonly path: string; readonly read: (take: (line: string) => void) => void }
  | { readonly type: 'no_sqlite'; readonly path: string };

/**
 * The agent's own log of a session, found without configuration in the places of its row, by the agent's own id of the
 * session (in the command line, or told by its stream) or by working directory and time; else what was captured of
 * stdout when that is a transcript.
 */
export function findTranscript(search: TranscriptSearch): FoundTranscript | undefined {
  const stream = capturedStream(search);
  const own = ownLog(search, stream);
  if (own !== undefined) return { type: 'file', path: own };
  const database = ownDatabase(search, stream);
  if (database?.type === 'database' || stream === undefined) return database;
  return { type: 'file', path: stream.path };
}

/** The same for one that is read while it grows. */
export function findGrowingTranscript(search: TranscriptSearch): string | undefined {
  const stream = capturedStream(search);
  const own = ownLog(search, stream);
  if (own !== undefined) return own;
  const database = ownDatabase(search, stream);
  return database?.type === 'database' ? database.path : stream?.path;
}

function ownDatabase(search: TranscriptSearch, stream: Stream | undefined): FoundTranscript | undefined {
  const where = logSearchOf(search);
  const { cwd, startMs, endMs } = where;
  for (const path of logsOf(search.enrollment.agent)?.databases?.(where) ?? []) {
    if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) continue;
    const found = openSession(path, { id: stream?.sessionId, cwd, startMs, endMs });
    if (found.type === 'no_sqlite') return { type: 'no_sqlite', path: `${path}#` };
    if (found.type === 'session')
      return { type: 'database', path: databaseTranscript({ database: path, session: found.id }), read: found.read };
  }
  return undefined;
}

interface Stream {
  readonly path: string;
  readonly format: string;
  readonly sessionId: string | undefined;
}

/** `claude -p --output-format stream-json`, `codex exec --json`, `pi --mode json`: what stdout held, if it is one. */
function capturedStream({ dir, readHead }: TranscriptSearch): Stream | undefined {
  const path = join(dir, 'stdout.log');
  const head = headOf(path, readHead);
  const format = detectTranscriptFormat(head);
  return format === undefined ? undefined : { path, format, sessionId: sessionIdIn(head) };
}

/** Every agent's stream tells early which session it is, by one of these. */
function sessionIdIn(lines: readonly string[]): string | undefined {
  for (const line of lines) {
    const parsed = parseJson(line);
    if (!parsed.ok || !isRecord(parsed.value)) continue;
    const id = idIn(parsed.value) ?? idIn(recordOf(parsed.value['data']) ?? {});
    if (id !== undefined) return id;
  }
  return undefined;
}

function idIn(record: JsonRecord): string | undefined {
  const id =
    record['session_id'] ??
    record['sessionId'] ??
    record['sessionID'] ??
    record['thread_id'] ??
    (record['type'] === 'session' ? record['id'] : undefined);
  const text = stringOf(id);
  return text !== undefined && /^[\w-]{6,128}$/.test(text) ? text : undefined;
}

function ownLog(search: TranscriptSearch, stream: Stream | undefined): string | undefined {
  const { agent } = search.enrollment;
  // A script of any name that starts an agent: its stream tells which, and then only the session's id is proof.
  const logs = logsOf(agent === 'other' ? agentOfFormat(stream?.format) : agent);
  if (logs?.places === undefined) return undefined;
  const where = logSearchOf(search);
  const files = logs.places(where).flatMap(filesIn);
  const named = logs.idInCommand?.(where.command);
  const byCommand = files.find((path) => named !== undefined && basename(path).includes(named));
  if (byCommand !== undefined) return byCommand;
  const changed = changedDuring(where, files);
  const id = stream?.sessionId;
  return (
    changed.find((path) => id !== undefined && isNamed(path, id)) ??
    changed.find((path) => id !== undefined && tells(headOf(path, search.readHead), id)) ??
    (agent === 'other' ? undefined : changed.find((path) => belongs(logs, path, search, where)))
  );
}

function agentOfFormat(format: string | undefined): AgentKind {
  return KNOWN_AGENTS.find((kind) => agentRow(kind)?.formats.includes(format ?? '') === true) ?? 'other';
}

function logSearchOf({ enrollment, endTs, env, home }: TranscriptSearch): LogSearch {
  return {
    cwd: enrollment.cwd,
    command: enrollment.skill_command,
    startMs: msFromIso(enrollment.enrolled_at) ?? 0,
    endMs: msFromIso(endTs) ?? Date.now(),
    env,
    home,
  };
}

/** Copilot names the folder after the session, everybody else the file. */
function isNamed(path: string, id: string): boolean {
  return path.split(/[\\/]/).slice(-2).join('/').includes(id);
}

/** Gemini's files are named after their start; their first lines tell the session. */
function tells(head: readonly string[], id: string): boolean {
  return head.slice(0, 8).some((line) => line.includes(`"${id}"`));
}

function belongs(logs: AgentLogs, path: string, search: TranscriptSearch, where: LogSearch): boolean {
  const linesOf = (of: string): readonly string[] => headOf(of, search.readHead);
  const log: LogHead = { path, lines: () => linesOf(path), linesOf };
  return logs.belongs?.(log, where) ?? true;
}

/** Nothing of a file that is not there, or not ours to read. */
function headOf(path: string, readHead: TranscriptSearch['readHead']): readonly string[] {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFile() === true ? readHead(path, HEAD_LINES) : [];
  } catch {
    return [];
  }
}

/** Agents write their first line within a moment of their start, and may add one as they are told to go. */
const SLACK_MS = 5000;
const AFTER_ALL_BIRTHS = 1e16;

/**
 * Files changed while the session ran. First those that were made then, the nearest to its start first: of two agents in
 * one folder each made its own as it began. Then, of sessions that went on, the latest changed first.
 */
function changedDuring({ startMs, endMs }: LogSearch, paths: readonly string[]): string[] {
  const isDuring = (ms: number): boolean => ms >= startMs - SLACK_MS && ms <= endMs + SLACK_MS;
  const candidates: { readonly path: string; readonly rank: number }[] = [];
  for (const path of paths) {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat?.isFile() !== true || !isDuring(stat.mtimeMs)) continue;
    const { birthtimeMs: bornMs, mtimeMs } = stat;
    // Where the file system keeps no birth, it is 0 or the last change of the inode.
    candidates.push({ path, rank: isDuring(bornMs) && bornMs < mtimeMs ? bornMs : AFTER_ALL_BIRTHS - mtimeMs });
  }
  return candidates.sort((a, b) => a.rank - b.rank).map(({ path }) => path);
}

/** A folder of thousands of projects is read by name only. */
const MOST_FOLDERS = 2000;

function filesIn({ folder, name }: LogPlace): string[] {
  return foldersFor(folder).flatMap((real) =>
    entriesOf(real)
      .filter((entry) => entry.isFile() && name.test(entry.name))
      .map((entry) => join(real, entry.name)),
  );
}

function foldersFor(folder: string): readonly string[] {
  const [before = '', ...after] = folder.split(/[\\/]\*(?=[\\/]|$)/);
  return after.reduce<readonly string[]>(
    (found, rest) =>
      found.flatMap((parent) =>
        entriesOf(parent)
          .filter((entry) => entry.isDirectory())
          .slice(-MOST_FOLDERS)
          .map((entry) => join(parent, entry.name, rest)),
      ),
    [before],
  );
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return []; // the agent was never run here
  }
}
