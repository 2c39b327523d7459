import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { healIndex } from '../../src/logs/healIndex.ts';
import {
  appendIndexLine,
  lineFromSummary,
  listSessions,
  readIndex,
  retellSuspect,
} from '../../src/logs/sessionIndex.ts';
import { ownClaimant, ownProcess } from '../../src/recorder/proc/ownProcess.ts';
import { readBootId } from '../../src/recorder/proc/bootId.ts';
import { atOnce } from './atOnce.ts';
import { addSession, DEAD, scratchRoot } from './scratch.ts';

function indexed(path: string): string[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => (JSON.parse(line) as { dir_name: string }).dir_name);
}

test('a publisher that died between any two of its steps leaves a session that gets its one line', () => {
  const root = scratchRoot();
  const beforeLine = addSession(root, 'before-line', { 'enrollment.json': DEAD });
  const beforeUnlink = addSession(root, 'before-unlink', { 'enrollment.json': DEAD });
  const line = lineFromSummary(root, 'before-unlink');
  assert.ok(line);
  appendIndexLine(root, line);
  const byRecover = addSession(root, 'by-recover', { 'enrollment.json.taken-4000000-1': DEAD });
  const bare = addSession(root, 'no-claim');
  assert.equal(healIndex(root, ownClaimant()), 3);
  assert.deepEqual(indexed(root.index).toSorted(), ['before-line', 'before-unlink', 'by-recover', 'no-claim']);
  for (const dir of [beforeLine, beforeUnlink, byRecover, bare]) assert.deepEqual(readdirSync(dir), ['summary.json']);
  assert.equal(healIndex(root, ownClaimant()), 0);
});

test('a session whose publisher lives is left to it, and so is one without a summary or behind a link', () => {
  const root = scratchRoot();
  const alive = { ...DEAD, boot_id: readBootId(), recorder: ownProcess() };
  addSession(root, 'alive', { 'enrollment.json': alive });
  addSession(root, 'half', { 'summary.json': [] });
  const elsewhere = addSession(root, 'target');
  renameSync(elsewhere, join(root.path, 'elsewhere'));
  symlinkSync(join(root.path, 'elsewhere'), join(root.sessions, 'link'));
  assert.equal(healIndex(root, ownClaimant()), 0);
  assert.equal(existsSync(root.index), false);
  assert.ok(existsSync(join(root.sessions, 'alive', 'enrollment.json')));
});

test('six processes that heal at once add each line once', async () => {
  const root = scratchRoot();
  const names = Array.from({ length: 40 }, (_unused, number) => `s-${String(number).padStart(2, '0')}`);
  for (const [number, name] of names.entries()) {
    const claims = [{}, { 'enrollment.json': DEAD }, { 'enrollment.json.taken-4000000-1': DEAD }];
    addSession(root, name, claims[number % 3]);
  }
  const healed = await atOnce(6, 'heal', root.path, () => '');
  assert.deepEqual(indexed(root.index).toSorted(), names);
  assert.equal(
    healed.reduce((sum: number, count) => sum + Number(count), 0),
    names.length,
  );
  for (const name of names) assert.deepEqual(readdirSync(join(root.sessions, name)), ['summary.json']);
});

test('an index that AutoSkillit rewrites by rename while lines are added is complete again once healed', async () => {
  const root = scratchRoot();
  for (let number = 0; number < 100; number += 1) addSession(root, `w-${number}`);
  writeFileSync(root.index, '');
  let isDone = false;
  const added = atOnce(1, 'index', root.path, () => 'w').then(() => (isDone = true));
  let rewrites = 0;
  while (!isDone) {
    writeFileSync(`${root.index}.tmp`, readFileSync(root.index));
    renameSync(`${root.index}.tmp`, root.index);
    rewrites += 1;
    await new Promise((resolve) => setImmediate(resolve));
  }
  await added;
  assert.ok(rewrites > 20);
  healIndex(root, ownClaimant());
  assert.equal(readIndex(root).size, 100);
  assert.equal(listSessions(root).length, 100);
});

test('another suspect is one more line that keeps every key of the last one, and the same suspect is none', () => {
  const root = scratchRoot();
  addSession(root, 'theirs');
  const theirs = { dir_name: 'theirs', timestamp: 'b', step_name: 'plan', suspect: null };
  writeFileSync(root.index, `${JSON.stringify(theirs)}\n{"dir_name":"other"}\n`);
  retellSuspect(root, 'theirs', 'environment');
  retellSuspect(root, 'theirs', 'environment');
  retellSuspect(root, 'not-indexed', 'environment');
  assert.deepEqual(indexed(root.index), ['theirs', 'other', 'theirs']);
  const last = readFileSync(root.index, 'utf8').trimEnd().split('\n').at(-1) ?? '';
  assert.deepEqual(JSON.parse(last), { ...theirs, suspect: 'environment' });
  assert.equal(listSessions(root)[0]?.suspect, 'environment');
  assert.equal(healIndex(root, ownClaimant()), 0);
});

test('broken lines of an index, names that lead out of it and lines without a directory are passed over', () => {
  const root = scratchRoot();
  addSession(root, 'real');
  const lines = [
    '{"dir_name":"real","timestamp":"b"}',
    '{"dir_name":"gone"}',
    '{"dir_name":"../../etc"}',
    '{"dir',
    '[]',
    '\0',
  ];
  writeFileSync(root.index, `${lines.join('\n')}\n`);
  assert.deepEqual(
    listSessions(root).map((line) => line.dir_name),
    ['real'],
  );
  symlinkSync('/dev/zero', `${root.index}.link`);
  renameSync(`${root.index}.link`, root.index);
  assert.equal(readIndex(root).size, 0, 'a link in its place is not followed');
  assert.equal(listSessions(root).length, 1, 'the directory tells by itself');
});
