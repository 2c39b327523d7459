import { isRecord, parseJson, recordOf, stringOf, type JsonRecord } from '../core/words/json.ts';
import { msFromIso } from '../core/words/time.ts';

/** The first line that is a record. */
export function firstRecord(lines: readonly string[]): JsonRecord | undefined {
  for (const line of lines) {
    const parsed = parseJson(line);
    if (parsed.ok && isRecord(parsed.value)) return parsed.value;
  }
  return undefined;
}

/** The text under a key of a document that may be longer than what was read of it: `"cwd": "/srv/app"`. */
export function textUnder(key: string, lines: readonly string[]): string | undefined {
  const quoted = new RegExp(`"${key}"\\s*:\\s*("(?:[^"\\\\]|\\\\.){0,4096}")`).exec(lines.join('\n'))?.[1];
  const parsed = quoted === undefined ? undefined : parseJson(quoted);
  return parsed?.ok === true && typeof parsed.value === 'string' ? parsed.value : undefined;
}

const INSTANT =
  /"(?:timestamp|startTime|started_at|ts)"\s*:\s*(?:"(\d{4}-\d\d-\d\dT[0-9:.]{8,18}(?:Z|[+-]\d\d:?\d\d))"|(\d{13})\b)/;

/** Which version of its agent wrote it, where one of its first lines says so; `version: 3` is one of the format. */
export function agentVersionIn(lines: readonly string[]): string | undefined {
  for (const line of lines) {
    const parsed = parseJson(line);
    if (!parsed.ok || !isRecord(parsed.value)) continue;
    const record = parsed.value;
    for (const part of [record, recordOf(record['payload']), recordOf(record['data'])]) {
      const version = VERSION_KEYS.map((key) => stringOf(part?.[key])).find((text) => VERSION_SHAPE.test(text ?? ''));
      if (version !== undefined) return version;
    }
  }
  return undefined;
}

const VERSION_KEYS = ['claude_code_version', 'cli_version', 'copilotVersion', 'version'];
const VERSION_SHAPE = /^\d{1,5}(?:\.\d{1,5}){1,2}(?:-[\w.]{1,20})?$/;

/** When a log was begun, by the first instant in its first lines. */
export function firstInstant(lines: readonly string[]): number | undefined {
  for (const line of lines) {
    const [, text, ms] = INSTANT.exec(line) ?? [];
    if (text !== undefined) return msFromIso(text);
    if (ms !== undefined) return Number(ms);
  }
  return undefined;
}

/** Every agent's stream tells early which session it is, by one of these. */
export function sessionIdIn(lines: readonly string[]): string | undefined {
  for (const line of lines) {
    const parsed = parseJson(line);
    if (!parsed.ok || !isRecord(parsed.value)) continue;
    const id = idIn(parsed.value) ?? idIn(recordOf(parsed.value['data']) ?? {});
    if (id !== undefined) return id;
  }
  return undefined;
}

function idIn(record: JsonRecord): string | undefined {
  const id =
    record['session_id'] ??
    record['sessionId'] ??
    record['sessionID'] ??
    record['thread_id'] ??
    (record['type'] === 'session' ? record['id'] : undefined) ??
    (record['type'] === 'session_meta' ? recordOf(record['payload'])?.['id'] : undefined);
  const text = stringOf(id);
  return text !== undefined && /^[\w-]{6,128}$/.test(text) ? text : undefined;
}
