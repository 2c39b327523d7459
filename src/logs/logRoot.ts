import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { standardLogRoot } from '../core/session/standardLogRoot.ts';
import { withFolder } from './folders.ts';

/** The names of its first folders. */
export const RUNNING = 'running';
export const SESSIONS = 'sessions';
export const TRASH = '.trash';
export const DEATHS = '.deaths';
export const INCIDENTS = 'incidents';
export const SPOOL = 'spool';

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
  /** What waits for a receiver: see `spool`. */
  readonly spool: string;
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
    running: join(path, RUNNING),
    sessions: join(path, SESSIONS),
    index: join(path, 'sessions.jsonl'),
    lifecycleLog: join(path, 'session_lifecycle.log'),
    handles,
    handleKey: join(handles, '.handle-key'),
    trash: join(path, TRASH),
    deaths: join(path, DEATHS),
    incidents: join(path, INCIDENTS),
    spool: join(path, SPOOL),
  };
}

/** Makes the root and its two folders, readable by their owner alone whatever the umask. Throws as node:fs does. */
export function createLogRoot(root: LogRoot): void {
  for (const folder of [RUNNING, SESSIONS]) withFolder(root.path, [folder], 'make', () => undefined);
}
