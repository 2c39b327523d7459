import { arrayOf, isRecord, parseJson, recordOf } from '../core/words/json.ts';
import type { Redactor } from '../core/privacy/redact.ts';
import { readAllLines } from '../logs/jsonLines.ts';
import { readSummary, transcriptOf } from '../logs/sessionFiles.ts';
import { knownFailures } from './knownFailures.ts';
import type { FoundSession } from './readFound.ts';

export interface Excerpt {
  readonly handle: string;
  readonly text: string;
}

const MAX_EXCERPTS = 20;
const MAX_LINES = 3;
const MAX_CHARACTERS = 400;
/** Of a long output the rest is never shown; what is cut in two here is far behind what is. */
const MAX_REDACTED = 20_000;

/** The first lines of what failed, redacted: for the report's detailed mode, which its user asked for. */
export function excerptsOf(found: FoundSession, redactor: Redactor): Excerpt[] {
  const { root, place } = found;
  const summary = readSummary(place.dir);
  const transcript = transcriptOf(place.dir, summary);
  const failures = transcript === undefined ? undefined : knownFailures(root, place, summary);
  if (transcript === undefined || failures === undefined) return [];
  const wanted = new Map(failures.sources.slice(0, MAX_EXCERPTS).map(({ line, handle }) => [line, handle]));
  const excerpts: Excerpt[] = [];
  let number = 0;
  readAllLines(transcript, (line) => {
    number += 1;
    const handle = wanted.get(number);
    if (handle === undefined) return;
    const parsed = parseJson(line);
    const text = parsed.ok ? errorText(parsed.value) : undefined;
    if (text === undefined) return;
    // Redacted before it is cut: half a secret is not recognised, and half a secret too many.
    excerpts.push({ handle, text: firstLines(redactor.redact(text.slice(0, MAX_REDACTED)).text) });
  });
  return excerpts;
}

/** Where the formats keep what a tool or a service said, the most telling first. */
const TEXT_KEYS = ['aggregated_output', 'stderr', 'error', 'message', 'output', 'content', 'detail', 'summary', 'text'];

function errorText(value: unknown, depth = 0): string | undefined {
  if (typeof value === 'string') {
    const inner = value.startsWith('{') ? parseJson(value) : undefined;
    const nested = inner?.ok === true && depth < 4 ? errorText(inner.value, depth + 1) : undefined;
    return nested ?? (value.trim() === '' ? undefined : value);
  }
  if (depth > 6) return undefined;
  if (Array.isArray(value)) {
    for (const item of arrayOf(value)) {
      const text = isRecord(item) ? errorText(item, depth + 1) : undefined;
      if (text !== undefined) return text;
    }
    return undefined;
  }
  const record = recordOf(value);
  if (record === undefined) return undefined;
  for (const key of ['item', 'payload', 'toolUseResult', ...TEXT_KEYS]) {
    const text = record[key] === undefined ? undefined : errorText(record[key], depth + 1);
    if (text !== undefined) return text;
  }
  return undefined;
}

function firstLines(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.slice(0, MAX_LINES).join('\n').slice(0, MAX_CHARACTERS);
}
