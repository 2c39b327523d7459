import type { TranscriptFormat } from '../../src/agents/transcriptFormat.ts';
import type { TranscriptEvent } from '../../src/core/failures/transcriptEvents.ts';
import type { JsonRecord } from '../../src/core/words/json.ts';

/** What a reader makes of these records, in their order. */
export function eventsOf(format: TranscriptFormat, ...records: readonly JsonRecord[]): readonly TranscriptEvent[] {
  const events: TranscriptEvent[] = [];
  const read = format.open();
  for (const record of records) read(record, (event) => events.push(event));
  return events;
}

/** An event in a few words. */
export function brief(event: TranscriptEvent): string {
  const { origin, code, exit_code, tool_kind, http_status } = 'symptom' in event ? event.symptom : {};
  const kind = 'tool_kind' in event ? event.tool_kind : undefined;
  const call = 'call' in event ? event.call : undefined;
  return [event.type, call, kind, origin, code, exit_code, tool_kind, http_status].filter((part) => part !== undefined).join(' ');
} // prettier-ignore
