import type { FailureCategory } from '../words/vocabulary.ts';

/** What a category leaves open and a person needs: closed lists, for words and advice. */
export const FAILURE_DETAILS = {
  network: [
    'dns',
    'refused',
    'unreachable',
    'reset',
    'tls',
    'proxy',
    'auth',
    'rate_limit',
    'overloaded',
    'quota',
    'not_found',
    'server_error',
    'timeout',
    'unknown',
  ],
  resource: ['memory', 'heap', 'disk', 'inodes', 'descriptors', 'processes', 'watches', 'gpu', 'cpu'],
  missing_dependency: ['program', 'module', 'library', 'file', 'interpreter', 'daemon'],
  sandbox_approval: ['denied_by_user', 'denied_by_rule', 'permission', 'read_only', 'sandbox'],
  timeout: ['tool', 'command', 'service'],
  tool_schema: ['arguments', 'unknown_tool', 'order'],
  model: ['edit_missed', 'context', 'refused'],
  background_job: ['killed', 'failed', 'lost'],
  command_exit: [],
  unknown: [],
} as const satisfies Readonly<Record<FailureCategory, readonly string[]>>;

export const ALL_DETAILS: readonly string[] = [...new Set(Object.values(FAILURE_DETAILS).flat())];

/** Narrows a text of a file to a word of its category's list. */
export function detailFrom(category: FailureCategory, text: unknown): string | undefined {
  const words: readonly string[] = FAILURE_DETAILS[category];
  return words.find((word) => word === text);
}
