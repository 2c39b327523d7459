import { detailOfStatus } from '../session/statusDetail.ts';
import { layerOf } from './suspect.ts';
import type { Symptom } from './transcriptEvents.ts';
import type { TranscriptEnd } from './transcriptEnd.ts';
import type { Evidence, Verdict } from '../session/verdict.ts';
import type { Cause, Confidence, Layer, TranscriptEndName, VerdictDetail } from '../words/vocabulary.ts';

/** How the agent's own log and what it printed end; either may be missing, or say nothing. */
export interface TranscriptEnds {
  readonly log: TranscriptEnd | undefined;
  readonly stream: TranscriptEnd | undefined;
}

type Meaning = readonly [Cause, Layer, Confidence];
const MID_TASK: Meaning = ['ended_mid_task', 'unknown', 'likely'];
const ERROR: Meaning = ['ended_mid_task', 'unknown', 'certain'];

const MEANINGS: { readonly [end in Exclude<TranscriptEndName, 'answered'>]: Meaning } = {
  call_open: MID_TASK,
  result_unanswered: MID_TASK,
  turn_open: MID_TASK,
  cut_in_line: MID_TASK,
  no_result: MID_TASK,
  error_result: ERROR,
  turn_failed: ERROR,
  aborted: ['ended_mid_task', 'user', 'certain'],
  nothing_done: ['did_nothing', 'unknown', 'likely'],
  all_denied: ['blocked', 'environment', 'likely'],
  turn_limit: ['limit_reached', 'user', 'certain'],
  budget_limit: ['limit_reached', 'user', 'certain'],
  context_limit: ['limit_reached', 'model', 'certain'],
  output_limit: ['limit_reached', 'model', 'certain'],
};

/** What an end of a log means where it is no answer. */
export function meaningOfEnd(end: Exclude<TranscriptEndName, 'answered'>): {
  readonly cause: Cause;
  readonly layer: Layer;
  readonly confidence: Confidence;
} {
  const [cause, layer, confidence] = MEANINGS[end];
  return { cause, layer, confidence };
}

/** What of the facts of an end decides whether its log has a say. */
interface EndFacts {
  readonly exit: { readonly code: number | null } | undefined;
  readonly ownSignal: { readonly why: string } | undefined;
}

/** An exit with 0 is a success only if nothing says otherwise. */
export function withTranscriptEnds(verdict: Verdict, facts: EndFacts, ends: TranscriptEnds | undefined): Verdict {
  const end = ends && decisive(ends);
  if (end === undefined || end.name === 'answered') return verdict;
  if (facts.exit?.code !== 0 && facts.ownSignal?.why !== 'after_result') return withReason(verdict, end);
  const isAsked = ASKED.has(facts.ownSignal?.why ?? '');
  if (verdict.outcome !== 'succeeded' && !isAsked) return verdict;
  const told: Evidence = { kind: 'transcript_end', name: end.name };
  const evidence = [...verdict.evidence, told];
  const [cause, layer, confidence] = MEANINGS[end.name];
  if (isAsked) {
    if (!OPEN.has(end.name)) return verdict;
    return { outcome: 'incomplete', cause, layer: 'lifecycle', confidence: 'likely', evidence };
  }
  const detail = end.failure && detailOf(end.failure.symptom);
  const failed = end.failure && layerOf(end.failure.diagnosis.category);
  return {
    outcome: 'incomplete',
    cause,
    layer: failed ?? layer,
    confidence,
    ...(detail !== undefined && { detail }),
    evidence,
  };
}

/** It gave up with a code that says nothing, and its log says of what. */
function withReason(verdict: Verdict, { name, failure }: TranscriptEnd): Verdict {
  if (verdict.cause !== 'exit_nonzero' || verdict.layer !== 'unknown' || failure === undefined) return verdict;
  const layer = layerOf(failure.diagnosis.category);
  const detail = verdict.detail ?? detailOf(failure.symptom);
  if (layer === undefined || (layer !== 'environment' && layer !== 'model')) return verdict;
  const evidence: readonly Evidence[] = [...verdict.evidence, { kind: 'transcript_end', name }];
  const confidence = verdict.confidence === 'certain' ? 'likely' : verdict.confidence;
  return { ...verdict, layer, confidence, ...(detail !== undefined && { detail }), evidence };
}

/** It may clean up and exit with 0 after these. */
const ASKED: ReadonlySet<string> = new Set(['terminate_forwarded', 'interrupt_forwarded']);

/** It was at work when its log stopped. */
const OPEN: ReadonlySet<TranscriptEndName> = new Set([
  'call_open',
  'result_unanswered',
  'turn_open',
  'cut_in_line',
  'no_result',
  'aborted',
]);

/**
 * What was printed ends with a result, and some agents write less into their own log: it decides where it tells. An
 * error that only one of them knows is one.
 */
function decisive({ log, stream }: TranscriptEnds): TranscriptEnd | undefined {
  if (stream === undefined || log === undefined) return stream ?? log;
  if (stream.name === 'answered' && log.name !== 'answered') return MEANINGS[log.name][2] === 'certain' ? log : stream;
  if (stream.name === 'answered' || MEANINGS[stream.name][2] === 'certain') return stream;
  if (log.name === 'answered') return stream;
  const knowsMore = log.failure !== undefined && stream.failure === undefined;
  return knowsMore || MEANINGS[log.name][2] === 'certain' ? log : stream;
}

const BY_CODE: { readonly [code in NonNullable<Symptom['code']>]?: VerdictDetail } = {
  rate_limit: 'rate_limit',
  authentication: 'auth',
  billing: 'quota',
  overloaded: 'overloaded',
  permission: 'permission',
};

/** What the harness itself said, never a tool's output. */
const BY_WORDS: readonly (readonly [RegExp, VerdictDetail])[] = [
  [/\bENOTFOUND\b|\bEAI_AGAIN\b|\bgetaddrinfo\b|dns error|failed to lookup address|name resolution/i, 'dns'],
  [/\bECONNREFUSED\b|connection refused/i, 'refused'],
  [/\bcertificate\b|\bTLS\b|\bSSL\b/i, 'tls'],
  [/insufficient_quota|quota exceeded|exceeded your current quota|credit balance/i, 'quota'],
  [/rate.?limit|too many requests/i, 'rate_limit'],
  [/overloaded|server had an error|internal server error/i, 'overloaded'],
  [/invalid api key|incorrect api key|authentication|unauthorized|not logged in|please run \/login/i, 'auth'],
];

function detailOf({ code, http_status: status, said = '' }: Symptom): VerdictDetail | undefined {
  const known = code && BY_CODE[code];
  if (known !== undefined) return known;
  if (status !== undefined) return detailOfStatus(status) ?? byWords(said);
  return byWords(said);
}

function byWords(said: string): VerdictDetail | undefined {
  return BY_WORDS.find(([pattern]) => pattern.test(said.slice(0, 2000)))?.[1];
}
