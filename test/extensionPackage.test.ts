import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';

/** The files that a marketplace would get, made as for a release. */
const ROOT = resolve(import.meta.dirname, '..');
const out = mkdtempSync(join(tmpdir(), 'session-diagnostics-vsix-test-'));
after(() => rmSync(out, { recursive: true }));

const HERE = `${process.platform}-${process.arch}`;
const hasNative = existsSync(join(ROOT, 'dist/native', HERE, 'session-diagnostics'));
const targets = ['universal', ...(hasNative ? [HERE] : [])];
const fileOf = (target: string): string =>
  join(out, `session-diagnostics${target === 'universal' ? '' : `-${target}`}.vsix`);
let said = '';

before(() => {
  const made = spawnSync(process.execPath, [join(ROOT, 'src/release/package.mjs'), ...targets, '--out', out], {
    encoding: 'utf8',
  });
  assert.equal(made.status, 0, made.stderr);
  said = made.stdout + made.stderr;
});

function unpacked(target: string): string {
  const folder = join(out, target);
  execFileSync('/usr/bin/python3', ['-m', 'zipfile', '-e', fileOf(target), folder]);
  return join(folder, 'extension');
}

test('the packer has nothing to complain of', () => {
  assert.doesNotMatch(said, /WARN|ERROR/);
});

test('a package for everybody stays below 1.2 MB, one with a native program below 1.6 MB', () => {
  for (const target of targets)
    assert.ok(statSync(fileOf(target)).size < (target === 'universal' ? 1_200_000 : 1_600_000), target);
});

test('only the package of a platform has a native program, its own', () => {
  for (const target of targets) {
    const native = join(unpacked(target), 'dist/native');
    assert.deepEqual(existsSync(native) ? readdirSync(native) : [], target === 'universal' ? [] : [target]);
  }
  const manifest = readFileSync(join(out, targets.at(-1) ?? '', 'extension.vsixmanifest'), 'utf8');
  if (hasNative) assert.match(manifest, new RegExp(`TargetPlatform="${HERE}"`));
});

test('its page has no picture and no link that leads nowhere, and tells nobody to build', () => {
  const page = readFileSync(join(unpacked('universal'), 'readme.md'), 'utf8');
  for (const [, target = ''] of page.matchAll(/\]\(([^)]+)\)/g)) assert.match(target, /^https:/);
  assert.doesNotMatch(page, /npm (?:run|ci|install)|node dist|CONTRIBUTING/);
});

test('with a repository named in package.json, pictures and links of the page lead into it', async () => {
  const { pageOf } = (await import(pathToFileURL(join(ROOT, 'src/release/package.mjs')).href)) as {
    pageOf: (manifest: { readonly repository?: string }) => string;
  };
  const page = pageOf({ repository: 'https://example.com/owner/name' });
  const paths = [...page.matchAll(/\]\((?!https:)([^)]+)\)/g)].map(([, path = '']) => path);
  assert.ok(paths.length >= 2, paths.join());
  for (const path of paths) assert.ok(existsSync(join(ROOT, path)), path);
});
