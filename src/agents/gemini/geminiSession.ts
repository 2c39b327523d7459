import { arrayOf, isRecord, recordOf, stringOf, type JsonRecord } from '../../core/words/json.ts';
import type { Emit } from '../../core/failures/transcriptEvents.ts';
import { contentText } from '../messageText.ts';
import { geminiServiceSymptom, geminiSymptom, hasFailed, shellReport } from './geminiError.ts';
import { shellCommandKind, shellKill } from '../shellCommand.ts';
import { toolKindOf } from '../toolKinds.ts';
import type { RecordReader, TranscriptFormat } from '../transcriptFormat.ts';

const MAIN = 'main';
/** A message is written again whenever it grows: finished calls are remembered, in a bounded number. */
const MAX_SEEN = 5000;

/**
 * `~/.gemini/tmp/<hash>/chats/session-*.jsonl`: a header, then one message per line, a message being written again when
 * its calls end. The older `.json` is one document whose `messages` are the same.
 */
export const geminiSession: TranscriptFormat = {
  name: 'gemini_session',
  recognises: (record) =>
    (typeof record['projectHash'] === 'string' && typeof record['sessionId'] === 'string') ||
    record['type'] === 'gemini' ||
    (Array.isArray(record['toolCalls']) && typeof record['timestamp'] === 'string'),
  open: () => createReader(),
};

function createReader(): RecordReader {
  const seen = new Set<string>();
  return (record, emit) => {
    readMessage(record, seen, emit);
    for (const message of arrayOf(record['messages'])) if (isRecord(message)) readMessage(message, seen, emit);
    // "$set": {messages: [...]} replaces what was written before; what was reported already is in `seen`.
    for (const message of arrayOf(recordOf(record['$set'])?.['messages'])) {
      if (isRecord(message)) readMessage(message, seen, emit);
    }
  };
}

function readMessage(message: JsonRecord, seen: Set<string>, emit: Emit): void {
  switch (message['type']) {
    case 'user':
      readUser(message, seen, emit);
      break;
    case 'gemini':
      readCalls(message, seen, emit);
      break;
    case 'error': {
      const id = stringOf(message['id']);
      if (id !== undefined && isSeen(id, seen)) break;
      const symptom = geminiServiceSymptom(undefined, contentText(message['content']).replace(/^\[API Error: /, ''));
      emit({ type: 'failed', symptom });
      emit({ type: 'turn_closed', scope: MAIN });
      break;
    }
    default:
      break; // info, warning, and what newer versions add
  }
}

/** Since 0.61 what a tool answered is also a user's message: no prompt, and the first to tell where the call's own is not yet. */
function readUser(message: JsonRecord, seen: Set<string>, emit: Emit): void {
  const responses = arrayOf(message['content']).flatMap((part): readonly JsonRecord[] => {
    const response = recordOf(recordOf(part)?.['functionResponse']);
    return response === undefined ? [] : [response];
  });
  for (const response of responses) {
    const status = recordOf(response['response'])?.['error'] === undefined ? 'success' : 'error';
    const result = [{ functionResponse: response }];
    readCall({ id: response['id'], name: response['name'], status, result }, seen, emit);
  }
  emit({ type: 'turn_active', scope: MAIN, ...(responses.length === 0 && { is_prompt: true as const }) });
}

function readCalls(message: JsonRecord, seen: Set<string>, emit: Emit): void {
  const calls = arrayOf(message['toolCalls']);
  for (const call of calls) if (isRecord(call)) readCall(call, seen, emit);
  // Without calls the message is the answer; a cancelled call hands the turn back to the user.
  const isOver = calls.every((call) => recordOf(call)?.['status'] === 'cancelled');
  emit({ type: isOver ? 'turn_closed' : 'turn_active', scope: MAIN });
}

function isSeen(id: string, seen: Set<string>): boolean {
  if (seen.has(id)) return true;
  if (seen.size >= MAX_SEEN) seen.clear();
  seen.add(id);
  return false;
}

const ENDED = new Set<unknown>(['success', 'error', 'cancelled']);

function readCall(record: JsonRecord, seen: Set<string>, emit: Emit): void {
  const call = stringOf(record['id']);
  if (call === undefined) return;
  const isEnded = ENDED.has(record['status']);
  if (seen.has(`ended ${call}`)) return;
  if (!isSeen(`opened ${call}`, seen)) {
    const [command, kill] = [shellCommandKind(record['args']), shellKill(record['args'])];
    const asked = record['args'];
    emit({ type: 'call_opened', call, scope: MAIN, tool_kind: toolKindOf(record['name']), command, kill, asked });
  }
  if (!isEnded) return;
  seen.add(`ended ${call}`);
  const { output, error } = responseOf(record);
  const shell = shellReport(output);
  if (record['status'] === 'cancelled') {
    emit({ type: 'call_failed', call, symptom: { origin: 'call', code: 'user_interrupt' } });
  } else if (record['status'] === 'error') {
    const message = error || contentText(record['resultDisplay']) || output;
    emit({ type: 'call_failed', call, symptom: geminiSymptom(record['errorType'], message, output) });
  } else if (shell !== undefined && hasFailed(shell)) {
    emit({ type: 'call_failed', call, symptom: { origin: 'call', ...shell } });
  } else emit({ type: 'call_ok', call, answer: output });
}

/** result: [{functionResponse: {response: {output} | {error}}}] */
function responseOf(record: JsonRecord): { output: string; error: string } {
  for (const part of arrayOf(record['result'])) {
    const response = recordOf(recordOf(recordOf(part)?.['functionResponse'])?.['response']);
    if (response === undefined) continue;
    return { output: contentText(response['output']), error: contentText(response['error']) };
  }
  return { output: '', error: '' };
}
