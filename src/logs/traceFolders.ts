import { basename, dirname, join, relative, sep } from 'node:path';
import { isTraceName, isUlid, traceSummary } from '../core/session/devboyTrace.ts';
import { recordOf, type JsonRecord } from '../core/words/json.ts';
import { indexLineFrom } from '../core/session/readSession.ts';
import { entriesOf, statOf } from './folders.ts';
import { readJsonFile, type ListedSession } from './sessionIndex.ts';
import { DEVBOY_FOLDER, type LogRoot } from './logRoot.ts';

export const TRACE_FILE = 'trace.jsonl';
export const META_FILE = 'meta.json';

/** A trace says when it ends. One that was not written to for this long was left by whoever wrote it. */
const ABANDONED_AFTER_MS = 30 * 60_000;

/** A devboy trace, found as a session of its root. */
export interface TracePlace {
  readonly name: string;
  readonly dir: string;
  readonly state: 'running' | 'finished';
}

/** By its `<day>/<skill>/<id>` or by the id alone; the newest day is looked at first. Links are not followed. */
export function findTrace(root: LogRoot, wanted: string): TracePlace | undefined {
  const name = isTraceName(wanted) ? wanted : isUlid(wanted) ? nameOfTrace(root.sessions, wanted) : undefined;
  const summary = name === undefined ? undefined : readTraceSummary(join(root.sessions, name));
  if (name === undefined || summary === undefined) return undefined;
  return { name, dir: join(root.sessions, name), state: stateOf(summary) };
}

/** The id's own time names the day, give or take a time zone, so every day is looked at. */
export function nameOfTrace(sessions: string, id: string): string | undefined {
  for (const day of foldersIn(sessions)) {
    for (const skill of foldersIn(join(sessions, day))) {
      if (isFolder(join(sessions, day, skill, id))) return `${day}/${skill}/${id}`;
    }
  }
  return undefined;
}

/** What a trace tells of itself as a session; `undefined` when there is no trace in this directory. */
export function readTraceSummary(dir: string): JsonRecord | undefined {
  const sessions = dirname(dirname(dirname(dir)));
  const name = relative(sessions, dir).split(sep).join('/');
  if (!isTraceName(name) || basename(dirname(sessions)) !== DEVBOY_FOLDER) return undefined;
  if (![dir, dirname(dir), dirname(dirname(dir)), sessions].every(isFolder)) return undefined;
  const tracePath = join(dir, TRACE_FILE);
  const stat = statOf(tracePath);
  if (stat?.isFile() !== true) return undefined;
  return traceSummary(recordOf(readJsonFile(join(dir, META_FILE))) ?? {}, {
    name,
    cwd: dirname(dirname(sessions)),
    tracePath,
    lastWriteMs: stat.mtimeMs,
    isAbandoned: Date.now() - stat.mtimeMs > ABANDONED_AFTER_MS,
  });
}

/** Every trace of a devboy folder; none of any other root. */
export function listTraces(root: LogRoot): ListedSession[] {
  if (basename(root.path) !== DEVBOY_FOLDER) return [];
  return foldersIn(root.sessions).flatMap((day) =>
    foldersIn(join(root.sessions, day)).flatMap((skill) =>
      foldersIn(join(root.sessions, day, skill)).flatMap((id) => {
        const summary = readTraceSummary(join(root.sessions, day, skill, id));
        const line = summary === undefined ? undefined : indexLineFrom(summary);
        return summary === undefined || line === undefined ? [] : [{ ...line, state: stateOf(summary) }];
      }),
    ),
  );
}

function stateOf(summary: JsonRecord): TracePlace['state'] {
  return summary['end_ts'] === undefined ? 'running' : 'finished';
}

/** Real directories, the last in the alphabet, which of days is the newest, first. */
function foldersIn(dir: string): string[] {
  return entriesOf(dir)
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .toReversed();
}

function isFolder(path: string): boolean {
  return statOf(path)?.isDirectory() === true;
}
