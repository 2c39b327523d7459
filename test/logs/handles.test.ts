import assert from 'node:assert/strict';
import { readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { locateHandle, openHandles, rotateHandleKey } from '../../src/logs/handles.ts';
import { logRootAt } from '../../src/logs/logRoot.ts';
import { atOnce } from './atOnce.ts';
import { scratchFolder, scratchRoot } from './scratch.ts';

const folder = scratchFolder();
const file = join(folder, 'transcript.jsonl');
writeFileSync(file, '');

test('six processes that make the key at once give one line the same handle', async () => {
  const root = scratchRoot();
  const handles = await atOnce(6, 'handle', root.path, () => file);
  assert.equal(new Set(handles).size, 1, String(handles));
  assert.match(String(handles[0]), /^src:[0-9a-f]{12}:L1$/);
  assert.equal(statSync(root.handleKey).mode & 0o777, 0o600);
  assert.deepEqual(locateHandle(root, String(handles[0])), { path: file, line: 1 });
});

test('a handle names the file whichever link it was reached by, and tells nothing of its path', () => {
  const root = scratchRoot();
  const link = join(folder, 'link.jsonl');
  symlinkSync(file, link);
  const handle = openHandles(root).handleOf(link)(7);
  assert.equal(handle, openHandles(root).handleOf(file)(7));
  assert.notEqual(handle, openHandles(scratchRoot()).handleOf(file)(7), 'another root, another key');
});

test('after the key was changed the same line has another handle, and the old one is still located', () => {
  const root = scratchRoot();
  const before = openHandles(root).handleOf(file)(3);
  rotateHandleKey(root);
  const now = openHandles(root).handleOf(file)(3);
  assert.notEqual(now, before);
  for (const handle of [before, now]) assert.deepEqual(locateHandle(root, handle), { path: file, line: 3 });
});

test('what is no handle, or none of ours, leads nowhere', () => {
  const root = scratchRoot();
  openHandles(root).handleOf(file);
  for (const text of [
    '',
    'src:',
    'src:000000000000:L1',
    `src:${'g'.repeat(12)}:L1`,
    'src:000000000000:L',
    `${file}:1`,
  ]) {
    assert.equal(locateHandle(root, text), undefined, text);
  }
});

test('a damaged key is not used, and a damaged list costs only its broken lines', () => {
  const root = scratchRoot();
  const handle = openHandles(root).handleOf(file)(1);
  const list = join(root.path, '.handle-files.jsonl');
  writeFileSync(list, `{"hex":\n\0\n${readFileSync(list, 'utf8')}`);
  assert.equal(locateHandle(root, handle)?.path, file);
  rmSync(root.handleKey);
  writeFileSync(root.handleKey, 'short');
  assert.match(openHandles(root).handleOf(file)(1), /^src:[0-9a-f]{12}:L1$/);
});

test('a root that cannot be written still gives handles, for this run', () => {
  const handles = openHandles(logRootAt(join(file, 'below-a-file')));
  assert.equal(handles.handleOf(file)(1), handles.handleOf(file)(1));
});
