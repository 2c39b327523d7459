// Makes the extension's packages of what is in dist/: `node src/release/package.mjs [TARGET...] [--out FOLDER]`. A target is a platform
// whose native program goes along, such as linux-x64, or `universal`, which has none; without one: all of them.
// `node src/release/package.mjs audit` asks npm whether something is known against what is bundled.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');
const PAGE = 'media/extensionPage.md';
const UNIVERSAL = 'universal';
/** Of package.json, what is for npm and for those who develop it. */
const NOT_FOR_EDITORS = ['files', 'exports', 'bin', 'man', 'scripts', 'devDependencies', 'publishConfig'];

const read = (path) => readFileSync(join(ROOT, path), 'utf8');

/** Platforms whose native program has been built. */
export function nativeTargets() {
  const folder = join(ROOT, 'dist/native');
  return existsSync(folder) ? readdirSync(folder).filter((name) => readdirSync(join(folder, name)).length > 0) : [];
}

/**
 * The extension's page. package.json's `repository` is the one place that makes links absolute (vsce does). As long as
 * there is none, links are text and pictures are left out: an editor's page loads nothing but https, no file of the package
 * and no data: (VS Code 1.139, `allowedMediaProtocols`). The walkthrough shows the picture either way.
 */
export function pageOf(manifest) {
  if (manifest.repository !== undefined)
    return read(PAGE)
      .replaceAll('](../', '](')
      .replace(/(!\[[^\]]*\]\()(?!https:)/g, '$1media/');
  return read(PAGE)
    .replace(/^!\[[^\]]*\]\((?!https:)[^)]+\)\n\n/gm, '')
    .replace(/\[([^\]]*)\]\((?!https:)[^)]+\)/g, '$1');
}

/** What vsce packs: the manifest and page of the extension, and no native program but the target's. */
function stage(folder, target) {
  const manifest = JSON.parse(read('package.json'));
  const ours = Object.fromEntries(Object.entries(manifest).filter(([key]) => !NOT_FOR_EDITORS.includes(key)));
  writeFileSync(join(folder, 'package.json'), JSON.stringify(ours, null, 2));
  writeFileSync(join(folder, 'README.md'), pageOf(manifest));
  for (const name of ['.vscodeignore', 'CHANGELOG.md', 'LICENSE']) cpSync(join(ROOT, name), join(folder, name));
  const native = join(ROOT, 'dist/native');
  const isWanted = (path) => !path.startsWith(`${native}/`) || path.startsWith(join(native, target));
  cpSync(join(ROOT, 'dist'), join(folder, 'dist'), { recursive: true, filter: isWanted });
  cpSync(join(ROOT, 'media'), join(folder, 'media'), { recursive: true });
  return manifest;
}

/** Packs the extension for one target into `file`; returns what vsce said. */
export function packExtension(target, file) {
  const folder = mkdtempSync(join(tmpdir(), 'session-diagnostics-vsix-'));
  try {
    const { repository } = stage(folder, target);
    const args = ['package', '--no-dependencies', '--out', file];
    if (target !== UNIVERSAL) args.push('--target', target);
    if (repository === undefined) args.push('--allow-missing-repository', '--no-rewrite-relative-links');
    const vsce = join(ROOT, 'node_modules/@vscode/vsce/vsce');
    const made = spawnSync(process.execPath, [vsce, ...args], { cwd: folder, encoding: 'utf8', timeout: 120_000 });
    const said = `${made.stdout}${made.stderr}`;
    if (made.status !== 0) throw new Error(`The extension could not be packaged for ${target}: ${said}`);
    return said;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Asks npm of exactly what is bundled, not of the tools that bundle it. */
function audit() {
  const folder = mkdtempSync(join(tmpdir(), 'session-diagnostics-audit-'));
  try {
    const bundled = JSON.parse(read('dist/sbom.cdx.json')).components.filter(({ purl }) => purl.startsWith('pkg:npm/'));
    // Two versions of one package can be in it: each under a name of its own.
    const wanted = bundled.map(({ name, version }, at) => [`bundled-${at}`, `npm:${name}@${version}`]);
    const manifest = { private: true, dependencies: Object.fromEntries(wanted) };
    writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
    const npm = (...args) => spawnSync('npm', args, { cwd: folder, stdio: 'inherit' }).status ?? 1;
    process.exitCode = npm('install', '--package-lock-only', '--ignore-scripts', '--no-audit') || npm('audit');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function main() {
  const words = process.argv.slice(2);
  if (words[0] === 'audit') return audit();
  const at = words.indexOf('--out');
  const out = resolve(at < 0 ? '.' : (words.splice(at, 2)[1] ?? '.'));
  mkdirSync(out, { recursive: true });
  for (const target of words.length > 0 ? words : [UNIVERSAL, ...nativeTargets()]) {
    const file = join(out, `session-diagnostics${target === UNIVERSAL ? '' : `-${target}`}.vsix`);
    process.stdout.write(packExtension(target, file));
  }
}

if (import.meta.main) main();
