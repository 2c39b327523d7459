import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

const PROJECT = resolve(import.meta.dirname, '../..');
const CACHE = join(PROJECT, '.vscode-test');
const VSIX = join(CACHE, 'session-diagnostics.vsix');

/** The package that users install, made of what is in `dist/` now; made again only when something in it has changed. */
export function packagedExtension(): string {
  const parts = ['package.json', '.vscodeignore', ...filesIn('dist'), ...filesIn('media')];
  const newest = Math.max(...parts.map((name) => statSync(join(PROJECT, name)).mtimeMs));
  if (existsSync(VSIX) && statSync(VSIX).mtimeMs > newest) return VSIX;
  mkdirSync(CACHE, { recursive: true });
  const fresh = `${VSIX}.${process.pid}.vsix`;
  const vsce = join(PROJECT, 'node_modules/@vscode/vsce/vsce');
  const args = ['package', '--no-dependencies', '--allow-missing-repository', '--no-rewrite-relative-links'];
  const made = spawnSync(process.execPath, [vsce, ...args, '--out', fresh], {
    cwd: PROJECT,
    encoding: 'utf8',
    timeout: 60_000,
  });
  if (made.status !== 0) throw new Error(`The extension could not be packaged: ${made.stdout}${made.stderr}`);
  renameSync(fresh, VSIX); // two test files may package at once
  return VSIX;
}

function filesIn(folder: string): string[] {
  return readdirSync(join(PROJECT, folder), { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => join(folder, name));
}
