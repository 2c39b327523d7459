import { closeSync, fstatSync, readSync, writeSync } from 'node:fs';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { openFile } from './door.ts';

/*
 * As much of tar(5) as a session's folder needs: ustar headers of regular files whose names are one word. What is read may
 * come from anybody: no path leads anywhere, no link, no device, and bounds on everything.
 */

const BLOCK = 512;
const CHUNK = 256 * 1024;

/** A file in an archive. */
export interface TarEntry {
  readonly name: string;
  readonly size: number;
}

/** The bytes of an archive, in pieces; each file is read as long as it was when it was listed. */
export function* tarOf(files: readonly (TarEntry & { readonly path: string })[]): Generator<Buffer> {
  for (const { name, size, path } of files) {
    yield headerOf(name, size);
    yield* bytesOf(path, size);
    yield Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);
  }
  yield Buffer.alloc(2 * BLOCK);
}

/** So many bytes of a file, made up with zeros where it has become shorter. */
export function* bytesOf(path: string, size: number): Generator<Buffer> {
  const fd = openFile(path, 'read');
  try {
    for (let at = 0; at < size;) {
      const piece = Buffer.alloc(Math.min(CHUNK, size - at));
      const read = readSync(fd, piece, 0, piece.length, at);
      at += read === 0 ? piece.length : read;
      yield read === 0 ? piece : piece.subarray(0, read);
    }
  } finally {
    closeSync(fd);
  }
}

/** Nobody's user, group or time: what is in it tells when. */
function headerOf(name: string, size: number): Buffer {
  const header = Buffer.alloc(BLOCK);
  header.write(name, 0, 100);
  header.write('0000600\0' + '0000000\0'.repeat(2), 100);
  header.write(`${size.toString(8).padStart(11, '0')}\0${'0'.repeat(11)}\0        0`, 124);
  header.write('ustar\x0000', 257);
  header.write(`${sumOf(header).toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}

function sumOf(header: Buffer): number {
  let sum = 0;
  for (const [at, byte] of header.entries()) sum += at >= 148 && at < 156 ? 32 : byte;
  return sum;
}

export interface ArchiveLimits {
  readonly files: number;
  readonly bytes: number;
}

/** Why an archive was not unpacked. */
export type Unpacked =
  | { readonly ok: true; readonly files: readonly TarEntry[] }
  | { readonly ok: false; readonly why: string };

export interface Unpacking {
  readonly limits: ArchiveLimits;
  /** Opens a fresh file of that name, for the bytes that follow. */
  readonly create: (name: string) => number;
}

const REGULAR = new Set(['0', '\0']);
/** Comments of whoever packed it, which say nothing of a file's content. */
const SKIPPED = new Set(['g', 'x', '5']);

const SAFE_NAME = /^[A-Za-z0-9][\w.-]{0,127}$/;

/** The names of an archive's files, which lie side by side: however deep their one folder is, they are unpacked without it. */
export class ArchiveNames {
  readonly #taken = new Set<string>();
  #folder: string | undefined;

  /** Throws where a name leads anywhere else, or comes twice. */
  nameOf(path: string): string {
    const parts = path.replace(/^\.\//, '').split('/');
    const name = parts.at(-1) ?? '';
    const folder = parts.slice(0, -1).join('/');
    if (!parts.every((part) => SAFE_NAME.test(part))) throw new Error('a name in it leads out of its folder');
    this.#folder ??= folder;
    if (folder !== this.#folder) throw new Error('its files are in several folders');
    if (this.#taken.has(name)) throw new Error('two files in it have one name');
    this.#taken.add(name);
    return name;
  }
}

/** Unpacks a .tar.gz whose files lie side by side, or all in one folder. Nothing is waited for, and no bound is passed. */
export async function unpackTar(path: string, { limits, create }: Unpacking): Promise<Unpacked> {
  const reader = new TarReader(limits, create);
  const stream = Readable.from(piecesOf(path)).pipe(createGunzip());
  try {
    for await (const chunk of stream) reader.push(chunk as Buffer); // a stream without an encoding gives nothing else
    return { ok: true, files: reader.end() };
  } catch (error) {
    return { ok: false, why: error instanceof Error ? error.message : String(error) };
  } finally {
    reader.close();
    stream.destroy();
  }
}

function* piecesOf(path: string): Generator<Buffer> {
  const fd = openFile(path, 'named');
  try {
    for (;;) {
      const piece = Buffer.alloc(CHUNK);
      const read = readSync(fd, piece, 0, piece.length, null);
      if (read === 0) return;
      yield piece.subarray(0, read);
    }
  } finally {
    closeSync(fd);
  }
}

class TarReader {
  readonly #limits: ArchiveLimits;
  readonly #create: (name: string) => number;
  readonly #files: TarEntry[] = [];
  readonly #names = new ArchiveNames();
  #held: Buffer = Buffer.alloc(0);
  #fd: number | undefined;
  /** Of the current entry. */
  #left = 0;
  #padding = 0;
  #total = 0;
  #promised = 0;
  #entries = 0;
  #isOver = false;

  constructor(limits: ArchiveLimits, create: (name: string) => number) {
    this.#limits = limits;
    this.#create = create;
  }

  push(chunk: Buffer): void {
    this.#total += chunk.length;
    if (this.#total > this.#limits.bytes) throw new Error(`it holds more than ${this.#limits.bytes} bytes`);
    if (this.#isOver) return;
    this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    let at = 0;
    while (!this.#isOver && at < this.#held.length) {
      const used = this.#take(at);
      if (used === 0) break;
      at += used;
    }
    this.#held = this.#held.subarray(at);
  }

  /** How many of the bytes there were of use; none where more are needed. */
  #take(at: number): number {
    const there = this.#held.length - at;
    if (this.#left > 0) {
      const used = Math.min(there, this.#left);
      if (this.#fd !== undefined) writeSync(this.#fd, this.#held, at, used);
      this.#left -= used;
      if (this.#left === 0) this.#closeFile();
      return used;
    }
    if (this.#padding > 0) {
      const used = Math.min(there, this.#padding);
      this.#padding -= used;
      return used;
    }
    if (there < BLOCK) return 0;
    this.#begin(this.#held.subarray(at, at + BLOCK));
    return BLOCK;
  }

  #begin(header: Buffer): void {
    if (header.every((byte) => byte === 0)) {
      this.#isOver = true;
      return;
    }
    this.#entries += 1;
    if (this.#entries > this.#limits.files) throw new Error(`it holds more than ${this.#limits.files} files`);
    const text = (from: number, length: number): string =>
      header.toString('latin1', from, from + length).split('\0')[0] ?? '';
    if (Number.parseInt(text(148, 8), 8) !== sumOf(header)) throw new Error('it is damaged, or no tar archive');
    const size = /^[0-7 ]+$/.test(text(124, 12)) ? Number.parseInt(text(124, 12), 8) : Number.NaN;
    if (!Number.isSafeInteger(size) || size < 0) throw new Error('a file in it has no size');
    // Said before it is written: a thousandth of it can be an archive.
    this.#promised += size;
    if (this.#promised > this.#limits.bytes) throw new Error(`it holds more than ${this.#limits.bytes} bytes`);
    const type = header.toString('latin1', 156, 157);
    this.#left = size;
    this.#padding = (BLOCK - (size % BLOCK)) % BLOCK;
    if (SKIPPED.has(type)) return;
    if (!REGULAR.has(type)) throw new Error('it holds a link or a device');
    const prefix = text(345, 155);
    const name = this.#names.nameOf(prefix === '' ? text(0, 100) : `${prefix}/${text(0, 100)}`);
    this.#files.push({ name, size });
    this.#fd = this.#create(name);
    if (size === 0) this.#closeFile();
  }

  end(): readonly TarEntry[] {
    if (!this.#isOver && (this.#left > 0 || this.#held.length > 0)) throw new Error('it ends in the middle of a file');
    return this.#files;
  }

  #closeFile(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  close(): void {
    this.#closeFile();
  }
}

/** A file's size now, of a file that is a file. */
export function sizeOfFile(path: string): number {
  const fd = openFile(path, 'read');
  try {
    return fstatSync(fd).size;
  } finally {
    closeSync(fd);
  }
}
