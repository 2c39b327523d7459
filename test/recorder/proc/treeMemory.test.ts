import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findAnomalies } from '../../../src/core/anomalies/findAnomalies.ts';
import { isoFromMs } from '../../../src/core/words/time.ts';
import type { TreeMember } from '../../../src/core/session/tree.ts';
import { TreeMemory } from '../../../src/recorder/proc/treeMemory.ts';
import { snapshotFrom } from '../../../src/core/session/snapshot.ts';

const MB = 1024;
const MACHINE = { mappedKb: 2000 * MB, totalKb: 24_000 * MB };

function members(count: number, rssKb: number, comm = 'worker'): readonly TreeMember[] {
  return Array.from({ length: count }, (_, i) => ({ pid: 100 + i, comm, rss_kb: rssKb })) as unknown as TreeMember[];
}

function rollup(rssKb: number, pssKb: number): string {
  return `00400000-7ffc ---p 00000000 00:00 0   [rollup]\nRss:   ${rssKb} kB\nPss:   ${pssKb} kB\n`;
}

test('a few processes are added up, and of none that tells there is no sum', () => {
  const memory = new TreeMemory(() => assert.fail('a few are not asked'));
  assert.equal(memory.rssKb(members(7, 100 * MB), MACHINE), 700 * MB);
  assert.equal(memory.rssKb([], MACHINE), undefined);
});

test('a sum is never more than all processes of the machine have, nor less than its largest', () => {
  const memory = new TreeMemory(() => undefined);
  assert.equal(memory.rssKb(members(5000, 8 * MB), MACHINE), 2000 * MB);
  assert.equal(memory.rssKb(members(5000, 8 * MB), { totalKb: 24_000 * MB }), 24_000 * MB);
  assert.equal(memory.rssKb(members(2, 3000 * MB), { mappedKb: 10 }), 3000 * MB);
  assert.equal(memory.rssKb(members(5000, 8 * MB), {}), 40_000 * MB);
});

test('large processes are asked for their share only once they matter to the machine', () => {
  let asked = 0;
  const memory = new TreeMemory(() => {
    asked += 1;
    return rollup(500 * MB, 100 * MB);
  });
  assert.equal(memory.rssKb(members(8, 500 * MB), { totalKb: 64_000 * MB }), 4000 * MB);
  assert.equal(asked, 0);
  assert.equal(memory.rssKb(members(8, 500 * MB), { totalKb: 8000 * MB }), 800 * MB);
  assert.equal(asked, 1);
});

test('thousands of forks that fit the machine foretell no end of its memory', () => {
  const memory = new TreeMemory(() => rollup(8 * MB, 100));
  const moments = Array.from({ length: 120 }, (_, seq) => {
    const ts = isoFromMs(Date.UTC(2026, 0, 1) + seq * 1000);
    const fields = { ts, captured_at: ts, seq, event: 'snapshot', pid: 1, comm: 'sh', oom_score_adj: 0 };
    const tree_rss_kb = memory.rssKb(members(1 + 40 * seq, 8 * MB, 'sh'), { totalKb: 24_000 * MB });
    const snapshot = snapshotFrom({ ...fields, tree_rss_kb, mem_available_kb: 22_000 * MB - 100 * 40 * seq }, seq);
    assert.ok(snapshot !== undefined);
    return { snapshot, tree: undefined };
  });
  const options = { mode: 'calibrated', pid: 1, expectedComm: undefined, cores: 2, intervalSeconds: 1 } as const;
  const kinds = findAnomalies(moments, options).map(({ kind }) => kind);
  assert.ok(!kinds.includes('oom_forecast') && !kinds.includes('memory_limit_near'), kinds.join());
});
