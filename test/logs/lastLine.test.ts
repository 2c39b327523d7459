import assert from 'node:assert/strict';
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { lastLine } from '../../src/logs/lastLine.ts';
import { scratchFolder } from './scratch.ts';

const folder = scratchFolder();
const path = join(folder, 'file.jsonl');

function lastLineOf(text: string): string | undefined {
  writeFileSync(path, text);
  return lastLine(path);
}

test('the last whole line is read, however long the file is, and a torn one is not', () => {
  assert.equal(lastLineOf('one\n'), 'one');
  assert.equal(lastLineOf('one\ntwo\n'), 'two');
  assert.equal(lastLineOf('one\ntwo\ntor'), 'two');
  assert.equal(lastLineOf(`${'x'.repeat(100)}\n`.repeat(5000) + 'last\n'), 'last');
  assert.equal(lastLineOf('ä\nö€\n'), 'ö€');
});

test('where there is no whole line, or none of a sensible length, there is nothing', () => {
  for (const text of ['', 'torn', `one\n${'x'.repeat(9000)}\n`, `one\n${'x'.repeat(9000)}`]) {
    assert.equal(lastLineOf(text), undefined, text.slice(0, 10));
  }
  assert.equal(lastLine(join(folder, 'missing')), undefined);
  assert.equal(lastLine(folder), undefined);
});

test('a link that leads elsewhere is not followed', { skip: process.platform === 'win32' }, () => {
  const link = join(folder, 'link');
  writeFileSync(path, 'secret\n');
  symlinkSync(path, link);
  assert.equal(lastLine(link), undefined);
});
