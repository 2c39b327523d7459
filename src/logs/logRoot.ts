import { chmodSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** The paths of one log root. */
export interface LogRoot {
  readonly path: string;
  readonly running: string;
  readonly sessions: string;
  readonly index: string;
  readonly lifecycleLog: string;
  readonly handleKey: string;
  /** Where pruned sessions wait to be removed: a rename into it is what takes them out of the readers' sight. */
  readonly trash: string;
}

export function logRootAt(path: string): LogRoot {
  return {
    path,
    running: join(path, 'running'),
    sessions: join(path, 'sessions'),
    index: join(path, 'sessions.jsonl'),
    lifecycleLog: join(path, 'session_lifecycle.log'),
    handleKey: join(path, '.handle-key'),
    trash: join(path, '.trash'),
  };
}

/** Makes the root and its two folders, readable by their owner alone whatever the umask. Throws as node:fs does. */
export function createLogRoot(root: LogRoot): void {
  for (const folder of [root.path, root.running, root.sessions]) makePrivateFolder(folder);
}

export function makePrivateFolder(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // One that is there keeps the mode its owner gave it.
    if (code === 'EEXIST' && statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return;
    // Not recursively at once: of a read-only disk node would then say ENOENT.
    if (code !== 'ENOENT') throw error;
    mkdirSync(path, { recursive: true, mode: 0o700 });
  }
  chmodSync(path, 0o700); // a umask may have taken the owner's own rights
}
