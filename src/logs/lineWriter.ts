import { closeSync, fstatSync, fsyncSync, ftruncateSync, readSync, writeSync } from 'node:fs';
import { openFile } from './door.ts';

/** Appends whole lines to one file: a line is there completely or not at all. */
export interface LineWriter {
  /** False when the line could not be kept; the file then ends with its last whole line. */
  append(line: string): boolean;
  readonly lostLines: number;
  /** What was written is on the disk when this returns. */
  close(): void;
}

/** Said once per file, however many lines are lost. */
export type OnWriteFailure = (path: string, code: string) => void;

const NEWLINE = 10;

/**
 * One write(2) with O_APPEND per line. A disk that fills up in the middle of a line gives a short write: the torn part
 * is cut off again, and later lines are tried again, because space may come back. The file is made with its first line.
 */
export function createLineWriter(
  path: string,
  onFailure: OnWriteFailure,
  open = (): number => openFile(path, 'append'),
): LineWriter {
  let fd: number | undefined;
  let lostLines = 0;

  function lose(error: unknown): boolean {
    lostLines += 1;
    if (lostLines === 1) onFailure(path, (error as NodeJS.ErrnoException).code ?? 'unknown'); // node:fs throws nothing else
    return false;
  }

  return {
    append: (line) => {
      try {
        fd ??= open();
        appendWhole(fd, Buffer.from(`${line}\n`));
        return true;
      } catch (error) {
        return lose(error);
      }
    },
    get lostLines() {
      return lostLines;
    },
    close: () => {
      if (fd === undefined) return;
      try {
        fsyncSync(fd);
      } catch {
        // a disk that cannot has told so at the lines already
      }
      closeSync(fd);
      fd = undefined;
    },
  };
}

/** Throws when not all of it could be written, after taking back what was. For files with a single writer. */
function appendWhole(fd: number, bytes: Buffer): void {
  let written = 0;
  try {
    // A full disk gives a short write first and its error with the next; a signal may shorten a write too.
    while (written < bytes.length) written += writeSync(fd, bytes, written);
  } catch (error) {
    if (written > 0) ftruncateSync(fd, fstatSync(fd).size - written);
    throw error;
  }
}

/**
 * One line to a file that others append to as well: a single write(2). A torn line that somebody's crash left at the
 * end is closed first, or ours would be glued to it.
 */
export function appendShared(path: string, line: string): { readonly ino: bigint } {
  const fd = openFile(path, 'append_shared');
  try {
    const bytes = Buffer.from(`${isEndTorn(fd) ? '\n' : ''}${line}\n`);
    const written = writeSync(fd, bytes);
    if (written === bytes.length) return { ino: fstatSync(fd, { bigint: true }).ino };
    blankTorn(path, bytes.subarray(0, written));
    throw Object.assign(new Error('the disk is full'), { code: 'ENOSPC' });
  } finally {
    closeSync(fd);
  }
}

/** A write of some kilobytes becomes visible page by page; one that stands still this long was torn. */
const STILL_MS = 5;

function isEndTorn(fd: number): boolean {
  const last = Buffer.alloc(1);
  const pause = new Int32Array(new SharedArrayBuffer(4));
  let seen = -1;
  for (;;) {
    const { size } = fstatSync(fd);
    if (size === 0 || (readSync(fd, last, 0, 1, size - 1) === 1 && last[0] === NEWLINE)) return false;
    if (size === seen) return true;
    seen = size; // another process may be in the middle of its line: look again before calling it torn
    Atomics.wait(pause, 0, 0, STILL_MS);
  }
}

/** How far from the end our own torn bytes are looked for: others may have appended since. */
const TORN_WITHIN_BYTES = 64 * 1024;

/**
 * Makes empty lines, which every reader skips, of the part of our line that a full disk took: jq gives up at a torn
 * one. Cutting the end off could cut somebody else's line; bytes that we wrote are ours to overwrite.
 */
function blankTorn(path: string, torn: Buffer): void {
  const fd = openFile(path, 'change'); // pwrite(2) on an O_APPEND descriptor would append
  try {
    const { size } = fstatSync(fd);
    const start = Math.max(0, size - TORN_WITHIN_BYTES);
    const tail = Buffer.alloc(size - start);
    const end = readSync(fd, tail, 0, tail.length, start);
    for (let at = tail.lastIndexOf(torn); at >= 0; at = at === 0 ? -1 : tail.lastIndexOf(torn, at - 1)) {
      const behind = at + torn.length;
      const isLineStart = torn[0] === NEWLINE || start + at === 0 || tail[at - 1] === NEWLINE;
      if (isLineStart && (behind === end || tail[behind] === NEWLINE)) {
        writeSync(fd, Buffer.alloc(torn.length, NEWLINE), 0, torn.length, start + at);
        return;
      }
    }
  } finally {
    closeSync(fd);
  }
}

/** Cuts a torn last line off a file whose writer is gone. True when there was one. */
export function dropTornTail(path: string): boolean {
  const fd = openFile(path, 'change');
  try {
    const { size } = fstatSync(fd);
    const whole = endOfLastLine(fd, size);
    if (whole < size) ftruncateSync(fd, whole);
    return whole < size;
  } finally {
    closeSync(fd);
  }
}

/**
 * Moves a torn last line into `<name>.bad` beside the file, and returns what was moved; "" when there was none. In a
 * file that others append to, empty lines take its place: cutting could take a line that has come meanwhile.
 */
export function moveTornTail(path: string, hasOtherWriters: boolean): string {
  const fd = openFile(path, 'change');
  try {
    const { size } = fstatSync(fd);
    const whole = endOfLastLine(fd, size);
    const torn = Buffer.alloc(size - whole);
    readSync(fd, torn, 0, torn.length, whole);
    if (torn.length === 0) return '';
    keepAside(`${path}.bad`, torn);
    if (hasOtherWriters) writeSync(fd, Buffer.alloc(torn.length, NEWLINE), 0, torn.length, whole);
    else ftruncateSync(fd, whole);
    return torn.toString('utf8');
  } finally {
    closeSync(fd);
  }
}

function keepAside(path: string, bytes: Buffer): void {
  const fd = openFile(path, 'append');
  try {
    appendWhole(fd, Buffer.concat([bytes, Buffer.of(NEWLINE)]));
    fsyncSync(fd); // it is there before it goes from where it was
  } finally {
    closeSync(fd);
  }
}

/** The offset behind the last newline; 0 when there is none. */
function endOfLastLine(fd: number, size: number): number {
  const chunk = Buffer.alloc(64 * 1024);
  for (let end = size; end > 0; end -= chunk.length) {
    const start = Math.max(0, end - chunk.length);
    const length = readSync(fd, chunk, 0, end - start, start);
    const newline = chunk.subarray(0, length).lastIndexOf(NEWLINE);
    if (newline >= 0) return start + newline + 1;
  }
  return 0;
}
