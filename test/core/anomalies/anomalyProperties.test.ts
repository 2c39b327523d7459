import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { anomalyFrom, anomalyRecord } from '../../../src/core/session/anomaly.ts';
import { episodesOf } from '../../../src/core/anomalies/episodes.ts';
import {
  createDetector,
  findAnomalies,
  SeriesFacts,
  type DetectorOptions,
  type Moment,
} from '../../../src/core/anomalies/findAnomalies.ts';
import { jsonLine, parseJson } from '../../../src/core/words/json.ts';
import { LowsHistory } from '../../../src/core/anomalies/lowsHistory.ts';
import { snapshotFrom } from '../../../src/core/session/snapshot.ts';
import { isoFromMs } from '../../../src/core/words/time.ts';
import { trendOf } from '../../../src/core/anomalies/riseTrend.ts';
import { treeSampleFrom } from '../../../src/core/session/tree.ts';
import { randomFrom } from '../randomFrom.ts';
import { STANDARD_ANOMALY_KINDS } from '../../../src/core/words/vocabulary.ts';

/** Values that a field may have in a file that anybody may have written. */
const field = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: -1, max: 2_000_000 }) },
  // JSON writes -0 as 0: what comes back is equal, not identical.
  fc.double().map((value) => value + 0),
  fc.constantFrom(
    '',
    'zombie',
    'disk-sleep',
    'nfs_wait',
    'node',
    'sh',
    '0000000000000000',
    '0000000000004000',
    null,
    true,
  ),
  fc.string({ maxLength: 20 }),
);
const TIMES = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 100_000_000 }).map((ms) => isoFromMs(1_770_000_000_000 + ms)) },
  fc.constantFrom('', 'yesterday', null),
);
const STANDARD_FIELDS =
  'pid comm state vm_rss_kb threads fd_count fd_soft_limit sig_pnd oom_score wchan cpu_percent'.split(' ');
const OUR_FIELDS =
  'oom_score_adj shd_pnd tree_process_count tree_rss_kb tree_cpu_percent mem_available_kb cgroup_memory_kb cgroup_memory_limit_kb psi_memory_some_avg10'.split(
    ' ',
  );
const MEMBER_FIELDS = 'pid ppid start_ticks comm state rss_kb threads fd_count'.split(' ');

function recordWith(fields: readonly string[]): fc.Arbitrary<{ [key: string]: unknown }> {
  return fc.record(Object.fromEntries(fields.map((name) => [name, field])), { requiredKeys: [] });
}

const line = fc
  .tuple(recordWith([...STANDARD_FIELDS, ...OUR_FIELDS]), TIMES)
  .map(([fields, ts]) => ({ ...fields, ts }));
const treeLine = fc.option(
  fc.record({ seq: fc.nat(), output_bytes: field, processes: fc.array(recordWith(MEMBER_FIELDS), { maxLength: 6 }) }),
);
const moments = fc.array(fc.tuple(line, treeLine), { maxLength: 40 }).map((pairs) =>
  pairs.flatMap(([fields, processes], index): Moment[] => {
    const snapshot = snapshotFrom(fields, index);
    return snapshot === undefined ? [] : [{ snapshot, tree: treeSampleFrom(processes) }];
  }),
);
const options: fc.Arbitrary<DetectorOptions> = fc.record({
  mode: fc.constantFrom('strict' as const, 'calibrated' as const),
  pid: fc.constantFrom(undefined, 7),
  expectedComm: fc.constantFrom(undefined, '', 'node', 'claude'),
  cores: fc.constantFrom(undefined, 0, 4),
  intervalSeconds: fc.constantFrom(undefined, 0.1, 5),
});

test('whatever a file holds is judged, dated by its own samples, and survives being written', () => {
  fc.assert(
    fc.property(moments, options, (series, how) => {
      const seqs = new Set(series.map(({ snapshot }) => snapshot.seq));
      const anomalies = findAnomalies(series, how);
      for (const anomaly of anomalies) {
        assert.ok(seqs.has(anomaly.seq));
        const parsed = parseJson(jsonLine(anomalyRecord(anomaly)));
        assert.ok(parsed.ok);
        assert.deepEqual(anomalyFrom(parsed.value)?.detail, anomaly.detail);
      }
      assert.ok(episodesOf(anomalies).reduce((sum, { count }) => sum + count, 0) === anomalies.length);
    }),
    { numRuns: 300 },
  );
});

test('what is said while the session runs stays true: a longer series only adds to it', () => {
  fc.assert(
    fc.property(moments, options, fc.nat(40), (series, how, length) => {
      const detector = createDetector(how);
      const live = series.slice(0, length).flatMap((moment) => detector.push(moment));
      assert.deepEqual(findAnomalies(series, how).slice(0, live.length), live);
    }),
    { numRuns: 200 },
  );
});

test('a series without our fields is judged strictly, and then only by the standard', () => {
  const theirs = fc.array(recordWith(STANDARD_FIELDS), { maxLength: 30 });
  fc.assert(
    fc.property(theirs, options, (lines, how) => {
      const snapshots = lines.flatMap((fields, index) => snapshotFrom(fields, index) ?? []);
      const facts = new SeriesFacts();
      for (const snapshot of snapshots) facts.push(snapshot);
      assert.equal(facts.mode, 'strict');
      const series = snapshots.map((snapshot) => ({ snapshot, tree: undefined }));
      for (const { kind } of findAnomalies(series, { ...how, mode: 'strict' })) {
        assert.ok(STANDARD_ANOMALY_KINDS.some((known) => known === kind));
      }
    }),
    { numRuns: 100 },
  );
});

test('a week of samples is kept in a few hundred numbers', () => {
  const history = new LowsHistory();
  let longest = 0;
  for (let i = 0; i < 7 * 86_400; i++) {
    for (const scale of history.push(i * 1000, i)) longest = Math.max(longest, scale.length);
  }
  assert.equal(longest, 32);
});

test('a trend is found through noise, and where there is only noise its pace is within its error', () => {
  let missed = 0;
  for (let seed = 0; seed < 200; seed++) {
    const random = randomFrom(seed);
    const noise = Array.from({ length: 20 }, (_, seconds) => ({ seconds, value: random() * 10 }));
    const flat = trendOf(noise, 19)?.straight.perSecond ?? Number.NaN;
    if (!(Math.abs(flat) < 2.576 * (trendOf(noise, 19)?.paceError ?? 0))) missed++;
    const climbing = trendOf(
      noise.map(({ seconds, value }) => ({ seconds, value: value + 3 * seconds })),
      19,
    );
    assert.ok(climbing !== undefined && Math.abs(climbing.straight.perSecond - 3) < 1);
  }
  assert.ok(missed <= 6, `${missed} of 200 slopes found in noise`);
});
