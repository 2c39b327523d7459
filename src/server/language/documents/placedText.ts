import type { Position, Range } from 'vscode-languageserver/node';
import type { Span } from '../../../core/fields/jsonPlaces.ts';
import { isLineKind } from './fileKind.ts';
import type { LogDocument } from './logDocument.ts';

/** The text of one JSON value, a line or a whole document, and where it stands in its file. */
export interface PlacedText {
  readonly text: string;
  offsetAt(position: Position): number | undefined;
  rangeOf(span: Span): Range;
}

/** A document over many lines that is longer than this is no summary of anything. */
const MOST_LINES = 100_000;

export function placedText(document: LogDocument, line: number): PlacedText | undefined {
  if (isLineKind(document.kind) && !isWhole(document)) return placedLine(document.lineAt(line), line);
  if (document.lineCount > MOST_LINES) return undefined;
  return placedDocument(Array.from({ length: document.lineCount }, (_, at) => document.lineAt(at)));
}

/** Some agents write their log as one document over many lines. */
function isWhole({ kind, path, uri }: LogDocument): boolean {
  return kind === 'transcript' && (path ?? uri).endsWith('.json');
}

function placedLine(text: string, line: number): PlacedText {
  return {
    text,
    offsetAt: ({ character }) => character,
    rangeOf: ({ start, end }) => ({ start: { line, character: start }, end: { line, character: end } }),
  };
}

function placedDocument(lines: readonly string[]): PlacedText {
  const starts: number[] = [];
  let length = 0;
  for (const line of lines) {
    starts.push(length);
    length += line.length + 1;
  }
  const positionAt = (offset: number): Position => {
    let low = 0;
    for (let high = starts.length - 1; low < high;) {
      const middle = Math.ceil((low + high) / 2);
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low, character: offset - (starts[low] ?? 0) };
  };
  return {
    text: lines.join('\n'),
    offsetAt: ({ line, character }) => {
      const start = starts[line];
      return start === undefined ? undefined : start + Math.min(character, lines[line]?.length ?? 0);
    },
    rangeOf: ({ start, end }) => ({ start: positionAt(start), end: positionAt(end) }),
  };
}
