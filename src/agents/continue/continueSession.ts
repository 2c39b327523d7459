import { arrayOf, isRecord, recordOf, stringOf, type JsonRecord } from '../../core/words/json.ts';
import type { Emit, Symptom } from '../../core/failures/transcriptEvents.ts';
import { bounded } from '../messageText.ts';
import { shellCommandKind } from '../shellCommand.ts';
import { toolKindOf } from '../toolKinds.ts';
import type { TranscriptFormat } from '../transcriptFormat.ts';

const MAIN = 'main';

/** `~/.continue/sessions/<session>.json`: one document, written when a turn is over. It tells no times. */
export const continueSession: TranscriptFormat = {
  name: 'continue_session',
  recognises: (record) => typeof record['sessionId'] === 'string' && typeof record['workspaceDirectory'] === 'string',
  open: () => (record, emit) => {
    readItem(record, emit);
    for (const item of arrayOf(record['history'])) if (isRecord(item)) readItem(item, emit);
  },
};

function readItem(item: JsonRecord, emit: Emit): void {
  const role = recordOf(item['message'])?.['role'];
  if (role === 'user') emit({ type: 'turn_active', scope: MAIN, is_prompt: true });
  if (role !== 'assistant') return;
  const states = arrayOf(item['toolCallStates']).filter(isRecord);
  for (const state of states) readCall(state, emit);
  // A call that was cancelled hands the turn back.
  const isOver = states.every((state) => state['status'] === 'canceled');
  emit({ type: isOver ? 'turn_closed' : 'turn_active', scope: MAIN });
}

function readCall(state: JsonRecord, emit: Emit): void {
  const call = stringOf(state['toolCallId']);
  const asked = recordOf(recordOf(state['toolCall'])?.['function']);
  if (call === undefined) return;
  const tool_kind = toolKindOf(asked?.['name']);
  const command = tool_kind === 'shell' ? shellCommandKind(state['parsedArgs'] ?? asked?.['arguments']) : undefined;
  emit({
    type: 'call_opened',
    call,
    scope: MAIN,
    tool_kind,
    command,
    asked: state['parsedArgs'] ?? asked?.['arguments'],
  });
  const symptom = symptomOf(state['status'], textOf(state));
  if (symptom !== undefined) emit({ type: 'call_failed', call, symptom });
  else if (state['status'] === 'done') emit({ type: 'call_ok', call, answer: textOf(state) });
}

function textOf(state: JsonRecord): string {
  return arrayOf(state['output'])
    .map((part) => stringOf(recordOf(part)?.['content']) ?? '')
    .join('\n');
}

/** "[Command timed out after 2 seconds of no output]": of a call that is done all the same. */
const LIMIT = /\[Command timed out after [^\]\n]{1,80}\]\s*$/;
const OWN_WORDS = /^(?:Error executing tool [^:\n]{1,80}: )?(?:Error reading file: )?/;
const EXIT = /^Error \(exit code (-?\d{1,9})\): ?/;

function symptomOf(status: unknown, told: string): Symptom | undefined {
  if (LIMIT.test(told.slice(-200))) return { origin: 'call', code: 'timed_out', output: bounded(told) };
  if (status !== 'errored' && status !== 'canceled') return undefined;
  const text = bounded(told.replace(OWN_WORDS, ''));
  const exit = EXIT.exec(text);
  if (exit !== null) return { origin: 'call', exit_code: Number(exit[1]), output: text.slice(exit[0].length) };
  const code = status === 'canceled' ? ('declined' as const) : undefined;
  return { origin: 'call', code, said: text, output: text, never_ran: true };
}
