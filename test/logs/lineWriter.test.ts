import assert from 'node:assert/strict';
import { readFileSync, statSync, symlinkSync, writeFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { appendShared, createLineWriter, dropTornTail, moveTornTail } from '../../src/logs/lineWriter.ts';
import { createLogRoot, logRootAt } from '../../src/logs/logRoot.ts';
import { scratchFolder } from './scratch.ts';
import { cannotMount, smallDisk, type SmallDisk } from './smallDisk.ts';

const folder = scratchFolder();
const skip = cannotMount();

function ignored(): void {
  // the test looks at the file instead
}

function parsedLines(path: string): unknown[] {
  const text = readFileSync(path, 'utf8');
  assert.ok(text === '' || text.endsWith('\n'), 'the last line is whole');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown);
}

for (const umask of [0o000, 0o022, 0o077, 0o777]) {
  test(`folders and files are their owner's alone under umask ${umask.toString(8)}`, () => {
    const before = process.umask(umask);
    try {
      const root = logRootAt(join(folder, `deep${umask}`, 'er', 'logs'));
      createLogRoot(root);
      appendShared(root.index, '{}');
      createLineWriter(join(root.running, 'a.jsonl'), assert.fail).append('{}');
      for (const path of [root.path, root.running, root.sessions]) assert.equal(statSync(path).mode & 0o777, 0o700);
      for (const path of [root.index, join(root.running, 'a.jsonl')]) assert.equal(statSync(path).mode & 0o177, 0);
    } finally {
      process.umask(before);
    }
  });
}

test('a symbolic link in the place of a file is not written through, by either kind of writer', () => {
  const target = join(folder, 'target');
  const link = join(folder, 'link');
  symlinkSync(target, link);
  const codes: string[] = [];
  assert.equal(createLineWriter(link, (_path, code) => codes.push(code)).append('{}'), false);
  assert.deepEqual(codes, ['ELOOP']);
  assert.throws(() => appendShared(link, '{}'), { code: 'ELOOP' });
  assert.equal(existsSync(target), false);
});

function withDisk(work: (disk: SmallDisk) => void): void {
  const disk = smallDisk(256 * 1024);
  try {
    work(disk);
  } finally {
    disk.remove();
  }
}

test('a full disk loses whole lines only, says so once, and later lines follow when there is room', { skip }, () => {
  withDisk((disk) => {
    const path = join(disk.path, 'trace.jsonl');
    const codes: string[] = [];
    const writer = createLineWriter(path, (_path, code) => codes.push(code));
    writer.append('{"n":0}');
    disk.fill();
    const kept = Array.from({ length: 100 }, (_unused, n) =>
      writer.append(JSON.stringify({ n, filler: 'x'.repeat(200) })),
    );
    assert.ok(kept.includes(false));
    assert.equal(writer.lostLines, kept.filter((isKept) => !isKept).length);
    assert.equal(parsedLines(path).length, 1 + kept.filter((isKept) => isKept).length);
    disk.free();
    assert.equal(writer.append('{"n":"after"}'), true);
    assert.deepEqual(parsedLines(path).at(-1), { n: 'after' });
    assert.deepEqual(codes, ['ENOSPC']);
  });
});

test('a full disk leaves no torn line in a shared file, where jq would stop', { skip }, () => {
  withDisk((disk) => {
    const path = join(disk.path, 'sessions.jsonl');
    appendShared(path, '{"n":0}');
    disk.fill();
    let kept = 1;
    for (let n = 0; n < 100; n += 1) {
      try {
        appendShared(path, JSON.stringify({ n, filler: 'x'.repeat(200 + n) }));
        kept += 1;
      } catch (error) {
        assert.equal((error as NodeJS.ErrnoException).code, 'ENOSPC');
      }
    }
    assert.ok(kept < 101);
    assert.equal(parsedLines(path).length, kept);
    disk.free();
    appendShared(path, '{"n":"after"}');
    assert.equal(parsedLines(path).length, kept + 1);
  });
});

test('a torn line that a crash left is closed, so that it costs only itself', () => {
  const path = join(folder, 'crashed.jsonl');
  writeFileSync(path, '{"a":1}\n{"b":');
  appendShared(path, '{"c":3}');
  assert.equal(readFileSync(path, 'utf8'), '{"a":1}\n{"b":\n{"c":3}\n');
});

test('a torn tail is cut off, however long, and a whole file is left alone', () => {
  const path = join(folder, 'torn.jsonl');
  for (const [text, left] of [
    ['', ''],
    ['{"a":1}\n', '{"a":1}\n'],
    ['{"a":1}\n{"b', '{"a":1}\n'],
    ['{"never ended', ''],
    [`{"a":1}\n${'x'.repeat(200_000)}`, '{"a":1}\n'],
    [`${'x'.repeat(70_000)}\n{`, `${'x'.repeat(70_000)}\n`],
  ] as const) {
    writeFileSync(path, text);
    assert.equal(dropTornTail(path), text !== left);
    assert.equal(readFileSync(path, 'utf8'), left);
  }
});

test('a torn tail is moved aside and kept, and a line that others append stays', () => {
  const path = join(folder, 'moved.jsonl');
  writeFileSync(path, '{"a":1}\n{"b');
  assert.equal(moveTornTail(path, false), '{"b');
  assert.equal(readFileSync(path, 'utf8'), '{"a":1}\n');
  assert.equal(moveTornTail(path, false), '', 'a whole file is left alone');
  writeFileSync(path, '{"a":1}\n{"c"');
  assert.equal(moveTornTail(path, true), '{"c"');
  appendShared(path, '{"d":1}');
  assert.deepEqual(parsedLines(path), [{ a: 1 }, { d: 1 }]);
  assert.equal(readFileSync(`${path}.bad`, 'utf8'), '{"b\n{"c"\n', 'what was moved before is kept');
  assert.equal(statSync(`${path}.bad`).mode & 0o777, 0o600);
});

test('a writer that cannot open its file tries again with each line', () => {
  const path = join(folder, 'not-yet', 'trace.jsonl');
  const writer = createLineWriter(path, ignored);
  assert.equal(writer.append('{}'), false);
  createLogRoot(logRootAt(join(folder, 'not-yet')));
  assert.equal(writer.append('{"n":1}'), true);
  assert.deepEqual(parsedLines(path), [{ n: 1 }]);
  writer.close();
});
