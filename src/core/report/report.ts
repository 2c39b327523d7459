import type { FormatName } from '../words/agentTable.ts';
import type { RuleName } from '../words/ruleNames.ts';
import type { ProcessKind } from '../session/processKind.ts';
import type { EvidenceName } from '../death/evidenceNames.ts';
import type {
  AgentKind,
  AnomalyKind,
  Cause,
  Confidence,
  EvidenceKind,
  FailureCategory,
  Layer,
  Outcome,
  SenderRelation,
  Severity,
  ToolKind,
  VerdictDetail,
} from '../words/vocabulary.ts';

/** The bug report: everything in it is a word of a closed list, a number, an instant, a keyed handle or a version. */
export interface Report {
  readonly report_version: 1;
  readonly created_at: string;
  readonly environment: ReportEnvironment;
  readonly sessions: readonly SessionReport[];
  readonly left_out: readonly LeftOut[];
}

export interface ReportEnvironment {
  readonly product_version: Version;
  readonly editor_version: Version;
  readonly os: (typeof OS_FAMILIES)[number];
  readonly kernel_version: Version;
  readonly arch: (typeof ARCHITECTURES)[number];
  readonly cores: number | null;
  readonly memory_kb: number | null;
  readonly container: boolean | null;
}

/** `1.2.3`, `20.19.0-beta.1`; `null` when it is not known or is written in any other way. */
export type Version = string | null;

export interface SessionReport {
  readonly handle: string;
  readonly agent: AgentKind;
  readonly agent_version: Version;
  readonly started_at: string | null;
  readonly duration_seconds: number | null;
  readonly exit_code: number | null;
  readonly verdict: {
    readonly outcome: Outcome;
    readonly cause: Cause;
    readonly layer: Layer;
    readonly confidence: Confidence;
    readonly detail: VerdictDetail | null;
    readonly evidence: readonly ReportEvidence[];
  };
  readonly episodes: readonly ReportEpisode[];
  readonly failures: ReportFailures | null;
  readonly timeline: ReportTimeline;
  readonly tree: {
    readonly most_processes: number;
    readonly kinds: Readonly<Partial<Record<ProcessKind, number>>>;
    readonly leftovers: Readonly<Partial<Record<ProcessKind, number>>>;
  };
}

export interface ReportEvidence {
  readonly kind: EvidenceKind;
  readonly name: EvidenceName | null;
  readonly value: number | null;
  readonly limit: number | null;
  /** What the sender of a signal was to the process that got it. */
  readonly relation: SenderRelation | null;
}

export interface ReportEpisode {
  readonly kind: AnomalyKind | 'other';
  readonly severity: Severity;
  /** Seconds since the session's start. */
  readonly from_seconds: number | null;
  readonly to_seconds: number | null;
  readonly count: number;
}

export interface ReportFailures {
  readonly format: FormatName;
  readonly total_lines: number;
  readonly malformed_lines: number;
  readonly counts: Readonly<Partial<Record<FailureCategory, number>>>;
  readonly unclosed_turns: number;
  readonly unclosed_calls: number;
  readonly suspect: {
    readonly layer: Layer;
    readonly confidence: Confidence;
    readonly because: readonly FailureCategory[];
  };
  readonly sources: readonly {
    readonly category: FailureCategory;
    readonly detail: string | null;
    readonly rule: RuleName;
    readonly confidence: Confidence;
    readonly handle: string;
    readonly tool_kind: ToolKind | null;
    readonly exit_code: number | null;
  }[];
}

export interface ReportTimeline {
  readonly samples: number;
  readonly interval_seconds: number | null;
  readonly peak_rss_kb: number | null;
  readonly peak_tree_rss_kb: number | null;
  readonly peak_fd_ratio: number | null;
  readonly peak_oom_score: number | null;
  readonly peak_cpu_percent: number | null;
  readonly rss_slope_kb_per_minute: number | null;
  /** At most a dozen points, so that the shape of the course can be seen. */
  readonly points: readonly ReportPoint[];
}

export interface ReportPoint {
  readonly at_seconds: number;
  readonly rss_kb: number | null;
  readonly tree_rss_kb: number | null;
  readonly cpu_percent: number | null;
  readonly fds: number | null;
}

export const OS_FAMILIES = ['linux', 'macos', 'windows', 'other'] as const;
export const ARCHITECTURES = ['x64', 'arm64', 'ia32', 'arm', 'other'] as const;
export const LEFT_OUT = [
  'texts',
  'paths',
  'names',
  'commands',
  'output',
  'environment_values',
  'unreadable_lines',
  'older_episodes',
  'older_failures',
] as const;
export type LeftOut = (typeof LEFT_OUT)[number];

/** Three parts: four are also an IPv4 address. */
export const VERSION = /^\d{1,5}(?:\.\d{1,5}){1,2}(?:-(?:alpha|beta|rc|insider|preview|nightly)(?:\.\d{1,5})?)?$/;
export const HANDLE = /^src:[0-9a-f]{12}:L[1-9]\d{0,6}$/;
