import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { readJsonLines } from '../../logs/jsonLines.ts';

export type TailState =
  | { readonly type: 'absent' }
  | { readonly type: 'unchanged' }
  | { readonly type: 'grown' }
  /** Another file under the same name: what was read before no longer counts. */
  | { readonly type: 'replaced' }
  | { readonly type: 'unreadable'; readonly code: string };

/** One JSON-lines file of a session, read from where the last reading ended. */
export class JsonlTail {
  readonly file: string;
  readonly #take: (value: unknown) => boolean;
  #offset = 0;
  #inode: number | undefined;
  #badLines = 0;
  #hasTornEnd = false;

  /** `take` says whether the value was a record of this file. */
  constructor(file: string, take: (value: unknown) => boolean) {
    this.file = file;
    this.#take = take;
  }

  /** A torn end counts only once nobody writes on. */
  badLines(isFinished: boolean): number {
    return this.#badLines + (isFinished && this.#hasTornEnd ? 1 : 0);
  }

  read(dir: string): TailState {
    const path = join(dir, this.file);
    try {
      const stat = lstatSync(path, { throwIfNoEntry: false });
      if (stat === undefined || !stat.isFile()) return { type: 'absent' };
      // Moving the session's directory keeps the inode; a restored or truncated file does not continue ours.
      if ((this.#inode !== undefined && stat.ino !== this.#inode) || stat.size < this.#offset) {
        this.#inode = undefined;
        this.#offset = 0;
        this.#badLines = 0;
        return { type: 'replaced' };
      }
      this.#inode = stat.ino;
      if (stat.size === this.#offset) return { type: 'unchanged' };
      const before = this.#offset;
      const read = readJsonLines(path, before, (value) => {
        if (!this.#take(value)) this.#badLines += 1;
      });
      this.#badLines += read.badLines;
      this.#offset = read.nextOffset;
      this.#hasTornEnd = stat.size > read.nextOffset;
      return { type: read.nextOffset > before ? 'grown' : 'unchanged' };
    } catch (error) {
      return { type: 'unreadable', code: codeOf(error) };
    }
  }
}

export function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown'; // node:fs throws nothing else
}
