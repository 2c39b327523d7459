import { closeSync, fstatSync, readSync } from 'node:fs';
import { openFile } from './door.ts';

/** The whole lines within a file's last bytes, a last one without its newline included; none when it cannot be read. */
export function tailLines(path: string, mostBytes: number): readonly string[] {
  let fd: number;
  try {
    fd = openFile(path, 'read');
  } catch {
    return []; // not there, or not ours to read
  }
  try {
    const { size } = fstatSync(fd);
    const from = Math.max(0, size - mostBytes);
    const buffer = Buffer.alloc(Math.min(size, mostBytes));
    const length = readSync(fd, buffer, 0, buffer.length, from);
    const start = from === 0 ? 0 : buffer.indexOf('\n') + 1;
    if (from > 0 && start === 0) return []; // one line, longer than that
    const lines = buffer.toString('utf8', start, length).split('\n');
    return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
  } finally {
    closeSync(fd);
  }
}
