import { isRecord, parseJson, type JsonRecord } from '../core/words/json.ts';

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
