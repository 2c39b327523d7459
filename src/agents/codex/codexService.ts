import { arrayOf, integerOf, isRecord, parseJson, recordOf, stringOf, type JsonRecord } from '../../core/words/json.ts';
import type { Symptom, SymptomCode } from '../../core/failures/transcriptEvents.ts';

/** Codex' own words for what went wrong (`codex_error_info`), as a string or as the only key of an object. */
const CODE_OF: ReadonlyMap<string, SymptomCode> = new Map<string, SymptomCode>(
  Object.entries({
    context_window_exceeded: 'context_exceeded',
    usage_limit_exceeded: 'rate_limit',
    rate_limit_exceeded: 'rate_limit',
    server_overloaded: 'overloaded',
    internal_server_error: 'overloaded',
    unauthorized: 'authentication',
    bad_request: 'invalid_request',
    cyber_policy: 'refusal',
    http_connection_failed: 'remote',
    response_stream_connection_failed: 'remote',
    response_stream_disconnected: 'remote',
  }),
);

/** A message of the service, which may itself be JSON with a status, and what Codex knows about it. */
export function codexServiceSymptom(message: unknown, info?: unknown): Symptom {
  const text = stringOf(message) ?? '';
  const parsed = text.startsWith('{') ? parseJson(text.slice(0, 20_000)) : undefined;
  const inner = parsed?.ok === true ? recordOf(parsed.value) : undefined;
  const error = recordOf(inner?.['error']);
  const [word, detail] = infoOf(info);
  const said = stringOf(error?.['message']) ?? stringOf(inner?.['message']) ?? text;
  const type = stringOf(error?.['code']) ?? stringOf(error?.['type']) ?? '';
  const status = integerOf(detail?.['http_status_code']) ?? integerOf(inner?.['status']) ?? statusIn(said);
  const code = word === undefined ? undefined : CODE_OF.get(word);
  return {
    origin: 'service',
    // "The connection failed" with a status is an answer, and the status says more.
    code: code === 'remote' && status !== undefined ? undefined : code,
    http_status: status,
    said: `${type === '' ? '' : `${type}: `}${said}`,
  };
}

/** "unexpected status 401 Unauthorized: ...", "exceeded retry limit, last status: 429 Too Many Requests" */
function statusIn(text: string): number | undefined {
  const match = /^(?:unexpected status |exceeded retry limit, last status: )(\d{3})\b/.exec(text);
  return match === null ? undefined : Number(match[1]);
}

function infoOf(info: unknown): [string | undefined, JsonRecord | undefined] {
  if (typeof info === 'string') return [info, undefined];
  if (!isRecord(info)) return [undefined, undefined];
  const word = arrayOf(Object.keys(info)).find((key) => typeof key === 'string');
  return [stringOf(word), typeof word === 'string' ? recordOf(info[word]) : undefined];
}
