import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { SessionRef } from '../../../core/panel/sessionView.ts';
import { logRootAt, type LogRoot } from '../../../logs/logRoot.ts';
import type { SessionCatalog } from '../../panel/sessionCatalog.ts';

/** Files of a session, in the order in which a person wants to see them. */
export const SESSION_FILES = [
  'summary.json',
  'proc_trace.jsonl',
  'anomalies.jsonl',
  'tree.jsonl',
  'lifecycle.jsonl',
] as const;
export type SessionFile = (typeof SESSION_FILES)[number];

/** Where a file of a session stands: in a log root, in a colleague's archive, or alone. */
export interface LogPlace {
  readonly dir: string;
  /** The log root around it, by its shape; it need not be one that the panel shows. */
  readonly root: LogRoot | undefined;
  /** Only of a root that the panel shows. */
  readonly session: SessionRef | undefined;
}

export function logPlaceOf(path: string, catalog: SessionCatalog): LogPlace {
  const dir = dirname(path);
  const folder = dirname(dir);
  const isInRoot = ['sessions', 'running'].includes(basename(folder));
  const root = isInRoot ? logRootAt(dirname(folder)) : undefined;
  const isShown = root !== undefined && catalog.rootAt(root.path) !== undefined;
  return { dir, root, session: isShown ? { root: root.path, id: basename(dir) } : undefined };
}

export function sessionFilesIn(dir: string): readonly string[] {
  return SESSION_FILES.map((name) => join(dir, name)).filter((path) => existsSync(path));
}
