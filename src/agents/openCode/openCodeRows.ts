import { recordOf, type JsonRecord } from '../../core/words/json.ts';
import type { Emit } from '../../core/failures/transcriptEvents.ts';
import { MAIN, readError, readPart } from './openCodeParts.ts';
import type { TranscriptFormat } from '../transcriptFormat.ts';

/** Rows of OpenCode's tables as `readSessionRows` hands them out: each message, then its parts. */
export const openCodeRows: TranscriptFormat = {
  name: 'opencode_database',
  recognises: (record) =>
    (record['table'] === 'message' || record['table'] === 'part') && typeof record['session_id'] === 'string',
  open: () => readRow,
};

function readRow(row: JsonRecord, emit: Emit): void {
  const data = recordOf(row['data']) ?? {};
  if (row['table'] === 'part') readPart(data, emit);
  else if (row['table'] === 'message') readMessage(data, emit);
}

function readMessage(data: JsonRecord, emit: Emit): void {
  const error = recordOf(data['error']);
  if (data['role'] === 'user') emit({ type: 'turn_active', scope: MAIN, is_prompt: true });
  else if (data['role'] === 'assistant') {
    const isOver = recordOf(data['time'])?.['completed'] !== undefined && data['finish'] !== 'tool-calls';
    emit({ type: isOver ? 'turn_closed' : 'turn_active', scope: MAIN });
    if (error !== undefined) readError(error, emit);
  }
}
