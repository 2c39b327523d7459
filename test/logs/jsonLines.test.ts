import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, closeSync, openSync, symlinkSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readAllLines, readJsonLines, readLines } from '../../src/logs/jsonLines.ts';
import { scratchFolder } from './scratch.ts';

const folder = scratchFolder();

function read(path: string, from = 0): { values: unknown[]; badLines: number; nextOffset: number } {
  const values: unknown[] = [];
  return { ...readJsonLines(path, from, (value) => values.push(value)), values };
}

function written(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

test('a file that grows is read on from where the last reading ended; a torn end waits for its rest', () => {
  const path = written('growing', '{"n":1}\n{"n":');
  const first = read(path);
  assert.deepEqual(first, { values: [{ n: 1 }], badLines: 0, nextOffset: 8 });
  appendFileSync(path, '2}\n{"n":3}\n');
  assert.deepEqual(read(path, first.nextOffset), { values: [{ n: 2 }, { n: 3 }], badLines: 0, nextOffset: 24 });
});

test('characters of several bytes survive every cut of a growing file', () => {
  const whole = Buffer.from('{"t":"é€😀"}\n{"t":"😀"}\n');
  for (let cut = 0; cut <= whole.length; cut += 1) {
    const path = written('cut', whole.subarray(0, cut));
    const first = read(path);
    writeFileSync(path, whole);
    const rest = read(path, first.nextOffset);
    assert.deepEqual([...first.values, ...rest.values], [{ t: 'é€😀' }, { t: '😀' }], `cut at ${cut}`);
    assert.equal(first.badLines + rest.badLines, 0);
  }
});

test('a file that became shorter than the offset gives nothing, and does not fail', () => {
  const path = written('shorter', '{"n":1}\n{"n":2}\n');
  const { nextOffset } = read(path);
  truncateSync(path, 3);
  assert.deepEqual(read(path, nextOffset), { values: [], badLines: 0, nextOffset });
});

test('lines of 5 MB are read, whatever lies around them', () => {
  const large = { text: 'y'.repeat(5 * 1024 * 1024) };
  const path = written('large', `{"n":1}\n${JSON.stringify(large)}\n{"n":2}\n${JSON.stringify(large)}\n`);
  const { values, badLines } = read(path);
  assert.deepEqual(values, [{ n: 1 }, large, { n: 2 }, large]);
  assert.equal(badLines, 0);
});

test('a line that is longer than any record counts as one bad line, and reading goes on behind it', () => {
  const path = join(folder, 'endless');
  const fd = openSync(path, 'w');
  writeSync(fd, '{"n":1}\n');
  writeSync(fd, '\n{"n":2}\n', 70 * 1024 * 1024); // a hole of NULs, as a crashed file system leaves them
  closeSync(fd);
  const { values, badLines } = read(path);
  assert.deepEqual(values, [{ n: 1 }, { n: 2 }]);
  assert.equal(badLines, 1);
  truncateSync(path, 70 * 1024 * 1024);
  assert.deepEqual(read(path), { values: [{ n: 1 }], badLines: 0, nextOffset: 8 }, 'without an end it waits');
});

test('NULs, invalid UTF-8 and prose cost only their own line', () => {
  const parts = [
    '{"n":1}\n',
    Buffer.alloc(100),
    '\n',
    Buffer.from([0xff, 0xfe, 0xc0]),
    '\n',
    'Segmentation fault\n',
    '{"n":2}\n',
  ];
  const path = written('mixed', Buffer.concat(parts.map((part) => Buffer.from(part))));
  assert.deepEqual(read(path).values, [{ n: 1 }, { n: 2 }]);
  assert.equal(read(path).badLines, 3);
});

test('invalid UTF-8 inside a string is replaced, and its record kept', () => {
  const path = written('latin', Buffer.concat([Buffer.from('{"t":"caf'), Buffer.from([0xe9]), Buffer.from('"}\n')]));
  assert.deepEqual(read(path).values, [{ t: 'caf\ufffd' }]);
});

test('a finished file may lack its last newline, and empty lines keep the count', () => {
  const path = written('finished', 'one\n\nthree');
  const all: string[] = [];
  readAllLines(path, (line) => all.push(line));
  assert.deepEqual(all, ['one', '', 'three']);
  const growing: string[] = [];
  readLines(path, 0, (line) => growing.push(line));
  assert.deepEqual(growing, ['one', '']);
});

test(
  'a pipe in the place of a file does not make a reader wait, and a symbolic link is not followed',
  { timeout: 5000 },
  () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    assert.deepEqual(read(pipe), { values: [], badLines: 0, nextOffset: 0 });
    const link = join(folder, 'link');
    symlinkSync(written('target', '{"n":1}\n'), link);
    assert.throws(() => read(link), { code: 'ELOOP' });
  },
);
