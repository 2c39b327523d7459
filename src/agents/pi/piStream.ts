import { recordOf, type JsonRecord } from '../../core/words/json.ts';
import type { Emit } from '../../core/failures/transcriptEvents.ts';
import { closeCall, MAIN, openCall, piServiceSymptom, readStop, roleOf, toolCallsOf } from './piMessage.ts';
import type { TranscriptFormat } from '../transcriptFormat.ts';

/** `pi --mode json`: the session's header, then events. */
export const piStream: TranscriptFormat = {
  name: 'pi_stream',
  recognises: (record) =>
    (/^(?:message_(?:start|update|end)|turn_end)$/.test(String(record['type'])) &&
      typeof roleOf(record) === 'string') ||
    (/^tool_execution_(?:start|update|end)$/.test(String(record['type'])) &&
      typeof record['toolCallId'] === 'string') ||
    (record['type'] === 'agent_start' && Object.keys(record).length === 1),
  open: () => {
    /** The answer was an error: whether the agent's end is the session's, a retry decides. */
    let hasFailed = false;
    return (record, emit) => {
      if (record['type'] === 'message_end') hasFailed = recordOf(record['message'])?.['stopReason'] === 'error';
      if (record['type'] !== 'agent_end' || !hasFailed) readRecord(record, emit);
    };
  },
};

function readRecord(record: JsonRecord, emit: Emit): void {
  switch (record['type']) {
    case 'agent_start':
    case 'turn_start':
      // After a failed request this is the next attempt, which may fail as well.
      emit({ type: 'turn_active', scope: MAIN, is_attempt: true });
      break;
    case 'message_end':
      readMessage(recordOf(record['message']) ?? {}, emit);
      break;
    case 'tool_execution_start':
      openCall(record['toolCallId'], record['toolName'], record['args'], emit);
      break;
    case 'tool_execution_end':
      closeCall(record, recordOf(record['result'])?.['content'] ?? record['result'], emit);
      break;
    case 'agent_end':
      emit({ type: 'turn_closed', scope: MAIN });
      break;
    case 'auto_retry_start':
      emit({ type: 'retrying', symptom: piServiceSymptom(record['errorMessage']) });
      break;
    case 'auto_retry_end':
      if (record['success'] === false) {
        emit({ type: 'retrying', symptom: piServiceSymptom(record['finalError']) });
      }
      break;
    default:
      break; // updates of what is told whole at its end
  }
}

function readMessage(message: JsonRecord, emit: Emit): void {
  if (message['role'] === 'user') emit({ type: 'turn_active', scope: MAIN, is_prompt: true });
  if (message['role'] !== 'assistant') return;
  for (const call of toolCallsOf(message)) openCall(call['id'], call['name'], call['arguments'], emit);
  readStop(message, emit);
}
