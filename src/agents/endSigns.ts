import type { EndSign } from '../core/failures/transcriptEnd.ts';
import { arrayOf, isRecord, recordOf, stringOf, type JsonRecord } from '../core/words/json.ts';
import { contentText } from './messageText.ts';

const TEXT: EndSign = { type: 'text' };
type Result = Extract<EndSign, { readonly type: 'result' }>;
const ABORTED: Result = { type: 'result', status: 'aborted' };
const FAILED: Result = { type: 'result', status: 'failed' };
const OK: Result = { type: 'result', status: 'ok' };
const CUT: EndSign = { type: 'output_cut' };
const APPROVAL: EndSign = { type: 'approval_asked' };

/** Blocks of Anthropic's kind. */
function saysText(content: unknown): boolean {
  return arrayOf(content).some((block) => isRecord(block) && block['type'] === 'text' && block['text'] !== '');
}

/** Gemini's parts; what it thinks it says to nobody. */
export function qwenSign(record: JsonRecord): EndSign | undefined {
  if (record['type'] !== 'assistant') return undefined;
  const parts = arrayOf(recordOf(record['message'])?.['parts']).filter(isRecord);
  const isSaid = parts.some((part) => part['thought'] !== true && (stringOf(part['text']) ?? '') !== '');
  return isSaid ? TEXT : undefined;
}

/** A line of its session and an event of its stream hold the same message. */
export function piSign(record: JsonRecord): EndSign | undefined {
  if (record['type'] !== 'message' && record['type'] !== 'message_end') return undefined;
  const message = recordOf(record['message']);
  if (message?.['role'] !== 'assistant') return undefined;
  switch (message['stopReason']) {
    case 'error':
      return FAILED;
    case 'aborted':
      return ABORTED;
    case 'length':
      return CUT;
    default:
      return saysText(message['content']) ? TEXT : undefined;
  }
}

export function copilotSign(record: JsonRecord): EndSign | undefined {
  switch (record['type']) {
    case 'assistant.message': {
      const data = recordOf(record['data']);
      return contentText(data?.['content']) === '' || arrayOf(data?.['toolRequests']).length > 0 ? undefined : TEXT;
    }
    case 'assistant.turn_end':
      return { type: 'pause' };
    case 'permission.requested':
      return APPROVAL;
    case 'abort':
      return ABORTED;
    case 'result':
      return record['exitCode'] === 0 ? undefined : FAILED;
    default:
      return undefined;
  }
}

export function openCodeSign(record: JsonRecord): EndSign | undefined {
  if (record['type'] === 'error') return abortedBy(recordOf(record['error']));
  return partSign(recordOf(record['part']) ?? {});
}

/** Rows do not tell whose a text is: a person's stands in the same table. */
export function openCodeRowSign(record: JsonRecord): EndSign | undefined {
  const data = recordOf(record['data']) ?? {};
  if (record['table'] === 'message') return abortedBy(recordOf(data['error']));
  return data['type'] === 'text' ? undefined : partSign(data);
}

function partSign(part: JsonRecord): EndSign | undefined {
  if (part['type'] === 'text') return contentText(part['text']) === '' ? undefined : TEXT;
  return part['type'] === 'step-finish' && part['reason'] === 'length' ? CUT : undefined;
}

function abortedBy(error: JsonRecord | undefined): EndSign | undefined {
  return error?.['name'] === 'MessageAbortedError' ? ABORTED : undefined;
}

/** The call with which some agents hand in what they have done: nothing follows it. */
const HANDS_IN = /^(?:mark_)?task_complete(?:d)?$|^(?:attempt_completion|submit|finish|final_answer)$/;

export function clineSign(record: JsonRecord): EndSign | undefined {
  if (record['role'] !== 'assistant') return undefined;
  if (recordOf(record['metadata'])?.['displayRole'] === 'error') return FAILED;
  return saysText(record['content']) ? TEXT : undefined;
}

export function clineStreamSign(record: JsonRecord): EndSign | undefined {
  if (record['type'] === 'run_result') {
    return { ...resultOf(record['finishReason']), hasText: contentText(record['text']) !== '' };
  }
  const event = recordOf(record['event']);
  return event?.['type'] === 'content_end' && event['contentType'] === 'text' ? TEXT : undefined;
}

function resultOf(reason: unknown): Result {
  if (reason === 'error') return FAILED;
  return reason === 'aborted' || reason === 'cancelled' ? ABORTED : OK;
}

export function continueSign(record: JsonRecord): EndSign | undefined {
  const message = recordOf(record['message']);
  return message?.['role'] === 'assistant' && contentText(message['content']) !== '' ? TEXT : undefined;
}

export function droidSign(record: JsonRecord): EndSign | undefined {
  const message = recordOf(record['message']);
  return message?.['role'] === 'assistant' && saysText(message['content']) ? TEXT : undefined;
}

export function droidStreamSign(record: JsonRecord): EndSign | undefined {
  if (record['type'] === 'completion') {
    return { type: 'result', status: 'ok', hasText: contentText(record['finalText']) !== '' };
  }
  return record['type'] === 'message' && record['role'] === 'assistant' ? TEXT : undefined;
}

export function cursorSign(record: JsonRecord): EndSign | undefined {
  if (record['type'] === 'assistant') return saysText(recordOf(record['message'])?.['content']) ? TEXT : undefined;
  if (record['type'] !== 'result') return undefined;
  const isOk = record['subtype'] === 'success' && record['is_error'] !== true;
  return { type: 'result', status: isOk ? 'ok' : 'failed', hasText: contentText(record['result']) !== '' };
}

export function acpSign(record: JsonRecord): EndSign | undefined {
  const update = recordOf(recordOf(record['params'])?.['update']);
  if (record['method'] === 'session/request_permission') return APPROVAL;
  if (update !== undefined) return update['sessionUpdate'] === 'agent_message_chunk' ? TEXT : undefined;
  switch (recordOf(record['result'])?.['stopReason']) {
    case 'end_turn':
      return OK;
    case 'cancelled':
      return ABORTED;
    case 'max_tokens':
      return CUT;
    default:
      return undefined; // a refusal and a limit are failures, which the reader tells
  }
}

export function atifSign(record: JsonRecord): EndSign | undefined {
  if (record['source'] !== 'agent') return undefined;
  const calls = arrayOf(record['tool_calls']).filter(isRecord);
  if (calls.some((call) => HANDS_IN.test(stringOf(call['function_name']) ?? ''))) return OK;
  return contentText(record['message']) === '' ? undefined : TEXT;
}
