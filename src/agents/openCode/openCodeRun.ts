import { recordOf, type JsonRecord } from '../../core/words/json.ts';
import type { Emit } from '../../core/failures/transcriptEvents.ts';
import { MAIN, readError, readPart } from './openCodeParts.ts';
import type { TranscriptFormat } from '../transcriptFormat.ts';

const EVENT = /^(?:step_start|step_finish|text|reasoning|tool_use|error)$/;

/** `opencode run --format json`: a call is printed when it has ended; an open one stands in the database alone. */
export const openCodeRun: TranscriptFormat = {
  name: 'opencode_run',
  recognises: (record) =>
    typeof record['sessionID'] === 'string' &&
    EVENT.test(String(record['type'])) &&
    (record['part'] !== undefined || record['error'] !== undefined),
  open: () => readRecord,
};

function readRecord(record: JsonRecord, emit: Emit): void {
  const error = recordOf(record['error']);
  if (record['type'] === 'error' && error !== undefined) {
    readError(error, emit);
    emit({ type: 'turn_closed', scope: MAIN });
  } else readPart(recordOf(record['part']) ?? {}, emit);
}
