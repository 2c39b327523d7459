import type { ExitFacts } from './deathFacts.ts';
import { signalNumber } from '../words/signals.ts';
import type { Verdict } from '../session/verdict.ts';
import type { Cause, Subtype, TerminationReason } from '../words/vocabulary.ts';

/** How summary.json tells an end in AutoSkillit's words. */
export interface SessionOutcome {
  readonly success: boolean;
  readonly subtype: Subtype;
  readonly termination_reason: TerminationReason;
  /** -n for a death by signal n; `null` when the status is not known. */
  readonly exit_code: number | null;
  readonly signal: string | null;
}

/**
 * `crashed` is a process that was ended without wanting to; `error_during_execution` one that gave up by itself.
 * In `termination_reason` what an outside signal ended is `killed`, what failed inside or was lost `crashed`.
 */
const WORDS: { readonly [cause in Cause]: readonly [Subtype, TerminationReason] } = {
  completed: ['success', 'natural_exit'],
  exit_nonzero: ['error_during_execution', 'natural_exit'],
  fd_exhaustion: ['error_during_execution', 'natural_exit'],
  disk_full: ['error_during_execution', 'natural_exit'],
  launch_failed: ['error_during_execution', 'crashed'],
  timed_out: ['timeout', 'timed_out'],
  stopped: ['stopped', 'stopped'],
  interrupted: ['interrupted', 'killed'],
  killed: ['crashed', 'killed'],
  terminated: ['crashed', 'killed'],
  oom_kill: ['crashed', 'killed'],
  terminal_lost: ['crashed', 'killed'],
  heap_limit: ['crashed', 'crashed'],
  crashed: ['crashed', 'crashed'],
  vanished: ['lost', 'crashed'],
  lost: ['lost', 'crashed'],
  ended_mid_task: ['incomplete', 'natural_exit'],
  did_nothing: ['incomplete', 'natural_exit'],
  blocked: ['incomplete', 'natural_exit'],
  limit_reached: ['incomplete', 'natural_exit'],
  unknown: ['crashed', 'crashed'],
};

export function sessionOutcome(verdict: Verdict, exit: ExitFacts | undefined): SessionOutcome {
  const [subtype, terminationReason] = WORDS[verdict.cause];
  const signal = exit?.signal ?? null;
  const number = signal === null ? undefined : signalNumber(signal);
  return {
    success: verdict.outcome === 'succeeded',
    subtype,
    termination_reason: terminationReason,
    exit_code: number === undefined ? (exit?.code ?? null) : -number,
    signal,
  };
}
