import { closeSync, fstatSync, readSync } from 'node:fs';
import { parseJson } from '../core/words/json.ts';
import { openFile } from './door.ts';

/** What became of one file's lines. */
export interface LinesRead {
  /** Lines that are no JSON; a torn last line is not among them. */
  readonly badLines: number;
  /** Where the next reading goes on: behind the last whole line. */
  readonly nextOffset: number;
}

/** Text and parsed values then stay in the processor's cache: measured a tenth faster than 1 MB on 70 MB of trace. */
const CHUNK_BYTES = 64 * 1024;
/** A line longer than this is skipped as a bad one: no record of anybody's comes near it, and it must fit in memory. */
const MAX_LINE_BYTES = 64 * 1024 * 1024;
/** A sample of 5,000 processes has 1.6 MB. Parsed, a line of nothing but brackets takes 30 times its size. */
const MOST_RECORD_BYTES = 8 * 1024 * 1024;
/** What a reader gets in the place of a line that is too long: no JSON, so it counts as bad and keeps its number. */
const TOO_LONG = '\0';
const NEWLINE = 10;

/**
 * Calls `take` with every whole line of a file from a byte offset on, empty ones included, so that a reader can count
 * them. A torn last line waits for its rest: it is neither taken nor counted. Memory is one chunk and one line. Throws
 * as node:fs does when the file cannot be read.
 */
export function readLines(
  path: string,
  fromOffset: number,
  take: (line: string) => void,
  mostLineBytes = MAX_LINE_BYTES,
): number {
  return read(path, { fromOffset, take, isComplete: false, mostBytes: Number.POSITIVE_INFINITY, mostLineBytes });
}

/** Every line of a file that nobody writes any more: its last one may lack the newline. */
export function readAllLines(path: string, take: (line: string) => void): void {
  read(path, { fromOffset: 0, take, isComplete: true, mostBytes: Number.POSITIVE_INFINITY });
}

/** Like `readLines`, but stops after about `mostBytes`: for a reader that has others waiting. */
export function readSomeLines(
  path: string,
  { fromOffset, mostBytes }: { readonly fromOffset: number; readonly mostBytes: number },
  take: (line: string) => void,
): number {
  return read(path, { fromOffset, take, isComplete: false, mostBytes });
}

interface Reading {
  readonly fromOffset: number;
  readonly take: (line: string) => void;
  readonly isComplete: boolean;
  readonly mostBytes: number;
  readonly mostLineBytes?: number;
}

function read(
  path: string,
  { fromOffset, take, isComplete, mostBytes, mostLineBytes = MAX_LINE_BYTES }: Reading,
): number {
  const fd = openedLines(path);
  if (fd === undefined) return fromOffset;
  try {
    let offset = fromOffset;
    let buffer: Buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    let held = 0;
    for (;;) {
      const length = readSync(fd, buffer, held, buffer.length - held, offset + held);
      if (length === 0) {
        if (isComplete && held > 0) take(buffer.toString('utf8', 0, held));
        return offset;
      }
      const filled = held + length;
      const end = buffer.lastIndexOf(NEWLINE, filled - 1) + 1;
      if (end === 0) {
        held = filled;
        if (filled < buffer.length) continue;
        if (filled < mostLineBytes) {
          buffer = grown(buffer);
          continue;
        }
        buffer = Buffer.allocUnsafe(CHUNK_BYTES);
        const behind = endOfLine(fd, buffer, offset + filled);
        if (behind === undefined && !isComplete) return offset; // it may still end
        take(TOO_LONG);
        offset = behind ?? fstatSync(fd).size;
        held = 0;
        continue;
      }
      takeLines(buffer.toString('utf8', 0, end), take);
      buffer.copyWithin(0, end, filled);
      held = filled - end;
      offset += end;
      if (offset - fromOffset >= mostBytes) return offset;
    }
  } finally {
    closeSync(fd);
  }
}

/** `undefined` for what is no file: a pipe or a folder has no lines. */
function openedLines(path: string): number | undefined {
  try {
    return openFile(path, 'read');
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (['ENOTSUP', 'EISDIR', 'ENXIO'].includes(code)) return undefined; // ENXIO: a socket
    throw error;
  }
}

/** The offset behind the next newline; `undefined` when there is none yet. */
function endOfLine(fd: number, buffer: Buffer, from: number): number | undefined {
  for (let offset = from; ;) {
    const length = readSync(fd, buffer, 0, buffer.length, offset);
    if (length === 0) return undefined;
    const at = buffer.indexOf(NEWLINE);
    if (at >= 0 && at < length) return offset + at + 1;
    offset += length;
  }
}

function grown(buffer: Buffer): Buffer {
  const larger = Buffer.allocUnsafe(buffer.length * 2);
  buffer.copy(larger);
  return larger;
}

function takeLines(text: string, take: (line: string) => void): void {
  let start = 0;
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
    take(text.slice(start, end));
    start = end + 1;
  }
}

/** Every whole line that is JSON, in order. */
export function readJsonLines(path: string, fromOffset: number, take: (value: unknown) => void): LinesRead {
  let badLines = 0;
  const takeLine = (line: string): void => {
    if (line === '') return;
    const parsed = parseJson(line);
    if (parsed.ok) take(parsed.value);
    else badLines += 1;
  };
  const nextOffset = readLines(path, fromOffset, takeLine, MOST_RECORD_BYTES);
  return { badLines, nextOffset };
}
