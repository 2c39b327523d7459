import { arrayOf, isRecord, recordOf, stringOf, type JsonRecord } from '../../core/words/json.ts';
import type { Emit } from '../../core/failures/transcriptEvents.ts';
import { clineFailure } from './clineResults.ts';
import { geminiServiceSymptom } from '../gemini/geminiError.ts';
import { contentText } from '../messageText.ts';
import { shellCommandKind } from '../shellCommand.ts';
import { toolKindOf } from '../toolKinds.ts';
import type { TranscriptFormat } from '../transcriptFormat.ts';

const MAIN = 'main';

/** `~/.cline/data/sessions/<session>/<session>.messages.json`: one document, written anew with every message. */
export const clineMessages: TranscriptFormat = {
  name: 'cline_messages',
  recognises: (record) =>
    typeof record['sessionId'] === 'string' &&
    typeof record['version'] === 'number' &&
    typeof record['updated_at'] === 'string',
  open: () => (record, emit) => {
    readMessage(record, emit);
    for (const message of arrayOf(record['messages'])) if (isRecord(message)) readMessage(message, emit);
  },
};

function readMessage(message: JsonRecord, emit: Emit): void {
  const blocks = arrayOf(message['content']).filter(isRecord);
  if (recordOf(message['metadata'])?.['displayRole'] === 'error') {
    emit({ type: 'failed', symptom: geminiServiceSymptom({ message: contentText(message['content']) }, '') });
  } else if (message['role'] === 'assistant') readAssistant(blocks, emit);
  else if (message['role'] === 'user') {
    const results = blocks.filter((block) => block['type'] === 'tool_result');
    for (const block of results) closeCall(block, emit);
    emit({ type: 'turn_active', scope: MAIN, ...(results.length === 0 && { is_prompt: true as const }) });
  }
}

function readAssistant(blocks: readonly JsonRecord[], emit: Emit): void {
  let hasCalls = false;
  for (const block of blocks) {
    const call = block['type'] === 'tool_use' ? stringOf(block['id']) : undefined;
    if (call === undefined) continue;
    hasCalls = true;
    const tool_kind = toolKindOf(block['name']);
    const command = tool_kind === 'shell' ? shellCommandKind(block['input']) : undefined;
    emit({ type: 'call_opened', call, scope: MAIN, tool_kind, command, asked: block['input'] });
  }
  emit({ type: hasCalls ? 'turn_active' : 'turn_closed', scope: MAIN });
}

function closeCall(block: JsonRecord, emit: Emit): void {
  const call = stringOf(block['tool_use_id']);
  const said = contentText(block['content']);
  const symptom =
    clineFailure(block['content']) ??
    (block['is_error'] === true ? { origin: 'call' as const, said, output: said, never_ran: true } : undefined);
  if (symptom === undefined) emit({ type: 'call_ok', call, answer: block['content'] });
  else emit({ type: 'call_failed', call, symptom });
}
