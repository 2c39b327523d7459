import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FoundSession } from '../../sessions/readFound.ts';
import type * as FleetBundle from '../../fleet/fleetBundle.ts';
import type { CommandContext } from '../command.ts';
import { CommandError } from '../failure.ts';
import { loadBundle } from '../loadBundle.ts';
import { sessionToSend } from './sessionToSend.ts';

/** A file in each of the folders `sessions`, `calls` and `samples`, named by the session's handle: written anew each time. */
export async function writeParquet(
  found: FoundSession,
  folder: string,
  { programPath, env }: CommandContext,
): Promise<readonly string[]> {
  const { parquetFiles, sessionRows } = await loadBundle<typeof FleetBundle>(programPath, 'fleet');
  const session = sessionToSend(found, env);
  const name = `${session.id.replaceAll(/[^0-9a-z]/g, '-')}.parquet`;
  try {
    return parquetFiles(sessionRows(session)).map(({ view, bytes }) => {
      mkdirSync(join(folder, view), { recursive: true });
      const path = join(folder, view, name);
      writeFileSync(path, bytes, { mode: 0o600 });
      return path;
    });
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException; // node:fs throws nothing else
    throw new CommandError(`${folder} could not be written (${code}): give another folder with --out.`, {
      cause: error,
    });
  }
}
