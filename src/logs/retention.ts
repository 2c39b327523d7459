import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { jsonLine } from '../core/words/json.ts';
import type { LifecycleEvent } from '../core/session/session.ts';
import { isoFromMs } from '../core/words/time.ts';
import { entriesOf, removeTree, statOf, withFolder, type Folder } from './folders.ts';
import { appendLifecycleLine } from './lifecycleLog.ts';
import { SESSIONS, TRASH, type LogRoot } from './logRoot.ts';
import { isOurs } from './owners.ts';
import { sessionDirs, SUMMARY_FILE } from './sessionIndex.ts';
import { isClaimed } from './takeOver.ts';

export const DEFAULT_MAX_SESSIONS = 500;

/** What one pruning does at most; the next one goes on. */
export interface PruneBounds {
  readonly mostSessions: number;
  readonly mostMs: number;
}

/** For whoever ends and is waited for: 100 sessions take a tenth of a second, and a slow disk has its limit. */
export const ONE_STEP: PruneBounds = { mostSessions: 100, mostMs: 1500 };

/** For whoever asked for it. */
export const ALL_OF_THEM: PruneBounds = { mostSessions: Number.POSITIVE_INFINITY, mostMs: Number.POSITIVE_INFINITY };

/** Our complete sessions beyond the newest `keep`, oldest first. Other users' neither count nor go. */
export function sessionsToPrune(root: LogRoot, keep: number, mostSessions = ALL_OF_THEM.mostSessions): string[] {
  const names = sessionDirs(root.sessions);
  if (names.length <= keep) return [];
  const complete: { readonly name: string; readonly endedMs: number }[] = [];
  withFolder(root.path, [SESSIONS], 'read', (sessions) => {
    for (const name of names) {
      const summary = statOf(sessions.at(`${name}/${SUMMARY_FILE}`));
      // Without a summary it is somebody's unfinished work.
      if (summary?.isFile() === true && isOurs(summary)) complete.push({ name, endedMs: summary.mtimeMs });
    }
  });
  complete.sort((a, b) => a.endedMs - b.endedMs || (a.name < b.name ? -1 : 1));
  // Claims cost a look into each directory: only those are looked into that are kept, and those that go now.
  let kept = 0;
  while (kept < keep && complete.length > 0) if (mayGo(root, complete.pop()?.name)) kept += 1;
  const found: string[] = [];
  for (const { name } of complete) {
    if (found.length >= mostSessions) break;
    if (mayGo(root, name)) found.push(name);
  }
  return found;
}

/** With a claim its line is still being written. */
function mayGo(root: LogRoot, name = ''): boolean {
  const dir = join(root.sessions, name);
  const stat = statOf(dir);
  return stat?.isDirectory() === true && isOurs(stat) && !isClaimed(dir);
}

/**
 * Removes them, and returns those that this process removed. A rename takes a session out of sight at once and for one
 * process only, however many prune; what a crash leaves in the trash goes with the next pruning. The index keeps its
 * lines: it is append-only, and readers skip a line without its directory. How many went, the lifecycle log tells.
 * Throws as node:fs does where the root cannot be written.
 */
export function pruneSessions(root: LogRoot, keep: number, bounds: PruneBounds = ONE_STEP): string[] {
  const deadline = performance.now() + bounds.mostMs;
  return removeSessions(root, sessionsToPrune(root, keep, bounds.mostSessions), deadline);
}

/** One of ours that is complete, because somebody asked for it. Whether it went. */
export function removeSession(root: LogRoot, name: string): boolean {
  return mayGo(root, name) && removeSessions(root, [name], Number.POSITIVE_INFINITY).length > 0;
}

function removeSessions(root: LogRoot, names: readonly string[], deadline: number): string[] {
  if (names.length === 0) return [];
  const removed = withFolder(root.path, [SESSIONS], 'write', (sessions) =>
    withFolder(root.path, [TRASH], 'make', (trash) => {
      const moved = names.filter((name, position) => {
        if (performance.now() > deadline) return false;
        try {
          renameSync(sessions.at(name), trash.at(`${process.pid}-${position}-${name}`.slice(0, 255)));
          return true;
        } catch {
          return false; // another process was first
        }
      });
      emptyTrash(trash, deadline);
      return moved;
    }),
  );
  if (removed.length > 0) tell(root, removed.length);
  return removed;
}

/** What we have put there: `<pid>-<position>-<name>`, and ours. What a person or another program put there stays. */
const OUR_TRASH = /^\d+-\d+-/;

function emptyTrash(trash: Folder, deadline: number): void {
  for (const entry of entriesOf(trash.at('.'))) {
    if (performance.now() > deadline) return; // the next pruning goes on
    if (!entry.isDirectory() || !OUR_TRASH.test(entry.name)) continue;
    try {
      removeTree(trash, entry.name);
    } catch {
      // not ours, or another process removes it
    }
  }
}

function tell(root: LogRoot, count: number): void {
  const event: LifecycleEvent = {
    timestamp: isoFromMs(Date.now()),
    event: 'sessions_pruned',
    session_id: '',
    context: { count },
  };
  appendLifecycleLine(root, jsonLine(event), { onFailure: () => undefined }); // they are gone whether it is told or not
}
