import { clippedText } from '../../core/words/displayText.ts';
import type { JsonRecord } from '../../core/words/json.ts';

/** Enough to recognise any text; what a log's line may hold beyond that stays in the log. */
const MAX_CHARACTERS = 400;
const MAX_FIELDS = 100;

/** A record of a log made fit to be sent: flat, few fields, short texts. */
export function clippedRecord(record: JsonRecord): JsonRecord {
  const clipped: { [key: string]: unknown } = {};
  for (const [name, value] of Object.entries(record).slice(0, MAX_FIELDS)) {
    clipped[clippedText(name, MAX_CHARACTERS)] = clippedValue(value);
  }
  return clipped;
}

export function clippedLabel(text: string): string {
  return clippedText(text, MAX_CHARACTERS);
}

function clippedValue(value: unknown): unknown {
  if (typeof value === 'string') return clippedLabel(value);
  return typeof value === 'object' && value !== null ? clippedLabel(JSON.stringify(value)) : value;
}
