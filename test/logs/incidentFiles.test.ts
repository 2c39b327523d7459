import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import type { Death } from '../../src/core/death/simultaneousDeath.ts';
import { isoFromMs } from '../../src/core/words/time.ts';
import { incidentOf, listIncidents, noteDeath, readIncident } from '../../src/logs/incidentFiles.ts';
import { createLogRoot, logRootAt, type LogRoot } from '../../src/logs/logRoot.ts';

let root: LogRoot;
beforeEach(() => {
  root = logRootAt(mkdtempSync(join(tmpdir(), 'sd-incidents-')));
  createLogRoot(root);
});
afterEach(() => rmSync(root.path, { recursive: true, force: true }));

const NOW_MS = Date.now();

function death(name: string, atMs: number): Death {
  return {
    session_id: name,
    dir_name: name,
    ts: isoFromMs(atMs),
    slack_seconds: 0,
    verdict: { outcome: 'died', cause: 'killed', layer: 'lifecycle', confidence: 'certain', evidence: [] },
    has_lost_network: false,
  };
}

function told(one: Death): Death {
  noteDeath(root, one);
  return one;
}

const FILES = resolve(import.meta.dirname, '../../src/logs/incidentFiles.ts');
const ROOT = resolve(import.meta.dirname, '../../src/logs/logRoot.ts');

/** A recorder that tells of its death and asks, all of them at the same instant. */
const RECORDER = `
  const { noteDeath, incidentOf } = await import(process.argv[1]);
  const { logRootAt } = await import(process.argv[2]);
  const root = logRootAt(process.argv[3]);
  const death = JSON.parse(process.argv[4]);
  while (Date.now() < Number(process.argv[5])) {}
  noteDeath(root, death);
  incidentOf(root, death);
`;

test('recorders that tell of their deaths at the same instant agree on one incident that names them all', async () => {
  const goMs = Date.now() + 1500;
  const names = ['a', 'b', 'c', 'd', 'e', 'f'];
  await Promise.all(
    names.map(async (name, index) => {
      const args = ['--input-type=module', '-e', RECORDER, FILES, ROOT, root.path];
      // The first to tell is not the first that died.
      const own = JSON.stringify(death(name, NOW_MS - index * 100));
      const child = spawn(process.execPath, [...args, own, String(goMs)], { stdio: ['ignore', 'ignore', 'inherit'] });
      const code = await new Promise((done) => child.once('exit', done));
      assert.equal(code, 0);
    }),
  );
  const [incident, ...more] = listIncidents(root);
  assert.equal(more.length, 0);
  assert.deepEqual(incident?.sessions.map(({ dir_name }) => dir_name).toSorted(), names);
});

test('two groups that a later death links become one, and the other file goes', () => {
  const [a, b] = [told(death('a', NOW_MS)), told(death('b', NOW_MS + 100))];
  const first = incidentOf(root, b);
  const [y, z] = [told(death('y', NOW_MS + 3500)), told(death('z', NOW_MS + 3600))];
  const second = incidentOf(root, z);
  assert.notEqual(first?.incident_id, second?.incident_id);
  const all = incidentOf(root, told(death('m', NOW_MS + 1800)));
  assert.equal(listIncidents(root).length, 1);
  assert.deepEqual(
    all?.sessions.map(({ dir_name }) => dir_name),
    ['a', 'b', 'm', 'y', 'z'],
  );
  for (const one of [a, y]) assert.equal(incidentOf(root, one)?.incident_id, all?.incident_id);
});

test('a session that was noted twice died once, and alone', () => {
  told(death('again', NOW_MS));
  assert.equal(incidentOf(root, told(death('again', NOW_MS + 500))), undefined);
});

test('asking again writes nothing again', () => {
  const [, b] = [told(death('a', NOW_MS)), told(death('b', NOW_MS))];
  const id = incidentOf(root, b)?.incident_id ?? '';
  const { ino } = statSync(join(root.incidents, `${id}.json`));
  incidentOf(root, b);
  assert.equal(statSync(join(root.incidents, `${id}.json`)).ino, ino);
});

test('notes of yesterday are dropped, but not that of a session that was recovered late', () => {
  const dayMs = 24 * 3600 * 1000;
  told(death('old', NOW_MS - 2 * dayMs));
  for (const name of readdirSync(root.deaths)) {
    utimesSync(join(root.deaths, name), (NOW_MS - 2 * dayMs) / 1000, (NOW_MS - 2 * dayMs) / 1000);
  }
  told(death('recovered', NOW_MS - 3 * dayMs));
  told(death('new', NOW_MS));
  const kept = new Set(readdirSync(root.deaths).map((name) => name.split('.')[2]));
  assert.deepEqual(kept, new Set(['recovered', 'new']));
});

test('what is no note and no incident is passed over', () => {
  told(death('a', NOW_MS));
  writeFileSync(join(root.deaths, 'no note'), '');
  writeFileSync(join(root.deaths, `${NOW_MS}.0.torn.json`), '{');
  assert.equal(incidentOf(root, told(death('a', NOW_MS))), undefined);
  const incident = incidentOf(root, told(death('b', NOW_MS)));
  assert.deepEqual(
    incident?.sessions.map(({ dir_name }) => dir_name),
    ['a', 'b'],
  );
  writeFileSync(join(root.incidents, 'incident-2026-01-01-0.json'), '{}');
  assert.equal(listIncidents(root).length, 1);
  assert.equal(readIncident(root, '../sessions/x'), undefined);
});
