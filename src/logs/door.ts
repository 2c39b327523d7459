import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { foreignError, isTrusted } from './owners.ts';

/*
 * The one door to files of a log root or a workspace, which anybody may have made. Opening never waits (a pipe without
 * another end would), what was opened is a regular file (a device never ends), and its name is no symbolic link. The
 * folders on the way to it are `folders.ts`'s affair. test/door.test.ts finds other doors.
 */

/** `named`: a file that a person named, by whatever link. What is written has to be our own, or root's. */
export type Opening = 'read' | 'named' | 'append' | 'append_shared' | 'change' | 'create';

/** Windows has none of these. A terminal in a file's place must not become ours. */
const NO_WAIT = (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0);
const NO_FOLLOW = constants.O_NOFOLLOW ?? 0;

const FLAGS: Readonly<Record<Opening, number>> = {
  read: constants.O_RDONLY | NO_FOLLOW,
  named: constants.O_RDONLY,
  append: constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | NO_FOLLOW,
  append_shared: constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | NO_FOLLOW,
  change: constants.O_RDWR | NO_FOLLOW,
  create: constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | NO_FOLLOW,
};

/** A descriptor of a regular file. Throws as node:fs does; ENOTSUP for what is no file, EFOREIGN for what is not ours. */
export function openFile(path: string, opening: Opening): number {
  const fd = openSync(path, FLAGS[opening] | NO_WAIT, 0o600);
  try {
    const stat = fstatSync(fd);
    if (stat.isDirectory()) throw refusal(path, 'is a folder', 'EISDIR');
    if (!stat.isFile()) throw refusal(path, 'is a pipe or a device', 'ENOTSUP');
    if (opening !== 'read' && opening !== 'named' && !isTrusted(stat)) throw foreignError(path, stat);
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

function refusal(path: string, what: string, code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${path} ${what}`), { code });
}

/** All of a file that is small by nature. EFBIG, before anything is read, for one that is not. */
export function readText(path: string, mostBytes: number): string {
  return readBytes(path, mostBytes).toString('utf8');
}

export function readBytes(path: string, mostBytes: number): Buffer {
  const fd = openFile(path, 'read');
  try {
    const { size } = fstatSync(fd);
    if (size > mostBytes) throw refusal(path, `is larger than ${mostBytes} bytes`, 'EFBIG');
    // One byte more than it had: a file that grows while it is read is not read for ever.
    const buffer = Buffer.allocUnsafe(size + 1);
    let length = 0;
    while (length < buffer.length) {
      const read = readSync(fd, buffer, length, buffer.length - length, length);
      if (read === 0) break;
      length += read;
    }
    return buffer.subarray(0, Math.min(length, size));
  } finally {
    closeSync(fd);
  }
}
