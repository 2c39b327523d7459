import { integerOf, recordOf, stringOf, type JsonRecord } from '../../core/words/json.ts';
import type { Symptom, SymptomCode } from '../../core/failures/transcriptEvents.ts';

/** Claude Code's words for why its service did not answer (`error` beside `isApiErrorMessage`). */
const CODE_OF: ReadonlyMap<string, SymptomCode> = new Map<string, SymptomCode>(
  Object.entries({
    rate_limit: 'rate_limit',
    authentication_failed: 'authentication',
    oauth_org_not_allowed: 'authentication',
    billing_error: 'billing',
    overloaded: 'overloaded',
    server_error: 'overloaded',
    model_not_found: 'invalid_request',
    max_output_tokens: 'context_exceeded',
  }),
);

/**
 * A failed request. `invalid_request` and `unknown` cover everything from a too long prompt to a refused connection, so
 * the status and the sentence decide there.
 */
export function serviceSymptom(error: unknown, status: number | undefined, text: string): Symptom {
  const code = typeof error === 'string' ? CODE_OF.get(error) : undefined;
  const told = /^API Error: (\d{3})\b/.exec(text)?.[1];
  return {
    origin: 'service',
    code,
    http_status: status ?? (told === undefined ? undefined : Number(told)),
    said: text.replace(/^API Error: (?:\d{3} )?/, ''),
  };
}

/** A request that will be made again: {error: {status, message}} in a transcript, {error_status, error} in a stream. */
export function retrySymptom(record: JsonRecord): Symptom {
  const error = recordOf(record['error']);
  const status = integerOf(error?.['status']) ?? integerOf(record['error_status']) ?? integerOf(record['status']);
  const cause = recordOf(error?.['cause']);
  const message = stringOf(error?.['message']) ?? stringOf(cause?.['code']) ?? '';
  return serviceSymptom(record['error'], status, message.slice(0, 4000));
}
