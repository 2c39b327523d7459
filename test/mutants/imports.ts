import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

/** Each file that `file` needs, itself too, by how many imports lie between. */
export function importsOf(root: string, file: string): ReadonlyMap<string, number> {
  const steps = new Map([[file, 0]]);
  for (const [from, distance] of steps)
    // grows while it is walked
    for (const to of directImports(root, from)) if (!steps.has(to)) steps.set(to, distance + 1);
  return steps;
}

const known = new Map<string, readonly string[]>();

function directImports(root: string, file: string): readonly string[] {
  const cached = known.get(join(root, file));
  if (cached !== undefined) return cached;
  const text = readFileSync(join(root, file), 'utf8');
  const names = text.matchAll(/\bfrom\s+'(\.[^']+\.ts)'|\bimport\s*\(?\s*'(\.[^']+\.ts)'/g);
  const found = [...names].map((match) => relative(root, resolve(root, dirname(file), match[1] ?? match[2] ?? '')));
  const existing = found.filter((name) => existsSync(join(root, name))); // a test may hold a source as text
  known.set(join(root, file), existing);
  return existing;
}
