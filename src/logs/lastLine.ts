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
