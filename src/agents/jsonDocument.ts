import { arrayOf, isRecord, parseJson, recordOf, stringOf, type JsonRecord } from '../core/words/json.ts';
import { mendedJson } from './mendedJson.ts';

/**
 * A log that is one JSON document (Gemini's older sessions, Cline's messages, Continue's sessions, trajectories), written
 * anew with every message: nothing can be read before its end. 64 MB is several times the longest real session; what is
 * longer is not kept in memory.
 */
const MAX_CHARS = 64 * 1024 * 1024;
/** Where such documents keep what happened. */
const ITEMS = ['messages', 'history', 'steps'] as const;

export class JsonDocument {
  readonly #lines: string[];
  #chars: number;

  constructor(firstLine: string) {
    this.#lines = [firstLine];
    this.#chars = firstLine.length;
  }

  /** A pretty-printed document begins with a line that is no JSON by itself: `{`, `[` or the start of the first key. */
  static canBeginWith(line: string): boolean {
    return /^\s*[[{]\s*$/.test(line.slice(0, 200));
  }

  /** `false` when the document has become too large to be kept. */
  add(line: string): boolean {
    this.#chars += line.length + 1;
    if (this.#chars > MAX_CHARS) return false;
    this.#lines.push(line);
    return true;
  }

  /**
   * The document's own fields as the first record, then its messages, each with the line on which its id stands. Of a
   * document that was being written when its process died, what is whole.
   */
  records(): readonly { readonly record: JsonRecord; readonly line: number }[] | undefined {
    const value = valueOf(this.#lines.join('\n').replace(/\0+$/, ''));
    if (value === undefined) return undefined;
    const { header, items } = itemsOf(value);
    const records: { record: JsonRecord; line: number }[] = [{ record: header, line: 1 }];
    let line = 0;
    for (const item of items) {
      if (!isRecord(item)) continue;
      line = this.#lineOf(idOf(item), line);
      records.push({ record: item, line: line + 1 });
    }
    return records;
  }

  #lineOf(id: string | undefined, from: number): number {
    if (id === undefined) return from;
    const quoted = JSON.stringify(id);
    for (let i = from; i < this.#lines.length; i++) if (this.#lines[i]?.includes(quoted) === true) return i;
    return from;
  }
}

function valueOf(text: string): unknown {
  const parsed = parseJson(text);
  if (parsed.ok) return parsed.value;
  const mended = mendedJson(text);
  const second = mended === undefined ? undefined : parseJson(mended);
  return second?.ok === true ? second.value : undefined;
}

/** A document on one line is a record like any other until its items are taken out of it. */
export function itemsOf(value: unknown): { readonly header: JsonRecord; readonly items: readonly unknown[] } {
  if (Array.isArray(value)) return { header: {}, items: arrayOf(value) };
  const root = isRecord(value) ? value : {};
  const key = ITEMS.find((name) => Array.isArray(root[name]));
  if (key === undefined) return { header: root, items: [] };
  const { [key]: items, ...header } = root;
  return { header, items: arrayOf(items) };
}

/** Its own, or that of its first call. */
function idOf(item: JsonRecord): string | undefined {
  const call = recordOf(arrayOf(item['toolCallStates'])[0]) ?? recordOf(arrayOf(item['tool_calls'])[0]);
  return stringOf(item['id']) ?? stringOf(call?.['toolCallId']) ?? stringOf(call?.['tool_call_id']);
}
