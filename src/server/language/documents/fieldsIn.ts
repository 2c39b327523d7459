import { parseJson } from '../../../core/words/json.ts';
import type { Span } from '../../../core/fields/jsonPlaces.ts';

/** A field of a record, or of anything inside it, whose value is neither an object nor a list. */
export interface PlacedField {
  readonly name: string;
  readonly value: unknown;
  readonly span: Span;
}

/** Finds fields by the pattern of their names. */
export type FieldFinder = (text: string) => readonly PlacedField[];

/**
 * Without looking into what lies between: a screenful of lines is searched with every scroll. A quote inside a JSON
 * string has a backslash before it, so that no text of a log can pass for a field.
 */
export function fieldFinder(names: string): FieldFinder {
  const field = new RegExp(String.raw`"(${names})":\s*("[^"\\]*(?:\\.[^"\\]*)*"|true|false|-?\d[\d.eE+-]*)`, 'g');
  return (text) => {
    const found: PlacedField[] = [];
    for (const { index, 0: whole, 1: name = '', 2: value = '' } of text.matchAll(field)) {
      const end = index + whole.length;
      const parsed = parseJson(value);
      if (parsed.ok) found.push({ name, value: parsed.value, span: { start: end - value.length, end } });
    }
    return found;
  };
}
