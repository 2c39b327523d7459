import type { LineEdit } from '../documents/editorDocument.ts';
import type { LogFileKind } from '../documents/fileKind.ts';
import { lineFacts, type LineFacts } from './lineFacts.ts';
import type { LogDocument } from '../documents/logDocument.ts';

/** What lines say, one by one. */
export interface FactsOfLines {
  at(document: LogDocument, line: number): LineFacts;
}

/** Of a file on disk, which may be of any length, nothing is kept. */
export const FORGETFUL_FACTS: FactsOfLines = {
  at: (document, line) => lineFacts(document, line),
};

/** Of an open document: an edit forgets its own lines and moves those behind it. */
export class KeptFacts implements FactsOfLines {
  #kind: LogFileKind | undefined;
  #facts: (LineFacts | undefined)[] = [];

  at(document: LogDocument, line: number): LineFacts {
    if (document.kind !== this.#kind) {
      this.#kind = document.kind;
      this.#facts = [];
    }
    return (this.#facts[line] ??= lineFacts(document, line));
  }

  /** `undefined`: all of it is new. */
  edited(edits: readonly LineEdit[] | undefined): void {
    if (edits === undefined) this.#facts = [];
    for (const { line, removed, added } of edits ?? []) {
      const fresh = Array.from<undefined>({ length: added });
      this.#facts = [...this.#facts.slice(0, line), ...fresh, ...this.#facts.slice(line + removed)];
    }
  }
}
