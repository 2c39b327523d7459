import type { KillCall } from '../session/killCall.ts';
import type { ToolKind } from '../words/vocabulary.ts';

/**
 * What every agent's log is turned into before anything is judged. Events hold ids and texts of the log, so they never
 * leave the program: what leaves is counted, named and handled by `TranscriptTally`.
 */
export type TranscriptEvent =
  /** An explicit start of a turn: a second one without an end in between means the first was never closed. */
  | { readonly type: 'turn_opened'; readonly scope: string }
  /** A sign that the turn goes on, in formats that write no explicit start; a person's words begin another one. */
  | {
      readonly type: 'turn_active';
      readonly scope: string;
      readonly is_prompt?: true;
      /** The request is only made: whether it succeeds is not known yet. */
      readonly is_attempt?: true;
    }
  | { readonly type: 'turn_closed'; readonly scope: string }
  | {
      readonly type: 'call_opened';
      readonly call: string;
      readonly scope: string;
      readonly tool_kind: ToolKind;
      readonly command?: CommandKind | undefined;
      /** What it ends, where it ends processes. */
      readonly kill?: KillCall | undefined;
      /** The limit the agent asked for. */
      readonly timeout_ms?: number | undefined;
      /** Its arguments as the log has them: for a person at this machine. */
      readonly asked?: unknown;
    }
  /** `answer`: what came back, as the log has it. */
  | { readonly type: 'call_ok'; readonly call: string | undefined; readonly answer?: unknown }
  | { readonly type: 'call_failed'; readonly call: string | undefined; readonly symptom: Symptom }
  /** A failure outside any call: of the model's service, a background job or the session. */
  | { readonly type: 'failed'; readonly symptom: Symptom }
  /**
   * A request to the service failed and may be made again: no failure when something goes on, the session's last one when
   * nothing does.
   */
  | { readonly type: 'retrying'; readonly symptom: Symptom }
  /** A background job that claims to have completed: process evidence may contradict it. */
  | { readonly type: 'job_completed' }
  /** What a trace says is being done from here on, in its own word: see `TracePhases`. */
  | { readonly type: 'phase'; readonly phase: string };

export type Emit = (event: TranscriptEvent) => void;

/** What failed and everything known about it, in the order of evidence: field, header, harness sentence, output. */
export interface Symptom {
  readonly origin: 'call' | 'service' | 'job' | 'session';
  /** A structured field of the log, translated by its reader. */
  readonly code?: SymptomCode | undefined;
  readonly http_status?: number | undefined;
  /** From a structured field or from the header of a tool's output. */
  readonly exit_code?: number | undefined;
  /** What the harness itself said: a sentence of the agent's program, not of a tool or a model. */
  readonly said?: string | undefined;
  /** What the failed tool printed. */
  readonly output?: string | undefined;
  /** The call was refused before anything ran: what is said is the harness's own sentence, whatever the tool. */
  readonly never_ran?: boolean | undefined;
  /** The log calls it a notice or a warning: a failure only when its cause is recognised. */
  readonly is_notice?: boolean | undefined;
  readonly tool_kind?: ToolKind | undefined;
  readonly command?: CommandKind | undefined;
  readonly duration_ms?: number | undefined;
  readonly timeout_ms?: number | undefined;
}

/** The meanings that structured fields of all agents have in common. */
export type SymptomCode =
  | 'declined'
  | 'policy'
  | 'outside_workspace'
  | 'permission'
  | 'sandbox_denied'
  | 'timed_out'
  | 'invalid_params'
  | 'unknown_tool'
  | 'edit_missed'
  | 'not_found'
  | 'no_space'
  | 'remote'
  | 'rate_limit'
  | 'authentication'
  | 'billing'
  | 'overloaded'
  | 'invalid_request'
  | 'context_exceeded'
  | 'max_turns'
  | 'budget'
  | 'refusal'
  | 'job_failed'
  | 'job_killed'
  | 'user_interrupt'
  | 'sibling_failed';

/**
 * What a shell command is for, as far as its exit code is concerned: for `search`, `compare`, `probe` and `lookup` exit
 * code 1 is an answer, not a failure; `curl` and `wget` tell by it what a silenced transfer does not print.
 */
export type CommandKind = 'search' | 'compare' | 'probe' | 'lookup' | 'curl' | 'wget' | 'other';
