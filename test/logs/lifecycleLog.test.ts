import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { appendLifecycleLine } from '../../src/logs/lifecycleLog.ts';
import { atOnce } from './atOnce.ts';
import { scratchRoot } from './scratch.ts';

test('eight processes that write through rotations lose no line, tear none and complain of none', async () => {
  const root = scratchRoot();
  const failures = await atOnce(8, 'lifecycle', root.path, (number) => `w${number}`);
  assert.deepEqual(failures.flat(), []);
  const files = readdirSync(root.path).filter((name) => name.startsWith('session_lifecycle.log'));
  // How often depends on who finds the lock taken; that it happened does not.
  assert.ok(files.includes('session_lifecycle.log.1'), `rotated: ${files.join(' ')}`);
  assert.equal(files.includes('session_lifecycle.log.lock'), false);
  const seen = files.flatMap((name) =>
    readFileSync(join(root.path, name), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as { name: string; number: number })
      .map(({ name: writer, number }) => `${writer}-${number}`),
  );
  assert.equal(seen.length, 8 * 200);
  assert.equal(new Set(seen).size, 8 * 200);
});

test('five old logs are kept, the oldest goes first', () => {
  const root = scratchRoot();
  for (let number = 0; number < 8; number += 1)
    appendLifecycleLine(root, `{"n":${number}}`, { onFailure: assert.fail, rotateBytes: 1 });
  const kept = [5, 4, 3, 2, 1].map((number) => readFileSync(`${root.lifecycleLog}.${number}`, 'utf8'));
  assert.deepEqual(
    kept,
    [3, 4, 5, 6, 7].map((n) => `{"n":${n}}\n`),
  );
  assert.equal(existsSync(`${root.lifecycleLog}.6`), false);
});

test('a lock that a dead process left does not end rotation for ever', () => {
  const root = scratchRoot();
  const lock = `${root.lifecycleLog}.lock`;
  writeFileSync(lock, '');
  appendLifecycleLine(root, '{}', { onFailure: assert.fail, rotateBytes: 1 });
  assert.equal(existsSync(`${root.lifecycleLog}.1`), false, 'a fresh lock is respected');
  const longAgo = Date.now() / 1000 - 3600;
  utimesSync(lock, longAgo, longAgo);
  for (let round = 0; round < 2; round += 1)
    appendLifecycleLine(root, '{}', { onFailure: assert.fail, rotateBytes: 1 });
  assert.equal(existsSync(`${root.lifecycleLog}.1`), true);
});
