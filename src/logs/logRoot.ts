import { chmodSync, existsSync, mkdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { standardLogRoot } from '../core/standardLogRoot.ts';

/** The paths of one log root. */
export interface LogRoot {
  readonly path: string;
  readonly running: string;
  readonly sessions: string;
  readonly index: string;
  readonly lifecycleLog: string;
  /** Where the key of the handles is, and what each of them stands for. */
  readonly handles: string;
  readonly handleKey: string;
  /** Where pruned sessions wait to be removed: a rename into it is what takes them out of the readers' sight. */
  readonly trash: string;
  /** Where recorders tell each other of deaths, and what several of them at once became: see `incidentFiles`. */
  readonly deaths: string;
  readonly incidents: string;
}

/**
 * The folder of devboy's traces is a root of another layout: `sessions/<day>/<skill>/<id>`. It lies in a repository,
 * where a key would be committed by accident and a cloned one would be known to others.
 */
export const DEVBOY_FOLDER = '.devboy';

export function logRootAt(path: string): LogRoot {
  const handles =
    basename(path) === DEVBOY_FOLDER
      ? standardLogRoot({ platform: process.platform, env: process.env, home: homedir() })
      : path;
  return {
    path,
    running: join(path, 'running'),
    sessions: join(path, 'sessions'),
    index: join(path, 'sessions.jsonl'),
    lifecycleLog: join(path, 'session_lifecycle.log'),
    handles,
    handleKey: join(handles, '.handle-key'),
    trash: join(path, '.trash'),
    deaths: join(path, '.deaths'),
    incidents: join(path, 'incidents'),
  };
}

/** Makes the root and its two folders, readable by their owner alone whatever the umask. Throws as node:fs does. */
export function createLogRoot(root: LogRoot): void {
  for (const folder of [root.path, root.running, root.sessions]) makePrivateFolder(folder);
}

/** With the folders above it that are missing. Throws as node:fs does. */
export function makePrivateFolder(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // One that is there keeps the mode its owner gave it.
    if (code === 'EEXIST' && statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return;
    const parent = dirname(path);
    // Not node's `recursive`: where a folder that is there says ENOENT, as /proc does, it tries for ever.
    if (code !== 'ENOENT' || existsSync(parent)) throw error;
    makePrivateFolder(parent);
    return makePrivateFolder(path); // another process may have been as quick
  }
  chmodSync(path, 0o700); // a umask may have taken the owner's own rights
}
