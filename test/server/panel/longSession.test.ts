import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { MomentQuery, Queries, QueryName } from '../../../src/core/panel/serverProtocol.ts';
import { isoFromMs } from '../../../src/core/words/time.ts';
import { answerQuery } from '../../../src/server/panel/answerQuery.ts';
import { SessionCatalog } from '../../../src/server/panel/sessionCatalog.ts';
import { SessionReaders } from '../../../src/server/panel/sessionReaders.ts';
import { ScriptedRoot, START_MS } from '../../webview/scriptedRoot.ts';

/** More than the server keeps in memory one by one. */
const COUNT = 280_000;
const STEP_MS = 1000;

const root = new ScriptedRoot();
after(() => root.remove());
const session = root.session('long');
const msOf = (seq: number): number => START_MS + seq * STEP_MS;
const rssOf = (seq: number): number => 200_000 + ((seq * 7919) % 50_000);

for (let from = 0; from < COUNT; from += 20_000) {
  const trace: string[] = [];
  const trees: string[] = [];
  for (let seq = from; seq < from + 20_000; seq += 1) {
    const ts = isoFromMs(msOf(seq));
    trace.push(
      `{"captured_at":"${ts}","oom_score_adj":0,"seq":${seq},"tree_rss_kb":${rssOf(seq)},"vm_rss_kb":${rssOf(seq)}}\n`,
    );
    // As a recorder thins them.
    if (seq % 16 === 0) trees.push(`{"processes":[{"pid":${seq}}],"seq":${seq},"ts":"${ts}"}\n`);
  }
  session.raw('proc_trace.jsonl', trace.join(''));
  session.raw('tree.jsonl', trees.join(''));
}
session.finish({ skill_command: 'long', anomaly_count: 0, snapshot_count: COUNT });

const catalog = new SessionCatalog();
catalog.setRoots([root.path]);
const readers = new SessionReaders(catalog);

function asked<N extends QueryName>(name: N, params: Omit<Queries[N]['params'], 'session'>): Queries[N]['result'] {
  const reply = answerQuery({ catalog, readers }, name, { session: session.ref, ...params });
  assert.ok(reply.ok);
  return reply.value;
}

function momentOf(query: Partial<MomentQuery>): Queries['moment']['result'] {
  return asked('moment', { seq: undefined, atMs: undefined, ...query });
}

test('all of it is told by its count and drawn from its first sample to its last', () => {
  const { snapshotCount, series } = asked('series', { fromMs: undefined, toMs: undefined, pixels: 800 });
  assert.equal(snapshotCount, COUNT);
  const { t = [], v = [] } = series.vm_rss_kb ?? {};
  assert.ok(t.length > 500 && t.length <= 2000);
  assert.equal(t[0], msOf(0));
  assert.ok((t.at(-1) ?? 0) >= msOf(COUNT - 1000));
  assert.ok(!v.includes(null));
});

test('whoever zooms in sees each sample as it was, however long ago', () => {
  for (const seq of [1, 50_000, 200_123, COUNT - 200]) {
    const range = { fromMs: msOf(seq), toMs: msOf(seq + 100), pixels: 800 };
    const { t = [], v = [] } = asked('series', range).series.vm_rss_kb ?? {};
    const seqs = Array.from({ length: 103 }, (_, i) => seq - 1 + i);
    assert.deepEqual(t, seqs.map(msOf));
    assert.deepEqual(v, seqs.map(rssOf));
    // Further in, and beside it.
    const closer = asked('series', { fromMs: msOf(seq + 10), toMs: msOf(seq + 20), pixels: 800 });
    assert.equal(closer.series.vm_rss_kb?.t.length, 13);
    const beside = asked('series', { fromMs: msOf(seq + 90), toMs: msOf(seq + 140), pixels: 800 });
    assert.ok((beside.series.vm_rss_kb?.t.length ?? 0) >= 52);
  }
});

test('a sample that is picked by its number or its time is that sample, and so are its neighbours', () => {
  for (const seq of [0, 3, 77_777, 123_456, COUNT - 1]) {
    const found = momentOf({ seq });
    assert.deepEqual([found.seq, found.ms, found.snapshot['vm_rss_kb']], [seq, msOf(seq), rssOf(seq)]);
    assert.equal(found.processes === undefined, seq % 16 !== 0, 'a tree that was thinned is not another one');
    assert.equal(momentOf({ atMs: msOf(seq) + 300 }).seq, seq);
    const [before, behind] = [Math.max(0, seq - 1), Math.min(COUNT - 1, seq + 1)];
    assert.equal(momentOf({ seq, pick: 'next' }).seq, behind);
    assert.equal(momentOf({ seq, pick: 'previous' }).seq, before);
    assert.equal(momentOf({ atMs: msOf(seq) + 300, pick: 'previous' }).seq, before);
  }
});

test('the rows of a table are samples, of all of it and of a part', () => {
  for (const range of [
    { fromMs: undefined, toMs: undefined },
    { fromMs: msOf(1000), toMs: msOf(1500) },
    { fromMs: msOf(1000), toMs: msOf(240_000) },
  ]) {
    const { rows } = asked('rows', { ...range, limit: 50 });
    assert.equal(rows.length, 50);
    for (const { seq, ms, values } of rows) assert.deepEqual([ms, values.vm_rss_kb], [msOf(seq), rssOf(seq)]);
  }
  assert.equal(asked('rows', { fromMs: undefined, toMs: undefined, limit: 10 }).inRange, COUNT);
  assert.equal(asked('rows', { fromMs: msOf(1000), toMs: msOf(1500), limit: 10 }).inRange, 501);
});
