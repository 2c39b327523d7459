import { recordOf, stringOf, type JsonRecord } from '../../core/words/json.ts';
import type { Emit, SymptomCode } from '../../core/failures/transcriptEvents.ts';
import { clineFailure } from './clineResults.ts';
import { geminiServiceSymptom } from '../gemini/geminiError.ts';
import { shellCommandKind } from '../shellCommand.ts';
import { toolKindOf } from '../toolKinds.ts';
import type { RecordReader, TranscriptFormat } from '../transcriptFormat.ts';

const MAIN = 'main';

/** `cline --json`: events of the agent inside {ts, type}. */
export const clineStream: TranscriptFormat = {
  name: 'cline_stream',
  recognises: (record) =>
    typeof record['ts'] === 'string' &&
    ((record['type'] === 'hook_event' && typeof record['hookEventName'] === 'string') ||
      (record['type'] === 'agent_event' && recordOf(record['event']) !== undefined) ||
      (record['type'] === 'run_result' && record['finishReason'] !== undefined)),
  open: () => createReader(),
};

function createReader(): RecordReader {
  /** The same failure is an event, an error line and the result's reason. */
  let isTold = false;
  const tell = (message: unknown, emit: Emit, errorClass?: unknown): void => {
    const code = CODE_OF.get(errorClass);
    const symptom = geminiServiceSymptom({ message }, '');
    if (!isTold) emit({ type: 'failed', symptom: code === undefined ? symptom : { ...symptom, code } });
    isTold = true;
  };
  return (record, emit) => {
    const event = recordOf(record['event']);
    if (record['type'] === 'agent_event' && event !== undefined) {
      if (event['type'] !== 'error') readEvent(event, emit);
      // A call that failed is no failure of the session, and was told as a call.
      else if (event['recoverable'] !== true) tell(messageOf(event['error']), emit, event['errorClass']);
    } else if (record['type'] === 'error') tell(messageOf(record['message'] ?? record['error']), emit);
    else if (record['type'] === 'run_result') {
      emit({ type: 'turn_closed', scope: MAIN });
      if (record['finishReason'] === 'error') tell(messageOf(record['error'] ?? record['text']), emit);
    }
  };
}

const CODE_OF: ReadonlyMap<unknown, SymptomCode> = new Map<unknown, SymptomCode>([
  ['auth', 'authentication'],
  ['context_window_exceeded', 'context_exceeded'],
]);

function messageOf(error: unknown): string {
  return stringOf(error) ?? stringOf(recordOf(error)?.['message']) ?? '';
}

function readEvent(event: JsonRecord, emit: Emit): void {
  const isTool = event['contentType'] === 'tool';
  const call = stringOf(event['toolCallId']);
  switch (event['type']) {
    case 'iteration_start':
      emit({ type: 'turn_active', scope: MAIN, is_attempt: true });
      break;
    case 'content_start': {
      if (!isTool || call === undefined) break;
      const tool_kind = toolKindOf(event['toolName']);
      const command = tool_kind === 'shell' ? shellCommandKind(event['input']) : undefined;
      emit({ type: 'call_opened', call, scope: MAIN, tool_kind, command, asked: event['input'] });
      break;
    }
    case 'content_end': {
      if (!isTool) break;
      const symptom = clineFailure(event['output']);
      if (symptom === undefined) emit({ type: 'call_ok', call, answer: event['output'] });
      else emit({ type: 'call_failed', call, symptom: { ...symptom, tool_kind: toolKindOf(event['toolName']) } });
      break;
    }
    case 'done':
      emit({ type: 'turn_closed', scope: MAIN });
      break;
    default:
      break; // text, usage, updates
  }
}
