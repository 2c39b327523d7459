import { execFileSync } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, dirname, isAbsolute, join, relative } from 'node:path';

export interface GitPlace {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform?: NodeJS.Platform;
}

/** What git answers about a folder, by lines; nothing without git, outside of a repository, or where nothing is set. */
export function gitLines(place: GitPlace, args: readonly string[]): string[] {
  const git = gitProgram(place);
  if (git === undefined) return [];
  try {
    const text = execFileSync(git, ['-C', place.cwd, ...args], {
      // Not the folder itself: whatever it looks for there, it finds what somebody else put there.
      cwd: dirname(git),
      env: place.env,
      encoding: 'utf8',
      timeout: 2000,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return text.split('\n').filter((line) => line !== '');
  } catch {
    return [];
  }
}

/**
 * git by its whole path, from PATH's absolute folders and none within the workspace: Windows looks for a bare name in
 * the working directory first, where a cloned repository can have a git.exe of its own.
 */
export function gitProgram({ cwd, env, platform = process.platform }: GitPlace): string | undefined {
  const path = env['PATH'] ?? env['Path'] ?? '';
  const name = platform === 'win32' ? 'git.exe' : 'git';
  return path
    .split(delimiter)
    .filter((folder) => isAbsolute(folder) && !isWithin(folder, cwd))
    .map((folder) => join(folder, name))
    .find(isProgram);
}

function isWithin(folder: string, cwd: string): boolean {
  const way = relative(cwd, folder);
  return way === '' || (!way.startsWith('..') && !isAbsolute(way));
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false; // not there, or not ours to run
  }
}
