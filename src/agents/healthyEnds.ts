import { arrayOf, isRecord, numberOf, recordOf, stringOf, type JsonRecord } from '../core/words/json.ts';
import type { FormatName } from '../core/words/agentTable.ts';
import type { EndSign, HealthyEnd } from '../core/failures/transcriptEnd.ts';
import {
  acpSign,
  atifSign,
  clineSign,
  clineStreamSign,
  continueSign,
  copilotSign,
  cursorSign,
  droidSign,
  droidStreamSign,
  openCodeRowSign,
  openCodeSign,
  piSign,
  qwenSign,
} from './endSigns.ts';
import { contentText } from './messageText.ts';

interface FormatEnd extends HealthyEnd {
  readonly signOf: (record: JsonRecord) => EndSign | undefined;
}

/** What the healthy end of each format looks like. Of a format without a row nothing is concluded. */
const HEALTHY_ENDS: { readonly [format in FormatName]?: FormatEnd } = {
  // {"type":"result","subtype":"success","is_error":false,"num_turns":3,"result":"..."}
  claude_stream: { isResultDue: true, signOf: claudeStreamSign },
  // The last message of the assistant is a text that ended its turn.
  claude_transcript: { isResultDue: false, signOf: claudeSign },
  // {"type":"turn.completed","usage":{...}}
  codex_exec: { isResultDue: true, signOf: codexExecSign },
  // {"type":"event_msg","payload":{"type":"task_complete","last_agent_message":"..."}}; none before 0.40
  codex_rollout: { isResultDue: false, signOf: codexRolloutSign },
  // {"type":"result","status":"success","stats":{...}}
  gemini_stream: { isResultDue: true, signOf: geminiStreamSign },
  // The last message is the model's, and calls nothing.
  gemini_session: { isResultDue: false, signOf: geminiSessionSign },
  qwen_chat: { isResultDue: false, signOf: qwenSign },
  // Claude Code's result.
  qwen_stream: { isResultDue: true, signOf: claudeStreamSign },
  // {"stopReason":"stop"} of its last message
  pi_session: { isResultDue: false, signOf: piSign },
  pi_stream: { isResultDue: false, signOf: piSign },
  // An answer, then the turn's end; what it prints ends with {"type":"result","exitCode":0}.
  copilot_events: { isResultDue: false, signOf: copilotSign },
  // {"type":"step_finish","part":{"reason":"stop"}}
  opencode_run: { isResultDue: false, signOf: openCodeSign },
  opencode_database: { isResultDue: false, signOf: openCodeRowSign },
  cline_messages: { isResultDue: false, signOf: clineSign },
  // {"type":"run_result","finishReason":"completed"}
  cline_stream: { isResultDue: true, signOf: clineStreamSign },
  continue_session: { isResultDue: false, signOf: continueSign },
  droid_session: { isResultDue: false, signOf: droidSign },
  // {"type":"completion","finalText":"done"}
  droid_stream: { isResultDue: true, signOf: droidStreamSign },
  // {"type":"result","subtype":"success","is_error":false}
  cursor_stream: { isResultDue: true, signOf: cursorSign },
  // {"result":{"stopReason":"end_turn"}}
  acp_stream: { isResultDue: false, hasNamedTurns: true, signOf: acpSign },
  // Harnesses end it where the task is done, which may be a call.
  atif_trajectory: { isResultDue: false, mayEndAtResult: true, signOf: atifSign },
};

export function healthyEndOf(format: FormatName): FormatEnd | undefined {
  return HEALTHY_ENDS[format];
}

const TEXT: EndSign = { type: 'text' };

function claudeStreamSign(record: JsonRecord): EndSign | undefined {
  if (record['type'] !== 'result') return record['parent_tool_use_id'] == null ? claudeSign(record) : undefined;
  const isOk = record['subtype'] === 'success' && record['is_error'] !== true;
  return {
    type: 'result',
    status: isOk ? 'ok' : 'failed',
    turns: numberOf(record['num_turns']),
    hasText: contentText(record['result']) !== '' || record['structured_output'] !== undefined,
  };
}

function claudeSign(record: JsonRecord): EndSign | undefined {
  if (record['type'] !== 'assistant' || record['isSidechain'] === true || record['isApiErrorMessage'] === true) {
    return undefined;
  }
  const message = recordOf(record['message']);
  if (message?.['stop_reason'] === 'max_tokens') return { type: 'output_cut' };
  const hasText = arrayOf(message?.['content']).some(
    (block) => isRecord(block) && block['type'] === 'text' && block['text'] !== '',
  );
  return hasText ? TEXT : undefined;
}

function codexExecSign(record: JsonRecord): EndSign | undefined {
  switch (record['type']) {
    case 'turn.completed':
      return { type: 'result', status: 'ok' };
    case 'turn.failed':
      return { type: 'result', status: 'failed' };
    case 'item.completed':
      return recordOf(record['item'])?.['type'] === 'agent_message' ? TEXT : undefined;
    default:
      return undefined;
  }
}

function codexRolloutSign(record: JsonRecord): EndSign | undefined {
  const payload = recordOf(record['payload']) ?? record;
  switch (payload['type']) {
    case 'task_complete':
    case 'turn_complete': {
      const hasText = (stringOf(payload['last_agent_message']) ?? '') !== '';
      return { type: 'result', status: recordOf(payload['error']) === undefined ? 'ok' : 'failed', hasText };
    }
    case 'turn_aborted':
      return { type: 'result', status: 'aborted' };
    case 'agent_message':
      return TEXT;
    case 'message':
      return payload['role'] === 'assistant' ? TEXT : undefined;
    default:
      return undefined;
  }
}

function geminiStreamSign(record: JsonRecord): EndSign | undefined {
  if (record['type'] === 'message') {
    return record['role'] === 'assistant' && contentText(record['content']) !== '' ? TEXT : undefined;
  }
  if (record['type'] !== 'result') return undefined;
  const isCancelled = recordOf(record['error'])?.['type'] === 'FatalCancellationError';
  return { type: 'result', status: record['status'] !== 'error' ? 'ok' : isCancelled ? 'aborted' : 'failed' };
}

function geminiSessionSign(record: JsonRecord): EndSign | undefined {
  if (record['type'] !== 'gemini') return undefined;
  return contentText(record['content']) === '' ? undefined : TEXT;
}
