import { integerOf, recordOf, stringOf, type JsonRecord } from '../../core/words/json.ts';
import type { Emit, Symptom } from '../../core/failures/transcriptEvents.ts';
import type { ToolKind } from '../../core/words/vocabulary.ts';
import { geminiServiceSymptom } from '../gemini/geminiError.ts';
import { bounded, contentText } from '../messageText.ts';
import { shellCommandKind } from '../shellCommand.ts';
import { toolKindOf } from '../toolKinds.ts';
import type { TranscriptFormat } from '../transcriptFormat.ts';

const MAIN = 'main';

/**
 * `cursor-agent -p --output-format stream-json`, as its documentation shows it: {type tool_call, subtype started |
 * completed, call_id, tool_call: {shellToolCall: {args, result: {success | error | rejected: {...}}}}}. A session that
 * failed has no result line.
 */
export const cursorStream: TranscriptFormat = {
  name: 'cursor_stream',
  recognises: (record) =>
    (record['type'] === 'tool_call' && typeof record['call_id'] === 'string' && record['subtype'] !== undefined) ||
    // Claude Code's first line has all of these and more.
    (record['type'] === 'system' &&
      record['subtype'] === 'init' &&
      record['permissionMode'] !== undefined &&
      record['tools'] === undefined &&
      record['uuid'] === undefined),
  open: () => readRecord,
};

function readRecord(record: JsonRecord, emit: Emit): void {
  switch (record['type']) {
    case 'system':
    case 'assistant':
    case 'thinking':
      emit({ type: 'turn_active', scope: MAIN });
      break;
    case 'user':
      emit({ type: 'turn_active', scope: MAIN, is_prompt: true });
      break;
    case 'tool_call':
      readCall(record, emit);
      break;
    case 'result':
      emit({ type: 'turn_closed', scope: MAIN });
      if (record['is_error'] === true || record['subtype'] !== 'success') {
        emit({ type: 'failed', symptom: geminiServiceSymptom({ message: record['result'] ?? record['error'] }, '') });
      }
      break;
    default:
      break;
  }
}

function readCall(record: JsonRecord, emit: Emit): void {
  const call = stringOf(record['call_id']);
  const [name, body] =
    Object.entries(recordOf(record['tool_call']) ?? {}).find(([key]) => key.endsWith('ToolCall')) ?? [];
  if (call === undefined) return;
  const tool_kind = toolKindOf(name?.replace(/ToolCall$/, ''));
  const args = recordOf(body)?.['args'];
  if (record['subtype'] === 'started') {
    const command = tool_kind === 'shell' ? shellCommandKind(args) : undefined;
    emit({ type: 'call_opened', call, scope: MAIN, tool_kind, command, asked: args });
  } else if (record['subtype'] === 'completed') {
    const symptom = symptomOf(recordOf(recordOf(body)?.['result']) ?? {}, tool_kind);
    if (symptom === undefined) emit({ type: 'call_ok', call });
    else emit({ type: 'call_failed', call, symptom });
  }
}

function symptomOf(result: JsonRecord, tool_kind: ToolKind): Symptom | undefined {
  const rejected = recordOf(result['rejected']);
  if (rejected !== undefined) return { origin: 'call', code: 'declined', tool_kind };
  if (result['permissionDenied'] !== undefined) return { origin: 'call', code: 'permission', tool_kind };
  const failed = recordOf(result['failure']) ?? recordOf(result['error']) ?? recordOf(result['timeout']);
  const body = failed ?? recordOf(result['success']) ?? {};
  const exitCode = integerOf(body['exitCode']);
  const printed = [body['stdout'], body['stderr']].map(contentText).join('\n').trim();
  if (exitCode !== undefined && exitCode !== 0) {
    return { origin: 'call', exit_code: exitCode, output: bounded(printed), tool_kind };
  }
  if (failed === undefined) return undefined;
  if (result['timeout'] !== undefined) return { origin: 'call', code: 'timed_out', tool_kind };
  const said = bounded(stringOf(failed['errorMessage']) ?? stringOf(failed['message']) ?? printed);
  return { origin: 'call', said, output: said, never_ran: true, tool_kind };
}
