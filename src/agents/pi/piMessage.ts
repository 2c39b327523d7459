import { arrayOf, booleanOf, isRecord, recordOf, stringOf, type JsonRecord } from '../../core/words/json.ts';
import type { Emit, Symptom } from '../../core/failures/transcriptEvents.ts';
import { bounded, contentText } from '../messageText.ts';
import { geminiServiceSymptom } from '../gemini/geminiError.ts';
import { shellCommandKind } from '../shellCommand.ts';
import { toolKindOf } from '../toolKinds.ts';

export const MAIN = 'main';

/** What the shell tool adds behind the output: it alone tells that a command ran at all. */
const ENDED = /(?:^|\n)Command (?:exited with code (-?\d{1,9})|(timed out)\b[^\n]{0,80}|(aborted))\s*$/;

/** Calls open with the message that asks for them; the stream tells the same again as each begins. */
export function openCall(id: unknown, name: unknown, args: unknown, emit: Emit): void {
  const call = stringOf(id);
  if (call === undefined) return;
  const tool_kind = toolKindOf(name);
  emit({
    type: 'call_opened',
    call,
    scope: MAIN,
    tool_kind,
    command: tool_kind === 'shell' ? shellCommandKind(args) : undefined,
    asked: args,
  });
}

export function closeCall(record: JsonRecord, content: unknown, emit: Emit): void {
  const call = stringOf(record['toolCallId']);
  if (booleanOf(record['isError']) !== true) {
    emit({ type: 'call_ok', call, answer: content });
    return;
  }
  emit({ type: 'call_failed', call, symptom: symptomOf(contentText(content), toolKindOf(record['toolName'])) });
}

function symptomOf(told: string, tool_kind: Symptom['tool_kind']): Symptom {
  const text = bounded(told);
  const ended = ENDED.exec(text.slice(-400));
  if (ended === null) return { origin: 'call', said: text, output: text, never_ran: true, tool_kind };
  const output = text.replace(ENDED, '').replace(/^\(no output\)/, '');
  if (ended[1] !== undefined) return { origin: 'call', exit_code: Number(ended[1]), output, tool_kind };
  return { origin: 'call', code: ended[2] === undefined ? 'user_interrupt' : 'timed_out', output, tool_kind };
}

export function toolCallsOf(message: JsonRecord): readonly JsonRecord[] {
  return arrayOf(message['content'])
    .filter(isRecord)
    .filter((block) => block['type'] === 'toolCall');
}

/** The end of an answer: pi asks again by itself after an error, and exits with 0 when that was in vain. */
export function readStop(message: JsonRecord, emit: Emit): void {
  emit({ type: 'turn_active', scope: MAIN });
  switch (message['stopReason']) {
    case 'toolUse':
      break;
    case 'error':
      emit({ type: 'turn_closed', scope: MAIN });
      emit({ type: 'retrying', symptom: piServiceSymptom(message['errorMessage']) });
      break;
    case 'aborted':
      break; // whoever goes on says something first: where nobody does, the turn never came to its end
    case 'length':
      emit({ type: 'turn_closed', scope: MAIN });
      emit({ type: 'failed', symptom: { origin: 'service', code: 'context_exceeded' } });
      break;
    default:
      emit({ type: 'turn_closed', scope: MAIN });
  }
}

/** "429: {"message":"..."}", "Connection error." */
export function piServiceSymptom(told: unknown): Symptom {
  const text = (stringOf(told) ?? '').slice(0, 4000);
  const status = /^(\d{3})\b:? ?/.exec(text);
  const rest = text.slice(status?.[0].length ?? 0);
  const inner = /"message"\s*:\s*"((?:[^"\\]|\\.){1,2000})/.exec(rest)?.[1];
  return geminiServiceSymptom({ message: inner ?? rest, code: status === null ? undefined : Number(status[1]) }, '');
}

export function roleOf(record: JsonRecord): unknown {
  return recordOf(record['message'])?.['role'];
}
