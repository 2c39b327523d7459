/** What a program's last words may say about why it ends. Only these names leave the scanner, never the text. */
export const MARKER_NAMES = ['v8_heap_limit', 'too_many_open_files', 'no_space', 'panic'] as const;
export type MarkerName = (typeof MARKER_NAMES)[number];

export interface OutputMarker {
  readonly name: MarkerName;
  /** Where its line starts, in bytes from the start of the stream. */
  readonly offset: number;
}
