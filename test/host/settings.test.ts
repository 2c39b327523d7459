import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { commandId, PALETTE_COMMANDS } from '../../src/core/words/commandNames.ts';
import { SECTION, SETTING_NAMES, SETTINGS } from '../../src/host/settingsTable.ts';

interface Manifest {
  readonly contributes: {
    readonly commands: readonly { readonly command: string }[];
    readonly menus: Record<string, readonly { readonly command: string }[]>;
    readonly configuration: {
      readonly properties: Record<string, { readonly default: unknown; readonly scope: string }>;
    };
  };
  readonly capabilities: { readonly untrustedWorkspaces: { readonly restrictedConfigurations: readonly string[] } };
}

const manifest = JSON.parse(readFileSync(resolve(import.meta.dirname, '../../package.json'), 'utf8')) as Manifest;
const { properties } = manifest.contributes.configuration;

test('every command of the palette is contributed, no other is, and nothing in the manifest calls one that is not there', () => {
  const ids = PALETTE_COMMANDS.map(commandId).toSorted();
  assert.deepEqual(manifest.contributes.commands.map(({ command }) => command).toSorted(), ids);
  const named = [
    ...Object.values(manifest.contributes.menus).flatMap((rows) => rows.map(({ command }) => command)),
    ...[...JSON.stringify(manifest).matchAll(/command:(sessionDiagnostics\.\w+)/g)].map(([, command]) => command ?? ''),
  ];
  assert.ok(named.length > 20);
  assert.deepEqual(
    named.filter((command) => !ids.includes(command)),
    [],
  );
});

test('every setting that the code reads is contributed with the default that the code uses, and no other', () => {
  const inCode = SETTING_NAMES.map((name) => [`${SECTION}.${name}`, SETTINGS[name].default]);
  const inManifest = Object.entries(properties).map(([name, { default: value }]) => [name, value]);
  assert.deepEqual(Object.fromEntries(inManifest), Object.fromEntries(inCode));
});

test('what names a program or a directory is machine-scoped and restricted in an untrusted workspace', () => {
  const restricted = new Set(manifest.capabilities.untrustedWorkspaces.restrictedConfigurations);
  for (const name of SETTING_NAMES) {
    const key = `${SECTION}.${name}`;
    assert.equal(properties[key]?.scope, SETTINGS[name].isMachineScoped ? 'machine' : 'window', key);
    assert.equal(restricted.has(key), SETTINGS[name].isMachineScoped, key);
  }
});

test('a setting of the wrong type counts as not set', () => {
  assert.equal(SETTINGS.samplingInterval.accepts('5'), false);
  assert.equal(SETTINGS.samplingInterval.accepts(0), false);
  assert.equal(SETTINGS.agents.accepts({ mine: [] }), false);
  assert.equal(SETTINGS.agents.accepts({ mine: ['claude', 1] }), false);
  assert.equal(SETTINGS.agents.accepts({ mine: ['claude', '-p'] }), true);
  assert.equal(SETTINGS.additionalLogDirectories.accepts('/var/log'), false);
});

test('every icon, walkthrough page and bundle that the manifest names is packaged', () => {
  const root = resolve(import.meta.dirname, '../..');
  const allowed = readFileSync(join(root, '.vscodeignore'), 'utf8');
  // Those are for programs that take the package from a registry, not for the editor.
  const named = JSON.stringify({ ...manifest, exports: undefined, files: undefined, man: undefined }).matchAll(
    /"(?:\.\/)?((?:media|dist)\/[\w./-]+)"/g,
  );
  for (const [, path = ''] of named) {
    const isAllowed = allowed.includes(`!${path}\n`) || allowed.includes(`!${path.replace(/[^/]+$/, '*')}\n`);
    assert.ok(isAllowed, `${path} is not in .vscodeignore`);
  }
});
