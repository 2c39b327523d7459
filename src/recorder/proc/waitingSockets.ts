import { closeSync, opendirSync, openSync, readlinkSync, readSync } from 'node:fs';
import type { Anomaly } from '../../core/session/anomaly.ts';
import { integerOf } from '../../core/words/json.ts';
import type { SocketCounts } from '../../core/words/socketCounts.ts';
import { countSockets } from './socketTables.ts';

/** Work that is worth a sentence: some milliseconds. What is larger is not counted, for half a count would be wrong. */
const MAX_DESCRIPTORS = 1000;
const MAX_TABLE_BYTES = 1_048_576;

/** A stall with the sockets that its process has now. Called when one was found, which is rare: never with each sample. */
export function withSockets(anomaly: Anomaly): Anomaly {
  const pid = anomaly.kind === 'stalled' ? integerOf(anomaly.detail['waiting_pid']) : undefined;
  const sockets = pid === undefined ? undefined : socketsOf(`/proc/${pid}`);
  return sockets === undefined ? anomaly : { ...anomaly, detail: { ...anomaly.detail, ...sockets } };
}

/** `undefined` when the process is gone, another user's, or has more than is looked at; or there is no such directory. */
export function socketsOf(processDirectory: string): SocketCounts | undefined {
  try {
    const inodes = socketInodes(`${processDirectory}/fd`);
    const table = (name: string): string => tableOf(`${processDirectory}/net/${name}`);
    // Absent where the machine has no IPv6. The tables of a process that has ended are all absent: tcp comes last.
    const optional = ['tcp6', 'udp6', 'udp'].map((name) => textIfAny(() => table(name)));
    const unix = table('unix');
    return countSockets(inodes, { inet: [...optional, table('tcp')], unix });
  } catch {
    return undefined; // ENOENT, ESRCH: gone; EACCES, EPERM: another user's; EMFILE; or too much of it
  }
}

/** The numbers in links such as `socket:[12345]`; a socket that has two descriptors has one. */
function socketInodes(directory: string): ReadonlySet<string> {
  const inodes = new Set<string>();
  const listing = opendirSync(directory);
  try {
    for (let seen = 0, entry = listing.readSync(); entry !== null; entry = listing.readSync()) {
      seen += 1;
      if (seen > MAX_DESCRIPTORS) throw new RangeError('too many descriptors');
      const inode = /^socket:\[(\d+)\]$/.exec(linkOf(`${directory}/${entry.name}`))?.[1];
      if (inode !== undefined) inodes.add(inode);
    }
  } finally {
    listing.closeSync();
  }
  return inodes;
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch (error) {
    if (isAbsent(error)) return ''; // closed since it was listed
    throw error;
  }
}

/** The kernel hands such a table out by the page, whatever is asked for. */
function tableOf(path: string): string {
  const fd = openSync(path, 'r');
  try {
    const buffer = Buffer.allocUnsafeSlow(MAX_TABLE_BYTES);
    let length = 0;
    for (;;) {
      const read = readSync(fd, buffer, length, buffer.length - length, null);
      length += read;
      if (length === buffer.length) throw new RangeError('too long a table');
      if (read === 0) return buffer.toString('latin1', 0, length);
    }
  } finally {
    closeSync(fd);
  }
}

function textIfAny(read: () => string): string {
  try {
    return read();
  } catch (error) {
    if (isAbsent(error)) return '';
    throw error;
  }
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
