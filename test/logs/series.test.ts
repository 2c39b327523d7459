import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { Moment } from '../../src/core/anomalies/detector.ts';
import { readSeries, seriesIn } from '../../src/logs/series.ts';
import { scratchFolder } from './scratch.ts';
import { traceLine } from './traceLine.ts';

const dir = scratchFolder();

function treeLine(seq: number, mark = 0): string {
  return JSON.stringify({ ts: '', seq, output_bytes: mark, processes: [] });
}

/** Of each moment the snapshot's number and, where it has a tree, the tree's number and mark. */
function momentsOf(traces: readonly string[], trees: readonly string[]): readonly (readonly (number | undefined)[])[] {
  const files = seriesIn(dir);
  writeFileSync(files.trace, traces.map((line) => `${line}\n`).join(''));
  writeFileSync(join(dir, 'tree.jsonl'), trees.map((line) => `${line}\n`).join(''));
  const moments: Moment[] = [];
  readSeries(files, { moment: (moment) => moments.push(moment) });
  return moments.map(({ snapshot, tree }) => [snapshot.seq, tree?.seq, tree?.output_bytes]);
}

test('each snapshot gets the tree of its number, however many of either are missing', () => {
  const seqs = fc.uniqueArray(fc.integer({ min: 0, max: 60 }), { maxLength: 40 });
  fc.assert(
    fc.property(seqs, seqs, (traces, trees) => {
      const [ours, theirs] = [traces.toSorted((a, b) => a - b), trees.toSorted((a, b) => a - b)];
      const moments = momentsOf(
        ours.map((seq) => traceLine(seq)),
        theirs.map((seq) => treeLine(seq, seq)),
      );
      const expected = ours.map((seq) => (theirs.includes(seq) ? [seq, seq, seq] : [seq, undefined, undefined]));
      assert.deepEqual(moments, expected);
    }),
  );
});

test('a damaged number costs its own sample alone, and a file that begins anew is joined anew', () => {
  const seqs = [0, 1, 2, 3, 4, 5];
  const replaced = (at: number, seq: number) => seqs.map((own, i) => (i === at ? seq : own));
  const joined = (own: readonly number[], trees: readonly number[]) =>
    momentsOf(
      own.map((seq) => traceLine(seq)),
      trees.map((seq) => treeLine(seq)),
    ).filter(([seq, tree]) => seq === tree).length;
  assert.equal(joined(seqs, seqs), 6);
  for (const wrong of [-7, 0, 900]) {
    assert.ok(joined(replaced(3, wrong), seqs) >= 5, `trace with ${wrong}`);
    assert.ok(joined(seqs, replaced(3, wrong)) >= 5, `tree with ${wrong}`);
  }
  assert.equal(joined([...seqs, ...seqs], [...seqs, ...seqs]), 12);
  // Written twice by a recorder that went on: the later one counts.
  assert.deepEqual(momentsOf([traceLine(1)], [treeLine(1, 10), treeLine(1, 20)]), [[1, 1, 20]]);
});

test('damaged lines are counted in both files, also where nobody wants the moments', () => {
  const files = seriesIn(dir);
  writeFileSync(files.trace, `${traceLine(0)}\nno json\n${traceLine(1)}\n`);
  writeFileSync(join(dir, 'tree.jsonl'), `[]\n${treeLine(0)}\n{"seq":1}\n`);
  let trees = 0;
  const counted = readSeries(files, { tree: () => (trees += 1) });
  assert.deepEqual(counted, { snapshots: 2, badTraceLines: 1, badTreeLines: 2 });
  assert.equal(trees, 1);
});
