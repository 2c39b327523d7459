import { arrayOf, integerOf, isRecord, recordOf, stringOf, type JsonRecord } from '../../core/words/json.ts';
import type { Emit, SymptomCode } from '../../core/failures/transcriptEvents.ts';
import { closeCall, openCall, reportJob, type Dialect } from './claudeMessage.ts';
import { contentText } from '../messageText.ts';
import { retrySymptom, serviceSymptom } from './claudeService.ts';
import type { RecordReader, TranscriptFormat } from '../transcriptFormat.ts';

/** Why a session ended, when its result says so by a word. */
const ENDED_BY: ReadonlyMap<string, SymptomCode> = new Map<string, SymptomCode>(
  Object.entries({
    error_max_turns: 'max_turns',
    error_max_budget_usd: 'budget',
  }),
);

/** `claude -p --output-format stream-json --verbose`: a turn lasts from system/init to result. */
export const claudeStream: TranscriptFormat = {
  name: 'claude_stream',
  recognises: (record) =>
    typeof record['session_id'] === 'string' &&
    ((record['type'] === 'system' && typeof record['subtype'] === 'string') ||
      (record['type'] === 'result' && record['num_turns'] !== undefined) ||
      ((record['type'] === 'assistant' || record['type'] === 'user') && isRecord(record['message']))),
  open: () => readClaudeStream({}),
};

const MAX_DENIED = 1000;

/** Qwen Code writes the same lines. */
export function readClaudeStream(dialect: Dialect): RecordReader {
  /** Calls that failed already: the result lists refused ones a second time. */
  const failed = new Set<string>();
  /** Jobs whose bad end was told: `task_updated` says killed, and a notification then says stopped. */
  const endedJobs = new Set<string>();
  /** The last message was the harness's report of a failed request: the result repeats it. */
  let wasServiceTold = false;
  return (record, emit) => {
    const scope = stringOf(record['parent_tool_use_id']) ?? 'main';
    const watched: Emit = (event) => {
      if (event.type === 'call_failed' && event.call !== undefined && failed.size < MAX_DENIED) failed.add(event.call);
      emit(event);
    };
    switch (record['type']) {
      case 'system':
        readSystem(record, endedJobs, emit);
        break;
      case 'assistant':
        readAssistant(record, scope, emit);
        wasServiceTold = typeof record['error'] === 'string';
        break;
      case 'user':
        readUser(record, dialect, watched);
        if (scope === 'main') emit({ type: 'turn_active', scope });
        break;
      case 'result':
        readResult(record, { failed, wasServiceTold }, emit);
        wasServiceTold = false;
        break;
      default:
        break; // stream_event, rate_limit_event and what newer versions add
    }
  };
}

function readSystem(record: JsonRecord, endedJobs: Set<string>, emit: Emit): void {
  const subtype = record['subtype'];
  const job = stringOf(record['task_id']) ?? '';
  if (subtype === 'init') emit({ type: 'turn_active', scope: 'main' });
  else if (subtype === 'api_retry') emit({ type: 'retrying', symptom: retrySymptom(record) });
  else if (subtype === 'task_notification' && !endedJobs.has(job)) reportJob(stringOf(record['status']), emit);
  else if (subtype === 'task_updated') {
    // A job's end may arrive only here, or here and as a notification, which then says "completed".
    const status = stringOf(recordOf(record['patch'])?.['status']);
    if ((status === 'killed' || status === 'failed') && !endedJobs.has(job)) {
      if (job !== '' && endedJobs.size < MAX_DENIED) endedJobs.add(job);
      reportJob(status, emit);
    }
  }
}

function readAssistant(record: JsonRecord, scope: string, emit: Emit): void {
  if (scope === 'main') emit({ type: 'turn_active', scope });
  const message = recordOf(record['message']);
  const error = record['error'];
  if (typeof error === 'string') {
    emit({ type: 'failed', symptom: serviceSymptom(error, undefined, contentText(message?.['content'])) });
  }
  for (const block of arrayOf(message?.['content'])) {
    if (isRecord(block) && block['type'] === 'tool_use') openCall(block, scope, emit);
  }
}

function readUser(record: JsonRecord, dialect: Dialect, emit: Emit): void {
  for (const block of arrayOf(recordOf(record['message'])?.['content'])) {
    if (isRecord(block) && block['type'] === 'tool_result') {
      closeCall(block, record['tool_use_result'] ?? record['toolUseResult'], emit, dialect);
    }
  }
}

/** `subtype: "success"` with `is_error: true` is a failure: the service's, told in `result`. */
function readResult(
  record: JsonRecord,
  told: { readonly failed: ReadonlySet<string>; readonly wasServiceTold: boolean },
  emit: Emit,
): void {
  const subtype = stringOf(record['subtype']) ?? '';
  const status = integerOf(record['api_error_status']);
  const errors = arrayOf(record['errors']).filter((error) => typeof error === 'string');
  emit({ type: 'turn_closed', scope: 'main' });
  if (subtype === 'success' && record['is_error'] === true) {
    if (!told.wasServiceTold)
      emit({ type: 'failed', symptom: serviceSymptom(record['error'], status, contentText(record['result'])) });
  } else if (subtype !== 'success') {
    const code = ENDED_BY.get(subtype);
    const message = stringOf(recordOf(record['error'])?.['message']);
    const said = errors.join('\n') || (message ?? contentText(record['result']));
    emit({ type: 'failed', symptom: { origin: 'session', code, http_status: status, said } });
  }
  for (const denial of arrayOf(record['permission_denials']).slice(0, MAX_DENIED)) {
    const call = isRecord(denial) ? stringOf(denial['tool_use_id']) : undefined;
    if (call === undefined || told.failed.has(call)) continue;
    emit({ type: 'call_failed', call, symptom: { origin: 'call', code: 'declined' } });
  }
}
