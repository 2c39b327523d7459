import { recordOf, stringOf, type JsonRecord } from '../../core/words/json.ts';
import type { Emit } from '../../core/failures/transcriptEvents.ts';
import { geminiServiceSymptom, geminiSymptom, hasFailed, shellReport } from './geminiError.ts';
import { contentText } from '../messageText.ts';
import { shellCommandKind, shellKill } from '../shellCommand.ts';
import { toolKindOf } from '../toolKinds.ts';
import type { TranscriptFormat } from '../transcriptFormat.ts';

const MAIN = 'main';

/** `gemini --output-format stream-json`: a turn lasts from init to result. */
export const geminiStream: TranscriptFormat = {
  name: 'gemini_stream',
  recognises: (record) =>
    (record['type'] === 'init' && typeof record['session_id'] === 'string') ||
    ((record['type'] === 'tool_use' || record['type'] === 'tool_result') && typeof record['tool_id'] === 'string') ||
    (record['type'] === 'message' && typeof record['role'] === 'string' && typeof record['timestamp'] === 'string'),
  open: () => {
    /** The result repeats the error before it: the same failure, told twice. */
    let lastError = '';
    return (record, emit) => {
      const message = (stringOf(recordOf(record['error'])?.['message'] ?? record['message']) ?? '').slice(0, 500);
      const isRepeated = record['type'] === 'result' && message !== '' && message === lastError;
      if (record['type'] === 'error' && record['severity'] !== 'warning') lastError = message;
      readRecord(isRepeated ? { type: 'result', status: 'told' } : record, emit);
    };
  },
};

function readRecord(record: JsonRecord, emit: Emit): void {
  switch (record['type']) {
    case 'init':
      emit({ type: 'turn_opened', scope: MAIN });
      break;
    case 'tool_use': {
      const call = stringOf(record['tool_id']);
      const tool_kind = toolKindOf(record['tool_name']);
      const [command, kill] = [shellCommandKind(record['parameters']), shellKill(record['parameters'])];
      const asked = record['parameters'];
      if (call !== undefined) emit({ type: 'call_opened', call, scope: MAIN, tool_kind, command, kill, asked });
      break;
    }
    case 'tool_result':
      closeCall(record, emit);
      break;
    case 'error':
      // severity "warning" is a notice (a loop was detected, a turn was retried); "error" ends the turn.
      emit({
        type: 'failed',
        symptom: {
          ...geminiServiceSymptom(recordOf(record['error']) ?? record, ''),
          is_notice: record['severity'] === 'warning',
        },
      });
      break;
    case 'result':
      emit({ type: 'turn_closed', scope: MAIN });
      if (record['status'] === 'error') {
        emit({
          type: 'failed',
          symptom: { ...geminiServiceSymptom(recordOf(record['error']), ''), origin: 'session' },
        });
      }
      break;
    default:
      break;
  }
}

/**
 * The status of a shell call says only that a shell ran, and where something was printed the exit code is not told. One
 * line that is the shell's own, by its path and line number, is no output of a command that succeeded.
 */
const SHELL_SAYS =
  /^\/\S{1,80}\/(?:ba|da|z)?sh: line \d{1,6}: .{1,300}: (?:command not found|No such file or directory|Permission denied)$/;

function closeCall(record: JsonRecord, emit: Emit): void {
  const call = stringOf(record['tool_id']);
  const output = contentText(record['output']);
  const error = recordOf(record['error']);
  const shell = shellReport(output);
  if (record['status'] === 'cancelled') {
    emit({ type: 'call_failed', call, symptom: { origin: 'call', code: 'user_interrupt' } });
  } else if (record['status'] === 'error') {
    const symptom = geminiSymptom(error?.['type'], stringOf(error?.['message']) ?? output, output);
    emit({ type: 'call_failed', call, symptom });
  } else if (shell !== undefined && hasFailed(shell)) {
    emit({ type: 'call_failed', call, symptom: { origin: 'call', ...shell } });
  } else if (SHELL_SAYS.test(output)) {
    emit({ type: 'call_failed', call, symptom: { origin: 'call', output } });
  } else emit({ type: 'call_ok', call, answer: output });
}
