import assert from 'node:assert/strict';
import { test } from 'node:test';
import { harnessVerdict } from '../../../src/core/report/harnessVerdict.ts';
import { deathPatterns, type PatternSession } from '../../../src/core/report/patterns.ts';
import { HANDLE, VERSION } from '../../../src/core/report/report.ts';
import { isReportNumber, numberSchema, reportNumber, type NumberKind } from '../../../src/core/report/reportNumbers.ts';
import { SeriesTally } from '../../../src/core/report/seriesTally.ts';
import { snapshotFrom } from '../../../src/core/session/snapshot.ts';
import { CAUSES, type Cause } from '../../../src/core/words/vocabulary.ts';

const TWO_32 = 2 ** 32;
/** What a number of a report becomes, from both sides of each of its limits; null is not told. */
const NUMBERS: Readonly<Record<NumberKind, readonly (readonly [unknown, number | null])[]>> = {
  count: [[-1, null], [0, 0], [0.5, null], [9_999_999, 9_999_999], [10_000_000, 9_999_999], [1e300, 9_999_999]],
  amount: [[1e12, 1e12], [1.001e12, null], [-1e12, -1e12], [-1.001e12, null], [123_456, 123_500], [0.123456, 0.1235], [0, 0]],
  seconds: [[1e8, 1e8], [1.0001e8, null], [-1e8, -1e8], [-1.0001e8, null], [123_456, 123_460], [0.5, 0.5]],
  exit_code: [
    [-255, -255], [-256, null], [65_535, 65_535], [65_536, null], [1.5, null], [0xbfff_ffff, null], [0xc000_0000, 0xc000_0000],
    [0xc000_0fff, 0xc000_0fff], [0xc000_1000, null], [0xc000_0005 - TWO_32, 0xc000_0005 - TWO_32], [0xc000_0005 + TWO_32, null],
    [0xc000_0005 - 2 * TWO_32, null], [0xe043_4352, 0xe043_4352], [0xe043_4353, null], [0xe06d_7363, 0xe06d_7363], [0xe06d_7362, null],
    [0xc001_0000, null],
  ],
}; // prettier-ignore

test('each kind of number is held to what it can be, from both sides of its limits', () => {
  for (const [name, cases] of Object.entries(NUMBERS)) {
    const kind = name as NumberKind; // the table's own keys
    for (const [value, expected] of [
      ...cases,
      [Number.NaN, null],
      [Infinity, null],
      ['1', null],
      [null, null],
    ] as const) {
      assert.equal(reportNumber(value, kind), expected, `${kind} ${String(value)}`);
      assert.equal(isReportNumber(value, kind), expected === value && value !== null, `${kind} ${String(value)}`);
    }
  }
  assert.deepEqual(numberSchema('count'), { type: 'integer', minimum: 0, maximum: 9_999_999 });
  assert.deepEqual(numberSchema('amount'), { type: 'number', minimum: -1e12, maximum: 1e12 });
  assert.deepEqual(numberSchema('seconds'), { type: 'number', minimum: -1e8, maximum: 1e8 });
  assert.deepEqual(numberSchema('exit_code'), { type: 'integer', minimum: -(2 ** 31), maximum: TWO_32 - 1 });
});

test('a version has two or three numbers and at most a word of a list; a handle has a key and a line', () => {
  for (const [pattern, right, wrong] of [
    [
      VERSION,
      ['1.2', '1.2.3', '12345.6.7', '1.2.3-beta', '1.2.3-rc.1', '1.2.3-insider'],
      ['1', '1.2.3.4', '123456.1', '1.2.3-acme', '1.2.3-beta.x', 'v1.2.3', '1.2.3 ', 'x1.2.3', '1.2.3-BETA', '1.2.3-beta.1.2'],
    ],
    [
      HANDLE,
      ['src:0123456789ab:L1', 'src:0123456789ab:L9999999'],
      ['src:0123456789ab:L0', 'src:0123456789ab:L01', 'src:0123456789ab:L10000000', 'src:0123456789AB:L1', 'src:0123456789a:L1', 'xsrc:0123456789ab:L1', 'SRC:0123456789ab:L1'],
    ],
  ] as const) {
    for (const text of right) assert.ok(pattern.test(text), text);
    for (const text of wrong) assert.ok(!pattern.test(text), text);
  }
}); // prettier-ignore

/** Who has to change something, and whether it can be started again, where only the cause is known. */
const BY_CAUSE: Readonly<Record<string, string>> = {
  'none none': 'completed',
  'unknown unknown': 'exit_nonzero vanished lost unknown',
  'unknown unsafe': 'killed terminated ended_mid_task limit_reached',
  'unknown safe': 'did_nothing',
  'environment unsafe': 'oom_kill fd_exhaustion disk_full terminal_lost',
  'environment safe': 'launch_failed blocked',
  'harness unsafe': 'heap_limit crashed timed_out',
  'user none': 'interrupted stopped',
};

test('each cause says who is to blame and whether it may be tried again', () => {
  assert.deepEqual(Object.values(BY_CAUSE).flatMap((causes) => causes.split(' ')).toSorted(), CAUSES.toSorted());
  for (const [expected, causes] of Object.entries(BY_CAUSE))
    for (const cause of causes.split(' ') as Cause[]) {
      const verdict = { outcome: 'died', cause, layer: 'unknown', confidence: 'likely', evidence: [] } as const;
      const { blame, retry } = harnessVerdict('sess-a', verdict, undefined);
      assert.equal(`${blame} ${retry}`, expected, cause);
    }
}); // prettier-ignore

// prettier-ignore

function patternSession(changes: Partial<PatternSession>): PatternSession {
  return {
    endMs: 0,
    hour: 5,
    weekday: 3,
    agent: 'claude',
    cause: 'killed',
    isDeath: true,
    durationSeconds: undefined,
    outputBytes: undefined,
    ...changes,
  };
}

test('deaths are counted by age and by size of output, from both sides of each limit', () => {
  const ages = (...durations: (number | undefined)[]) =>
    deathPatterns(durations.map((durationSeconds) => patternSession({ durationSeconds })), 0).by_age.map(
      ({ key, sessions, deaths }) => `${key}: ${deaths} of ${sessions}`,
    );
  assert.deepEqual(ages(undefined), []);
  assert.deepEqual(ages(0, 9.9, 10, 59, 60, 599, 600, 3599, 3600, 14_399, 14_400), [
    'under 10 s: 2 of 11',
    '10 s to 1 min: 2 of 9',
    '1 to 10 min: 2 of 7',
    '10 min to 1 h: 2 of 5',
    '1 to 4 h: 2 of 3',
    'over 4 h: 1 of 1',
  ]);
  const sizes = [0, 1, 9999, 10_000, 99_999, 100_000, 999_999, 1e6, 9_999_999, 1e7].map((outputBytes, at) =>
    patternSession({ outputBytes, isDeath: at % 2 === 0, endMs: at * 10_000 }),
  );
  const found = deathPatterns([...sizes, patternSession({})], 0);
  assert.deepEqual(
    found.by_output_size.map(({ key, sessions, deaths }) => `${key}: ${deaths} of ${sessions}`),
    ['nothing: 1 of 1', 'under 10 KB: 1 of 2', '10 to 100 KB: 1 of 2', '100 KB to 1 MB: 1 of 2', '1 to 10 MB: 1 of 2', 'over 10 MB: 0 of 1'],
  );
  assert.deepEqual([found.sessions, found.deaths, found.by_cause], [11, 6, [{ key: 'killed', deaths: 6 }]]);
}); // prettier-ignore

test('deaths are told by hour, weekday and agent in their order, and causes by how often they were', () => {
  const found = deathPatterns(
    [
      patternSession({ hour: 23, weekday: 0, agent: 'codex', cause: 'oom_kill', endMs: 1e6 }),
      patternSession({ hour: 4, weekday: 6, agent: 'claude', cause: 'oom_kill', endMs: 2e6 }),
      patternSession({ hour: 4, weekday: 1, agent: 'claude', cause: 'killed', endMs: 3e6 }),
      patternSession({ hour: 12, weekday: 1, agent: 'gemini', cause: 'completed', isDeath: false, endMs: 4e6 }),
    ],
    5e6,
  );
  const told = (groups: readonly { key: string; sessions: number; deaths: number }[]) =>
    groups.map(({ key, sessions, deaths }) => `${key} ${deaths}/${sessions}`);
  assert.deepEqual(told(found.by_hour), ['04:00 2/2', '12:00 0/1', '23:00 1/1']);
  assert.deepEqual(told(found.by_weekday), ['Sunday 1/1', 'Monday 1/2', 'Saturday 1/1']);
  assert.deepEqual(told(found.by_agent), ['claude 2/2', 'codex 1/1', 'gemini 0/1']);
  assert.deepEqual(found.by_cause, [{ key: 'oom_kill', deaths: 2 }, { key: 'killed', deaths: 1 }]);
  assert.equal(found.rate.state, 'too_few');
}); // prettier-ignore

test('several deaths at once are one event where rates are compared, and a rate needs five and twenty sessions', () => {
  const quiet = (count: number) =>
    Array.from({ length: count }, (_, n) => patternSession({ isDeath: false, endMs: n * 3_600_000 }));
  const nowMs = 100 * 86_400_000;
  const recent = (count: number, apartMs: number) =>
    Array.from({ length: count }, (_, n) => patternSession({ endMs: nowMs - 1000 - n * apartMs }));
  const rateOf = (before: number, count: number, apartMs: number) =>
    deathPatterns([...quiet(before), ...recent(count, apartMs)], nowMs).rate;
  assert.deepEqual(rateOf(20, 4, 60_000), { state: 'too_few', needed_in_window: 5, needed_before: 20 });
  assert.equal(rateOf(19, 5, 60_000).state, 'too_few');
  assert.equal(rateOf(20, 5, 5000).state, 'too_few', 'echoes of one event');
  const rose = rateOf(20, 5, 5001);
  assert.ok(rose.state === 'rose', rose.state);
  assert.deepEqual([rose.window_hours, rose.window, rose.before], [
    24,
    { sessions: 5, deaths: 5 },
    { sessions: 20, deaths: 0 },
  ]);
}); // prettier-ignore

test('a long series is told by points that lie evenly, the first and the last among them, whatever its length', () => {
  for (const length of [1, 11, 12, 13, 100, 8191, 8192, 8193, 20_000, 40_000]) {
    const tally = new SeriesTally();
    for (let seq = 0; seq < length; seq += 1) {
      const snapshot = snapshotFrom(
        { ts: new Date(seq * 1000).toISOString(), seq, vm_rss_kb: seq, fd_count: 1, fd_soft_limit: seq },
        0,
      );
      tally.addSnapshot(snapshot ?? assert.fail());
    }
    const told = tally.spread(12).map(({ seq }) => seq);
    assert.equal(tally.count, length);
    assert.equal(tally.first?.seq, 0);
    assert.deepEqual([told.length, told[0], told.at(-1)], [Math.min(12, length), 0, length - 1]);
    const step = (length - 1) / Math.max(1, told.length - 1);
    for (const [at, seq] of told.entries())
      assert.ok(Math.abs(seq - at * step) <= 0.5 + Math.max(0, length / 8192), `${seq} of ${length}`);
    assert.equal(tally.peaks.rssKb, length - 1);
    assert.equal(tally.peaks.fdRatio, length > 1 ? 1 : null, 'a limit of none is no ratio');
  }
});

test('of the trees of a session the fullest counts, and of several the earliest', () => {
  const tally = new SeriesTally();
  const tree = (seq: number, pids: readonly number[]) => ({
    ts: '',
    seq,
    output_bytes: undefined,
    processes: pids.map((pid) => ({ pid }) as never), // nothing but their number is looked at
  });
  for (const [seq, count] of [1, 3, 3, 2].entries())
    tally.addTree(
      tree(
        seq,
        Array.from({ length: count }, (_, n) => n),
      ),
    );
  assert.equal(tally.fullest?.seq, 1);
});
