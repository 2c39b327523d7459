import type { Failures } from './failures.ts';
import type { Verdict } from './verdict.ts';
import type { TraceContext } from '../words/traceContext.ts';
import type { AgentKind, LifecycleEventName, Subtype, TerminationReason } from '../words/vocabulary.ts';

export const SCHEMA_VERSION = 1;

/** summary.json as we write it. Readers meet other writers' files too: see `summaryVerdict` for tolerant reading. */
export interface Summary {
  readonly schema_version: number;
  readonly session_id: string;
  readonly dir_name: string;
  readonly pid: number | null;
  readonly cwd: string;
  readonly skill_command: string;
  readonly success: boolean;
  readonly subtype: Subtype;
  readonly exit_code: number | null;
  readonly signal: string | null;
  readonly start_ts: string;
  readonly end_ts: string;
  readonly duration_seconds: number;
  readonly snapshot_interval_seconds: number;
  readonly snapshot_count: number;
  readonly anomaly_count: number;
  readonly peak_rss_kb: number;
  readonly peak_oom_score: number;
  readonly peak_fd_ratio: number;
  readonly peak_tree_rss_kb: number | null;
  readonly termination_reason: TerminationReason;
  readonly kill_reason: string;
  readonly tracked_comm: string | null;
  readonly tracked_comm_drift: boolean;
  readonly claude_code_log: string | null;
  /** The transcript of whichever agent it was; for Claude Code the same as `claude_code_log`. */
  readonly transcript: string | null;
  /** Logs that may be its transcript where nothing proves which; a person may say so. */
  readonly transcript_candidates?: readonly string[];
  readonly agent: AgentKind;
  readonly label: string | null;
  /** Cores the agent could use: high CPU is judged against it. */
  readonly cores: number;
  readonly verdict: Verdict;
  readonly failures: Failures | null;
  readonly leftover_processes: readonly Leftover[];
  /** What the redactor removed before writing, by kind. */
  readonly redactions: Readonly<Record<string, number>>;
  /** What it ran on, so that two sessions can be told apart by it. */
  readonly environment?: SessionEnvironment;
  /** The machine's name: for the person at it, never in a report. */
  readonly host?: string;
  /** What the kernel allowed the tracked process; a limit that there was not is not named. */
  readonly limits?: ResourceLimits;
  /** A UUID of who recorded it: one that records several sessions has the same in each. */
  readonly recorder_id?: string;
  /** Of a session that was told to its agent as the parent of the agent's own spans. */
  readonly trace?: TraceContext;
  /** `run --timeout`, where it was given. */
  readonly timeout_seconds?: number;
  /** A person sat at its terminal. */
  readonly interactive?: true;
}

export interface SessionEnvironment {
  readonly product: string | null;
  readonly node: string;
  readonly os: string;
  readonly kernel: string;
  readonly arch: string;
  readonly cores: number;
  readonly memory_kb: number;
  readonly cgroup_limit_kb: number | null;
  readonly agent_version: string | null;
  readonly container: boolean | null;
}

/** Soft limits of getrlimit(2). */
export const RESOURCE_LIMITS = [
  'address_space_kb',
  'data_kb',
  'stack_kb',
  'file_size_kb',
  'cpu_seconds',
  'open_files',
  'processes',
] as const;
export type ResourceLimits = Readonly<Partial<Record<(typeof RESOURCE_LIMITS)[number], number>>>;

/** A descendant that outlived its session. */
export interface Leftover {
  readonly pid: number;
  readonly start_ticks: number;
  readonly boot_id: string;
  readonly comm: string;
  readonly parent_pid: number | null;
  readonly parent_comm: string | null;
  readonly age_seconds: number;
  readonly rss_kb: number | null;
}

/** One line of sessions.jsonl. */
export interface IndexLine {
  readonly session_id: string;
  readonly dir_name: string;
  readonly timestamp: string;
  readonly cwd: string;
  readonly skill_command: string;
  readonly success: boolean;
  readonly subtype: string;
  readonly exit_code: number | null;
  readonly snapshot_count: number;
  readonly anomaly_count: number;
  readonly peak_rss_kb: number;
  readonly peak_oom_score: number;
  readonly tracked_comm: string | null;
  readonly tracked_comm_drift: boolean;
  readonly claude_code_log: string | null;
  readonly duration_seconds: number | null;
  readonly cause: string | null;
  readonly suspect: string | null;
  /** The user's own note, its first 100 characters. */
  readonly label: string | null;
  /** The machine that it ran on; absent where it is not known or, once it is read, this one. */
  readonly host?: string;
}

/** One line of lifecycle.jsonl and of session_lifecycle.log. */
export interface LifecycleEvent {
  readonly timestamp: string;
  readonly event: LifecycleEventName;
  readonly session_id: string;
  readonly reason?: string;
  readonly context?: Readonly<Record<string, unknown>>;
}

/** enrollment.json: who records what. Names shared with AutoSkillit's file of the same name where both have the fact. */
export interface Enrollment {
  readonly schema_version: number;
  readonly session_id: string;
  readonly enrolled_at: string;
  readonly boot_id: string;
  /** The tracked process; `null` until the agent is spawned. */
  readonly pid: number | null;
  readonly starttime_ticks: number | null;
  readonly comm: string | null;
  readonly recorder: { readonly pid: number; readonly starttime_ticks: number | null };
  /** The wrappers between what was started and the tracked process, outermost first. */
  readonly via: readonly string[];
  /** What we spawned, when it is not the tracked process itself. */
  readonly spawned: { readonly pid: number; readonly starttime_ticks: number | null } | null;
  /** What was attached to, when it is not the tracked process itself: a launcher, of whose child the samples are. */
  readonly attached?: { readonly pid: number; readonly starttime_ticks: number | null };
  readonly mode: 'run' | 'attach';
  /** A person sits at its terminal: `watch` found it so. */
  readonly interactive?: true;
  readonly agent: AgentKind;
  readonly cwd: string;
  /** Redacted. */
  readonly skill_command: string;
  readonly label: string | null;
  readonly interval_seconds: number;
  readonly timeout_seconds: number | null;
  readonly cores: number;
  /** Of a session that runs in a tmux pane. */
  readonly tmux?: TmuxPlace;
  /** The agent's parent, which keeps its output and will note its status, where there is one. */
  readonly launcher?: { readonly pid: number; readonly starttime_ticks: number | null };
  /** The span that the agent was told to put its own below. */
  readonly trace?: TraceContext;
}

/** Where in tmux a session runs. */
export interface TmuxPlace {
  readonly socket: string;
  readonly server: { readonly pid: number; readonly starttime_ticks: number | null };
  /** As tmux numbers it: `$3`; a name may change. */
  readonly session: string;
  /** `%5`. */
  readonly pane: string;
}
