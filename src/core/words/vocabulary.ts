import { KNOWN_AGENTS } from './agentTable.ts';

/**
 * The closed vocabularies of the product. Every word that may reach a report is listed here, because a report may
 * only hold words that are listed: what is not in a list becomes `other` or `unknown`, never its own text.
 */

export const OUTCOMES = ['running', 'succeeded', 'incomplete', 'failed', 'died', 'stopped', 'lost'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** Nobody wanted it so. */
export const BAD_OUTCOMES: ReadonlySet<Outcome> = new Set(['incomplete', 'failed', 'died', 'lost']);

export const CAUSES = [
  'completed',
  'exit_nonzero',
  'oom_kill',
  'heap_limit',
  'killed',
  'terminated',
  'interrupted',
  'crashed',
  'timed_out',
  'stopped',
  'launch_failed',
  'fd_exhaustion',
  'disk_full',
  'vanished',
  'lost',
  'terminal_lost',
  'ended_mid_task',
  'did_nothing',
  'blocked',
  'limit_reached',
  'unknown',
] as const;
export type Cause = (typeof CAUSES)[number];

export const LAYERS = ['none', 'environment', 'tool', 'model', 'lifecycle', 'user', 'unknown'] as const;
export type Layer = (typeof LAYERS)[number];

export const CONFIDENCES = ['certain', 'likely', 'possible'] as const;
export type Confidence = (typeof CONFIDENCES)[number];

export const EVIDENCE_KINDS = [
  'exit_status',
  'launch_error',
  'kernel_oom_counter',
  'cgroup_oom_counter',
  'kernel_log',
  'own_signal',
  'killer_process',
  'memory_pressure',
  'last_snapshot',
  'stderr_marker',
  'tmux',
  'simultaneous_deaths',
  'recorder_gap',
  'reboot',
  'exit_notice',
  'signal_sender',
  'own_command',
  'transcript_end',
  'machine_log',
] as const;
export type EvidenceKind = (typeof EVIDENCE_KINDS)[number];

/** What the sender of a signal was to the process that got it. */
export const SENDER_RELATIONS = ['itself', 'descendant', 'ancestor', 'recorder', 'kernel', 'outside'] as const;
export type SenderRelation = (typeof SENDER_RELATIONS)[number];

/** Why, where the cause alone does not say it: from the last words, a group's counters or the agent's own log. */
export const VERDICT_DETAILS = [
  'memory_error',
  'java_heap',
  'v8_heap',
  'stack_overflow',
  'uncaught_exception',
  'assertion',
  'fork_limit',
  'thread_limit',
  'cpu_limit',
  'file_size_limit',
  'seccomp',
  'read_only',
  'quota',
  'inodes',
  'inotify',
  'dns',
  'refused',
  'tls',
  'auth',
  'rate_limit',
  'overloaded',
  'missing_program',
  'missing_module',
  'missing_file',
  'permission',
  'parent_death',
  'pipe_closed',
  'alarm',
  'wrapper_timeout',
  'reboot',
  'suspend',
  'own_limit',
] as const;
export type VerdictDetail = (typeof VERDICT_DETAILS)[number];

/** What a session that runs does. */
export const ACTIVITIES = [
  'working',
  'idle',
  'waiting_child',
  'waiting_network',
  'waiting_disk',
  'waiting_stdin',
  'waiting_approval',
  'stopped',
  'frozen',
  'busy',
  'deadlocked',
  'stalled',
  'done_not_exited',
] as const;
export type Activity = (typeof ACTIVITIES)[number];

/** What a machine remembers that ends a session, or tells why one ended; `none`: it remembers nothing of it. */
export const MACHINE_RECORDS = [
  'kernel_oom',
  'user_oom',
  'unit_oom',
  'crash',
  'core_dump',
  'hung_task',
  'disk_error',
  'unit_stopped',
  'unit_failed',
  'logged_out',
  'suspended',
  'shut_down',
  'started_again',
  'power_lost',
  'tmux_started',
  'disk_full_now',
  'inodes_gone_now',
  'none',
] as const;
export type MachineRecordKind = (typeof MACHINE_RECORDS)[number];

/** How an agent's own log, or what it printed, stops. */
export const TRANSCRIPT_ENDS = [
  'answered',
  'call_open',
  'result_unanswered',
  'turn_open',
  'cut_in_line',
  'no_result',
  'error_result',
  'turn_failed',
  'aborted',
  'nothing_done',
  'all_denied',
  'turn_limit',
  'budget_limit',
  'context_limit',
  'output_limit',
] as const;
export type TranscriptEndName = (typeof TRANSCRIPT_ENDS)[number];

/** AutoSkillit's own kinds: decided on the tracked process alone. */
export const STANDARD_ANOMALY_KINDS = [
  'oom_spike',
  'oom_critical',
  'zombie_detected',
  'zombie_persistent',
  'd_state_sustained',
  'high_cpu_sustained',
  'signals_pending',
  'fd_high',
  'rss_growth',
  'identity_drift',
] as const;

/** Ours: decided on the tree and its surroundings. */
export const TREE_ANOMALY_KINDS = [
  'tree_rss_growth',
  'process_growth',
  'zombie_children',
  'fd_leak',
  'thread_growth',
  'memory_limit_near',
  'memory_pressure',
  'oom_forecast',
  'stalled',
  'oom_kill',
  'identity_lost',
  'leftover_processes',
  'heartbeat_gap',
] as const;

export const ANOMALY_KINDS = [...STANDARD_ANOMALY_KINDS, ...TREE_ANOMALY_KINDS] as const;
export type AnomalyKind = (typeof ANOMALY_KINDS)[number];

export const SEVERITIES = ['info', 'warning', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

export const FAILURE_CATEGORIES = [
  'model',
  'tool_schema',
  'command_exit',
  'network',
  'sandbox_approval',
  'missing_dependency',
  'timeout',
  'background_job',
  'resource',
  'unknown',
] as const;
export type FailureCategory = (typeof FAILURE_CATEGORIES)[number];

export const TOOL_KINDS = ['shell', 'read', 'edit', 'search', 'web', 'mcp', 'subagent', 'other'] as const;
export type ToolKind = (typeof TOOL_KINDS)[number];

export const LIFECYCLE_EVENTS = [
  'session_created',
  'agent_spawned',
  'sampling_started',
  'anomaly_detected',
  'attached',
  'heartbeat_missed',
  'stop_requested',
  'session_death_detected',
  'session_finished',
  'session_recovered',
  'leftovers_found',
  'tmux_health',
  'tmux_lost',
  'simultaneous_deaths',
  'process_protected',
  'limit_set',
  'process_frozen',
  'process_thawed',
  'process_ended',
  'sessions_pruned',
  'on_end_finished',
  'spool_dropped',
] as const;
export type LifecycleEventName = (typeof LIFECYCLE_EVENTS)[number];

export const SUBTYPES = [
  'success',
  'incomplete',
  'error_during_execution',
  'timeout',
  'interrupted',
  'crashed',
  'stopped',
  'lost',
] as const;
export type Subtype = (typeof SUBTYPES)[number];

export const TERMINATION_REASONS = ['natural_exit', 'timed_out', 'stopped', 'killed', 'crashed'] as const;
export type TerminationReason = (typeof TERMINATION_REASONS)[number];

/** psutil's words for the kernel's state letters (fs/proc/array.c, task_state_array). */
export const PROCESS_STATES = [
  'running',
  'sleeping',
  'disk-sleep',
  'stopped',
  'tracing-stop',
  'zombie',
  'dead',
  'wake-kill',
  'waking',
  'idle',
  'parked',
] as const;
export type ProcessState = (typeof PROCESS_STATES)[number];

/** One row of `AGENTS` each. */
export const AGENT_KINDS = [...KNOWN_AGENTS, 'other'] as const;
export type AgentKind = (typeof AGENT_KINDS)[number];

/** Narrows a text to a vocabulary's word; `undefined` when the text is not one of its words. */
export function wordOf<W extends string>(words: readonly W[], text: unknown): W | undefined {
  return words.find((word) => word === text);
}
