import { closeSync, fstatSync, readSync } from 'node:fs';
import type { JsonRecord } from '../../../core/words/json.ts';
import { openFile } from '../../../logs/door.ts';
import type { LogFileKind } from './fileKind.ts';
import { RecordCache, type LogDocument } from './logDocument.ts';

/** Where every so many-th line begins is remembered: 12 MB for the worst file of 200 MB, one of empty lines. */
const LINES_PER_MARK = 128;
const CHUNK_BYTES = 1024 * 1024;
/** Lines between two marks are read at once; what is behind this many bytes of them is not shown. */
const MOST_BLOCK_BYTES = 8 * 1024 * 1024;
const NEWLINE = 10;

/** A file that the editor does not send, read where it is looked at: in memory are one block of lines and the marks. */
export class DiskDocument implements LogDocument {
  readonly uri: string;
  readonly path: string;
  readonly kind: LogFileKind;
  readonly version = 0;
  readonly #records = new RecordCache();
  #marks: number[] = [0];
  #newlines = 0;
  #indexed = 0;
  #inode: number | undefined;
  #indexing: Promise<void> = Promise.resolve();
  /** Used again for every block: thousands of them would wait for the garbage collector. */
  #bytes = Buffer.alloc(0);
  #block: { readonly index: number; readonly lines: readonly string[] } | undefined;

  constructor(uri: string, path: string, kind: LogFileKind) {
    this.uri = uri;
    this.path = path;
    this.kind = kind;
  }

  get lineCount(): number {
    return this.#newlines + 1;
  }

  /**
   * Counts the lines that have been added since the last time; all of them in a file that was replaced. Whoever comes
   * while somebody counts waits for that first.
   */
  index(yieldNow: () => boolean | Promise<boolean>): Promise<void> {
    const next = this.#indexing.then(
      () => this.#index(yieldNow),
      () => this.#index(yieldNow),
    );
    this.#indexing = next;
    return next;
  }

  async #index(yieldNow: () => boolean | Promise<boolean>): Promise<void> {
    const fd = openFile(this.path, 'named');
    try {
      const { ino, size } = fstatSync(fd);
      if (ino !== this.#inode || size < this.#indexed) this.#forget();
      if (size === this.#indexed) return;
      this.#inode = ino;
      this.#block = undefined;
      this.#records.clear();
      const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
      while (this.#indexed < size) {
        const length = readSync(fd, chunk, 0, Math.min(chunk.length, size - this.#indexed), this.#indexed);
        if (length === 0) return;
        this.#count(chunk.subarray(0, length));
        if (!(await yieldNow())) return;
      }
    } finally {
      closeSync(fd);
    }
  }

  lineAt(line: number): string {
    if (line < 0 || line > this.#newlines) return '';
    const index = Math.floor(line / LINES_PER_MARK);
    if (this.#block?.index !== index) this.#block = { index, lines: this.#read(index) };
    return this.#block.lines[line % LINES_PER_MARK] ?? '';
  }

  recordAt(line: number): JsonRecord | undefined {
    return this.#records.recordOf(line, this.lineAt(line));
  }

  #forget(): void {
    this.#marks = [0];
    this.#newlines = 0;
    this.#indexed = 0;
  }

  #count(chunk: Buffer): void {
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, at + 1)) {
      this.#newlines += 1;
      if (this.#newlines % LINES_PER_MARK === 0) this.#marks.push(this.#indexed + at + 1);
    }
    this.#indexed += chunk.length;
  }

  #read(index: number): readonly string[] {
    const start = this.#marks[index] ?? this.#indexed;
    const end = this.#marks[index + 1] ?? this.#indexed;
    const wanted = Math.min(end - start, MOST_BLOCK_BYTES);
    if (this.#bytes.length < wanted) this.#bytes = Buffer.allocUnsafeSlow(wanted);
    const fd = openFile(this.path, 'named');
    try {
      const length = readSync(fd, this.#bytes, 0, wanted, start);
      return this.#bytes.toString('utf8', 0, length).split(/\r?\n/);
    } finally {
      closeSync(fd);
    }
  }
}
