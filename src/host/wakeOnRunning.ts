import { Disposable } from 'vscode';
import { watch, type FSWatcher } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Sessions that run already, or that a terminal starts, show in the status bar although nobody has opened a view: once
 * one is in `running/`, the server is needed. One inotify watch per root until then, set up after activation.
 */
export function wakeOnRunning(knownRoots: () => readonly string[], wake: () => void): Disposable {
  const watchers: FSWatcher[] = [];
  let isOver = false;
  const end = (): void => {
    isOver = true;
    for (const watcher of watchers) watcher.close();
  };
  const look = async (folder: string): Promise<void> => {
    const names = await readdir(folder).catch(() => undefined);
    if (isOver || names === undefined) return; // nothing has been recorded there, or it is not ours to read
    if (names.length > 0) {
      end();
      wake();
      return;
    }
    const watcher = watch(folder, { persistent: false }, () => {
      end();
      wake();
    });
    watcher.on('error', () => watcher.close()); // the folder went away; the view looks for it again
    watchers.push(watcher);
  };
  const timer = setTimeout(() => {
    for (const root of knownRoots()) void look(join(root, 'running'));
  }, 0);
  return new Disposable(() => {
    clearTimeout(timer);
    end();
  });
}
