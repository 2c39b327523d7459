import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failureTrend, type TrendSession } from '../../../src/core/failures/failureTrend.ts';
import type { Failures } from '../../../src/core/session/failures.ts';
import { suspectOf } from '../../../src/core/failures/suspect.ts';

function suspect(counts: Failures['counts'], rest: { unclosed?: number; firm?: Failures['counts'] } = {}) {
  return suspectOf({ counts, firm: rest.firm ?? counts, unclosed: rest.unclosed ?? 0 });
}

test('nothing failed: nobody is suspected', () => {
  assert.equal(suspect({}).layer, 'none');
});

test('nothing found where little could be read clears nobody', () => {
  const sentenceOf = (total: number, malformed: number) =>
    suspectOf({ counts: {}, firm: {}, unclosed: 0, lines: { total, malformed } });
  assert.deepEqual(sentenceOf(0, 0), {
    layer: 'unknown',
    confidence: 'possible',
    because: [],
    sentence: 'Too little evidence to suspect anything: the log is empty.',
  });
  assert.equal(
    sentenceOf(31, 31).sentence,
    'Too little evidence to suspect anything: 31 of 31 lines of the log could not be read.',
  );
  assert.equal(
    sentenceOf(1, 1).sentence,
    'Too little evidence to suspect anything: 1 of 1 line of the log could not be read.',
  );
  assert.equal(sentenceOf(30, 2).layer, 'none');
});

test('mostly environment failures make the environment the suspect, in one sentence of counts', () => {
  assert.deepEqual(suspect({ network: 4, sandbox_approval: 1, command_exit: 2 }), {
    layer: 'environment',
    confidence: 'likely',
    because: ['network', 'sandbox_approval'],
    sentence: 'Environment suspect: 5 of 7 failures are network or sandbox failures; the model was not at fault.',
  });
});

test('the model is not absolved when it failed as well', () => {
  assert.doesNotMatch(suspect({ network: 4, model: 1 }).sentence, /not at fault/);
});

test('one failure that the session survived is too little evidence', () => {
  const { layer, sentence } = suspect({ network: 1 });
  assert.equal(layer, 'unknown');
  assert.equal(sentence, 'Too little evidence to suspect anything: 1 failure (1 network).');
});

test('one failure that ended the session is enough', () => {
  const { layer, confidence } = suspectOf({
    counts: { network: 1 },
    firm: { network: 1 },
    unclosed: 0,
    ended_by: 'network',
  });
  assert.deepEqual([layer, confidence], ['environment', 'likely']);
});

test('guesses do not make a suspect', () => {
  assert.equal(suspect({ missing_dependency: 5 }, { firm: {} }).layer, 'unknown');
});

test('failures of one layer are no unclear suspect, but unsure ones', () => {
  assert.equal(
    suspect({ missing_dependency: 2 }, { firm: {} }).sentence,
    'Too little evidence to suspect the environment: 2 failures (2 missing dependency), none of them for sure.',
  );
  assert.match(
    suspect({ command_exit: 3 }, { firm: { command_exit: 1 } }).sentence,
    /^Too little evidence to suspect the tool: .*, only 1 of them for sure\.$/,
  );
  assert.match(suspect({ network: 2, command_exit: 2 }).sentence, /^No clear suspect: /);
});

test('a log that stops in a call says which kind of call', () => {
  const open = {
    category: 'unknown',
    rule: 'call_open_at_end',
    confidence: 'possible',
    handle: '',
    line: 1,
    ts: null,
  } as const;
  assert.equal(
    suspectOf({ counts: {}, firm: {}, unclosed: 1, sources: [{ ...open, tool_kind: 'shell' }] }).sentence,
    'Lifecycle suspect: nothing failed, but the log has 1 unclosed turn or call (still open: a shell call).',
  );
});

test('a tie has no suspect', () => {
  assert.equal(suspect({ network: 3, command_exit: 3 }).layer, 'unknown');
});

test('a log that stops without a failure points at its lifecycle', () => {
  const { layer, sentence } = suspect({}, { unclosed: 1 });
  assert.equal(layer, 'lifecycle');
  assert.match(sentence, /1 unclosed turn or call/);
});

function session(day: string, counts: Failures['counts'], workspace = 'aaaa'): TrendSession {
  const sources = Object.entries(counts).map(([category], i) => ({
    category: category as keyof Failures['counts'], // Object.entries widens the keys of a literal
    rule: 'dns' as const,
    confidence: 'likely' as const,
    handle: `src:0:L${i}`,
    line: i,
    ts: null,
  }));
  return { failures: { counts, sources, unclosed_calls: 0 }, day, agent: 'codex', workspace };
}

test('a trend shows since when everything fails, by day, agent and workspace', () => {
  const trend = failureTrend([
    session('2026-01-05', { command_exit: 1 }),
    session('2026-01-06', { network: 40 }),
    session('2026-01-07', { network: 2 }, 'bbbb'),
    session('2026-01-07', { network: 1 }),
  ]);
  assert.deepEqual(
    trend.by_day.map((group) => [group.key, group.session_count, group.sessions_by_category]),
    [
      ['2026-01-05', 1, { command_exit: 1 }],
      ['2026-01-06', 1, { network: 1 }],
      ['2026-01-07', 2, { network: 2 }],
    ],
  );
  assert.deepEqual(trend.by_day[1]?.counts, { network: 40 });
  assert.deepEqual(
    trend.by_workspace.map((group) => group.key),
    ['aaaa', 'bbbb'],
  );
  assert.equal(trend.suspect.layer, 'environment');
});

test('one session that failed a hundred times does not decide for many', () => {
  const trend = failureTrend([
    session('2026-01-05', { network: 100 }),
    session('2026-01-05', { command_exit: 1 }),
    session('2026-01-05', { command_exit: 1 }),
  ]);
  assert.equal(trend.suspect.layer, 'tool');
});

test('firm evidence that is the smaller part of all failures makes no suspect', () => {
  assert.equal(suspect({ network: 2, missing_dependency: 5 }, { firm: { network: 2 } }).layer, 'unknown');
});
