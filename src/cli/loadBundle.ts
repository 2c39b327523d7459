import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Loads a bundle that lies beside the program: a recorder that has no use for it never pays for it. */
export async function loadBundle<Exports>(
  programPath: string,
  name: 'fleet' | 'mcp' | 'metrics' | 'otlp',
): Promise<Exports> {
  const path = join(dirname(programPath), `${name}.js`);
  return (await import(pathToFileURL(path).href)) as Exports; // the same build made both files
}
