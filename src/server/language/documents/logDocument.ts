import { parseJson, recordOf, type JsonRecord } from '../../../core/words/json.ts';
import type { LogFileKind } from './fileKind.ts';

/** One file of the layout, its lines addressable by number, as an editor counts them: from 0, an empty one at the end. */
export interface LogDocument {
  readonly uri: string;
  /** `undefined`: not on a disk that we can reach, so it has no siblings. */
  readonly path: string | undefined;
  readonly kind: LogFileKind;
  /** The editor's; 0 when the text is not the editor's but the disk's. */
  readonly version: number;
  readonly lineCount: number;
  /** Without its line break; "" behind the end. */
  lineAt(line: number): string;
  /** The object that a line holds. */
  recordAt(line: number): JsonRecord | undefined;
}

/** Lines around the visible ones are asked for again and again; more than a screen's worth is not. */
const MOST_CACHED = 512;
const MOST_CACHED_CHARS = 64 * 1024;

/** The parsed lines of one version of a document. */
export class RecordCache {
  readonly #records = new Map<number, JsonRecord | undefined>();

  recordOf(line: number, text: string): JsonRecord | undefined {
    if (this.#records.has(line)) return this.#records.get(line);
    const parsed = parseJson(text);
    const record = parsed.ok ? recordOf(parsed.value) : undefined;
    if (text.length > MOST_CACHED_CHARS) return record;
    const oldest = this.#records.size < MOST_CACHED ? undefined : this.#records.keys().next().value;
    if (oldest !== undefined) this.#records.delete(oldest);
    this.#records.set(line, record);
    return record;
  }

  clear(): void {
    this.#records.clear();
  }
}
