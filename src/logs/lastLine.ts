import { closeSync, fstatSync, readSync } from 'node:fs';
import { openFile } from './door.ts';

/** A line of samples takes about 700 bytes. */
const TAIL_BYTES = 8192;

/** The last whole line of a file, whatever its length; `undefined` when there is none, or none within the last 8 KB. */
export function lastLine(path: string): string | undefined {
  const { buffer, isWhole } = tailOf(path);
  const end = buffer.lastIndexOf('\n', buffer.length - 1);
  if (buffer.length === 0 || end < 0) return undefined;
  const start = end === 0 ? 0 : buffer.lastIndexOf('\n', end - 1) + 1;
  if (start === 0 && !isWhole) return undefined;
  return buffer.toString('utf8', start, end);
}

/** The last lines of a text, as many as its last bytes hold, 8 KB for a person; none where there is no such file. */
export function lastLines(path: string, count: number, bytes = TAIL_BYTES): readonly string[] {
  return tailLines(path, bytes)
    .filter((line) => line !== '')
    .slice(-count);
}

/** The whole lines within a file's last bytes, a last one without its newline included; none when it cannot be read. */
export function tailLines(path: string, mostBytes: number): readonly string[] {
  const { buffer, isWhole } = tailOf(path, mostBytes);
  const lines = buffer.toString('utf8').split('\n');
  return lines.slice(isWhole ? 0 : 1, lines.at(-1) === '' ? -1 : undefined);
}

function tailOf(path: string, bytes = TAIL_BYTES): { readonly buffer: Buffer; readonly isWhole: boolean } {
  let fd: number;
  try {
    fd = openFile(path, 'read');
  } catch {
    return { buffer: Buffer.alloc(0), isWhole: true }; // not there, or not ours to read
  }
  try {
    const { size } = fstatSync(fd);
    const from = Math.max(0, size - bytes);
    const buffer = Buffer.alloc(Math.min(size, bytes));
    return { buffer: buffer.subarray(0, readSync(fd, buffer, 0, buffer.length, from)), isWhole: from === 0 };
  } finally {
    closeSync(fd);
  }
}
