import type { FormatName } from '../core/words/agentTable.ts';
import type { JsonRecord } from '../core/words/json.ts';
import type { Emit } from '../core/failures/transcriptEvents.ts';

/** Reads one log's records in order; what it must remember between them is bounded. */
export type RecordReader = (record: JsonRecord, emit: Emit) => void;

export interface TranscriptFormat {
  readonly name: FormatName;
  /** Whether a record can only come from this format. */
  readonly recognises: (record: JsonRecord) => boolean;
  readonly open: () => RecordReader;
}
