import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CommandError } from './failure.ts';

/** Loads a bundle that lies beside the program: a recorder that has no use for it never pays for it. */
export async function loadBundle<Exports>(
  programPath: string,
  name: 'fleet' | 'mcp' | 'metrics' | 'otlp',
): Promise<Exports> {
  const path = join(dirname(programPath), `${name}.js`);
  if (!existsSync(path))
    throw new CommandError(
      'This is left out of the editor’s package, which is to be small: npm install --global session-diagnostics has it.',
    );
  return (await import(pathToFileURL(path).href)) as Exports; // the same build made both files
}
