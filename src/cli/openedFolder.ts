import { lstatSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isSafeName } from '../core/words/sessionId.ts';
import { logRootAt, RUNNING, SESSIONS } from '../logs/logRoot.ts';
import { TRACE_FILE } from '../logs/series.ts';
import { ENROLLMENT_FILE, SUMMARY_FILE } from '../logs/sessionIndex.ts';
import type { FoundSession } from '../sessions/readFound.ts';

/**
 * A session by the folder that holds its files, wherever that lies: `undefined` where there is none. Only within a log
 * root can it be running, and only there may a key be written beside it; of a copy elsewhere the root is a scratch folder.
 */
export function openedFolder(path: string, scratchRoot: () => string): FoundSession | undefined {
  const name = basename(path);
  if (!isSafeName(name) || !isThere(path, 'directory')) return undefined;
  if (![SUMMARY_FILE, TRACE_FILE, ENROLLMENT_FILE].some((file) => isThere(join(path, file), 'file'))) return undefined;
  const above = dirname(path);
  const isInRoot = [RUNNING, SESSIONS].includes(basename(above));
  const state = isInRoot && basename(above) === RUNNING ? 'running' : 'finished';
  return { root: logRootAt(isInRoot ? dirname(above) : scratchRoot()), place: { name, dir: path, state } };
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
