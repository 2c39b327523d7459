import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pruneSessions, sessionsToPrune } from '../../src/logs/retention.ts';
import type { LogRoot } from '../../src/logs/logRoot.ts';
import { atOnce } from './atOnce.ts';
import { addSession, DEAD, scratchFolder, scratchRoot } from './scratch.ts';

/** Ended `number` seconds into 2001. */
function addEnded(root: LogRoot, name: string, number: number): void {
  const dir = addSession(root, name);
  utimesSync(join(dir, 'summary.json'), 978_307_200 + number, 978_307_200 + number);
}

test('the oldest complete sessions go, and the newest stay', () => {
  const root = scratchRoot();
  for (const [number, name] of ['c', 'a', 'd', 'b'].entries()) addEnded(root, name, number);
  assert.deepEqual(sessionsToPrune(root, 2), ['c', 'a']);
  assert.deepEqual(pruneSessions(root, 2), ['c', 'a']);
  assert.deepEqual(readdirSync(root.sessions).toSorted(), ['b', 'd']);
  assert.deepEqual(readdirSync(root.trash), []);
  assert.deepEqual(pruneSessions(root, 2), []);
});

test('unfinished and claimed sessions, links and foreign files neither count nor go', () => {
  const root = scratchRoot();
  const outside = scratchFolder();
  writeFileSync(join(outside, 'summary.json'), '{}');
  symlinkSync(outside, join(root.sessions, 'link'));
  mkdirSync(join(root.sessions, 'unfinished'));
  mkdirSync(join(root.sessions, 'linked-summary'));
  symlinkSync(join(outside, 'summary.json'), join(root.sessions, 'linked-summary', 'summary.json'));
  addSession(root, 'claimed', { 'enrollment.json': DEAD });
  addSession(root, 'claimed-again', { 'enrollment.json.taken-4000000-1': DEAD });
  writeFileSync(join(root.sessions, 'notes.txt'), '');
  addEnded(root, 'complete', 0);
  const before = readdirSync(root.sessions);
  assert.deepEqual(pruneSessions(root, 1), []);
  assert.deepEqual(pruneSessions(root, 0), ['complete']);
  assert.deepEqual(
    readdirSync(root.sessions),
    before.filter((name) => name !== 'complete'),
  );
  assert.ok(existsSync(join(outside, 'summary.json')));
});

test('links inside a session are removed themselves, never what they lead to', () => {
  const root = scratchRoot();
  const outside = scratchFolder();
  writeFileSync(join(outside, 'precious'), '');
  symlinkSync(outside, join(addSession(root, 'one'), 'link'));
  assert.deepEqual(pruneSessions(root, 0), ['one']);
  assert.ok(existsSync(join(outside, 'precious')));
});

test('a link in the place of the trash is refused, and nothing behind it is emptied', () => {
  const root = scratchRoot();
  const outside = scratchFolder();
  writeFileSync(join(outside, 'precious'), '');
  symlinkSync(outside, root.trash);
  addSession(root, 'one');
  assert.throws(() => pruneSessions(root, 0), { code: 'ELOOP' });
  assert.deepEqual(readdirSync(outside), ['precious']);
  assert.ok(existsSync(join(root.sessions, 'one')));
});

test('what a crash left in the trash goes with the next pruning', () => {
  const root = scratchRoot();
  mkdirSync(root.trash);
  renameSync(addSession(root, 'crashed'), join(root.trash, '1-0-crashed'));
  addSession(root, 'one');
  pruneSessions(root, 0);
  assert.deepEqual(readdirSync(root.trash), []);
  rmSync(root.trash, { recursive: true });
});

test('six processes that prune at once remove each session once and stop at the number to keep', async () => {
  const root = scratchRoot();
  for (let number = 0; number < 60; number += 1) addEnded(root, `s-${number}`, number);
  const removed = (await atOnce(6, 'prune', root.path, () => '20')).flat();
  assert.equal(removed.length, 40);
  assert.equal(new Set(removed).size, 40);
  assert.equal(readdirSync(root.sessions).length, 20);
  assert.ok(existsSync(join(root.sessions, 's-59')));
  assert.deepEqual(readdirSync(root.trash), []);
});
