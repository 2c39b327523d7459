import { lstat, mkdir, readlink, rm, symlink } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { showProblem } from '../messages.ts';
import { confirm, tell } from '../surfaces.ts';

export interface InstallPlaces {
  readonly script: string;
  readonly home: string;
  readonly path: string;
}

/** A link in the folder that users' own commands are in, to the script that each version of the extension renews. */
export async function installCommand({ script, home, path }: InstallPlaces): Promise<void> {
  const link = join(home, '.local/bin/session-diagnostics');
  if (process.platform === 'win32') {
    return showProblem({
      what: 'The command was not installed.',
      why: 'Windows has no folder for commands of your own.',
      next: 'It is there in the terminals of this editor; for others, `npm install --global session-diagnostics`.',
    });
  }
  try {
    if (!(await isFree(link, script))) return;
    await mkdir(dirname(link), { recursive: true });
    await rm(link, { force: true });
    await symlink(script, link);
  } catch (error) {
    const why = `${link} could not be made: ${error instanceof Error ? error.message : String(error)}`;
    return showProblem({ what: 'The command was not installed.', why, next: 'Check who owns that folder.' });
  }
  const isFound = path.split(delimiter).includes(dirname(link));
  const hint = isFound ? '' : ` If a terminal does not find it, put ${dirname(link)} on its PATH.`;
  tell(`session-diagnostics is installed as ${link}.${hint}`);
}

/** Nothing is there, or our own link, or a person says that what is there may go. */
async function isFree(link: string, script: string): Promise<boolean> {
  const there = await lstat(link).catch(() => undefined);
  if (there === undefined) return true;
  const target = there.isSymbolicLink() ? await readlink(link) : undefined;
  if (target === script) return true;
  const lines = [target === undefined ? link : `${link}, a link to ${target}`];
  return await confirm({ question: 'Another session-diagnostics is installed. Replace it?', lines, answer: 'Replace' });
}
