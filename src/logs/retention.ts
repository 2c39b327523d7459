import { lstatSync, renameSync, rmSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { makePrivateFolder, type LogRoot } from './logRoot.ts';
import { sessionDirs, SUMMARY_FILE } from './sessionIndex.ts';
import { isClaimed } from './takeOver.ts';

export const DEFAULT_MAX_SESSIONS = 500;

/** The complete sessions beyond the newest `keep`, oldest first. */
export function sessionsToPrune(root: LogRoot, keep: number): string[] {
  const complete: { readonly name: string; readonly endedMs: number }[] = [];
  for (const name of sessionDirs(root.sessions)) {
    const dir = join(root.sessions, name);
    const summary = lstatSync(join(dir, SUMMARY_FILE), { throwIfNoEntry: false });
    // Without a summary it is somebody's unfinished work; with a claim its line is still being written.
    if (summary?.isFile() !== true || isClaimed(dir)) continue;
    complete.push({ name, endedMs: summary.mtimeMs });
  }
  complete.sort((a, b) => a.endedMs - b.endedMs || (a.name < b.name ? -1 : 1));
  return complete.slice(0, Math.max(0, complete.length - keep)).map(({ name }) => name);
}

/**
 * Removes them, and returns those that this process removed. A rename takes a session out of sight at once and for one
 * process only, however many prune; what a crash leaves in the trash goes with the next pruning. The index keeps its
 * lines: it is append-only, and readers skip a line without its directory. Throws as node:fs does where the root cannot
 * be written.
 */
export function pruneSessions(root: LogRoot, keep: number): string[] {
  const names = sessionsToPrune(root, keep);
  if (names.length === 0) return [];
  makePrivateFolder(root.trash);
  // A link in the trash's place would have us empty somebody else's folder.
  if (!lstatSync(root.trash).isDirectory())
    throw Object.assign(new Error(`${root.trash} is a link`), { code: 'ELOOP' });
  const removed = names.filter((name, position) => {
    try {
      renameSync(join(root.sessions, name), join(root.trash, `${process.pid}-${position}-${name}`.slice(0, 255)));
      return true;
    } catch {
      return false; // another process was first
    }
  });
  emptyTrash(root);
  return removed;
}

function emptyTrash(root: LogRoot): void {
  for (const name of readdirSync(root.trash)) {
    // rm removes symbolic links themselves and never follows them.
    rmSync(join(root.trash, name), { recursive: true, force: true, maxRetries: 2 });
  }
}
