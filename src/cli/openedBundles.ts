import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { isSessionFolder, openSession } from '../sessions/openSession.ts';
import { openedFolder } from './openedFolder.ts';
import type { FoundSession } from '../sessions/readFound.ts';
import { CommandError } from './failure.ts';

const ARCHIVE = /\.(?:tar\.gz|tgz|zip)$/;

/** Whether it is an archive or a session's folder. */
export function isOpenable(path: string): boolean {
  return (ARCHIVE.test(path) && existsSync(path)) || isSessionFolder(path);
}

/** Where a command only looks, a session's folder or an archive of it will do for an id. What lies in no log root is looked at in a copy. */
export async function openedBundles(given: readonly string[], cwd: string): Promise<ReadonlyMap<string, FoundSession>> {
  const opened = new Map<string, FoundSession>();
  for (const name of given) {
    const path = resolve(cwd, name);
    const inPlace = openedFolder(path);
    if (inPlace !== undefined) {
      opened.set(name, inPlace);
      continue;
    }
    if (!isOpenable(path)) continue;
    const session = await openSession(path, scratchFolder());
    if (!session.ok) throw new CommandError(`${name} was not opened: ${session.why}.`);
    opened.set(name, session.found);
  }
  return opened;
}

/** Removed when the command has ended. */
function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'session-diagnostics-opened-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
