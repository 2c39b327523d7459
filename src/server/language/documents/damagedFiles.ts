import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parseJson } from '../../../core/words/json.ts';
import { logRootAt, type LogRoot } from '../../../logs/logRoot.ts';
import { sessionDirs, SUMMARY_FILE } from '../../../logs/sessionIndex.ts';
import type { LogFileKind } from './fileKind.ts';
import type { LogDocument } from './logDocument.ts';

/** Not transcripts: they are their agents' to write, and one that runs is always in the middle of a line. */
const OURS: ReadonlySet<LogFileKind> = new Set([
  'session_index',
  'proc_trace',
  'tree',
  'processes',
  'anomalies',
  'lifecycle',
]);

/** The line that a crash or a full disk tore off at the end of a file that nobody writes on. */
export function tornTailOf(document: LogDocument): number | undefined {
  const { kind, path, lineCount } = document;
  if (path === undefined || !OURS.has(kind) || isOfRunning(path)) return undefined;
  const last = lineCount - 1;
  const text = document.lineAt(last);
  return text === '' || parseJson(text).ok ? undefined : last;
}

function isOfRunning(path: string): boolean {
  return basename(dirname(dirname(path))) === 'running';
}

/** Files of the root itself, to which every recorder appends. */
export function isOfAllSessions(path: string): boolean {
  return /^(?:sessions\.jsonl|session_lifecycle\.log)$/.test(basename(path));
}

/** The root of an index that stands where an index stands. */
export function rootOfIndex(path: string): LogRoot | undefined {
  const root = logRootAt(dirname(path));
  return path === root.index && existsSync(root.sessions) ? root : undefined;
}

/** Complete sessions that an index does not name. */
export function missingFromIndex(root: LogRoot, known: { has(name: string): boolean }): readonly string[] {
  return sessionDirs(root.sessions).filter(
    (name) => !known.has(name) && existsSync(join(root.sessions, name, SUMMARY_FILE)),
  );
}
