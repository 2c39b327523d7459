import assert from 'node:assert/strict';
import { chownSync, readdirSync, readFileSync, renameSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { logRootAt, type LogRoot } from '../../src/logs/logRoot.ts';
import { claimSpooled, releaseSpooled, removeSpooled, spool, spoolSize } from '../../src/logs/spool.ts';
import { scratchFolder } from './scratch.ts';

const NOW = Date.UTC(2026, 2, 1);
const NOBODY: ReadonlySet<string> = new Set();

function rootOf(): LogRoot {
  return logRootAt(scratchFolder());
}

/** Kept by a recorder that could not send it. */
function waiting(root: LogRoot, id: string, nowMs: number): string {
  const spooled = spool(root, { id, requests: [{ signal: 'traces', body: `{"of":"${id}"}` }], nowMs });
  releaseSpooled(root, spooled);
  return spooled.name;
}

test('what waits is taken the oldest first, by one at a time, and is free again when its sender is long gone', () => {
  const root = rootOf();
  waiting(root, 'a', NOW);
  waiting(root, 'b', NOW + 1);
  const first = claimSpooled(root, NOW + 10, NOBODY);
  const second = claimSpooled(root, NOW + 11, NOBODY);
  assert.ok(first?.kind === 'read' && second?.kind === 'read');
  assert.deepEqual(
    [first, second].map(({ requests }) => requests[0]?.body),
    ['{"of":"a"}', '{"of":"b"}'],
  );
  assert.equal(claimSpooled(root, NOW + 12, NOBODY), undefined);
  removeSpooled(root, first.spooled);
  const again = claimSpooled(root, NOW + 61_100, NOBODY);
  assert.ok(again?.kind === 'read' && again.spooled.name === second.spooled.name);
  assert.equal(spoolSize(root), 1);
});

test('one that is cut at any byte is given up alone, and nothing else is lost', () => {
  const root = rootOf();
  const [cutName, keptName] = [waiting(root, 'cut', NOW), waiting(root, 'kept', NOW + 1)];
  const [cut, kept] = [cutName, keptName].map((name) => readFileSync(join(root.spool, name)));
  assert.ok(cut !== undefined && kept !== undefined);
  for (let length = 0; length < cut.length; length += 1) {
    writeFileSync(join(root.spool, cutName), cut.subarray(0, length));
    writeFileSync(join(root.spool, keptName), kept);
    assert.deepEqual(claimSpooled(root, NOW + 2, NOBODY), { kind: 'damaged', name: cutName }, `${length} bytes`);
    const next = claimSpooled(root, NOW + 3, NOBODY);
    assert.ok(next?.kind === 'read' && next.spooled.name === keptName, `${length} bytes`);
    removeSpooled(root, next.spooled);
    assert.equal(spoolSize(root), 0);
  }
});

test(
  'what is a link, or somebody else’s, is not sent in our name',
  { skip: process.getuid?.() !== 0 && 'needs root' },
  () => {
    const root = rootOf();
    const name = waiting(root, 'foreign', NOW);
    const path = join(root.spool, name);
    chownSync(path, 12_345, 12_345);
    assert.equal(claimSpooled(root, NOW + 1, NOBODY), undefined);
    chownSync(path, 0, 0);
    renameSync(path, join(root.path, 'elsewhere'));
    symlinkSync(join(root.path, 'elsewhere'), path);
    assert.equal(claimSpooled(root, NOW + 2, NOBODY), undefined);
  },
);

test('it is private, and has a bound: the oldest goes', () => {
  const root = rootOf();
  const requests = [{ signal: 'traces', body: 'x'.repeat(1000) }];
  let dropped = 0;
  for (let n = 0; n < 20; n += 1)
    dropped += spool(root, { id: `${n}`, requests, nowMs: NOW + n }, { bytes: 5500, files: 100 }).dropped;
  const names = readdirSync(root.spool);
  assert.deepEqual([names.length, dropped], [4, 16]);
  assert.ok(names.every((name) => Number(name.slice(0, 13)) >= NOW + 16));
  assert.equal(statSync(root.spool).mode & 0o777, 0o700);
  for (const name of names) assert.equal(statSync(join(root.spool, name)).mode & 0o777, 0o600);
  const late = spool(root, { id: 'late', requests, nowMs: NOW + 15 * 24 * 3600 * 1000 });
  assert.equal(late.dropped, 4, 'what is older than two weeks is of no use');
});
