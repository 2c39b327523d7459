import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { makePrivateFolder } from '../../src/logs/folders.ts';
import { scratchFolder } from './scratch.ts';

const MODULE = pathToFileURL(resolve(import.meta.dirname, '../../src/logs/folders.ts')).href;

test('a private folder is made with the folders above it, readable by their owner alone', () => {
  const scratch = scratchFolder();
  const path = join(scratch, 'a', 'b', 'c');
  makePrivateFolder(path);
  makePrivateFolder(path);
  for (const made of ['a', 'a/b', 'a/b/c']) assert.equal(statSync(join(scratch, made)).mode & 0o777, 0o700, made);
});

test('a folder that is there keeps the mode its owner gave it', () => {
  const path = join(scratchFolder(), 'shared');
  mkdirSync(path);
  const { mode } = statSync(path);
  makePrivateFolder(path);
  assert.equal(statSync(path).mode, mode);
});

test(
  'where no folder can be made, trying to ends with the reason',
  { skip: process.platform !== 'linux' && 'needs /proc' },
  () => {
    // In a process of its own, killed where it does not end: nothing else ends a loop inside mkdir.
    const { stdout, status } = spawnSync(
      process.execPath,
      [
        '-e',
        `import(${JSON.stringify(MODULE)}).then((m) => m.makePrivateFolder('/proc/a/b')).catch((e) => console.log(e.code))`,
      ],
      { encoding: 'utf8', timeout: 60_000, killSignal: 'SIGKILL' },
    );
    assert.deepEqual({ stdout, status }, { stdout: 'ENOENT\n', status: 0 });
  },
);
