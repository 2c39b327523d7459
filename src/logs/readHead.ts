import { closeSync, readSync } from 'node:fs';
import { openFile, type Opening } from './door.ts';

/** Enough for the first record of any agent: Codex' session_meta holds its instructions, some tens of kilobytes. */
const HEAD_BYTES = 512 * 1024;

/** The first lines of a file, as many as are whole within its head. */
export function readHead(path: string, count: number, opening: Extract<Opening, 'read' | 'named'> = 'read'): string[] {
  const buffer = Buffer.allocUnsafe(HEAD_BYTES);
  const fd = openFile(path, opening);
  try {
    const length = readSync(fd, buffer, 0, HEAD_BYTES, 0);
    const text = buffer.toString('utf8', 0, length);
    const lines = text.split('\n', count + 1);
    return lines.length > count ? lines.slice(0, count) : length < HEAD_BYTES ? lines : lines.slice(0, -1);
  } finally {
    closeSync(fd);
  }
}
