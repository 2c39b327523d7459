import assert from 'node:assert/strict';
import { test } from 'node:test';
import { meaningOfEnd, withTranscriptEnds } from '../../../src/core/failures/incompleteEnd.ts';
import type { TranscriptEnd } from '../../../src/core/failures/transcriptEnd.ts';
import type { Symptom } from '../../../src/core/failures/transcriptEvents.ts';
import { classify } from '../../../src/core/failures/classify/classify.ts';
import type { Verdict } from '../../../src/core/session/verdict.ts';
import { TRANSCRIPT_ENDS, type TranscriptEndName } from '../../../src/core/words/vocabulary.ts';

/** What each end of a log means where it is no answer. To be read by a person. */
const MEANINGS: Readonly<Record<string, string>> = {
  'ended_mid_task unknown likely': 'call_open result_unanswered turn_open cut_in_line no_result',
  'ended_mid_task unknown certain': 'error_result turn_failed',
  'ended_mid_task user certain': 'aborted',
  'did_nothing unknown likely': 'nothing_done',
  'blocked environment likely': 'all_denied',
  'limit_reached user certain': 'turn_limit budget_limit',
  'limit_reached model certain': 'context_limit output_limit',
};
type End = Exclude<TranscriptEndName, 'answered'>;
const ENDS = Object.entries(MEANINGS).flatMap(([meaning, ends]) =>
  ends.split(' ').map((end) => [end as End, meaning] as const),
);

const SUCCESS: Verdict = {
  outcome: 'succeeded',
  cause: 'completed',
  layer: 'none',
  confidence: 'certain',
  evidence: [{ kind: 'exit_status', value: 0 }],
};
const GAVE_UP: Verdict = { ...SUCCESS, outcome: 'failed', cause: 'exit_nonzero', layer: 'unknown' };
const exit = (code: number | null) => ({ exit: { code }, ownSignal: undefined });

function failed(symptom: Partial<Symptom>): Pick<TranscriptEnd, 'failure'> {
  const full: Symptom = { origin: 'service', ...symptom };
  return { failure: { symptom: full, diagnosis: classify(full) } };
}

const end = (name: TranscriptEndName, more: Partial<TranscriptEnd> = {}) => ({ name, ...more }) as TranscriptEnd;
const told = (verdict: Verdict) =>
  `${verdict.outcome}: ${verdict.cause} ${verdict.layer} ${verdict.confidence}${verdict.detail === undefined ? '' : ` ${verdict.detail}`}`;

test('every end of a log but an answer makes of a success an incomplete session, in the words of the table', () => {
  assert.deepEqual([...ENDS.map(([name]) => name), 'answered'].toSorted(), TRANSCRIPT_ENDS.toSorted());
  for (const [name, meaning] of ENDS) {
    const verdict = withTranscriptEnds(SUCCESS, exit(0), { log: end(name), stream: undefined });
    assert.equal(told(verdict), `incomplete: ${meaning}`);
    assert.deepEqual(verdict.evidence, [...SUCCESS.evidence, { kind: 'transcript_end', name }]);
    assert.deepEqual(Object.values(meaningOfEnd(name)).join(' '), meaning);
  }
});

test('what does not end with a success of its own keeps its verdict, whatever its log says', () => {
  const ends = { log: end('call_open'), stream: undefined };
  for (const [verdict, facts] of [
    [SUCCESS, exit(1)],
    [SUCCESS, { exit: undefined, ownSignal: undefined }],
    [
      { ...SUCCESS, outcome: 'stopped', cause: 'stopped' },
      { exit: { code: 0 }, ownSignal: { why: 'stop' } },
    ],
    [{ ...SUCCESS, outcome: 'died', cause: 'killed' }, exit(null)],
  ] as const)
    assert.equal(withTranscriptEnds(verdict, facts, ends), verdict);
  assert.equal(withTranscriptEnds(SUCCESS, exit(0), undefined), SUCCESS);
  assert.equal(withTranscriptEnds(SUCCESS, exit(0), { log: undefined, stream: undefined }), SUCCESS);
  assert.equal(withTranscriptEnds(SUCCESS, exit(0), { log: end('answered'), stream: undefined }), SUCCESS);
  const reaped = { exit: { code: null }, ownSignal: { why: 'after_result' } };
  assert.equal(told(withTranscriptEnds(SUCCESS, reaped, ends)), 'incomplete: ended_mid_task unknown likely');
});

test('who was asked to end while at work has not done its work, and who had none is what it was', () => {
  const stopped: Verdict = { ...SUCCESS, outcome: 'stopped', cause: 'interrupted', layer: 'user' };
  const open = 'call_open result_unanswered turn_open cut_in_line no_result aborted'.split(' ');
  for (const why of ['terminate_forwarded', 'interrupt_forwarded'])
    for (const [name] of ENDS) {
      const verdict = withTranscriptEnds(stopped, { exit: { code: 0 }, ownSignal: { why } }, { log: end(name), stream: undefined });
      if (open.includes(name)) assert.match(told(verdict), /^incomplete: ended_mid_task lifecycle likely$/, name);
      else assert.equal(verdict, stopped, name);
    }
}); // prettier-ignore

test('of what was printed and what was logged that decides which tells of an error, else what was printed', () => {
  const decided = (log: TranscriptEnd, stream: TranscriptEnd) => {
    const { outcome, evidence } = withTranscriptEnds(SUCCESS, exit(0), { log, stream });
    return outcome === 'succeeded' ? 'answered' : evidence.at(-1)?.name;
  };
  const failure = failed({ http_status: 429 });
  for (const [log, stream, expected] of [
    [end('call_open'), end('answered'), 'answered'],
    [end('turn_failed'), end('answered'), 'turn_failed'],
    [end('answered'), end('answered'), 'answered'],
    [end('answered'), end('no_result'), 'no_result'],
    [end('answered'), end('error_result'), 'error_result'],
    [end('call_open'), end('error_result'), 'error_result'],
    [end('turn_failed'), end('error_result'), 'error_result'],
    [end('call_open'), end('no_result'), 'no_result'],
    [end('turn_failed'), end('no_result'), 'turn_failed'],
    [end('call_open', failure), end('no_result'), 'call_open'],
    [end('call_open', failure), end('no_result', failure), 'no_result'],
  ] as const)
    assert.equal(decided(log, stream), expected, `${log.name} ${stream.name}`);
});

test('an error that ended it is told with its layer and in the words of the harness, never of a tool', () => {
  const detail = (symptom: Partial<Symptom>) =>
    told(withTranscriptEnds(SUCCESS, exit(0), { log: end('turn_failed', failed(symptom)), stream: undefined })).replace('incomplete: ended_mid_task ', '');
  for (const [symptom, expected] of [
    [{ code: 'rate_limit' }, 'environment certain rate_limit'],
    [{ code: 'authentication' }, 'environment certain auth'],
    [{ code: 'billing' }, 'environment certain quota'],
    [{ code: 'overloaded' }, 'environment certain overloaded'],
    [{ code: 'permission' }, 'environment certain permission'],
    [{ code: 'context_exceeded' }, 'model certain'],
    [{ http_status: 401 }, 'environment certain auth'],
    [{ http_status: 429 }, 'environment certain rate_limit'],
    [{ said: 'getaddrinfo ENOTFOUND api.x.test' }, 'environment certain dns'],
    [{ said: 'stream error: EAI_AGAIN' }, 'environment certain dns'],
    [{ said: 'connect ECONNREFUSED 127.0.0.1:1' }, 'environment certain refused'],
    [{ said: 'Connection refused' }, 'environment certain refused'],
    [{ said: 'fetch failed: self signed certificate' }, 'environment certain tls'],
    [{ said: 'You exceeded your current quota' }, 'environment certain quota'],
    [{ said: 'Rate limit reached' }, 'environment certain rate_limit'],
    [{ said: 'Too many requests' }, 'environment certain rate_limit'],
    [{ said: 'Overloaded' }, 'environment certain overloaded'],
    [{ said: 'Invalid API key' }, 'environment certain auth'],
    [{ said: 'Not logged in' }, 'environment certain auth'],
    [{ said: 'something else' }, 'unknown certain'],
  ] as const)
    assert.equal(detail(symptom), expected, JSON.stringify(symptom));
}); // prettier-ignore

test('an exit with a code that says nothing has the reason that its log ends with, and is no surer than likely', () => {
  const explained = (verdict: Verdict, symptom: Partial<Symptom> | undefined) => {
    const more = symptom === undefined ? {} : failed(symptom);
    return withTranscriptEnds(verdict, exit(1), { log: end('turn_failed', more), stream: undefined });
  };
  const limited = { http_status: 429 };
  const verdict = explained(GAVE_UP, limited);
  assert.equal(told(verdict), 'failed: exit_nonzero environment likely rate_limit');
  assert.deepEqual(verdict.evidence.at(-1), { kind: 'transcript_end', name: 'turn_failed' });
  assert.equal(explained({ ...GAVE_UP, confidence: 'possible' }, limited).confidence, 'possible');
  assert.equal(explained({ ...GAVE_UP, detail: 'assertion' }, limited).detail, 'assertion');
  assert.equal(explained(GAVE_UP, { code: 'context_exceeded' }).layer, 'model');
  for (const same of [
    { ...GAVE_UP, layer: 'environment' },
    { ...GAVE_UP, cause: 'killed' },
  ] as const)
    assert.equal(explained(same, limited), same);
  assert.equal(explained(GAVE_UP, undefined), GAVE_UP);
  assert.equal(explained(GAVE_UP, { said: 'something else' }), GAVE_UP);
  assert.equal(explained(GAVE_UP, { code: 'invalid_params' }), GAVE_UP, 'a call of its own ends no session');
});
