import { closeSync, constants, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { openFile } from '../../logs/door.ts';
import { CommandError } from '../failure.ts';

/** The system's own file, in a container often of another user's; what stands in it already ends its line. */
export function appendToSummary(path: string, markdown: string): void {
  try {
    const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK;
    const fd = openSync(path, flags, 0o644);
    try {
      if (fstatSync(fd).isFile()) writeSync(fd, `\n\n${markdown}`);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException; // node:fs throws nothing else
    throw new CommandError(`The job's summary could not be written (${code}).`, { cause: error });
  }
}

/** Whether the agent left a line open on stderr; true where nobody knows. */
export function endsMidLine(dir: string): boolean {
  const ends = ['stderr.log', 'stdout.log'].map((name) => lastByte(join(dir, name)));
  const told = ends.find((byte) => byte !== undefined);
  return told !== NEWLINE;
}

const NEWLINE = 10;

/** `undefined` of a file that is empty or not there. */
function lastByte(path: string): number | undefined {
  try {
    const fd = openFile(path, 'read');
    try {
      const { size } = fstatSync(fd);
      const byte = Buffer.alloc(1);
      return size > 0 && readSync(fd, byte, 0, 1, size - 1) === 1 ? byte[0] : undefined;
    } finally {
      closeSync(fd);
    }
  } catch {
    return undefined; // not kept
  }
}
