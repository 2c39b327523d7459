import type { VerdictDetail } from '../words/vocabulary.ts';

/** What a service means by the HTTP status that it answers with. */
export function detailOfStatus(status: number): VerdictDetail | undefined {
  if (status === 401 || status === 403) return 'auth';
  if (status === 402) return 'quota';
  if (status === 429) return 'rate_limit';
  return status >= 500 ? 'overloaded' : undefined;
}
