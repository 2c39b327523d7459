import { closeSync, fstatSync, readSync, writeSync } from 'node:fs';
import { Readable } from 'node:stream';
import { createInflateRaw } from 'node:zlib';
import { openFile } from './door.ts';
import { ArchiveNames, type TarEntry, type Unpacked, type Unpacking } from './tarFile.ts';

/*
 * As much of zip (APPNOTE.TXT 6.3) as a folder that CI keeps needs: the central directory at the end, files that are stored
 * or deflated. As with tar whoever made it may be anybody: no path leads anywhere, no link, no device, bounds on everything.
 */

const CHUNK = 256 * 1024;
const END_BYTES = 22;
const MOST_COMMENT = 65_535;
const END_SIGNATURE = 0x0605_4b50;
const FILE_SIGNATURE = 0x0201_4b50;
const LOCAL_SIGNATURE = 0x0403_4b50;
const LOCAL_BYTES = 30;
const FILE_BYTES = 46;
const MOST_DIRECTORY_BYTES = 4 * 1024 * 1024;
/** What does not fit into 32 bits is told elsewhere, in a way that no file of ours needs. */
const IN_ZIP64 = 0xffff_ffff;

interface ZipEntry extends TarEntry {
  readonly offset: number;
  readonly packed: number;
  readonly isStored: boolean;
}

/** Unpacks a .zip whose files lie side by side, or all in one folder. */
export async function unpackZip(path: string, { limits, create }: Unpacking): Promise<Unpacked> {
  const fd = openFile(path, 'named');
  try {
    const entries = entriesOf(fd, limits);
    for (const entry of entries) await unpackOne(fd, entry, create);
    return { ok: true, files: entries.map(({ name, size }) => ({ name, size })) };
  } catch (error) {
    return { ok: false, why: error instanceof Error ? error.message : String(error) };
  } finally {
    closeSync(fd);
  }
}

function entriesOf(fd: number, limits: Unpacking['limits']): readonly ZipEntry[] {
  const directory = directoryOf(fd);
  const names = new ArchiveNames();
  const entries: ZipEntry[] = [];
  let seen = 0;
  let bytes = 0;
  for (let at = 0; at < directory.length;) {
    const header = directory.subarray(at);
    if (header.length < FILE_BYTES || header.readUInt32LE(0) !== FILE_SIGNATURE) throw new Error(DAMAGED);
    const [nameLength, extra, comment] = [28, 30, 32].map((offset) => header.readUInt16LE(offset));
    at += FILE_BYTES + (nameLength ?? 0) + (extra ?? 0) + (comment ?? 0);
    seen += 1;
    if (seen > limits.files) throw new Error(`it holds more than ${limits.files} files`);
    const name = header.toString('latin1', FILE_BYTES, FILE_BYTES + (nameLength ?? 0));
    refuseSpecial(header);
    if (name.endsWith('/')) continue;
    const [packed, size, offset] = [20, 24, 42].map((place) => header.readUInt32LE(place));
    bytes += size ?? 0;
    if (bytes > limits.bytes) throw new Error(`it holds more than ${limits.bytes} bytes`);
    if ([packed, size, offset].includes(IN_ZIP64))
      throw new Error('it is a zip of a kind (zip64) that is not read here');
    const method = header.readUInt16LE(10);
    if (method !== 0 && method !== 8) throw new Error('it is packed in a way that is not read here');
    entries.push({
      name: names.nameOf(name),
      size: size ?? 0,
      offset: offset ?? 0,
      packed: packed ?? 0,
      isStored: method === 0,
    });
  }
  return entries;
}

const DAMAGED = 'it is damaged, or no zip archive';
const MODES = { kind: 0o170000, file: 0o100000, folder: 0o040000 };

/** Of Unix the upper half of the external attributes is the mode: 0 where it was made elsewhere. */
function refuseSpecial(header: Buffer): void {
  const kind = (header.readUInt32LE(38) >>> 16) & MODES.kind;
  if (kind !== 0 && kind !== MODES.file && kind !== MODES.folder) throw new Error('it holds a link or a device');
  if ((header.readUInt16LE(8) & 1) !== 0) throw new Error('it is encrypted');
}

/** The end record is the last thing but for a comment; it tells where the directory is. */
function directoryOf(fd: number): Buffer {
  const { size } = fstatSync(fd);
  const tail = bytesAt(fd, Math.max(0, size - END_BYTES - MOST_COMMENT), Math.min(size, END_BYTES + MOST_COMMENT));
  for (let at = tail.length - END_BYTES; at >= 0; at -= 1) {
    if (tail.readUInt32LE(at) !== END_SIGNATURE) continue;
    const [length, offset] = [tail.readUInt32LE(at + 12), tail.readUInt32LE(at + 16)];
    if (length > MOST_DIRECTORY_BYTES || offset + length > size) throw new Error(DAMAGED);
    return bytesAt(fd, offset, length);
  }
  throw new Error(DAMAGED);
}

async function unpackOne(fd: number, entry: ZipEntry, create: Unpacking['create']): Promise<void> {
  const local = bytesAt(fd, entry.offset, LOCAL_BYTES);
  if (local.readUInt32LE(0) !== LOCAL_SIGNATURE) throw new Error(DAMAGED);
  const from = entry.offset + LOCAL_BYTES + local.readUInt16LE(26) + local.readUInt16LE(28);
  const packed = Readable.from(piecesOf(fd, from, entry.packed));
  const bytes = entry.isStored ? packed : packed.pipe(createInflateRaw());
  const out = create(entry.name);
  let written = 0;
  try {
    for await (const chunk of bytes) {
      const piece = chunk as Buffer; // a stream without an encoding gives nothing else
      written += piece.length;
      // Never more than it said it has, which has been counted.
      if (written > entry.size) throw new Error('a file in it is larger than it says');
      writeSync(out, piece);
    }
  } finally {
    closeSync(out);
    bytes.destroy();
  }
  if (written !== entry.size) throw new Error('it ends in the middle of a file');
}

function* piecesOf(fd: number, from: number, length: number): Generator<Buffer> {
  for (let at = 0; at < length; at += CHUNK) yield bytesAt(fd, from + at, Math.min(CHUNK, length - at));
}

function bytesAt(fd: number, from: number, length: number): Buffer {
  const buffer = Buffer.alloc(length);
  let read = 0;
  while (read < length) {
    const more = readSync(fd, buffer, read, length - read, from + read);
    if (more === 0) throw new Error(DAMAGED);
    read += more;
  }
  return buffer;
}
