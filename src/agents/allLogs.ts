import { lstatSync, readdirSync, statSync, type Dirent, type Stats } from 'node:fs';
import { join, sep } from 'node:path';
import { KNOWN_AGENTS } from '../core/words/agentTable.ts';
import type { AgentKind } from '../core/words/vocabulary.ts';
import { logsOf } from './agentList.ts';
import type { LogHome, LogPlace } from './agentLogs.ts';
import { recentSessions } from './openCode/openCodeDatabase.ts';

/** One log of an agent as its file stands: what it holds is not read yet. */
export interface LogFile {
  /** `other` in a folder that the user named: its first lines tell. */
  readonly agent: AgentKind;
  /** Of a database's session `DATABASE#ID`. */
  readonly path: string;
  readonly size: number;
  readonly inode: number;
  readonly mtimeMs: number;
  readonly bornMs: number | undefined;
}

export interface LogsWanted extends LogHome {
  /** Folders that the user named, looked through to some depth. */
  readonly places: readonly string[];
  /** What was not changed since is left out. */
  readonly sinceMs: number;
  readonly most: number;
}

/** Lets whoever waits go first, and says when nobody wants the answer any more. */
export interface Pace {
  readonly pause: () => Promise<void>;
  readonly isCancelled: () => boolean;
}

/** Folders of tens of thousands of projects are looked at only so far. */
const MOST_FOLDERS = 20_000;
const MOST_FILES = 50_000;
const PLACE_DEPTH = 6;
/** A folder that the user named may hold anything: what every agent calls its logs. */
const LOG_NAME = /^(?!agent-|\.).*(?:\.jsonl|\.messages\.json)$|^session-.*\.json$/;

/**
 * Every agent's own logs in their standard places and where the user says, the newest first. Only this user's regular
 * files; a link is no log.
 */
export async function allLogs(wanted: LogsWanted, pace: Pace): Promise<readonly LogFile[]> {
  const found = new Map<string, LogFile>();
  const take = (agent: AgentKind, path: string): void => {
    if (found.size >= MOST_FILES || found.has(path)) return;
    const stat = statOf(path);
    if (stat === undefined || stat.mtimeMs < wanted.sinceMs || !isOwn(stat)) return;
    found.set(path, { agent, path, ...fileFacts(stat) });
  };
  for (const agent of KNOWN_AGENTS) {
    const logs = logsOf(agent);
    for (const place of logs?.everywhere?.(wanted) ?? []) {
      await eachFile(place, pace, (path) => take(agent, path));
      if (pace.isCancelled()) return [];
    }
    for (const database of logs?.databases?.(wanted) ?? []) {
      for (const session of sessionsIn(agent, database, wanted)) found.set(session.path, session);
    }
  }
  for (const place of wanted.places) {
    await eachFileBelow(place, pace, (path) => take('other', path));
    if (pace.isCancelled()) return [];
  }
  return [...found.values()].sort((a, b) => b.mtimeMs - a.mtimeMs).slice(0, wanted.most);
}

/** The file alone, as the person named it. */
export function logFileAt(path: string): LogFile | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat?.isFile() === true ? { agent: agentOfPlace(path), path, ...fileFacts(stat) } : undefined;
}

function agentOfPlace(path: string): AgentKind {
  const folder = KNOWN_AGENTS.find((agent) => new RegExp(String.raw`[\\/]\.${agent}[\\/]`).test(path));
  return folder ?? 'other';
}

function fileFacts({ size, ino, mtimeMs, birthtimeMs }: Stats): Omit<LogFile, 'agent' | 'path'> {
  // Where the file system keeps no birth, it is 0 or the last change of the inode.
  const bornMs = birthtimeMs > 0 && birthtimeMs < mtimeMs ? birthtimeMs : undefined;
  return { size, inode: ino, mtimeMs, bornMs };
}

function isOwn({ uid }: Stats): boolean {
  return process.getuid === undefined || process.getuid() === uid;
}

function sessionsIn(agent: AgentKind, database: string, { sinceMs, most }: LogsWanted): readonly LogFile[] {
  const stat = statOf(database);
  if (stat === undefined || !isOwn(stat)) return [];
  return recentSessions(database, { sinceMs, most }).map(({ id, createdMs, updatedMs }) => ({
    agent,
    path: `${database}#${id}`,
    size: 0,
    inode: stat.ino,
    mtimeMs: updatedMs,
    bornMs: createdMs,
  }));
}

async function eachFile({ folder, name }: LogPlace, pace: Pace, take: (path: string) => void): Promise<void> {
  const [before = '', ...after] = folder.split(/[\\/]\*(?=[\\/]|$)/);
  let folders: string[] = [before];
  for (const rest of after) {
    const next: string[] = [];
    for (const parent of folders) {
      for (const entry of entriesOf(parent)) if (entry.isDirectory()) next.push(join(parent, entry.name, rest));
      await pace.pause();
      if (pace.isCancelled() || next.length >= MOST_FOLDERS) break;
    }
    folders = next.slice(0, MOST_FOLDERS);
  }
  for (const real of folders) {
    // Ten thousand names are lighter than as many entries; what is no file the look at it tells.
    for (const file of namesOf(real)) if (name.test(file)) take(`${real}${sep}${file}`);
    await pace.pause();
    if (pace.isCancelled()) return;
  }
}

async function eachFileBelow(place: string, pace: Pace, take: (path: string) => void): Promise<void> {
  let folders = [place];
  let count = 0;
  for (let depth = 0; depth < PLACE_DEPTH && folders.length > 0; depth += 1) {
    const next: string[] = [];
    for (const folder of folders) {
      for (const entry of entriesOf(folder)) {
        if (entry.isDirectory() && entry.name !== 'node_modules') next.push(join(folder, entry.name));
        else if (entry.isFile() && LOG_NAME.test(entry.name)) take(join(folder, entry.name));
      }
      count += 1;
      await pace.pause();
      if (pace.isCancelled() || count >= MOST_FOLDERS) return;
    }
    folders = next;
  }
}

function statOf(path: string): Stats | undefined {
  try {
    const stat = lstatSync(path, { throwIfNoEntry: false });
    return stat?.isFile() === true ? stat : undefined;
  } catch {
    return undefined; // a folder on the way is closed to us
  }
}

function namesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // the agent was never run here
  }
}

function entriesOf(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return []; // the agent was never run here
  }
}
