import { booleanOf, integerOf, stringOf, type JsonRecord } from '../words/json.ts';
import { signalOfExitCode } from '../words/signals.ts';
import { verdictFrom, type Verdict } from './verdict.ts';
import { CAUSES, wordOf, type Cause, type Outcome } from '../words/vocabulary.ts';

/** A running session has no verdict yet. */
export const STILL_RUNNING: Verdict = {
  outcome: 'running',
  cause: 'unknown',
  layer: 'none',
  confidence: 'certain',
  evidence: [],
};

const BY_SUBTYPE: Readonly<Record<string, readonly [Outcome, Cause]>> = {
  success: ['succeeded', 'completed'],
  incomplete: ['incomplete', 'ended_mid_task'],
  error_during_execution: ['failed', 'exit_nonzero'],
  timeout: ['died', 'timed_out'],
  interrupted: ['stopped', 'interrupted'],
  stopped: ['stopped', 'stopped'],
  crashed: ['died', 'crashed'],
  lost: ['lost', 'lost'],
};

const BY_SIGNAL: Readonly<Record<number, readonly [Outcome, Cause]>> = {
  2: ['stopped', 'interrupted'],
  9: ['died', 'killed'],
  15: ['died', 'terminated'],
};

/** What an index line, or another writer's summary, tells of the end without a verdict of ours. */
export interface WrittenEnd {
  readonly success: boolean;
  readonly subtype: string;
  readonly exit_code: number | null | undefined;
}

export function outcomeOf(end: WrittenEnd): Outcome {
  return endOf(end)[0];
}

export function causeOf(end: WrittenEnd): Cause {
  return endOf(end)[1];
}

function endOf({ success, subtype, exit_code: exitCode }: WrittenEnd): readonly [Outcome, Cause] {
  // `success: true` with a negative exit code is a session that was killed after it had completed.
  if (success) return ['succeeded', 'completed'];
  const told = BY_SUBTYPE[subtype];
  // -1 is what a program writes that has no exit code, and no SIGHUP.
  const isBySignal = typeof exitCode === 'number' && exitCode < -1;
  // Another writer says "error" of any end; who stopped it, or that its time was up, is told by a word of its own.
  if (isBySignal && (told === undefined || UNTOLD.has(subtype))) return BY_SIGNAL[-exitCode] ?? ['died', 'crashed'];
  return told ?? ['failed', typeof exitCode === 'number' && exitCode > 0 ? 'exit_nonzero' : 'unknown'];
}

/** Subtypes that leave open how the process ended. */
const UNTOLD: ReadonlySet<string> = new Set(['crashed', 'error_during_execution']);

/** Where the cause is not known, the outcome says more. */
export function knownCause(cause: Cause | undefined): Cause | undefined {
  return cause === 'unknown' ? undefined : cause;
}

/** A finished session without a summary was left by a recorder that died before it could write one. */
const NEVER_TOLD: Verdict = { outcome: 'lost', cause: 'lost', layer: 'unknown', confidence: 'likely', evidence: [] };

/** The one answer to what became of a session, whoever asks. */
export function sessionVerdict(session: {
  readonly isRunning: boolean;
  readonly summary: JsonRecord | undefined;
}): Verdict {
  if (session.isRunning) return STILL_RUNNING;
  return session.summary === undefined ? NEVER_TOLD : summaryVerdict(session.summary);
}

/** The same from a line of the index, which knows less; no cause where nothing is known that the outcome does not say. */
export function listedEnd(
  session: WrittenEnd & { readonly state: 'running' | 'finished'; readonly cause: string | null },
): {
  readonly outcome: Outcome;
  readonly cause: Cause | undefined;
} {
  if (session.state === 'running') return { outcome: 'running', cause: undefined };
  return { outcome: outcomeOf(session), cause: knownCause(wordOf(CAUSES, session.cause) ?? causeOf(session)) };
}

/** What a summary says of the end: our own verdict or, from another writer, what its exit status allows to say. */
export function summaryVerdict(summary: JsonRecord): Verdict {
  const ours = verdictFrom(summary['verdict']);
  if (ours !== undefined) return ours;
  const success = booleanOf(summary['success']) ?? false;
  const subtype = stringOf(summary['subtype']) ?? '';
  const exitCode = integerOf(summary['exit_code']);
  const signal = exitCode !== undefined && exitCode < 0 ? signalOfExitCode(128 - exitCode) : undefined;
  const end = { success, subtype, exit_code: exitCode };
  const cause = causeOf(end);
  return {
    outcome: outcomeOf(end),
    cause,
    layer: cause === 'interrupted' || cause === 'stopped' ? 'user' : success ? 'none' : 'unknown',
    confidence: success ? 'likely' : 'possible',
    evidence:
      exitCode === undefined
        ? []
        : [{ kind: 'exit_status', value: exitCode, ...(signal !== undefined && { name: signal }) }],
  };
}
