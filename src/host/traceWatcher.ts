import { watch, type FSWatcher } from 'chokidar';
import { basename, dirname, join } from 'node:path';
import type { FileChange } from './fileChange.ts';

/** Where devboy's traces begin and end: `.devboy/sessions/<day>/<skill>/<id>/meta.json`. */
export interface TraceWatcher {
  /** Nothing happens for a folder of any other kind. */
  readonly follow: (folder: string) => void;
  readonly unfollow: (folder: string) => void;
  readonly dispose: () => Promise<void>;
}

const TRACES = join('.devboy', 'sessions');
const DAY_MS = 86_400_000;

export function createTraceWatcher(
  onChange: (kind: FileChange['kind'], path: string) => void,
  onProblem: (message: string) => void,
): TraceWatcher {
  let watcher: FSWatcher | undefined;
  const start = (): FSWatcher =>
    // A trace's lines are followed only while somebody looks at it.
    watch([], { depth: 3, ignoreInitial: true, followSymlinks: false, ignored: isUninteresting })
      .on('addDir', (path) => onChange('created', path))
      .on('add', (path) => onChange('created', path))
      .on('change', (path) => onChange('changed', path))
      .on('unlinkDir', (path) => onChange('deleted', path))
      .on('error', (error) => onProblem(String(error)));
  return {
    follow: (folder) => {
      if (!folder.endsWith(TRACES)) return;
      watcher ??= start();
      watcher.unwatch(folder);
      watcher.add(folder);
    },
    unfollow: (folder) => void watcher?.unwatch(folder),
    dispose: async () => await watcher?.close(),
  };
}

/** Every folder costs a watch: those of the days before yesterday are not written to any more. */
function isUninteresting(path: string): boolean {
  const name = basename(path);
  if (name === 'trace.jsonl') return true;
  if (!dirname(path).endsWith(TRACES) || !/^\d{4}-\d\d-\d\d$/.test(name)) return false;
  return Date.parse(name) < Date.now() - 2 * DAY_MS;
}
