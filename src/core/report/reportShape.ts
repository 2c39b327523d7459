import { isRecord } from '../words/json.ts';
import { isReportNumber, numberSchema, type NumberKind } from './reportNumbers.ts';

/**
 * What a value of a report may be. There is no shape for free text: a string is a word of a closed list or matches a
 * pattern that cannot spell one. The same shapes prove a report before it leaves and make its published JSON schema.
 */
export type Shape =
  | { readonly type: 'words'; readonly words: readonly string[] }
  | { readonly type: 'pattern'; readonly pattern: RegExp }
  | { readonly type: 'number'; readonly kind: NumberKind }
  | { readonly type: 'boolean' }
  | { readonly type: 'nullable'; readonly of: Shape }
  | { readonly type: 'list'; readonly of: Shape }
  | { readonly type: 'counts'; readonly words: readonly string[] }
  | { readonly type: 'fields'; readonly fields: Readonly<Record<string, Shape>> };

/**
 * Where a value is not proven, in words of the shapes alone: the value, or a key nobody knows, may be what must not be
 * told. `undefined` when every byte is proven.
 */
export function unprovenPlace(value: unknown, shape: Shape, place = 'report'): string | undefined {
  switch (shape.type) {
    case 'words':
      return typeof value === 'string' && shape.words.includes(value) ? undefined : place;
    case 'pattern':
      return typeof value === 'string' && value.length <= 64 && shape.pattern.test(value) ? undefined : place;
    case 'number':
      return isReportNumber(value, shape.kind) ? undefined : place;
    case 'boolean':
      return typeof value === 'boolean' ? undefined : place;
    case 'nullable':
      return value === null ? undefined : unprovenPlace(value, shape.of, place);
    case 'list':
      return Array.isArray(value) ? unprovenItem(value, shape.of, place) : place;
    case 'counts':
      return isRecord(value) ? unprovenCount(value, shape.words, place) : place;
    case 'fields':
      return isRecord(value) ? unprovenField(value, shape.fields, place) : place;
    default:
      return place; // never reached: a shape nobody knows proves nothing
  }
}

function unprovenItem(items: readonly unknown[], shape: Shape, place: string): string | undefined {
  for (const [index, item] of items.entries()) {
    const unproven = unprovenPlace(item, shape, `${place}[${index}]`);
    if (unproven !== undefined) return unproven;
  }
  return undefined;
}

function unprovenCount(
  counts: Readonly<Record<string, unknown>>,
  words: readonly string[],
  place: string,
): string | undefined {
  const isProven = Object.entries(counts).every(
    ([word, count]) => words.includes(word) && isReportNumber(count, 'count'),
  );
  return isProven ? undefined : place;
}

function unprovenField(
  record: Readonly<Record<string, unknown>>,
  fields: Readonly<Record<string, Shape>>,
  place: string,
): string | undefined {
  if (Object.keys(record).some((key) => !Object.hasOwn(fields, key))) return `${place}, a field nobody knows`;
  for (const [key, shape] of Object.entries(fields)) {
    const unproven = unprovenPlace(record[key], shape, `${place}.${key}`);
    if (unproven !== undefined) return unproven;
  }
  return undefined;
}

/** Longer vocabularies are published as the pattern of their words: they grow with every version. */
const MAX_LISTED_WORDS = 40;

/** JSON Schema (2020-12) of a shape. */
export function schemaOf(shape: Shape): Readonly<Record<string, unknown>> {
  switch (shape.type) {
    case 'words':
      return shape.words.length > MAX_LISTED_WORDS
        ? { type: 'string', pattern: '^[A-Za-z0-9_-]{1,40}$' }
        : { type: 'string', enum: shape.words };
    case 'pattern':
      return { type: 'string', pattern: shape.pattern.source };
    case 'number':
      return numberSchema(shape.kind);
    case 'boolean':
      return { type: 'boolean' };
    case 'nullable':
      return { anyOf: [schemaOf(shape.of), { type: 'null' }] };
    case 'list':
      return { type: 'array', items: schemaOf(shape.of) };
    case 'counts':
      return { type: 'object', propertyNames: { enum: shape.words }, additionalProperties: numberSchema('count') };
    case 'fields':
      return {
        type: 'object',
        additionalProperties: false,
        required: Object.keys(shape.fields),
        properties: Object.fromEntries(Object.entries(shape.fields).map(([key, field]) => [key, schemaOf(field)])),
      };
    default:
      return { not: {} };
  }
}
