import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CancellationToken, type Connection, type DidChangeTextDocumentParams } from 'vscode-languageserver/node';
import { integerOf, recordOf, stringOf } from '../../../core/words/json.ts';
import { readHead } from '../../../logs/readHead.ts';
import { createYield } from './cooperativeYield.ts';
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
    connection.onDidOpenTextDocument((params: unknown) => {
      const sent = textDocumentFrom(params);
      if (sent?.text === undefined) return;
      this.#onDisk.delete(sent.uri);
      const opened = new EditorDocument({ ...sent, text: sent.text }, pathOf(sent.uri));
      if (opened.kind === undefined && sent.text.length > MOST_KEPT_STRANGER) return;
      this.#open.set(sent.uri, opened);
      this.#tell({ uri: sent.uri, document: opened.asLog, edits: undefined });
    });
    connection.onDidChangeTextDocument((params) => this.#change(params));
    connection.onDidCloseTextDocument((params: unknown) => this.#close(textDocumentFrom(params)?.uri));
  }

  onChange(listener: (change: DocumentChange) => void): void {
    this.#listeners.push(listener);
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
      await document.index(createYield(token));
      return document;
    } catch {
      this.#onDisk.delete(uri);
      return undefined; // gone or unreadable: there is nothing to say about it
    }
  }

  #change(params: DidChangeTextDocumentParams): void {
    const sent = textDocumentFrom(params);
    const document = sent === undefined ? undefined : this.#open.get(sent.uri);
    if (sent === undefined || document === undefined) return;
    try {
      const edits = document.change(params.contentChanges, sent.version);
      this.#tell({ uri: sent.uri, document: document.asLog, edits });
    } catch {
      this.#close(sent.uri); // not a change: what the editor shows is unknown until it opens the file again
    }
  }

  #close(uri: string | undefined): void {
    if (uri === undefined || !this.#open.delete(uri)) return;
    this.#tell({ uri, document: undefined, edits: undefined });
  }

  #tell(change: DocumentChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}

interface SentDocument {
  readonly uri: string;
  readonly version: number;
  readonly text: string | undefined;
}

/** The document that a notification is about; `undefined` when it names none. */
function textDocumentFrom(params: unknown): SentDocument | undefined {
  const sent = recordOf(recordOf(params)?.['textDocument']);
  const uri = stringOf(sent?.['uri']);
  if (sent === undefined || uri === undefined) return undefined;
  return { uri, version: integerOf(sent['version']) ?? 0, text: stringOf(sent['text']) };
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
  const kind = logFileKindOf(path, readHead(path, HEAD_LINES, 'named'));
  return kind === undefined ? undefined : new DiskDocument(uri, path, kind);
}
