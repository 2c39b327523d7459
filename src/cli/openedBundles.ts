import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { openBundle } from '../sessions/sessionBundle.ts';
import { openedFolder } from './openedFolder.ts';
import type { FoundSession } from '../sessions/readFound.ts';
import { CommandError } from './failure.ts';

const ARCHIVE = /\.(?:tar\.gz|tgz)$/;

/** Where a command only looks, a session's folder will do for an id, or the file of a bundle: unpacked for as long as the command runs. */
export async function openedBundles(given: readonly string[], cwd: string): Promise<ReadonlyMap<string, FoundSession>> {
  const opened = new Map<string, FoundSession>();
  for (const name of given) {
    const path = resolve(cwd, name);
    const inPlace = openedFolder(path, scratchFolder);
    if (inPlace !== undefined) opened.set(name, inPlace);
    if (inPlace !== undefined || !ARCHIVE.test(name) || !existsSync(path)) continue;
    const session = await openBundle(path, scratchFolder());
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
