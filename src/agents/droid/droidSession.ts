import { arrayOf, isRecord, recordOf, type JsonRecord } from '../../core/words/json.ts';
import type { Emit } from '../../core/failures/transcriptEvents.ts';
import { closeCall, openCall } from '../claude/claudeMessage.ts';
import type { TranscriptFormat } from '../transcriptFormat.ts';

const MAIN = 'main';

/** `~/.factory/sessions/<cwd>/<session>.jsonl`: a header, then messages of Anthropic's blocks. */
export const droidSession: TranscriptFormat = {
  name: 'droid_session',
  recognises: (record) =>
    (record['type'] === 'session_start' && typeof record['id'] === 'string' && record['version'] !== undefined) ||
    (record['type'] === 'message' &&
      typeof record['id'] === 'string' &&
      record['parentId'] === undefined &&
      Array.isArray(recordOf(record['message'])?.['content'])),
  open: () => (record, emit) => {
    if (record['type'] === 'message') readMessage(recordOf(record['message']) ?? {}, emit);
  },
};

function readMessage(message: JsonRecord, emit: Emit): void {
  const blocks = arrayOf(message['content']).filter(isRecord);
  const has = (type: string): boolean => blocks.some((block) => block['type'] === type);
  if (message['role'] === 'assistant') {
    for (const block of blocks) if (block['type'] === 'tool_use') openCall(block, MAIN, emit);
    emit({ type: has('tool_use') ? 'turn_active' : 'turn_closed', scope: MAIN });
  } else if (message['role'] === 'user') {
    for (const block of blocks) if (block['type'] === 'tool_result') closeCall(block, undefined, emit);
    emit({ type: 'turn_active', scope: MAIN, ...(!has('tool_result') && { is_prompt: true as const }) });
  }
}
