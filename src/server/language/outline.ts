import {
  FoldingRangeKind,
  type DocumentSymbol,
  type FoldingRange,
  type Position,
  type Range,
  type SelectionRange,
} from 'vscode-languageserver/node';
import { isLineKind } from './fileKind.ts';
import { jsonNodes, nodesAt } from './jsonNodes.ts';
import type { LogDocument } from './logDocument.ts';
import { sectionsOf, type LogSection } from './sections.ts';
import type { LanguageFeature } from './serveLanguage.ts';

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
      if (document === undefined || !isLineKind(document.kind)) return undefined; // JSON and YAML have servers of their own
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
  const { line, character } = at;
  const ranges: Range[] = [linesRange(document, 0, document.lineCount - 1)];
  for (let inside: LogSection | undefined, among = sections; ; among = inside.children) {
    inside = among.find(({ firstLine, lastLine }) => firstLine <= line && line <= lastLine);
    if (inside === undefined) break;
    ranges.push(linesRange(document, inside.firstLine, inside.lastLine));
  }
  ranges.push(linesRange(document, line, line));
  const onLine = (start: number, end: number): Range => ({
    start: { line, character: start },
    end: { line, character: end },
  });
  for (const { start, end, keyStart } of nodesAt(jsonNodes(document.lineAt(line)), character)) {
    if (keyStart !== undefined) ranges.push(onLine(keyStart, end));
    if (start <= character) ranges.push(onLine(start, end));
  }
  return ranges
    .slice(1)
    .reduce<SelectionRange>((parent, range) => (isSame(parent.range, range) ? parent : { range, parent }), {
      range: ranges[0] ?? onLine(0, 0),
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
