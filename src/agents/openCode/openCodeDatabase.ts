import { closeSync, constants, existsSync, openSync, readSync, statSync } from 'node:fs';
import type * as sqliteModule from 'node:sqlite';
import type { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';

/** A session of a database, by the agent's own id of it or by where and when it ran. */
export interface SessionWanted {
  readonly id: string | undefined;
  readonly cwd: string;
  readonly startMs: number;
  readonly endMs: number;
}

export type OpenedSession =
  | { readonly type: 'session'; readonly id: string; readonly read: (take: (line: string) => void) => void }
  | { readonly type: 'none' }
  /** Node has SQLite since 22.13. */
  | { readonly type: 'no_sqlite' };

const SLACK_MS = 5000;
/** A message's parts hold what tools printed: no real one comes near it. */
const MAX_ROW_CHARS = 64 * 1024 * 1024;

type Sqlite = Pick<typeof sqliteModule, 'DatabaseSync'>;

/** Loaded when a database is met: `run` of any other agent, and an older Node, never need it. */
function sqlite(): Sqlite | undefined {
  if (typeof process.getBuiltinModule !== 'function') return undefined;
  // Node says on stderr that SQLite is experimental; stderr is the agent's.
  const emitWarning = process.emitWarning.bind(process);
  process.emitWarning = () => undefined;
  try {
    return process.getBuiltinModule('node:sqlite');
  } finally {
    process.emitWarning = emitWarning;
  }
}

export function openSession(path: string, wanted: SessionWanted): OpenedSession {
  const module = sqlite();
  if (module === undefined) return { type: 'no_sqlite' };
  const id = withDatabase(module, path, (database) => sessionIn(database, wanted));
  if (id === undefined) return { type: 'none' };
  return {
    type: 'session',
    id,
    read: (take) => {
      withDatabase(module, path, (database) => readSession(database, id, take));
    },
  };
}

export interface DatabaseSession {
  readonly id: string;
  readonly createdMs: number;
  readonly updatedMs: number;
}

/** The sessions of a database that changed since, the newest first; none where Node cannot read it. */
export function recentSessions(
  path: string,
  { sinceMs, most }: { readonly sinceMs: number; readonly most: number },
): readonly DatabaseSession[] {
  const module = sqlite();
  if (module === undefined) return [];
  const rows = withDatabase(module, path, (database) =>
    database
      .prepare(
        'SELECT id, time_created, time_updated FROM session WHERE time_updated >= ? ORDER BY time_updated DESC LIMIT ?',
      )
      .all(Math.round(sinceMs), most),
  );
  return (rows ?? []).flatMap(({ id, time_created: createdMs, time_updated: updatedMs }) =>
    typeof id === 'string' && typeof createdMs === 'number' && typeof updatedMs === 'number'
      ? [{ id, createdMs, updatedMs }]
      : [],
  );
}

/** The log of one of them, named `DATABASE#ID` as whoever found it does. */
export function readNamedSession(name: string, take: (line: string) => void): boolean {
  const at = name.lastIndexOf('.db#') + 3;
  const module = at < 3 ? undefined : sqlite();
  if (module === undefined) return false;
  const done = withDatabase(module, name.slice(0, at), (database) => {
    readSession(database, name.slice(at + 1), take);
    return true;
  });
  return done === true;
}

/**
 * Opened so that the agent that writes it notices nothing: read-only, and with its log of changes, but without ever
 * writing to the memory that readers share (`readonly_shm`, os_unix.c). A database that says it has such a log and has
 * none was closed by its last writer: it is read as it is, because SQLite would have to make the log to open it
 * otherwise. Each statement is a transaction of its own, so that no lock outlives the reading of one message.
 */
function questionFor(path: string): string {
  if (existsSync(`${path}-wal`)) return '?mode=ro&readonly_shm=1';
  return isOfLoggedMode(path) ? '?mode=ro&immutable=1' : '?mode=ro';
}

/** The file format's "read version" (fileformat2.html, 1.3): 2 for a write-ahead log, 1 for a rollback journal. */
function isOfLoggedMode(path: string): boolean {
  const head = Buffer.alloc(20);
  const fd = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    return readSync(fd, head, 0, head.length, 0) === head.length && head[19] === 2;
  } finally {
    closeSync(fd);
  }
}

function withDatabase<T>({ DatabaseSync }: Sqlite, path: string, use: (database: DatabaseSync) => T): T | undefined {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return undefined;
  const url = pathToFileURL(path);
  try {
    url.search = questionFor(path);
    const database = new DatabaseSync(url, { readOnly: true, timeout: 0 });
    try {
      return use(database);
    } finally {
      database.close();
    }
  } catch {
    return undefined; // no database, another version's tables, or written to at this moment
  }
}

function sessionIn(database: DatabaseSync, { id, cwd, startMs, endMs }: SessionWanted): string | undefined {
  const row =
    id === undefined
      ? database
          .prepare(
            'SELECT id FROM session WHERE directory = ? AND time_updated >= ? AND time_created <= ? ORDER BY time_updated DESC LIMIT 1',
          )
          .get(cwd, startMs - SLACK_MS, endMs + SLACK_MS)
      : database.prepare('SELECT id FROM session WHERE id = ?').get(id);
  return typeof row?.['id'] === 'string' ? row['id'] : undefined;
}

/** Each message and its parts as lines of JSON: what an assistant's message says of its end follows its parts. */
function readSession(database: DatabaseSync, session: string, take: (line: string) => void): void {
  const messages = database
    .prepare('SELECT id, time_created, data FROM message WHERE session_id = ? ORDER BY time_created, id')
    .all(session);
  const partsOf = database.prepare('SELECT id, time_created, data FROM part WHERE message_id = ? ORDER BY id');
  for (const message of messages) {
    const own = lineOf('message', session, message);
    const isAnswer = typeof message['data'] === 'string' && /"role"\s*:\s*"assistant"/.test(message['data']);
    if (!isAnswer && own !== undefined) take(own);
    for (const part of partsOf.all(message['id'] ?? null)) {
      const line = lineOf('part', session, part);
      if (line !== undefined) take(line);
    }
    if (isAnswer && own !== undefined) take(own);
  }
}

function lineOf(table: string, session: string, row: Readonly<Record<string, unknown>>): string | undefined {
  const { id, time_created, data } = row;
  if (typeof data !== 'string' || data.length > MAX_ROW_CHARS) return undefined;
  const time = typeof time_created === 'number' ? time_created : 0;
  return `{"table":"${table}","id":${JSON.stringify(id)},"session_id":${JSON.stringify(session)},"time_created":${time},"data":${data}}`;
}
