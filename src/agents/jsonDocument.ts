import { arrayOf, isRecord, parseJson, stringOf, type JsonRecord } from '../core/words/json.ts';

/**
 * Older Gemini sessions are one JSON document, written anew with every message: nothing can be read before its end.
 * 64 MB is several times the longest real session; what is longer is not kept in memory.
 */
const MAX_CHARS = 64 * 1024 * 1024;

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

  /** The document's own fields as the first record, then its messages, each with the line on which its id stands. */
  records(): readonly { readonly record: JsonRecord; readonly line: number }[] | undefined {
    const parsed = parseJson(this.#lines.join('\n'));
    if (!parsed.ok) return undefined;
    const root = isRecord(parsed.value) ? parsed.value : {};
    const messages = Array.isArray(parsed.value) ? arrayOf(parsed.value) : arrayOf(root['messages']);
    const { messages: _, ...header } = root;
    const records: { record: JsonRecord; line: number }[] = [{ record: header, line: 1 }];
    let line = 0;
    for (const message of messages) {
      if (!isRecord(message)) continue;
      line = this.#lineOf(stringOf(message['id']), line);
      records.push({ record: message, line: line + 1 });
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
