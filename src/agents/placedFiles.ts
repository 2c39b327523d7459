import { readdirSync, type Dirent } from 'node:fs';
import { join } from 'node:path';
import type { LogPlace } from './agentLogs.ts';

/** A folder of thousands of projects is read by name only. */
const MOST_FOLDERS = 2000;

/** The files of a place, in any of the folders that its `*` stands for. */
export function filesIn({ folder, name }: LogPlace): string[] {
  return foldersFor(folder).flatMap((real) =>
    entriesOf(real)
      .filter((entry) => entry.isFile() && name.test(entry.name))
      .map((entry) => join(real, entry.name)),
  );
}

function foldersFor(folder: string): readonly string[] {
  const [before = '', ...after] = folder.split(/[\\/]\*(?=[\\/]|$)/);
  return after.reduce<readonly string[]>(
    (found, rest) =>
      found.flatMap((parent) =>
        entriesOf(parent)
          .filter((entry) => entry.isDirectory())
          .slice(-MOST_FOLDERS)
          .map((entry) => join(parent, entry.name, rest)),
      ),
    [before],
  );
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return []; // the agent was never run here
  }
}
