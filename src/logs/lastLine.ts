import { closeSync, fstatSync, readSync } from 'node:fs';
import { openFile } from './door.ts';

/** A line of samples takes about 700 bytes. */
const TAIL_BYTES = 8192;

/** The last whole line of a file, whatever its length; `undefined` when there is none, or none within the last 8 KB. */
export function lastLine(path: string): string | undefined {
  let fd: number;
  try {
    fd = openFile(path, 'read');
  } catch {
    return undefined; // not there, or not ours to read
  }
  try {
    const from = Math.max(0, fstatSync(fd).size - TAIL_BYTES);
    const buffer = Buffer.alloc(TAIL_BYTES);
    const length = readSync(fd, buffer, 0, TAIL_BYTES, from);
    const end = buffer.lastIndexOf('\n', length - 1);
    if (length === 0 || end < 0) return undefined;
    const start = end === 0 ? 0 : buffer.lastIndexOf('\n', end - 1) + 1;
    if (start === 0 && from > 0) return undefined;
    return buffer.toString('utf8', start, end);
  } finally {
    closeSync(fd);
  }
}

/** Of a tree of a hundred processes one sample takes 25 KB. */
const LAST_LINES_BYTES = 128 * 1024;

/** The last whole lines of a file, the oldest first; fewer where fewer are whole within its last 128 KB. */
export function lastLines(path: string, count: number): readonly string[] {
  let fd: number;
  try {
    fd = openFile(path, 'read');
  } catch {
    return []; // not there, or not ours to read
  }
  try {
    const from = Math.max(0, fstatSync(fd).size - LAST_LINES_BYTES);
    const buffer = Buffer.alloc(LAST_LINES_BYTES);
    const length = readSync(fd, buffer, 0, LAST_LINES_BYTES, from);
    const lines = buffer
      .toString('utf8', 0, length)
      .split('\n')
      .slice(from > 0 ? 1 : 0, -1);
    return lines.slice(-count);
  } finally {
    closeSync(fd);
  }
}
