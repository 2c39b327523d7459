import { statSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { CancellationToken } from 'vscode-languageserver/node';
import { readSomeLines } from '../../../logs/jsonLines.ts';
import { createYield } from '../documents/cooperativeYield.ts';
import type { LogDocument } from '../documents/logDocument.ts';
import type { LogDocuments } from '../documents/logDocuments.ts';

/** What a feature has to know about a file as a whole: made from its lines, one after the other. */
export interface Digest<T> {
  readonly take: (line: string) => void;
  readonly value: () => T;
}

/** A session's three or four files of samples are looked at together; two sessions side by side are the most. */
const KEPT = 8;
/** Parsed in some milliseconds, whatever is made of them. */
const READ_BYTES = 128 * 1024;

interface Kept<T> {
  /** What the digest is of: a changed document, or a file that was replaced, begins a new one. */
  readonly stamp: string;
  /** A document that is closed and opened again counts its versions anew. */
  readonly document: LogDocument | undefined;
  readonly digest: Digest<T>;
  /** Bytes of a file on disk; a grown file is read on from here. */
  offset: number;
  /** Of several requests about one file the first reads, and the others wait for it. */
  reading: Promise<void> | undefined;
}

/** Digests of files, open or on disk, made when somebody asks and kept as long as they are true. */
export class Digests<T> {
  readonly #documents: LogDocuments;
  readonly #begin: (path: string | undefined) => Digest<T>;
  /** In the order of their last use. */
  readonly #kept = new Map<string, Kept<T>>();

  constructor(documents: LogDocuments, begin: (path: string | undefined) => Digest<T>) {
    this.#documents = documents;
    this.#begin = begin;
    // A text of fifty megabytes is not kept for a digest that nobody will ask for again.
    documents.onChange(({ uri, document }) => {
      if (document === undefined) this.#kept.delete(uri);
    });
  }

  /** `undefined` when the document was changed or closed meanwhile: then the answer is not wanted any more. */
  async ofDocument(document: LogDocument): Promise<T | undefined> {
    const { uri, version, path } = document;
    if (this.#documents.documentOf(uri) !== document) return path === undefined ? undefined : await this.#ofDisk(path);
    const kept = this.#keep(uri, { stamp: `${version}`, document });
    await (kept.reading ??= this.#readDocument(document, kept.digest));
    return this.#isCurrent(document, version) ? kept.digest.value() : undefined;
  }

  /** As the editor has it when it is open there, else as it is on disk; `undefined` when there is no such file. */
  async ofFile(path: string): Promise<T | undefined> {
    const document = this.#documents.documentOf(pathToFileURL(path).href);
    return await (document === undefined ? this.#ofDisk(path) : this.ofDocument(document));
  }

  async #ofDisk(path: string): Promise<T | undefined> {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat?.isFile() !== true) return undefined;
    const isCut = stat.size < (this.#kept.get(path)?.offset ?? 0);
    if (isCut) this.#kept.delete(path);
    const kept = this.#keep(path, { stamp: `${stat.ino}`, document: undefined });
    kept.reading ??= readFile(path, kept).finally(() => (kept.reading = undefined));
    await kept.reading;
    return kept.digest.value();
  }

  #keep(key: string, { stamp, document }: Pick<Kept<T>, 'stamp' | 'document'>): Kept<T> {
    let kept = this.#kept.get(key);
    if (kept?.stamp !== stamp || kept.document !== document) {
      kept = {
        stamp,
        document,
        digest: this.#begin(document === undefined ? key : document.path),
        offset: 0,
        reading: undefined,
      };
    }
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= KEPT) break;
      this.#kept.delete(oldest);
    }
    return kept;
  }

  async #readDocument(document: LogDocument, digest: Digest<T>): Promise<void> {
    const { version } = document;
    const yieldNow = createYield(CancellationToken.None); // several requests wait for it: none may cancel it
    const last = document.lineCount - 1;
    // Behind the last line break an editor counts one more line.
    const end = document.lineAt(last) === '' ? last : last + 1;
    for (let line = 0; line < end; line += 1) {
      digest.take(document.lineAt(line));
      if (line % 16 !== 0) continue;
      await yieldNow();
      if (!this.#isCurrent(document, version)) return;
    }
  }

  #isCurrent(document: LogDocument, version: number): boolean {
    return this.#documents.documentOf(document.uri) === document && document.version === version;
  }
}

async function readFile<T>(path: string, kept: Kept<T>): Promise<void> {
  const yieldNow = createYield(CancellationToken.None);
  for (;;) {
    const before = kept.offset;
    try {
      kept.offset = readSomeLines(path, { fromOffset: before, mostBytes: READ_BYTES }, kept.digest.take);
    } catch {
      return; // gone or not ours to read: what was read stays
    }
    if (kept.offset - before < READ_BYTES) return;
    await yieldNow();
  }
}
