import { recordOf, stringOf, type JsonRecord } from '../../core/words/json.ts';
import type { Emit } from '../../core/failures/transcriptEvents.ts';
import { closeCall, MAIN, openCall, readStop, roleOf, toolCallsOf } from './piMessage.ts';
import type { RecordReader, TranscriptFormat } from '../transcriptFormat.ts';

/**
 * `~/.pi/agent/sessions/--<cwd>--/<time>_<id>.jsonl`: a tree, whose lines name the line they follow. Its header is also
 * the stream's.
 */
export const piSession: TranscriptFormat = {
  name: 'pi_session',
  recognises: (record) =>
    typeof record['id'] === 'string' &&
    record['parentId'] !== undefined &&
    ((record['type'] === 'message' && typeof roleOf(record) === 'string') ||
      record['type'] === 'model_change' ||
      record['type'] === 'thinking_level_change'),
  open: () => createReader(),
};

/** An agent waits for a handful of calls at once. */
const MOST_OPEN = 1000;

function createReader(): RecordReader {
  const open = new Set<string>();
  let leaf: string | undefined;
  return (record, emit) => {
    const parent = stringOf(record['parentId']);
    // Somebody went back in the tree. What failed on the branch that was left did fail; what was open there is no open
    // call of the session.
    if (parent !== undefined && leaf !== undefined && parent !== leaf) leaveBranch(open, emit);
    leaf = stringOf(record['id']) ?? leaf;
    if (record['type'] === 'message') readMessage(recordOf(record['message']) ?? {}, open, emit);
  };
}

function leaveBranch(open: Set<string>, emit: Emit): void {
  for (const call of open) emit({ type: 'call_failed', call, symptom: { origin: 'call', code: 'sibling_failed' } });
  open.clear();
  emit({ type: 'turn_closed', scope: MAIN });
}

function readMessage(message: JsonRecord, open: Set<string>, emit: Emit): void {
  switch (message['role']) {
    case 'user':
      emit({ type: 'turn_active', scope: MAIN, is_prompt: true });
      break;
    case 'assistant':
      for (const call of toolCallsOf(message)) {
        const id = stringOf(call['id']);
        if (id !== undefined && open.size < MOST_OPEN) open.add(id);
        openCall(id, call['name'], call['arguments'], emit);
      }
      readStop(message, emit);
      break;
    case 'toolResult':
      open.delete(stringOf(message['toolCallId']) ?? '');
      closeCall(message, message['content'], emit);
      emit({ type: 'turn_active', scope: MAIN });
      break;
    default:
      break; // system: the prompt; bashExecution: a person's own command
  }
}
