import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { build, type BuildOptions, type Metafile } from 'esbuild';

const ROOT = resolve(import.meta.dirname, '..');
const NOTICES = readFileSync(join(ROOT, 'dist/ThirdPartyNotices.txt'), 'utf8');

/** What a program carries says so itself: names that only the package's own code has, whatever is minified around them. */
const MARKS: Readonly<Record<string, readonly (readonly [mark: RegExp, name: string])[]>> = {
  'cli-program.js': [[/getconf CLK_TCK|CLK_TCK/, 'pidusage']],
  'metrics.js': [[/prom-client|nodejs_version_info|Invalid metric name/, 'prom-client']],
  'otlp.js': [[/OTEL_EXPORTER_OTLP/, '@opentelemetry/otlp-exporter-base']],
  'server.cjs': [
    [/textDocument\/hover/, 'vscode-languageserver'],
    [/BLOCK_FOLDED|block-scalar/i, 'yaml'],
  ],
  'webview.js': [[/beforeDatasetsUpdate/, 'chart.js']],
  'backendParts.cjs': [[/awaitWriteFinish/, 'chokidar']],
};

function isListed(name: string): boolean {
  return NOTICES.split('\n').some((line) => line.startsWith(`${name} `) && line.endsWith(')'));
}

/** The bundler asked anew, and nothing written. */
async function bundledPackages(): Promise<readonly string[]> {
  const { BUNDLES } = (await import(pathToFileURL(join(ROOT, 'build.mjs')).href)) as {
    BUNDLES: Readonly<Record<string, BuildOptions[]>>;
  };
  const { packagesIn } = (await import(pathToFileURL(join(ROOT, 'src/release/notices.mjs')).href)) as {
    packagesIn: (files: Metafile[]) => string[];
  };
  const built = await Promise.all(
    Object.values(BUNDLES)
      .flat()
      .map((options) => build({ ...options, metafile: true, write: false })),
  );
  return packagesIn(built.flatMap(({ metafile }) => metafile ?? []));
}

const bundled = bundledPackages();

test('every package whose code a program carries is listed with its licence', async () => {
  const folders = await bundled;
  assert.ok(folders.length > 20, folders.join(', '));
  assert.ok(isListed('musl'), 'the C library of the native program');
  for (const folder of folders) {
    const { name } = manifestOf(folder);
    assert.ok(isListed(name), name);
  }
});

/** Licences that ask for no more than their notice. */
const ALLOWED: ReadonlySet<string> = new Set([
  'MIT',
  'ISC',
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
]);

test('each of them has a licence that lets it be given on, and is in the list of what a release is made of', async () => {
  const folders = await bundled;
  const strangers = folders.map(manifestOf).filter(({ license }) => !ALLOWED.has(license));
  assert.deepEqual(strangers, []);
  const { sbomOf } = (await import(pathToFileURL(join(ROOT, 'src/release/notices.mjs')).href)) as {
    sbomOf: (folders: readonly string[]) => string;
  };
  const { bomFormat, specVersion, components } = JSON.parse(sbomOf(folders)) as Bom;
  assert.deepEqual([bomFormat, specVersion], ['CycloneDX', '1.6']);
  const listed = components
    .map(({ name, version }) => `${name} ${version}`)
    .filter((name) => !name.startsWith('musl '));
  const carried = folders.map(manifestOf).map(({ name, version }) => `${name} ${version}`);
  assert.deepEqual(new Set(listed), new Set(carried));
  for (const { purl, hashes } of components) {
    assert.match(purl, /^pkg:(?:npm\/(?:%40[\w.-]+\/)?[\w.-]+@\d|generic\/musl@)/);
    if (purl.startsWith('pkg:npm')) assert.match(hashes?.[0]?.content ?? '', /^[0-9a-f]{128}$/, purl);
  }
});

test('each program that is built is in an allow-list: for npm, for the editor, or both', () => {
  const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    readonly files: readonly string[];
  };
  const editor = readFileSync(join(ROOT, '.vscodeignore'), 'utf8');
  // What runs in the editor alone; what only programs of others import, or nobody asks of an editor.
  const onlyEditor = ['dist/backendParts.cjs', 'dist/extension.cjs'];
  const onlyNpm = ['dist/fleet.js', 'dist/trace.js', 'dist/trace.d.ts', 'dist/session-diagnostics.1'];
  const built = readdirSync(join(ROOT, 'dist'), { withFileTypes: true }).filter((entry) => entry.isFile());
  for (const { name } of built) {
    const path = `dist/${name.replace(/^cli-.*/, 'cli-*.js')}`;
    assert.equal(manifest.files.includes(path), !onlyEditor.includes(path), `${path} for npm`);
    assert.equal(editor.includes(`!${path}\n`), !onlyNpm.includes(path), `${path} for the editor`);
  }
});

interface Bom {
  readonly bomFormat: string;
  readonly specVersion: string;
  readonly components: readonly {
    readonly name: string;
    readonly version: string;
    readonly purl: string;
    readonly hashes?: readonly { readonly content: string }[];
  }[];
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license: string;
}

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8')) as Manifest;
}

test('what the built programs show of their packages is listed', () => {
  for (const [program, marks] of Object.entries(MARKS)) {
    const code = readFileSync(join(ROOT, 'dist', program), 'utf8');
    for (const [mark, name] of marks) {
      assert.ok(mark.test(code), `${program} shows no ${name}`);
      assert.ok(isListed(name), name);
    }
  }
});

test('the notices hold whole licences, once each, and go along in the package', () => {
  assert.equal(NOTICES.match(/Apache License\s+Version 2\.0, January 2004/g)?.length ?? 0, new Set(apacheTexts()).size);
  assert.match(NOTICES, /Permission is hereby granted, free of charge/);
  assert.doesNotMatch(NOTICES, /^Licensed under MIT/m);
  assert.match(NOTICES, /ISC License|Permission to use, copy, modify, and\/or distribute/);
  assert.match(readFileSync(join(ROOT, '.vscodeignore'), 'utf8'), /^!dist\/ThirdPartyNotices\.txt$/m);
  assert.ok(NOTICES.length < 100_000, String(NOTICES.length));
});

/** Parts of the file that hold the Apache licence: as many as there are different texts of it. */
function apacheTexts(): string[] {
  return NOTICES.split(`\n${'-'.repeat(80)}\n`)
    .filter((part) => /Apache License\s+Version 2\.0, January 2004/.test(part))
    .map((part) => part.slice(part.search(/Apache License/)));
}
