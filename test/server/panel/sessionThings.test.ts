import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { SessionThings } from '../../../src/server/panel/sessionThings.ts';
import { addSession, scratchRoot } from '../../logs/scratch.ts';

const root = scratchRoot();

test('a session has output and leftovers where its files say so, and what is added later is seen', () => {
  const things = new SessionThings();
  const left = { pid: 9, start_ticks: 4, boot_id: 'b', comm: 'sleep' };
  const summary = { session_id: 'left', dir_name: 'left', leftover_processes: [left] };
  const dir = addSession(root, 'left', { 'summary.json': summary });
  const plain = addSession(root, 'plain');
  assert.deepEqual(things.of(dir), ['leftovers']);
  assert.deepEqual(things.of(plain), []);
  writeFileSync(join(dir, 'stderr.log'), '');
  assert.deepEqual(things.of(dir), ['leftovers'], 'an empty output is none');
  writeFileSync(join(dir, 'stderr.log'), 'boom\n');
  assert.deepEqual(things.of(dir), ['output', 'leftovers']);
  assert.deepEqual(things.of(join(root.sessions, 'gone')), []);
});
