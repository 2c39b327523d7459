import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { parseJson } from '../core/json.ts';

/** What became of one file's lines. */
export interface LinesRead {
  /** Lines that are no JSON; a torn last line is not among them. */
  readonly badLines: number;
  /** Where the next reading goes on: behind the last whole line. */
  readonly nextOffset: number;
}

const CHUNK_BYTES = 1024 * 1024;
/** A line longer than this is counted as bad and skipped: no record of ours comes near it. */
const MAX_LINE_BYTES = 64 * 1024 * 1024;
const NEWLINE = 10;

/**
 * Calls `take` with every whole line of a file from a byte offset on, empty ones included, so that a reader can count
 * them. A torn last line waits for its rest: it is neither taken nor counted. Memory is one chunk and one line. Throws
 * as node:fs does when the file cannot be read.
 */
export function readLines(path: string, fromOffset: number, take: (line: string) => void): number {
  return read(path, { fromOffset, take, isComplete: false });
}

/** Every line of a file that nobody writes any more: its last one may lack the newline. */
export function readAllLines(path: string, take: (line: string) => void): void {
  read(path, { fromOffset: 0, take, isComplete: true });
}

interface Reading {
  readonly fromOffset: number;
  readonly take: (line: string) => void;
  readonly isComplete: boolean;
}

function read(path: string, { fromOffset, take, isComplete }: Reading): number {
  const fd = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
  try {
    if (!fstatSync(fd).isFile()) return fromOffset; // a pipe or a device would never end
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
      const end = buffer.subarray(0, filled).lastIndexOf(NEWLINE) + 1;
      if (end === 0) {
        held = filled;
        if (filled === buffer.length) buffer = grown(buffer);
        continue;
      }
      takeLines(buffer.toString('utf8', 0, end), take);
      buffer.copyWithin(0, end, filled);
      held = filled - end;
      offset += end;
    }
  } finally {
    closeSync(fd);
  }
}

function grown(buffer: Buffer): Buffer {
  if (buffer.length >= MAX_LINE_BYTES) throw Object.assign(new Error('a line has no end'), { code: 'EFBIG' });
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
  const nextOffset = readLines(path, fromOffset, (line) => {
    if (line === '') return;
    const parsed = parseJson(line);
    if (parsed.ok) take(parsed.value);
    else badLines += 1;
  });
  return { badLines, nextOffset };
}
