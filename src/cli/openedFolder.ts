import { lstatSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isSafeName } from '../core/words/sessionId.ts';
import { logRootAt, RUNNING, SESSIONS } from '../logs/logRoot.ts';
import { TRACE_FILE } from '../logs/series.ts';
import { ENROLLMENT_FILE, SUMMARY_FILE } from '../logs/sessionIndex.ts';
import type { FoundSession } from '../sessions/readFound.ts';

/** A session by its folder in a log root, the only place where it can be running; `undefined` for any other path. */
export function openedFolder(path: string): FoundSession | undefined {
  const [name, above] = [basename(path), dirname(path)];
  if (![RUNNING, SESSIONS].includes(basename(above)) || !isSafeName(name) || !isThere(path, 'directory'))
    return undefined;
  if (![SUMMARY_FILE, TRACE_FILE, ENROLLMENT_FILE].some((file) => isThere(join(path, file), 'file'))) return undefined;
  const state = basename(above) === RUNNING ? 'running' : 'finished';
  return { root: logRootAt(dirname(above)), place: { name, dir: path, state } };
}

/** No link in its place. */
function isThere(path: string, what: 'directory' | 'file'): boolean {
  try {
    const stat = lstatSync(path, { throwIfNoEntry: false });
    return what === 'file' ? stat?.isFile() === true : stat?.isDirectory() === true;
  } catch {
    return false; // a file stands where a folder should, or we may not look
  }
}
