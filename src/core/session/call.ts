import type { FailureCategory, ToolKind } from '../words/vocabulary.ts';

/** One call of a tool by the agent, as every reader of its log knows it; each adds where and when it saw it. */
export interface Call {
  readonly tool_kind: ToolKind;
  /** `open`: it never came back, or has not yet. */
  readonly status: 'ok' | 'failed' | 'open';
}

export interface TimedCall extends Call {
  readonly startMs: number;
  /** `undefined` when it never came back. */
  readonly endMs: number | undefined;
  /** Why it failed, where the log tells. */
  readonly failure?: FailureCategory;
}

/** What it asked for and what came back, as the agent's log has it: for this machine alone. */
export interface CallText {
  /** Its command, or what says most of it. */
  readonly asked?: string | undefined;
  /** The first lines of what came back. */
  readonly answer?: string | undefined;
}
