import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { KNOWN_SYSTEMS } from '../../src/cli/ci/ciSystem.ts';
import { RUN_FLAGS } from '../../src/cli/runSettings.ts';
import { HANGS_ON_OPEN_STDIN } from '../../src/core/session/agentKind.ts';

const NATIVE = resolve(import.meta.dirname, '../../src/native');

/** The rows of a table in C: what stands between braces, one row a line or several. */
function rowsOf(file: string, table: string): readonly (readonly string[])[] {
  const text = readFileSync(join(NATIVE, file), 'utf8');
  const start = text.indexOf('{', text.indexOf('=', text.indexOf(table)));
  const body = text.slice(start + 1, text.indexOf('};', start));
  return [...body.matchAll(/\{([^{}]*)\}/g)].map((row) =>
    (row[1] ?? '').split(',').map((value) => value.trim().replaceAll('"', '')),
  );
}

test('the launcher knows the flags of run that the command line knows, and which of them take a value', () => {
  const native = new Map(rowsOf('options.c', 'FLAGS[]').map(([name = '', kind]) => [name, kind === 'SWITCH']));
  const ours = new Map(Object.entries(RUN_FLAGS).map(([name, { type }]) => [name, type === 'boolean']));
  assert.deepEqual(Object.fromEntries(native), Object.fromEntries(ours));
});

test('the launcher knows the CI systems that the command line knows', () => {
  assert.deepEqual(
    rowsOf('ask.c', 'SYSTEMS[]'),
    KNOWN_SYSTEMS.map(([, ...row]) => row),
  );
});

test('the launcher closes stdin for the agents that the table names', () => {
  assert.deepEqual(rowsOf('start.c', 'HANGS_ON_OPEN_STDIN[]'), HANGS_ON_OPEN_STDIN);
});
