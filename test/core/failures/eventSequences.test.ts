import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TranscriptEnding, type EndSign, type HealthyEnd } from '../../../src/core/failures/transcriptEnd.ts';
import type { Symptom, TranscriptEvent } from '../../../src/core/failures/transcriptEvents.ts';
import { TranscriptTally } from '../../../src/core/failures/transcriptTally.ts';
import { TranscriptTurns } from '../../../src/core/failures/transcriptTurns.ts';
import type { ToolKind } from '../../../src/core/words/vocabulary.ts';

/*
 * What follows from the order of events, whichever agent wrote them. An event is a word here: `turn` begins and `over`
 * ends a turn, `goes` is a sign of life in one, `asked` a person's words; `call a`, `ok a`, `bad a` and `denied a` are of
 * a call; `service`, `full`, `turns`, `budget`, `long` and `job` are failures outside of calls, `notice` none; `retry` is
 * a request that failed and may be made again, `again` that it is; `@2` puts it into another scope.
 */

const FAILURES: Readonly<Record<string, Symptom>> = {
  service: { origin: 'service', http_status: 529 },
  full: { origin: 'service', code: 'context_exceeded' },
  turns: { origin: 'session', code: 'max_turns' },
  budget: { origin: 'session', code: 'budget' },
  long: { origin: 'service', said: 'response exceeded the 32000 output token maximum' },
  job: { origin: 'job', code: 'job_failed' },
  notice: { origin: 'service', is_notice: true, said: 'falling back' },
};
const KINDS: Readonly<Record<string, ToolKind>> = { e: 'edit', r: 'read', s: 'search' };

function eventOf(text: string): TranscriptEvent {
  const [told = '', where] = text.split('@');
  const [word = '', call = ''] = told.trim().split(' ');
  const scope = where === undefined ? 'main' : `scope ${where}`;
  const failed = FAILURES[word];
  if (failed !== undefined) return { type: 'failed', symptom: failed };
  switch (word) {
    case 'turn':
      return { type: 'turn_opened', scope };
    case 'over':
      return { type: 'turn_closed', scope };
    case 'goes':
      return { type: 'turn_active', scope };
    case 'asked':
      return { type: 'turn_active', scope, is_prompt: true };
    case 'again':
      return { type: 'turn_active', scope, is_attempt: true };
    case 'call':
      return { type: 'call_opened', call, scope, tool_kind: KINDS[call.charAt(0)] ?? 'shell', command: 'other' };
    case 'ok':
      return { type: 'call_ok', call };
    case 'bad':
      return { type: 'call_failed', call, symptom: { origin: 'call', exit_code: 2 } };
    case 'denied':
      return { type: 'call_failed', call, symptom: { origin: 'call', code: 'declined' } };
    case 'retry':
      return { type: 'retrying', symptom: { origin: 'service', http_status: 429 } };
    case 'done':
      return { type: 'job_completed' };
    default:
      return assert.fail(text);
  }
}

function tallyOf(events: string): TranscriptTally {
  const tally = new TranscriptTally((line) => `L${line}`);
  for (const [at, word] of events.split(', ').entries())
    if (word !== '') tally.add(eventOf(word), { line: at + 1, ts: `2026-01-01T00:00:${String(at + 10)}.000Z` });
  return tally;
}

test('how a log ends, and what ended it, by the order of its events', () => {
  for (const [events, expected] of [
    ['', 'untold'],
    ['turn, over', 'answered'],
    ['turn', 'open'],
    ['turn, call a', 'open'],
    ['turn, call a, ok a', 'open'],
    ['turn, call a, ok a, over', 'answered'],
    ['turn, over, call a@2', 'open'],
    ['call a, ok a', 'untold'],
    ['turn, service, over', 'failed network'],
    ['turn, service, goes', 'open'],
    ['turn, service, call a, over', 'answered'],
    ['turn, call a, service, ok a, over', 'answered'],
    ['turn, full, over', 'failed model'],
    ['turn, job, over', 'answered'],
    ['turn, notice, over', 'answered'],
    ['turn, retry', 'failed network'],
    ['turn, retry, again', 'failed network'],
    ['turn, retry, done', 'failed network'],
    ['turn, retry, goes, over', 'answered'],
    ['turn, retry, retry, over', 'answered'],
  ] as const) {
    const tally = tallyOf(events);
    const { ended_by: endedBy } = tally.failures(true, { total: 9, malformed: 0 });
    assert.equal([tally.ending(), endedBy].filter((part) => part !== undefined).join(' '), expected, events);
    assert.equal(tally.isBlank, events === '', events);
  }
});

test('which failures are counted, what never ended, and what is only told of a log that nobody writes any more', () => {
  const told = (events: string, isDead = true) => {
    const { counts, unclosed_turns: turns, unclosed_calls: calls, sources } = tallyOf(events).failures(isDead, { total: 9, malformed: 0 });
    const listed = sources.map(({ line, rule, tool_kind }) => [line, rule, tool_kind].filter((part) => part !== undefined).join(' '));
    return `${JSON.stringify(counts)} turns ${turns.at_end}+${turns.in_middle} calls ${calls} [${listed.join(', ')}]`;
  };
  for (const [events, expected] of [
    ['turn, call a, bad a, over', '{"command_exit":1} turns 0+0 calls 0 [3 exit_nonzero shell]'],
    ['turn, call a, bad a, bad a, over', '{"command_exit":1} turns 0+0 calls 0 [3 exit_nonzero shell]'],
    ['turn, bad b, over', '{"command_exit":1} turns 0+0 calls 0 [2 exit_nonzero]'],
    ['turn, call a', '{"unknown":1} turns 1+0 calls 1 [2 call_open_at_end shell]'],
    ['turn', '{"unknown":1} turns 1+0 calls 0 [1 turn_open_at_end]'],
    ['turn, goes', '{"unknown":1} turns 1+0 calls 0 [2 turn_open_at_end]'],
    ['turn, turn, over', '{} turns 0+1 calls 0 []'],
    ['turn, call a, turn, over', '{} turns 0+1 calls 1 []'],
    ['turn, call a, over', '{} turns 0+0 calls 1 []'],
    ['turn, call a, call b, ok a, call c, ok c, over', '{} turns 0+0 calls 1 []'],
    ['turn, call a, call b, ok a', '{"unknown":1} turns 1+0 calls 1 [3 call_open_at_end shell]'],
    ['turn, turn@2, over', '{"unknown":1} turns 1+0 calls 0 [2 turn_open_at_end]'],
    ['turn, retry', '{"network":1} turns 1+0 calls 0 [2 http_rate_limit]'],
    ['turn, retry, goes, over', '{} turns 0+0 calls 0 []'],
    ['turn, retry, asked, over', '{"network":1} turns 0+0 calls 0 [2 http_rate_limit]'],
    ['turn, retry, again, asked, over', '{"network":1} turns 0+0 calls 0 [2 http_rate_limit]'],
    ['turn, notice, over', '{} turns 0+0 calls 0 []'],
  ] as const)
    assert.equal(told(events), expected, events);
  assert.equal(told('turn, call a, retry', false), '{} turns 0+0 calls 0 []', 'somebody writes it still');
  const tally = tallyOf('turn, call a, bad a, call b, ok b, call c');
  assert.deepEqual(tally.calls().map(({ id, status, opened_ts, closed_ts }) => [id, status, opened_ts?.slice(17, 19), closed_ts?.slice(17, 19)].join(' ')), ['a failed 11 12', 'b ok 13 14', 'c open 15 ']);
  assert.deepEqual(tally.openCalls().map(({ id }) => id), ['c']);
  assert.deepEqual(tallyOf('done, turn, done').jobs().map(({ line, handle }) => `${line} ${handle}`), ['1 L1', '3 L3']);
}); // prettier-ignore

function endOf(words: string, healthy: HealthyEnd = { isResultDue: false }, isCut = false): string {
  const ending = new TranscriptEnding(healthy);
  for (const word of words.split(', ')) {
    const sign = SIGNS[word];
    if (sign !== undefined) ending.sign(sign);
    else if (word !== '') ending.take(eventOf(word));
  }
  const end = ending.end(isCut);
  const stop = ending.stop();
  return [end?.name ?? 'untold', end?.failure?.diagnosis.category, stop].filter((part) => part !== undefined).join(' ');
}

const SIGNS: Readonly<Record<string, EndSign>> = {
  says: { type: 'text' },
  cut: { type: 'output_cut' },
  waits: { type: 'approval_asked' },
  pause: { type: 'pause' },
  result: { type: 'result', status: 'ok', turns: 1, hasText: true },
  'result of nothing': { type: 'result', status: 'ok', turns: 0, hasText: false },
  'result of calls': { type: 'result', status: 'ok' },
  'failed result': { type: 'result', status: 'failed' },
  'aborted result': { type: 'result', status: 'aborted' },
};

test('how a session ends by its log: what a person would say who reads it to the end', () => {
  for (const [words, expected] of [
    ['', 'untold'],
    ['turn, says, over', 'answered'],
    ['turn, says', 'turn_open'],
    ['turn', 'nothing_done'],
    ['turn, over', 'answered'],
    ['turn, call a', 'call_open'],
    ['turn, call a, ok a', 'result_unanswered'],
    ['turn, call a, ok a, goes', 'result_unanswered'],
    ['turn, call a, ok a, says, over', 'answered'],
    ['turn, call a, over', 'call_open'],
    ['turn, service, over', 'turn_failed network'],
    ['turn, says, service', 'turn_open network'],
    ['turn, service', 'nothing_done network'],
    ['turn, service, goes, says, over', 'answered'],
    ['turn, service, call a, ok a, says, over', 'answered'],
    ['turn, says, job, over', 'answered'],
    ['turn, says, notice, over', 'answered'],
    ['turn, says, retry', 'turn_open network'],
    ['turn, retry', 'turn_open network'],
    ['turn, says, retry, again', 'turn_open network'],
    ['turn, says, retry, goes', 'turn_open'],
    ['turn, says, over, retry', 'answered'],
    ['turn, full, over', 'context_limit'],
    ['turn, cut, full, over', 'output_limit'],
    ['turn, turns, over', 'turn_limit'],
    ['turn, budget, over', 'budget_limit'],
    ['turn, long, over', 'output_limit'],
    ['turn, says, cut, over', 'output_limit'],
    ['turn, says, cut, goes, says, over', 'answered'],
    ['turn, says, result', 'answered result_given'],
    ['turn, failed result', 'error_result result_given'],
    ['turn, service, failed result', 'error_result network result_given'],
    ['turn, retry, failed result', 'error_result network result_given'],
    ['turn, aborted result', 'aborted result_given'],
    ['turn, service, result', 'answered result_given'],
    ['turn, result of nothing', 'nothing_done result_given'],
    ['turn, call a, ok a, result of calls', 'answered result_given'],
    ['turn, result of calls', 'nothing_done result_given'],
    ['turn, says, result, goes', 'nothing_done'],
    ['turn, says, result, call a', 'call_open'],
    ['turn, says, result, turn, says, over', 'answered'],
    ['turn, says, result, result of nothing', 'nothing_done result_given'],
    ['turn, says, pause', 'answered'],
    ['turn, call a, ok a, pause', 'result_unanswered'],
    ['turn, call a, waits', 'call_open approval_asked'],
    ['turn, call a, waits, ok a', 'result_unanswered'],
    ['turn, says, over, turn@2', 'answered'],
    ['turn, says, over, call a@2', 'answered'],
    ['turn, says, over, goes@2', 'answered'],
    ['turn, says, over@2', 'turn_open'],
    ['turn, says, over, asked', 'nothing_done'],
  ] as const)
    assert.equal(endOf(words), expected, words);
});

test('a session in which what was to be written was denied is blocked, and one that was denied something else is not', () => {
  for (const [attempts, expected] of [
    ['call a, denied a', 'all_denied'],
    ['call a, denied a, call b, denied b', 'all_denied'],
    ['call a, denied a, call b, ok b', 'answered'],
    ['call a, denied a, call b, bad b', 'answered'],
    ['call r1, ok r1, call e1, denied e1', 'all_denied'],
    ['call e1, denied e1, call r1, ok r1', 'all_denied'],
    ['call e1, denied e1, call s1, ok s1', 'all_denied'],
    ['call e1, denied e1, call a, ok a', 'answered'],
    ['call a, ok a, call e1, denied e1', 'all_denied'],
    ['call e1, denied e1, call e2, ok e2', 'answered'],
    ['call r1, denied r1, call r2, ok r2', 'answered'],
    ['call a, denied a, ok a', 'all_denied'],
  ] as const)
    assert.equal(endOf(`turn, ${attempts}, says, over`), expected, attempts);
});

test('what is due at the end differs by format: a result, a call that hands in, turns that are named', () => {
  const due: HealthyEnd = { isResultDue: true };
  for (const [words, expected] of [
    ['turn, says, over', 'no_result'],
    ['turn, says, result', 'answered result_given'],
    ['turn', 'no_result'],
    ['turn, call a', 'call_open'],
    ['turn, call a, ok a', 'result_unanswered'],
    ['turn, says, over, service', 'turn_failed network'],
    ['turn, says, service', 'no_result network'],
  ] as const)
    assert.equal(endOf(words, due), expected, words);
  assert.equal(endOf('turn, says', { isResultDue: false }, true), 'cut_in_line');
  assert.equal(endOf('turn, says, over', due, true), 'cut_in_line');
  assert.equal(endOf('turn, call a', { isResultDue: false }, true), 'call_open');
  const handsIn: HealthyEnd = { isResultDue: false, mayEndAtResult: true };
  assert.equal(endOf('turn, call a, ok a', handsIn), 'answered');
  assert.equal(endOf('turn, call a', handsIn), 'call_open');
  const named: HealthyEnd = { isResultDue: false, hasNamedTurns: true };
  assert.equal(endOf('turn@2, says, over@2', named), 'answered');
  assert.equal(endOf('turn@2, says', named), 'turn_open');
  assert.equal(endOf('turn@2, says, result', named), 'answered');
});

test('turns begin where a person asks or the agent begins, and their calls end at the last line that tells of them', () => {
  const turns = (words: string, total: number) => {
    const found = new TranscriptTurns();
    for (const [at, word] of words.split(', ').entries()) found.add(eventOf(word), { line: at + 1, ts: undefined });
    return found.turns(total).map(({ firstLine, lastLine, calls }) => `${firstLine}-${lastLine} ${calls.map(({ id, status, line, resultLine }) => `${id} ${status} ${line}-${resultLine ?? ''}`).join(', ')}`.trim());
  };
  assert.deepEqual(turns('turn, over, turn, over', 9), ['1-2', '3-9']);
  assert.deepEqual(turns('turn, call a, ok a, over, turn, call b, bad b, ok b', 8), ['1-4 a ok 2-3', '5-8 b failed 6-8']);
  assert.deepEqual(turns('goes, goes, over, goes', 4), ['1-3', '4-4']);
  assert.deepEqual(turns('asked, asked, goes, asked', 4), ['1-3', '4-4'], 'a person’s words may take several lines');
  assert.deepEqual(turns('asked, goes, over, goes, asked', 5), ['1-4', '5-5'], 'then only prompts begin one');
  assert.deepEqual(turns('asked, over, asked', 3), ['1-2', '3-3']);
  assert.deepEqual(turns('asked, call a, asked', 3), ['1-2 a open 2-', '3-3']);
  assert.deepEqual(turns('call a, ok a', 2), ['1-2 a ok 1-2']);
  assert.deepEqual(turns('turn, turn@2, over@2, goes@2', 4), ['1-4'], 'helpers write into the same log');
  assert.deepEqual(turns('turn, ok z, bad z', 3), ['1-3']);
}); // prettier-ignore
