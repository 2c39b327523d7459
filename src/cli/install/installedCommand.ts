import { existsSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import type { CommandContext } from '../command.ts';
import { CommandError } from '../failure.ts';

/** By the name that updates keep: the command on PATH where it is installed, else this very program. */
export function installedCommand({ env, programPath }: Pick<CommandContext, 'env' | 'programPath'>): readonly string[] {
  if (/[\\/]_npx[\\/]/.test(programPath)) {
    throw new CommandError(
      'npx keeps this program for a while only. Install it first: `npm install --global session-diagnostics`.',
    );
  }
  const installed = (env['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => isAbsolute(folder) && !/[\\/]node_modules[\\/]\.bin$/.test(folder))
    .map((folder) => join(folder, 'session-diagnostics'))
    .find((path) => existsSync(path));
  return installed === undefined ? [process.execPath, programPath] : [installed];
}
