import { FAILURE_CATEGORIES } from '../words/vocabulary.ts';

/**
 * What can differ, a reason before what it causes: what a session was given and ran on, then what it met and did, then
 * how it ended, then how much it took.
 */
export const LIMIT_NAMES = [
  'memory_limit_kb',
  'address_space_kb',
  'data_kb',
  'stack_kb',
  'file_size_kb',
  'cpu_seconds',
  'open_files',
  'processes',
  'own_limits',
  'timeout_seconds',
  'cores',
] as const;
export const ENVIRONMENT_NAMES = [
  'agent',
  'agent_version',
  'os',
  'kernel',
  'arch',
  'container',
  'machine_memory_kb',
  'node',
  'folder',
  'command',
] as const;
/** What it met and did; each is of one subject: a call, a command, a program. */
export const COURSE_NAMES = [
  'failure',
  'call_status',
  'answer_version',
  'call_seconds',
  'process_peak_kb',
  'process_seconds',
  'leftovers',
  'call',
  'process',
] as const;
export const END_NAMES = ['outcome', 'cause', 'layer', 'detail', 'exit_code', 'signal'] as const;
export const AMOUNT_NAMES = [
  'duration_seconds',
  'peak_rss_kb',
  'peak_tree_rss_kb',
  'peak_fd_ratio',
  'peak_cpu_percent',
  'most_processes',
  'product',
] as const;

export const DIFFERENCE_NAMES = [
  ...LIMIT_NAMES,
  ...ENVIRONMENT_NAMES,
  ...COURSE_NAMES,
  ...END_NAMES,
  ...FAILURE_CATEGORIES,
  ...AMOUNT_NAMES,
] as const;
export type DifferenceName = (typeof DIFFERENCE_NAMES)[number];

export type DifferenceValue = string | number | boolean | null;

export interface Difference {
  readonly what: DifferenceName;
  /** The call, command or program that it is about: a text of the session, for the person at this machine. */
  readonly subject?: string;
  readonly a: DifferenceValue;
  readonly b: DifferenceValue;
}
