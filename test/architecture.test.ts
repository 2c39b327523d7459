import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { test } from 'node:test';

const ROOT = resolve(import.meta.dirname, '..');

/** The import table of CONTRIBUTING.md: which rooms and packages each room may import. */
const TABLE: Record<string, readonly string[]> = {
  'src/core': ['src/core'],
  'src/agents': ['src/agents', 'src/core', 'node:*'],
  'src/logs': ['src/logs', 'src/core', 'node:*'],
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

/** Lines of code, comments left out, that hold the pattern. */
function linesWith(pattern: RegExp, files: readonly string[]): string[] {
  return files.flatMap((file) =>
    readFileSync(join(ROOT, file), 'utf8')
      .split('\n')
      .filter((line) => pattern.test(line) && !/^\s*(\/\/|\*|\/\*|import )/.test(line))
      .map((line) => `${file}: ${line.trim()}`),
  );
}

test("the editor's own surfaces are reached through one file, where text is made plain", () => {
  const ways =
    /show(Information|Warning|Error|Notification)Message|[sS]howQuickPick|createQuickPick|showInputBox|createInputBox|withProgress|MarkdownString|new TreeItem\b|createStatusBarItem|setStatusBarMessage|\.(tooltip|description|message|badge|placeholder|prompt) = |supportHtml|isTrusted: true|supportThemeIcons/;
  const others = sourcesOf('src/host').filter((file) => file !== 'src/host/surfaces.ts');
  assert.deepEqual(linesWith(ways, others), []);
  assert.ok(linesWith(ways, ['src/host/surfaces.ts']).length > 5, 'the pattern finds the ways that there are');
});

test('the language server shows a message in one place, where text is made plain', () => {
  const ways = /\.window\.(show(?!Document)|create|attach)|ShowMessage(Notification|Request)|logMessage/;
  const found = linesWith(ways, sourcesOf('src/server'));
  assert.equal(found.length, 1, found.join('\n'));
  assert.match(found[0] ?? '', /plainText\(message\)/);
});

test('the command line is started with words that no name and no value can turn into a flag', () => {
  const starts = linesWith(/\b(spawn|execFile|fork|ProcessExecution)\(/, [
    ...sourcesOf('src/host'),
    ...sourcesOf('src/server'),
  ]);
  const ours = starts.filter((line) => line.includes('process.execPath'));
  assert.equal(ours.length, 5, starts.join('\n'));
  for (const line of ours) assert.match(line, /\.\.\.(cliWords\(call\)|words|args)\]/);
  const callers = linesWith(/\b(finished|launched)\(path, /, sourcesOf('src/host'));
  for (const line of callers) assert.match(line, /cliWords\(call\)/);
});
