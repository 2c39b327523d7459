import { closeSync, renameSync, rmSync } from 'node:fs';
import { basename } from 'node:path';
import { openFile } from './door.ts';
import { statOf, withFolder, type Folder } from './folders.ts';
import { appendShared, type OnWriteFailure } from './lineWriter.ts';
import type { LogRoot } from './logRoot.ts';

const ROTATE_BYTES = 50 * 1024 * 1024;
const KEPT_FILES = 5;

/** A rotation takes microseconds; a lock this old was left by a process that died in it. */
const STALE_LOCK_MS = 60_000;

export interface LifecycleOptions {
  readonly onFailure: OnWriteFailure;
  readonly rotateBytes?: number;
  /** Whether a folder is the root that is meant, and not another one that has its path by now. */
  readonly isRoot?: (folder: Folder) => boolean;
}

/** Adds one line to `session_lifecycle.log`, the log over all sessions that all recorders write. */
export function appendLifecycleLine(root: LogRoot, line: string, options: LifecycleOptions): void {
  const { onFailure, rotateBytes = ROTATE_BYTES, isRoot } = options;
  try {
    withFolder(root.path, [], 'write', (folder) => {
      if (isRoot?.(folder) === false) throw Object.assign(new Error('replaced'), { code: 'ENOENT' });
      const path = folder.at(basename(root.lifecycleLog));
      // Opened for each line: after a rotation by somebody else the path is the new file, and no line is ever lost in
      // one that was renamed, because a rename keeps what is written into it.
      appendShared(path, line);
      if (sizeOf(path) > rotateBytes) rotate(path, rotateBytes);
    });
  } catch (error) {
    onFailure(root.lifecycleLog, (error as NodeJS.ErrnoException).code ?? 'unknown');
  }
}

/** log -> .1 -> .2 ... -> .5, the oldest dropped. One process at a time: a second rename would drop a full file. */
function rotate(path: string, rotateBytes: number): void {
  const lock = `${path}.lock`;
  if (!takeLock(lock)) return; // somebody else is at it
  try {
    if (sizeOf(path) <= rotateBytes) return;
    for (let number = KEPT_FILES - 1; number >= 1; number -= 1) {
      if (statOf(`${path}.${number}`) !== undefined) renameSync(`${path}.${number}`, `${path}.${number + 1}`);
    }
    renameSync(path, `${path}.1`);
  } finally {
    rmSync(lock, { force: true });
  }
}

/** Somebody else may have renamed it away since our line went into it. */
function sizeOf(path: string): number {
  return statOf(path)?.size ?? 0;
}

function takeLock(lock: string): boolean {
  try {
    closeSync(openFile(lock, 'create'));
    return true;
  } catch {
    const age = Date.now() - (statOf(lock)?.mtimeMs ?? Date.now());
    if (age > STALE_LOCK_MS) rmSync(lock, { force: true }); // the next line rotates
    return false;
  }
}
