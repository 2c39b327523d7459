import { statSync } from 'node:fs';
import { uptime } from 'node:os';
import { basename, join } from 'node:path';
import { agentRow, KNOWN_AGENTS } from '../core/words/agentTable.ts';
import type { Enrollment } from '../core/session/session.ts';
import { databaseTranscript } from '../core/session/transcriptPath.ts';
import { msFromIso } from '../core/words/time.ts';
import type { AgentKind } from '../core/words/vocabulary.ts';
import { logsOf } from './agentList.ts';
import {
  chooseLog,
  NO_OTHERS,
  SLACK_MS,
  type LogCandidate,
  type LogChoice,
  type LogTimes,
  type OtherSessions,
} from './logChoice.ts';
import { firstInstant, sessionIdIn } from './logHead.ts';
import { filesIn } from './placedFiles.ts';
import type { AgentLogs, LogHead, LogSearch } from './agentLogs.ts';
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
  /** What processes of the session were seen to hold open for writing. */
  readonly openFiles?: ReadonlySet<string> | undefined;
  readonly others?: OtherSessions | undefined;
}

/** Lines that tell what a stream is and whose: agents begin with a header, and other tools may write before them. */
const HEAD_LINES = 32;

/** Where a session's log is and how it is read. */
export type FoundTranscript =
  | { readonly type: 'file'; readonly path: string }
  /** `path` names the session behind a `#`: no file, so that nobody takes the database for one of lines. */
  | { readonly type: 'database'; readonly path: string; readonly read: (take: (line: string) => void) => void }
  | { readonly type: 'no_sqlite'; readonly path: string }
  /** These may be it, and nothing proves which. */
  | { readonly type: 'unsure'; readonly paths: readonly string[] };

/**
 * The agent's own log of a session, found without configuration in the places of its row: by the agent's own id of the
 * session (in the command line, or told by its stream), by what its processes had open, or by working directory and
 * time; never one that another session holds. Else what was captured of stdout when that is a transcript.
 */
export function findTranscript(search: TranscriptSearch): FoundTranscript | undefined {
  const stream = capturedStream(search);
  const own = ownLog(search, stream);
  if (own?.type === 'one') return { type: 'file', path: own.path };
  if (own !== undefined && stream === undefined) return { type: 'unsure', paths: own.paths };
  const database = ownDatabase(search, stream);
  if (database?.type === 'database' || stream === undefined) return database;
  return { type: 'file', path: stream.path };
}

/** The same for one that is read while it grows. */
export function findGrowingTranscript(search: TranscriptSearch): string | undefined {
  const stream = capturedStream(search);
  const own = ownLog(search, stream);
  if (own?.type === 'one') return own.path;
  const database = own === undefined ? ownDatabase(search, stream) : undefined;
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

/** The agent's own id of a session, by its command line or by what it printed first. */
export function ownIdOf({
  enrollment,
  dir,
  readHead,
}: Pick<TranscriptSearch, 'enrollment' | 'dir' | 'readHead'>): string | undefined {
  return (
    logsOf(enrollment.agent)?.idInCommand?.(enrollment.skill_command) ??
    sessionIdIn(headOf(join(dir, 'stdout.log'), readHead))
  );
}

function ownLog(search: TranscriptSearch, stream: Stream | undefined): LogChoice | undefined {
  const { agent } = search.enrollment;
  // A script of any name that starts an agent: its stream tells which, and then only the session's id is proof.
  const logs = logsOf(agent === 'other' ? agentOfFormat(stream?.format) : agent);
  if (logs?.places === undefined) return undefined;
  const where = logSearchOf(search);
  const files = logs.places(where).flatMap(filesIn);
  const named = logs.idInCommand?.(where.command);
  const changed = changedDuring(where, files);
  const proven =
    files.find((path) => named !== undefined && basename(path).includes(named)) ??
    logOfId(search, changed, stream?.sessionId) ??
    onlyOne(changed.filter((path) => search.openFiles?.has(path) === true));
  if (proven !== undefined) return { type: 'one', path: proven };
  if (agent === 'other') return undefined;
  const others = search.others ?? NO_OTHERS;
  const isForeign = (path: string): boolean => {
    const id = sessionIdIn(headOf(path, search.readHead));
    const ids = [...others.ids];
    // Every agent that prints its id writes it into its log as well.
    if (stream?.sessionId !== undefined && id !== undefined) return true;
    return others.logs.has(path) || ids.some((other) => isNamed(path, other) || id === other);
  };
  const possible = changed.filter((path) => !isForeign(path) && belongs(logs, path, search, where));
  return chooseLog(
    possible.map((path) => candidateOf(path, search)),
    timesOf(search, where),
    others.unplaced,
  );
}

function logOfId({ readHead }: TranscriptSearch, paths: readonly string[], id: string | undefined): string | undefined {
  if (id === undefined) return undefined;
  return paths.find((path) => isNamed(path, id)) ?? paths.find((path) => tells(headOf(path, readHead), id));
}

function onlyOne(paths: readonly string[]): string | undefined {
  return paths.length === 1 ? paths[0] : undefined;
}

/** `claude --continue`, `codex resume`, `pi -r`: a log of an earlier session may go on. */
const RESUMES = /\s(?:resume|continue|fork|--(?:resume|continue|session|last|fork)(?:=\S*)?)(?=\s|$)/;
const RESUMES_SHORT = /\s-[cr](?=\s|$)/;
/** There `-c` sets an option. */
const WITHOUT_SHORT: ReadonlySet<AgentKind> = new Set(['codex']);

function timesOf({ enrollment: { agent, mode } }: TranscriptSearch, { startMs, endMs, command }: LogSearch): LogTimes {
  // `sh -c` stands before the agent's own word.
  const [word = ''] = agentRow(agent)?.programs ?? [];
  const own = command.slice(Math.max(0, command.indexOf(word)));
  const isShort = !WITHOUT_SHORT.has(agent) && RESUMES_SHORT.test(own);
  return { startMs, endMs, mayResume: mode === 'attach' || isShort || RESUMES.test(own) };
}

function candidateOf(path: string, { readHead }: TranscriptSearch): LogCandidate {
  const stat = statSync(path, { throwIfNoEntry: false });
  const changedMs = stat?.mtimeMs ?? 0;
  // Where the file system keeps no birth, it is 0 or the last change of the inode.
  const bornMs =
    stat !== undefined && stat.birthtimeMs > 0 && stat.birthtimeMs < changedMs ? stat.birthtimeMs : undefined;
  return { path, begunMs: firstInstant(headOf(path, readHead)) ?? bornMs, changedMs };
}

function agentOfFormat(format: string | undefined): AgentKind {
  return KNOWN_AGENTS.find((kind) => agentRow(kind)?.formats.includes(format ?? '') === true) ?? 'other';
}

function logSearchOf({ enrollment, endTs, env, home }: TranscriptSearch): LogSearch {
  return {
    cwd: enrollment.cwd,
    command: enrollment.skill_command,
    startMs: beganMs(enrollment),
    endMs: msFromIso(endTs) ?? Date.now(),
    env,
    home,
  };
}

const TICKS_PER_SECOND = 100;

/** What was attached to had begun its log before. */
function beganMs({ enrolled_at: enrolledAt, mode, starttime_ticks: ticks }: Enrollment): number {
  const enrolledMs = msFromIso(enrolledAt) ?? 0;
  if (mode !== 'attach' || typeof ticks !== 'number' || process.platform !== 'linux') return enrolledMs;
  return Math.min(enrolledMs, Date.now() - 1000 * (uptime() - ticks / TICKS_PER_SECOND));
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

/** Files changed while the session ran, the last changed first. */
function changedDuring({ startMs, endMs }: LogSearch, paths: readonly string[]): string[] {
  const changed = paths.map((path) => ({ path, stat: statSync(path, { throwIfNoEntry: false }) }));
  return changed
    .filter(
      ({ stat }) => stat?.isFile() === true && stat.mtimeMs >= startMs - SLACK_MS && stat.mtimeMs <= endMs + SLACK_MS,
    )
    .sort((a, b) => (b.stat?.mtimeMs ?? 0) - (a.stat?.mtimeMs ?? 0))
    .map(({ path }) => path);
}
