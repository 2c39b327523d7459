import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import * as stable from '@opentelemetry/semantic-conventions';
import * as incubating from '@opentelemetry/semantic-conventions/incubating';
import {
  ATTR,
  EVENT,
  GEN_AI_METRIC,
  METRIC,
  OURS,
  SCHEMA_URL,
  WORD,
} from '../../../src/telemetry/otlp/semanticNames.ts';

const ROOT = resolve(import.meta.dirname, '../../..');

test('each name of the conventions is what their package calls so today', () => {
  const known: Readonly<Record<string, unknown>> = { ...incubating, ...stable };
  for (const [constant, name] of Object.entries({ ...ATTR, ...METRIC, ...WORD }))
    assert.equal(known[constant], name, constant);
});

test('the schema is the one of the conventions of that package', () => {
  const manifest = readFileSync(join(ROOT, 'node_modules/@opentelemetry/semantic-conventions/package.json'), 'utf8');
  const { version } = JSON.parse(manifest) as { readonly version: string };
  assert.equal(SCHEMA_URL, `https://opentelemetry.io/schemas/${version}`);
});

test('what is ours is under our name, and what nobody names yet is under the conventions’ for generative AI', () => {
  for (const name of [...Object.values(OURS), ...Object.values(EVENT)]) assert.match(name, /^session_diagnostics\./);
  for (const { name, bounds } of Object.values(GEN_AI_METRIC)) {
    assert.match(name, /^gen_ai\.[a-z_]+\.duration$/);
    assert.deepEqual(
      bounds,
      bounds.toSorted((a, b) => a - b),
    );
  }
});

test('no other file of the room spells a name', () => {
  const folder = join(ROOT, 'src/telemetry/otlp');
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.ts') && name !== 'semanticNames.ts')) {
    assert.doesNotMatch(
      readFileSync(join(folder, file), 'utf8'),
      /['"`](?:session_diagnostics|gen_ai|process|service|host|os|session|log|error|vcs|cicd)\.[a-z]/,
      file,
    );
  }
});
