import { statSync } from 'node:fs';

/** Another one when the file was written again: a transcript may be linked to a session long after its end. */
export function writtenStamp(path: string): string | undefined {
  try {
    const { ino, mtimeMs } = statSync(path);
    return `${ino} ${mtimeMs}`;
  } catch {
    return undefined;
  }
}
