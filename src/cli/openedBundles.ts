import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { isSessionFolder, openSession } from '../sessions/openSession.ts';
import type { FoundSession } from '../sessions/readFound.ts';
import { CommandError } from './failure.ts';

const ARCHIVE = /\.(?:tar\.gz|tgz|zip)$/;

/** Whether it is an archive or a session's folder. */
export function isOpenable(path: string): boolean {
  return (ARCHIVE.test(path) && existsSync(path)) || isSessionFolder(path);
}

/** Where a command only looks, a session's folder or an archive of it will do for an id: a copy, for as long as the command runs. */
export async function openedBundles(given: readonly string[], cwd: string): Promise<ReadonlyMap<string, FoundSession>> {
  const opened = new Map<string, FoundSession>();
  for (const name of given) {
    const path = resolve(cwd, name);
    if (!isOpenable(path)) continue;
    const folder = mkdtempSync(join(tmpdir(), 'session-diagnostics-opened-'));
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
    const session = await openSession(path, folder);
    if (!session.ok) throw new CommandError(`${name} was not opened: ${session.why}.`);
    opened.set(name, session.found);
  }
  return opened;
}
