/** Reading unknown JSON field by field, and writing it the way the standard layout does. */

export type JsonRecord = { readonly [key: string]: unknown };

export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function recordOf(value: unknown): JsonRecord | undefined {
  return isRecord(value) ? value : undefined;
}

export function stringOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

export function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

export function integerOf(value: unknown): number | undefined {
  return Number.isSafeInteger(value) ? (value as number) : undefined; // isSafeInteger is no type guard
}

export function booleanOf(value: unknown): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined;
}

export function arrayOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export type ParsedJson = { readonly ok: true; readonly value: unknown } | { readonly ok: false };

/** JSON.parse whose failure is a value. */
export function parseJson(text: string): ParsedJson {
  try {
    return { ok: true, value: JSON.parse(text) as unknown };
  } catch {
    return { ok: false }; // the only thing JSON.parse throws is "not JSON"; the position is of no use to a reader
  }
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (!isRecord(value)) return typeof value === 'number' && !Number.isFinite(value) ? null : value;
  const sorted: { [key: string]: unknown } = {};
  for (const key of Object.keys(value).sort()) sorted[key] = sortKeys(value[key]);
  return sorted;
}

/** One line of a JSONL file, without its newline: keys sorted at every depth, never NaN or Infinity. */
export function jsonLine(value: unknown): string {
  return JSON.stringify(sortKeys(value));
}

/** A document such as summary.json: keys sorted, two spaces. */
export function jsonDocument(value: unknown): string {
  return `${JSON.stringify(sortKeys(value), undefined, 2)}\n`;
}
