import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { test } from 'node:test';

const ROOT = resolve(import.meta.dirname, '..');

/** The import table of CONTRIBUTING.md: which rooms and packages each room may import. */
const TABLE: Record<string, readonly string[]> = {
  'src/core': ['src/core'],
  'src/agents': ['src/agents', 'src/core', 'node:*'],
  'src/logs': ['src/logs', 'src/core', 'node:*', 'yaml'],
  'src/recorder': ['src/recorder', 'src/core', 'src/logs', 'node:*', 'pidusage'],
  'src/server': [
    'src/server',
    'src/core',
    'src/agents',
    'src/logs',
    'node:*',
    'vscode-languageserver/node',
    'vscode-languageserver-textdocument',
    'yaml',
  ],
  'src/host': ['src/host', 'src/core', 'node:*', 'vscode', 'vscode-languageclient/node', 'chokidar'],
  'src/cli': [
    'src/cli',
    'src/core',
    'src/agents',
    'src/logs',
    'src/recorder',
    'src/server',
    'node:*',
    'prom-client',
    '@opentelemetry',
  ],
  webview: ['webview', 'src/core', 'chart.js', '@vscode/webview-ui-toolkit'],
};

/** Modules that are a program's entry: nobody imports them. */
const ENTRIES = [
  'src/cli/main.ts',
  'src/cli/traceLibrary.ts',
  'src/host/extension.ts',
  'src/server/main.ts',
  'webview/main.ts',
];

function sourcesOf(room: string): string[] {
  return readdirSync(join(ROOT, room), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(room, name));
}

function importsOf(file: string): string[] {
  const text = readFileSync(join(ROOT, file), 'utf8');
  const found = text.matchAll(
    /^\s*(?:import|export)\b[^;'"]*?from\s+['"]([^'"]+)['"]|\bimport\s*\(?\s*['"]([^'"]+)['"]/gm,
  );
  return [...found].flatMap((match) => match[1] ?? match[2] ?? []);
}

function targetOf(file: string, specifier: string): string {
  return specifier.startsWith('.') ? relative(ROOT, resolve(ROOT, dirname(file), specifier)) : specifier;
}

function isAllowed(target: string, allowed: readonly string[]): boolean {
  return allowed.some((entry) =>
    entry === 'node:*' ? target.startsWith('node:') : target === entry || target.startsWith(`${entry}/`),
  );
}

for (const [room, allowed] of Object.entries(TABLE)) {
  test(`${room} imports only ${allowed.join(', ')}`, () => {
    const strangers: string[] = [];
    for (const file of sourcesOf(room)) {
      for (const specifier of importsOf(file)) {
        const target = targetOf(file, specifier);
        if (!isAllowed(target, allowed)) strangers.push(`${file} imports ${specifier}`);
        if (ENTRIES.includes(target)) strangers.push(`${file} imports the entry file ${target}`);
      }
    }
    assert.deepEqual(strangers, []);
  });
}

test('the webview toolkit, no longer developed, is imported in exactly one file', () => {
  const importers = sourcesOf('webview').filter((file) =>
    importsOf(file).some((specifier) => specifier.startsWith('@vscode/webview-ui-toolkit')),
  );
  assert.ok(importers.length <= 1, importers.join(', '));
});

test('core is pure: it reads no clock, no process and no random numbers', () => {
  const impure =
    /\b(Date\.now|new Date\(\)|Math\.random|performance\.now|(?<!['.])process\.|globalThis\.|setTimeout|setInterval)/;
  const culprits = sourcesOf('src/core').filter((file) =>
    readFileSync(join(ROOT, file), 'utf8')
      .split('\n')
      .some((line) => impure.test(line) && !/^\s*(\/\/|\*|\/\*)/.test(line)),
  );
  assert.deepEqual(culprits, []);
});
