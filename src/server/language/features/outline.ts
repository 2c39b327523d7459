import {
  FoldingRangeKind,
  type DocumentSymbol,
  type FoldingRange,
  type Position,
  type Range,
  type SelectionRange,
} from 'vscode-languageserver/node';
import { placeAt, placeOf, type Span } from '../../../core/fields/jsonPlaces.ts';
import type { LogDocument } from '../documents/logDocument.ts';
import { placedText } from '../documents/placedText.ts';
import { sectionsOf, type LogSection } from '../digests/sections.ts';
import type { LanguageFeature } from '../languageFeature.ts';

/** A file by its phases, episodes and turns: in the outline, in the breadcrumbs, as folds and as selections. */
export const outlineFeature: LanguageFeature = {
  capabilities: { documentSymbolProvider: true, foldingRangeProvider: true, selectionRangeProvider: true },
  connect: (connection, { documents, digests }) => {
    connection.onDocumentSymbol(async ({ textDocument: { uri } }, token) => {
      const document = await documents.load(uri, token);
      if (document === undefined) return undefined;
      return (await sectionsOf(document, digests)).map((section) => symbolOf(document, section));
    });
    connection.onFoldingRanges(async ({ textDocument: { uri } }, token) => {
      const document = await documents.load(uri, token);
      return document === undefined ? undefined : foldsOf(await sectionsOf(document, digests));
    });
    connection.onSelectionRanges(async ({ textDocument: { uri }, positions }, token) => {
      const document = await documents.load(uri, token);
      if (document === undefined) return undefined;
      const sections = await sectionsOf(document, digests);
      return positions.map((position) => selectionAt(document, sections, position));
    });
  },
};

function symbolOf(document: LogDocument, section: LogSection): DocumentSymbol {
  const { name, detail, symbol, firstLine, lastLine, children } = section;
  return {
    name,
    detail,
    kind: symbol,
    range: linesRange(document, firstLine, lastLine),
    selectionRange: linesRange(document, firstLine, firstLine),
    children: children.map((child) => symbolOf(document, child)),
  };
}

function foldsOf(sections: readonly LogSection[]): FoldingRange[] {
  return sections.flatMap(({ firstLine, lastLine, children }) => {
    const own = { startLine: firstLine, endLine: lastLine, kind: FoldingRangeKind.Region };
    return [...(lastLine > firstLine ? [own] : []), ...foldsOf(children)];
  });
}

/** From the value at the cursor outwards: its member, what holds it, the record, the episode or turn, the file. */
function selectionAt(document: LogDocument, sections: readonly LogSection[], at: Position): SelectionRange {
  const { line } = at;
  const ranges: Range[] = [];
  for (let inside: LogSection | undefined, among = sections; ; among = inside.children) {
    inside = among.find(({ firstLine, lastLine }) => firstLine <= line && line <= lastLine);
    if (inside === undefined) break;
    ranges.push(linesRange(document, inside.firstLine, inside.lastLine));
  }
  ranges.push(linesRange(document, line, line));
  const placed = placedText(document, line);
  const offset = placed?.offsetAt(at);
  if (placed !== undefined && offset !== undefined) {
    ranges.push(...spansAt(placed.text, offset).map((span) => placed.rangeOf(span)));
  }
  return ranges.reduce<SelectionRange>((parent, range) => (isSame(parent.range, range) ? parent : { range, parent }), {
    range: linesRange(document, 0, document.lineCount - 1),
  });
}

/** Each member on the way to an offset, and then its value or its key. */
function spansAt(text: string, offset: number): readonly Span[] {
  const path = placeAt(text, offset)?.path ?? [];
  return path.flatMap((_, depth) => {
    const place = placeOf(text, path.slice(0, depth + 1));
    if (place === undefined) return [];
    const { key = place.value, value } = place;
    return [{ start: key.start, end: value.end }, value.start <= offset ? value : key];
  });
}

function linesRange(document: LogDocument, firstLine: number, lastLine: number): Range {
  return {
    start: { line: firstLine, character: 0 },
    end: { line: lastLine, character: document.lineAt(lastLine).length },
  };
}

function isSame(a: Range, b: Range): boolean {
  return (
    a.start.line === b.start.line &&
    a.start.character === b.start.character &&
    a.end.line === b.end.line &&
    a.end.character === b.end.character
  );
}
