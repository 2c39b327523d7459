import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

const PROJECT = resolve(import.meta.dirname, '../..');
const CACHE = join(PROJECT, '.vscode-test');
const VSIX = join(CACHE, 'session-diagnostics.vsix');
const HERE = `${process.platform}-${process.arch}`;

/** The package that users install, made of what is in `dist/` now; made again only when something in it has changed. */
export function packagedExtension(): string {
  const parts = ['package.json', 'src/release/package.mjs', '.vscodeignore', ...filesIn('dist'), ...filesIn('media')];
  const newest = Math.max(...parts.map((name) => statSync(join(PROJECT, name)).mtimeMs));
  if (existsSync(VSIX) && statSync(VSIX).mtimeMs > newest) return VSIX;
  mkdirSync(CACHE, { recursive: true });
  const fresh = `${VSIX}.${process.pid}`;
  const target = existsSync(join(PROJECT, 'dist/native', HERE, 'session-diagnostics')) ? HERE : 'universal';
  const made = spawnSync(process.execPath, [join(PROJECT, 'src/release/package.mjs'), target, '--out', fresh], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  if (made.status !== 0) throw new Error(`The extension could not be packaged: ${made.stdout}${made.stderr}`);
  const file = `session-diagnostics${target === 'universal' ? '' : `-${target}`}.vsix`;
  renameSync(join(fresh, file), VSIX); // two test files may package at once
  rmSync(fresh, { recursive: true });
  return VSIX;
}

function filesIn(folder: string): string[] {
  return readdirSync(join(PROJECT, folder), { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => join(folder, name));
}
