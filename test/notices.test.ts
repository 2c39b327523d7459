import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
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
  const { BUNDLES, packagesIn } = (await import(pathToFileURL(join(ROOT, 'build.mjs')).href)) as {
    BUNDLES: Readonly<Record<string, BuildOptions[]>>;
    packagesIn: (files: Metafile[]) => string[];
  };
  const built = await Promise.all(
    Object.values(BUNDLES)
      .flat()
      .map((options) => build({ ...options, metafile: true, write: false })),
  );
  return packagesIn(built.flatMap(({ metafile }) => metafile ?? []));
}

test('every package whose code a program carries is listed with its licence', async () => {
  const folders = await bundledPackages();
  assert.ok(folders.length > 20, folders.join(', '));
  for (const folder of folders) {
    const { name } = JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8')) as { name: string };
    assert.ok(isListed(name), name);
  }
});

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
