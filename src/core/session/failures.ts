import type { Confidence, FailureCategory, Layer, ToolKind } from '../words/vocabulary.ts';

/** What went wrong inside the session, as the agent's own transcript tells it: `failures` of summary.json. */
export interface Failures {
  readonly format: string;
  readonly total_lines: number;
  readonly malformed_lines: number;
  readonly counts: Readonly<Partial<Record<FailureCategory, number>>>;
  readonly unclosed_turns: { readonly at_end: number; readonly in_middle: number };
  readonly unclosed_calls: number;
  readonly first_ts: string | null;
  readonly last_ts: string | null;
  readonly sources: readonly FailureSource[];
  /** The failure of the service or the session after which nothing went on. */
  readonly ended_by?: FailureCategory;
  readonly suspect: Suspect;
}

/** What stood open where the log ends. */
export const OPEN_RULES = ['call_open_at_end', 'turn_open_at_end'] as const;
export type OpenRule = (typeof OPEN_RULES)[number];

/** What only the process's evidence tells of a transcript. */
export const JOIN_RULES = [
  'killed_for_memory',
  'open_at_death',
  'terminated_at_session_limit',
  'completed_but_killed',
] as const;
export type JoinRule = (typeof JOIN_RULES)[number];

export function isOpenRule(rule: string): rule is OpenRule {
  return OPEN_RULES.some((one) => one === rule);
}

export interface FailureSource {
  readonly category: FailureCategory;
  /** Which of the category's kinds: a word of `FAILURE_DETAILS`. */
  readonly detail?: string;
  /** The name of the rule that decided: a word of the code, never of the log. */
  readonly rule: string;
  readonly confidence: Confidence;
  /** `src:<12 hex>:L<line>`. */
  readonly handle: string;
  readonly line: number;
  readonly ts: string | null;
  readonly exit_code?: number;
  readonly tool_kind?: ToolKind;
}

export interface Suspect {
  readonly layer: Layer;
  readonly confidence: Confidence;
  readonly because: readonly FailureCategory[];
  /** Built from the counts alone. */
  readonly sentence: string;
}
