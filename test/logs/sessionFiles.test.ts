import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Snapshot } from '../../src/core/session/snapshot.ts';
import { findSession, readSessionFiles } from '../../src/logs/sessionFiles.ts';
import { addSession, scratchRoot } from './scratch.ts';
import { traceLine } from './traceLine.ts';

const root = scratchRoot();
const dir = addSession(root, 'damaged');
const trace = join(dir, 'proc_trace.jsonl');
const LINES = [0, 1, 2].map((seq) => traceLine(seq));
const WHOLE = Buffer.from(LINES.map((line) => `${line}\n`).join(''));

test('a trace that is cut at any byte is read to its last whole line', () => {
  for (let length = 0; length <= WHOLE.length; length += 1) {
    const kept = WHOLE.subarray(0, length);
    writeFileSync(trace, kept);
    const snapshots: Snapshot[] = [];
    const { badLines } = readSessionFiles(dir, { moment: ({ snapshot }) => snapshots.push(snapshot) });
    const whole = kept.toString('latin1').split('\n').length - 1;
    assert.deepEqual(
      snapshots.map(({ seq }) => seq),
      [0, 1, 2].slice(0, whole),
      `cut at ${length}`,
    );
    assert.deepEqual(badLines, {});
  }
});

test('with any bit of its second line flipped, the first and third snapshots are read and what is lost is counted', () => {
  const start = WHOLE.indexOf(10) + 1;
  const end = WHOLE.indexOf(10, start);
  let counted = 0;
  for (let at = start; at <= end; at += 1) {
    for (let bit = 0; bit < 8; bit += 1) {
      const flipped = Buffer.from(WHOLE);
      flipped.writeUInt8(WHOLE.readUInt8(at) ^ (1 << bit), at);
      writeFileSync(trace, flipped);
      const snapshots: Snapshot[] = [];
      const { badLines } = readSessionFiles(dir, { moment: ({ snapshot }) => snapshots.push(snapshot) });
      const bad = badLines['proc_trace.jsonl'] ?? 0;
      const lines = flipped
        .toString('latin1')
        .split('\n')
        .filter((line) => line !== '').length;
      assert.equal(snapshots.length + bad, lines, `byte ${at}, bit ${bit}: every line is read or counted`);
      assert.equal(snapshots[0]?.seq, 0);
      // The newline itself lost glues the third line to the second: both are one bad line then.
      if (at < end) assert.equal(snapshots.at(-1)?.seq, 2);
      counted += bad;
    }
  }
  assert.ok(counted > 100, 'most flips of structure are seen');
});

test('records of another kind count as bad, in every file, and a file that is missing does not', () => {
  const strange = addSession(root, 'strange');
  writeFileSync(join(strange, 'proc_trace.jsonl'), '[]\n"text"\n7\nnull\n{"event":"other"}\n');
  writeFileSync(join(strange, 'lifecycle.jsonl'), '{"event":"unheard_of","timestamp":"x"}\n');
  const taken: unknown[] = [];
  const take = (record: unknown): void => void taken.push(record);
  const files = readSessionFiles(strange, { moment: take, tree: take, anomaly: take });
  assert.deepEqual(files.badLines, { 'proc_trace.jsonl': 5, 'lifecycle.jsonl': 1 });
  assert.deepEqual([files.snapshotCount, files.lifecycle, taken], [0, [], []]);
});

test('a name that leads elsewhere, or a link to elsewhere, is no session', () => {
  mkdirSync(join(root.path, 'elsewhere'));
  symlinkSync(join(root.path, 'elsewhere'), join(root.sessions, 'link'));
  for (const name of ['link', '..', '.', '', '../elsewhere', 'a/b', 'a\0b', 'x'.repeat(300)]) {
    assert.equal(findSession(root, name), undefined, JSON.stringify(name));
  }
  assert.equal(findSession(root, 'damaged')?.dir, dir);
});
