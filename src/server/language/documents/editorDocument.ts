import { TextDocument, type TextDocumentContentChangeEvent } from 'vscode-languageserver-textdocument';
import type { JsonRecord } from '../../../core/words/json.ts';
import { HEAD_LINES, logFileKindOf, type LogFileKind } from './fileKind.ts';
import { RecordCache, type LogDocument } from './logDocument.ts';

/** Lines that an edit took away, and how many stand in their place. */
export interface LineEdit {
  readonly line: number;
  readonly removed: number;
  readonly added: number;
}

/** A document that the editor has open and tells every change of. Its kind may come with an edit, and go with one. */
export class EditorDocument {
  readonly uri: string;
  readonly path: string | undefined;
  readonly #name: string;
  readonly #records = new RecordCache();
  #text: TextDocument;
  #kind: LogFileKind | undefined;

  constructor(
    opened: { readonly uri: string; readonly version: number; readonly text: string },
    path: string | undefined,
  ) {
    this.uri = opened.uri;
    this.path = path;
    this.#name = path ?? opened.uri;
    this.#text = TextDocument.create(opened.uri, '', opened.version, opened.text);
    this.#kind = this.#kindNow();
  }

  get kind(): LogFileKind | undefined {
    return this.#kind;
  }

  get version(): number {
    return this.#text.version;
  }

  get lineCount(): number {
    return this.#text.lineCount;
  }

  /** The document with its kind; `undefined` while it is none of ours. */
  get asLog(): LogDocument | undefined {
    return this.#kind === undefined ? undefined : (this as EditorDocument & { readonly kind: LogFileKind }); // just looked
  }

  lineAt(line: number): string {
    if (line < 0) return '';
    const text = this.#text.getText({ start: { line, character: 0 }, end: { line: line + 1, character: 0 } });
    let end = text.length;
    while (end > 0 && (text.charCodeAt(end - 1) === 10 || text.charCodeAt(end - 1) === 13)) end -= 1;
    return text.slice(0, end);
  }

  recordAt(line: number): JsonRecord | undefined {
    return this.#records.recordOf(line, this.lineAt(line));
  }

  /** Throws at a change that is none: what the editor shows is then unknown. */
  change(changes: readonly TextDocumentContentChangeEvent[], version: number): readonly LineEdit[] {
    const edits: LineEdit[] = [];
    for (const change of changes) {
      const before = this.#text.lineCount;
      this.#text = TextDocument.update(this.#text, [change], version);
      edits.push(lineEdit(change, before, this.#text.lineCount));
    }
    this.#records.clear();
    if (edits.some(({ line }) => line < HEAD_LINES)) this.#kind = this.#kindNow();
    return edits;
  }

  #kindNow(): LogFileKind | undefined {
    const lines = Math.min(HEAD_LINES, this.lineCount);
    return logFileKindOf(
      this.#name,
      Array.from({ length: lines }, (_, line) => this.lineAt(line)),
    );
  }
}

function lineEdit(change: TextDocumentContentChangeEvent, before: number, after: number): LineEdit {
  if (!('range' in change)) return { line: 0, removed: before, added: after };
  const { start, end } = change.range;
  const last = before - 1;
  const line = Math.max(0, Math.min(start.line, end.line, last));
  const removed = Math.max(line, Math.min(Math.max(start.line, end.line), last)) - line + 1;
  return { line, removed, added: after - before + removed };
}
