import { arrayOf, stringOf, type JsonRecord } from '../words/json.ts';

/** Files that were dropped on the page: by their addresses, or the content of one that the browser alone can read. */
export interface Dropped {
  readonly type: 'dropped';
  readonly uris: readonly string[];
}

export interface DroppedFile {
  readonly type: 'droppedFile';
  readonly name: string;
  readonly bytes: Uint8Array;
}

const MOST_URIS = 10;
const MOST_URI_CHARACTERS = 8192;
/** It is held in memory three times on its way. */
export const MOST_DROPPED_BYTES = 256 * 1024 * 1024;

export function droppedFrom(value: JsonRecord): Dropped | undefined {
  const uris = arrayOf(value['uris']).flatMap((uri) => stringOf(uri) ?? []);
  const isSane = uris.length > 0 && uris.every((uri) => uri.length <= MOST_URI_CHARACTERS);
  return isSane ? { type: 'dropped', uris: uris.slice(0, MOST_URIS) } : undefined;
}

export function droppedFileFrom(value: JsonRecord): DroppedFile | undefined {
  const [name, bytes] = [stringOf(value['name']), value['bytes']];
  const isWhole = bytes instanceof Uint8Array && bytes.length <= MOST_DROPPED_BYTES;
  return name === undefined || !isWhole ? undefined : { type: 'droppedFile', name: name.slice(0, 255), bytes };
}
