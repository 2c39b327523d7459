import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { isoFromMs } from '../../../src/core/words/time.ts';
import { findLine } from '../../../src/server/panel/findLine.ts';

const dir = mkdtempSync(join(tmpdir(), 'find-line-'));
after(() => rmSync(dir, { recursive: true, force: true }));

function fileOf(lines: readonly string[]): string {
  const path = join(dir, 'trace.jsonl');
  writeFileSync(path, lines.map((line) => `${line}\n`).join(''));
  return path;
}

const line = (seq: number, ms = seq * 1000) =>
  JSON.stringify({ ts: isoFromMs(ms), seq, padding: 'x'.repeat(seq % 700) });
const wanted = (seq: number) => (record: { readonly [key: string]: unknown }) => record['seq'] === seq;

test('finds every line of a long file, the first and the last included', () => {
  const path = fileOf(Array.from({ length: 20_000 }, (_, seq) => line(seq)));
  for (const seq of [0, 1, 2, 777, 9999, 10_000, 15_321, 19_998, 19_999]) {
    assert.equal(findLine(path, seq * 1000, wanted(seq))?.['seq'], seq);
  }
  assert.equal(findLine(path, 5000, wanted(-1)), undefined);
});

test('damaged lines in between do not hide the others', () => {
  const path = fileOf(Array.from({ length: 9000 }, (_, seq) => (seq % 3 === 1 ? '{"seq": broken' : line(seq))));
  for (const seq of [0, 3, 4500, 8997]) assert.equal(findLine(path, seq * 1000, wanted(seq))?.['seq'], seq);
});

test('a file whose times are in no order is read as a whole', () => {
  const path = fileOf(Array.from({ length: 9000 }, (_, seq) => line(seq, (8999 - seq) * 100_000)));
  assert.equal(findLine(path, (8999 - 17) * 100_000, wanted(17))?.['seq'], 17);
});
