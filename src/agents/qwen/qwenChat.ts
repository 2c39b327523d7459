import { arrayOf, integerOf, isRecord, recordOf, stringOf, type JsonRecord } from '../../core/words/json.ts';
import { signalNumber } from '../../core/words/signals.ts';
import type { Emit, Symptom } from '../../core/failures/transcriptEvents.ts';
import { geminiServiceSymptom, geminiSymptom, hasFailed, shellReport } from '../gemini/geminiError.ts';
import { bounded, contentText } from '../messageText.ts';
import { shellCommandKind } from '../shellCommand.ts';
import { toolKindOf } from '../toolKinds.ts';
import type { TranscriptFormat } from '../transcriptFormat.ts';

const MAIN = 'main';

/**
 * `~/.qwen/projects/<cwd>/chats/<session>.jsonl`: Claude Code's envelope around Gemini's messages, whose `parts` stand
 * where Claude Code has `content`.
 */
export const qwenChat: TranscriptFormat = {
  name: 'qwen_chat',
  recognises: (record) =>
    typeof record['sessionId'] === 'string' &&
    record['uuid'] !== undefined &&
    (Array.isArray(recordOf(record['message'])?.['parts']) ||
      isRecord(record['toolCallResult']) ||
      isRecord(record['systemPayload']) ||
      typeof record['provenance'] === 'string'),
  open: () => readRecord,
};

function readRecord(record: JsonRecord, emit: Emit): void {
  const parts = arrayOf(recordOf(record['message'])?.['parts']).filter(isRecord);
  switch (record['type']) {
    case 'user':
      emit({ type: 'turn_active', scope: MAIN, is_prompt: true });
      break;
    case 'assistant':
      readAssistant(parts, emit);
      break;
    case 'tool_result':
      closeCall(recordOf(record['toolCallResult']) ?? {}, recordOf(parts[0]?.['functionResponse']), emit);
      emit({ type: 'turn_active', scope: MAIN });
      break;
    case 'system':
      readTelemetry(recordOf(recordOf(record['systemPayload'])?.['uiEvent']), emit);
      break;
    default:
      break;
  }
}

function readAssistant(parts: readonly JsonRecord[], emit: Emit): void {
  let hasCalls = false;
  for (const part of parts) {
    const functionCall = recordOf(part['functionCall']);
    const call = stringOf(functionCall?.['id']);
    if (call === undefined) continue;
    hasCalls = true;
    const tool_kind = toolKindOf(functionCall?.['name']);
    const command = tool_kind === 'shell' ? shellCommandKind(functionCall?.['args']) : undefined;
    emit({ type: 'call_opened', call, scope: MAIN, tool_kind, command, asked: functionCall?.['args'] });
  }
  emit({ type: hasCalls ? 'turn_active' : 'turn_closed', scope: MAIN });
}

function closeCall(result: JsonRecord, told: JsonRecord | undefined, emit: Emit): void {
  const call = stringOf(result['callId']) ?? stringOf(told?.['id']);
  const response = recordOf(told?.['response']);
  const report = contentText(response?.['output']);
  const shell = shellReport(report);
  const isFailed =
    result['status'] === 'error' || response?.['error'] !== undefined || (shell !== undefined && hasFailed(shell));
  if (result['status'] === 'cancelled') {
    emit({ type: 'call_failed', call, symptom: { origin: 'call', code: 'user_interrupt' } });
  } else if (isFailed) emit({ type: 'call_failed', call, symptom: symptomOf(result, response) });
  else emit({ type: 'call_ok', call, answer: response?.['output'] });
}

/** What a person was shown is more than what the model was told: the shell's own record of the command. */
function symptomOf(result: JsonRecord, response: JsonRecord | undefined): Symptom {
  const shown = recordOf(result['resultDisplay']);
  const error = contentText(response?.['error']) || contentText(result['resultDisplay']);
  const symptom = geminiSymptom(result['errorType'], error, contentText(response?.['output']));
  const never_ran = result['executionStatus'] === 'not_started';
  if (shown?.['type'] !== 'shell_result') return { ...symptom, never_ran };
  const signal = integerOf(shown['signal']) ?? signalNumber(stringOf(shown['signal']) ?? '');
  const hasTimedOut = shown['outcome'] === 'timed_out';
  return {
    origin: 'call',
    code: hasTimedOut ? 'timed_out' : symptom.code,
    exit_code: integerOf(shown['exitCode']) ?? (signal === undefined || hasTimedOut ? symptom.exit_code : 128 + signal),
    output: bounded(contentText(shown['output'])),
  };
}

/** Qwen Code asks again for ever and tells nobody but its own log. */
function readTelemetry(event: JsonRecord | undefined, emit: Emit): void {
  if (event?.['event.name'] !== 'qwen-code.api_error') return;
  const error = { message: event['error_message'], code: integerOf(event['status_code']) };
  emit({ type: 'retrying', symptom: geminiServiceSymptom(error, '') });
}
