import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CancellationToken, type Connection } from 'vscode-languageserver/node';
import { readHead } from '../../logs/readHead.ts';
import { createBreather } from './breather.ts';
import { DiskDocument } from './diskDocument.ts';
import { EditorDocument, type LineEdit } from './editorDocument.ts';
import { HEAD_LINES, logFileKindOf } from './fileKind.ts';
import type { LogDocument } from './logDocument.ts';

/** What became of a document that the editor has open. */
export interface DocumentChange {
  readonly uri: string;
  /** `undefined` when it is closed, or none of ours any more. */
  readonly document: LogDocument | undefined;
  /** `undefined`: all of it is new. */
  readonly edits: readonly LineEdit[] | undefined;
}

/** A file that is not ours at this size will not become ours while somebody types. */
const MOST_KEPT_STRANGER = 1024 * 1024;
/** Files read from disk because somebody asked about them. */
const MOST_ON_DISK = 8;

/** Every file that the editor has open and, on demand, files that it does not send: VS Code keeps those over 50 MB. */
export class LogDocuments {
  readonly #open = new Map<string, EditorDocument>();
  readonly #onDisk = new Map<string, DiskDocument>();
  readonly #listeners: ((change: DocumentChange) => void)[] = [];

  listen(connection: Connection): void {
    connection.onDidOpenTextDocument(({ textDocument }) => {
      this.#onDisk.delete(textDocument.uri);
      const opened = new EditorDocument(textDocument, pathOf(textDocument.uri));
      if (opened.kind === undefined && textDocument.text.length > MOST_KEPT_STRANGER) return;
      this.#open.set(textDocument.uri, opened);
      this.#tell({ uri: textDocument.uri, document: opened.asLog, edits: undefined });
    });
    connection.onDidChangeTextDocument(({ textDocument: { uri, version }, contentChanges }) => {
      const document = this.#open.get(uri);
      if (document === undefined) return;
      try {
        const edits = document.change(contentChanges, version);
        this.#tell({ uri, document: document.asLog, edits });
      } catch {
        this.#close(uri); // not a change: what the editor shows is unknown until it opens the file again
      }
    });
    connection.onDidCloseTextDocument(({ textDocument: { uri } }) => this.#close(uri));
  }

  onChange(listener: (change: DocumentChange) => void): void {
    this.#listeners.push(listener);
  }

  /** The files of ours that the editor has open. */
  open(): readonly LogDocument[] {
    return [...this.#open.values()].flatMap((document) => document.asLog ?? []);
  }

  /** A file that the editor has open. */
  documentOf(uri: string): LogDocument | undefined {
    return this.#open.get(uri)?.asLog;
  }

  /** The file as the editor has it, else as the disk has it; `undefined` when it is none of ours. */
  async load(uri: string, token: CancellationToken = CancellationToken.None): Promise<LogDocument | undefined> {
    if (this.#open.has(uri)) return this.documentOf(uri);
    try {
      const document = this.#onDisk.get(uri) ?? diskDocumentOf(uri);
      if (document === undefined) return undefined;
      this.#onDisk.delete(uri);
      this.#onDisk.set(uri, document);
      const oldest = this.#onDisk.size > MOST_ON_DISK ? this.#onDisk.keys().next().value : undefined;
      if (oldest !== undefined) this.#onDisk.delete(oldest);
      await document.index(createBreather(token));
      return document;
    } catch {
      this.#onDisk.delete(uri);
      return undefined; // gone or unreadable: there is nothing to say about it
    }
  }

  #close(uri: string): void {
    if (!this.#open.delete(uri)) return;
    this.#tell({ uri, document: undefined, edits: undefined });
  }

  #tell(change: DocumentChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}

export function pathOf(uri: string): string | undefined {
  if (!uri.startsWith('file:')) return undefined;
  try {
    return fileURLToPath(uri);
  } catch {
    return undefined; // another machine's, or escapes that no path has
  }
}

function diskDocumentOf(uri: string): DiskDocument | undefined {
  const path = pathOf(uri);
  if (path === undefined || !statSync(path).isFile()) return undefined; // reading a pipe would never end
  const kind = logFileKindOf(path, readHead(path, HEAD_LINES));
  return kind === undefined ? undefined : new DiskDocument(uri, path, kind);
}
