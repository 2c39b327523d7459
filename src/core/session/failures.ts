import type { FormatName } from '../words/agentTable.ts';
import type { RuleName } from '../words/ruleNames.ts';
import type { Confidence, FailureCategory, Layer, ToolKind } from '../words/vocabulary.ts';

/** What went wrong inside the session, as the agent's own transcript tells it: `failures` of summary.json. */
export interface Failures {
  readonly format: FormatName;
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

export interface FailureSource {
  readonly category: FailureCategory;
  /** Which of the category's kinds: a word of `FAILURE_DETAILS`. */
  readonly detail?: string;
  /** The rule that decided: a word of the code, never of the log. */
  readonly rule: RuleName;
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
