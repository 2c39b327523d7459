import { recordOf, stringOf, type JsonRecord } from '../../core/words/json.ts';
import type { Emit } from '../../core/failures/transcriptEvents.ts';
import { closeCall, openCall } from '../claude/claudeMessage.ts';
import { geminiServiceSymptom } from '../gemini/geminiError.ts';
import type { TranscriptFormat } from '../transcriptFormat.ts';

const MAIN = 'main';

/** `droid exec --output-format stream-json`, as its documentation shows it: flat calls and results. */
export const droidStream: TranscriptFormat = {
  name: 'droid_stream',
  recognises: (record) =>
    typeof record['session_id'] === 'string' &&
    ((record['type'] === 'tool_call' && typeof record['toolName'] === 'string') ||
      (record['type'] === 'tool_result' && record['toolId'] !== undefined) ||
      (record['type'] === 'completion' && record['finalText'] !== undefined)),
  open: () => readRecord,
};

function readRecord(record: JsonRecord, emit: Emit): void {
  const id = stringOf(record['id']);
  switch (record['type']) {
    case 'system':
      emit({ type: 'turn_active', scope: MAIN });
      break;
    case 'message':
      if (record['role'] === 'user') emit({ type: 'turn_active', scope: MAIN, is_prompt: true });
      break;
    case 'tool_call':
      openCall({ id, name: record['toolName'], input: record['parameters'] }, MAIN, emit);
      break;
    case 'tool_result': {
      const content = record['value'] ?? recordOf(record['error'])?.['message'] ?? record['error'];
      closeCall({ tool_use_id: id, content, is_error: record['isError'] === true }, undefined, emit);
      break;
    }
    case 'error':
      emit({ type: 'failed', symptom: geminiServiceSymptom({ message: record['message'] }, '') });
      break;
    case 'completion':
      emit({ type: 'turn_closed', scope: MAIN });
      break;
    default:
      break;
  }
}
