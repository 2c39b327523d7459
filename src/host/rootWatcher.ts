import { watch } from 'chokidar';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { SessionRef } from '../core/panel/sessionView.ts';
import type { FileChange } from './fileChange.ts';
import { createTraceWatcher } from './traceWatcher.ts';

/**
 * Watches the roots, their three folders and the sessions that are looked at, nothing else: every watched directory costs
 * inotify watches, which the sessions under diagnosis may be short of. Changes are passed on in batches.
 */
export interface RootWatcher {
  readonly setRoots: (roots: readonly string[]) => void;
  readonly setSessions: (sessions: readonly SessionRef[]) => void;
  readonly dispose: () => Promise<void>;
}

/** One frame: events of one burst travel together, and a single one is not noticeably late. */
const BATCH_MS = 16;
/** chokidar drops a file's changes within 50 ms of the last one it told: the end of a burst is looked at once more. */
const THROTTLED_MS = 60;
/** chokidar does not wait for a directory that is not there yet; three stats a second do. */
const MISSING_MS = 1000;

export function createRootWatcher(
  onChanges: (changes: readonly FileChange[]) => void,
  onProblem: (message: string) => void,
): RootWatcher {
  // No awaitWriteFinish: it would hold lines back, and lines are appended whole.
  const watcher = watch([], { depth: 0, ignoreInitial: true, followSymlinks: false });
  const batch = createBatch(onChanges);
  const traces = createTraceWatcher(batch.add, onProblem);
  const wanted = new Set<string>();
  const missing = new Set<string>();
  /** Directories whose watch is just being set up: what happened meanwhile is told once more, by one late notice. */
  let settling: readonly string[] = [];

  const attach = (path: string): void => {
    missing.delete(path);
    watcher.unwatch(path);
    watcher.add(path);
    traces.follow(path);
  };
  watcher
    .on('add', (path) => batch.add('created', path))
    .on('addDir', (path) => {
      if (wanted.has(path)) attach(path);
      batch.add('created', path);
    })
    .on('change', (path) => {
      batch.add('changed', path);
      batch.addLater('changed', path);
    })
    .on('unlink', (path) => batch.add('deleted', path))
    .on('unlinkDir', (path) => {
      if (wanted.has(path)) missing.add(path);
      batch.add('deleted', path);
    })
    .on('error', (error) => onProblem(String(error)));

  const lookForMissing = (): void => {
    for (const path of settling) batch.add('created', path);
    settling = [...missing].filter((path) => existsSync(path));
    for (const path of settling) {
      attach(path);
      batch.add('created', path);
    }
  };
  const timer = setInterval(lookForMissing, MISSING_MS);
  timer.unref();

  /** Replaces one group of wanted paths. */
  const createGroup = () => {
    let before: readonly string[] = [];
    return (after: readonly string[]): void => {
      for (const path of before.filter((known) => !after.includes(known))) {
        wanted.delete(path);
        missing.delete(path);
        watcher.unwatch(path);
        traces.unfollow(path);
      }
      for (const path of after.filter((added) => !before.includes(added))) {
        wanted.add(path);
        if (existsSync(path)) attach(path);
        else missing.add(path);
      }
      before = after;
    };
  };
  const [setRootPaths, setSessionPaths] = [createGroup(), createGroup()];
  return {
    setRoots: (roots) =>
      setRootPaths(
        roots.flatMap((root) => [root, join(root, 'running'), join(root, 'sessions'), join(root, 'incidents')]),
      ),
    // Either of the two exists; a session moves from the first to the second while it is looked at.
    setSessions: (sessions) =>
      setSessionPaths(sessions.flatMap(({ root, id }) => [join(root, 'running', id), join(root, 'sessions', id)])),
    dispose: async () => {
      clearInterval(timer);
      batch.dispose();
      await Promise.all([watcher.close(), traces.dispose()]);
    },
  };
}

function createBatch(onChanges: (changes: readonly FileChange[]) => void) {
  const pending = new Map<string, FileChange>();
  const later = new Map<string, NodeJS.Timeout>();
  let timer: NodeJS.Timeout | undefined;
  const add = (kind: FileChange['kind'], path: string): void => {
    pending.set(path, { path, kind });
    timer ??= setTimeout(() => {
      timer = undefined;
      const changes = [...pending.values()];
      pending.clear();
      onChanges(changes);
    }, BATCH_MS);
  };
  return {
    add,
    addLater: (kind: FileChange['kind'], path: string): void => {
      clearTimeout(later.get(path));
      const again = (): void => {
        later.delete(path);
        add(kind, path);
      };
      later.set(path, setTimeout(again, THROTTLED_MS));
    },
    dispose: () => [timer, ...later.values()].forEach((waiting) => clearTimeout(waiting)),
  };
}
