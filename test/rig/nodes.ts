import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';

const CACHE = resolve(import.meta.dirname, '../../.vscode-test');
const INSTALL_LIMIT_MS = 180_000;

export type FoundNode = { readonly node: string } | { readonly missing: string };

/** A Node of that major version: this one, one of the PATH, else npm's package of it, which is kept for the next time. */
export function nodeOfMajor(major: number): FoundNode {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder.startsWith('/'));
  const there = [process.execPath, ...folders.map((folder) => join(folder, 'node'))].find((path) =>
    isOfMajor(path, major),
  );
  if (there !== undefined) return { node: there };
  const home = join(CACHE, `node-${major}`);
  // The package `node` installs this one by a script; by itself it needs none.
  const name = `node-${process.platform}-${process.arch}`;
  const node = join(home, 'node_modules', name, 'bin/node');
  if (isOfMajor(node, major)) return { node };
  const work = `${home}.${process.pid}`;
  mkdirSync(work, { recursive: true });
  writeFileSync(join(work, 'package.json'), '{ "private": true }');
  const flags = ['--no-audit', '--no-fund', '--loglevel=error'];
  const made = spawnSync('npm', ['install', `${name}@${major}`, ...flags], {
    cwd: work,
    encoding: 'utf8',
    timeout: INSTALL_LIMIT_MS,
  });
  rmSync(home, { recursive: true, force: true });
  renameSync(work, home);
  if (isOfMajor(node, major)) return { node };
  return { missing: `Node ${major} cannot be installed by npm: ${made.stderr}` };
}

function isOfMajor(path: string, major: number): boolean {
  if (!existsSync(path)) return false;
  const said = spawnSync(path, ['--version'], { encoding: 'utf8' });
  return said.stdout.startsWith(`v${major}.`);
}
