import assert from 'node:assert/strict';
import { openSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { deflateRawSync, gzipSync } from 'node:zlib';
import { bytesOf, sizeOfFile, tarOf, unpackTar, type ArchiveLimits, type Unpacked } from '../../src/logs/tarFile.ts';
import { unpackZip } from '../../src/logs/zipFile.ts';
import { scratchFolder } from './scratch.ts';

/* An archive may come from anybody: what is unpacked of it, and what is refused with which words, from both sides. */

interface Entry {
  readonly name: string;
  readonly text?: string;
  readonly type?: string;
  readonly prefix?: string;
  /** As the header says it. */
  readonly size?: string;
  readonly isDamaged?: boolean;
}

const BLOCK = 512;

function tarHeader({ name, text = '', type = '0', prefix = '', size, isDamaged = false }: Entry): Buffer {
  const header = Buffer.alloc(BLOCK);
  header.write(name, 0);
  header.write(`${size ?? text.length.toString(8).padStart(11, '0')}\0`, 124);
  header.write(' '.repeat(8), 148);
  header.write(type, 156);
  header.write(prefix, 345);
  const sum = header.reduce((all, byte) => all + byte, 0) + (isDamaged ? 1 : 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}

function tar(...entries: readonly Entry[]): Buffer {
  const parts = entries.flatMap((entry) => {
    const text = Buffer.from(entry.text ?? '');
    return [tarHeader(entry), text, Buffer.alloc((BLOCK - (text.length % BLOCK)) % BLOCK)];
  });
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]);
}

const LIMITS: ArchiveLimits = { files: 3, bytes: 10_000 };

async function unpacked(
  bytes: Buffer,
  unpack: typeof unpackTar | typeof unpackZip,
  limits: ArchiveLimits = LIMITS,
): Promise<string> {
  const folder = scratchFolder();
  const path = join(scratchFolder(), 'archive');
  writeFileSync(path, bytes);
  const found: Unpacked = await unpack(path, { limits, create: (name) => openSync(join(folder, name), 'wx') });
  if (!found.ok) return `refused: ${found.why}`;
  assert.deepEqual(found.files.map(({ name }) => name).toSorted(), readdirSync(folder).toSorted());
  return found.files.map(({ name, size }) => `${name} ${size} ${readFileSync(join(folder, name), 'utf8').slice(0, 20)}`).join(', ');
} // prettier-ignore

const ofTar = (bytes: Buffer, limits?: ArchiveLimits) => unpacked(gzipSync(bytes), unpackTar, limits);
const SEVERAL = 'refused: its files are in several folders';
const OUT = 'refused: a name in it leads out of its folder';

test('files of a tar lie side by side or all in one folder, and no name leads anywhere else', async () => {
  for (const [entries, expected] of [
    [[{ name: 'a', text: 'x' }], 'a 1 x'],
    [[{ name: 'a' }], 'a 0 '],
    [[{ name: './a', text: 'x' }, { name: 'b', text: 'yy' }], 'a 1 x, b 2 yy'],
    [[{ name: 'one/a', text: 'x' }, { name: 'one/b' }], 'a 1 x, b 0 '],
    [[{ name: 'a', prefix: 'one/two', text: 'x' }], 'a 1 x'],
    [[{ name: 'one/a' }, { name: 'b' }], SEVERAL],
    [[{ name: 'one/a' }, { name: 'two/b' }], SEVERAL],
    [[{ name: 'a' }, { name: 'a' }], 'refused: two files in it have one name'],
    ...['../a', '/a', 'one/../a', '.a', '-a', 'a b', 'a/'].map((name) => [[{ name }], OUT] as const),
    [[{ name: 'a', prefix: '..' }], OUT],
    [[{ name: 'one', type: '5' }, { name: 'one/a', text: 'x' }], 'a 1 x'],
    [[{ name: 'x', type: 'x', text: 'comment' }, { name: 'a', text: 'x' }], 'a 1 x'],
    [[{ name: 'g', type: 'g', text: 'comment' }], ''],
    [[{ name: 'a', type: '\0', text: 'x' }], 'a 1 x'],
    ...['1', '2', '3', '4', '6', '7', 'L'].map((type) => [[{ name: 'a', type }], 'refused: it holds a link or a device'] as const),
    [[{ name: 'a', size: '7'.repeat(11) }], 'refused: it holds more than 10000 bytes'],
    [[{ name: 'a', size: '-0000000001' }], 'refused: a file in it has no size'],
    [[{ name: 'a', size: '           ' }], 'refused: a file in it has no size'],
    [[{ name: 'a', isDamaged: true }], 'refused: it is damaged, or no tar archive'],
  ] as const)
    assert.equal(await ofTar(tar(...entries)), expected, JSON.stringify(entries));
}); // prettier-ignore

test('of a tar no bound is passed, neither of files nor of bytes, said or real', async () => {
  const some = (count: number) => tar(...Array.from({ length: count }, (_, n) => ({ name: `f${n}` })));
  assert.match(await ofTar(some(3)), /^f0 0 , f1 0 , f2 0 $/);
  assert.equal(await ofTar(some(4)), 'refused: it holds more than 3 files');
  const large = (bytes: number) => tar({ name: 'a', text: 'x'.repeat(bytes) });
  const whole = large(5000).length;
  assert.match(await ofTar(large(5000), { files: 3, bytes: whole }), /^a 5000 /);
  assert.equal(await ofTar(large(5000), { files: 3, bytes: whole - 1 }), `refused: it holds more than ${whole - 1} bytes`);
  const said = tar({ name: 'a', size: (4000).toString(8).padStart(11, '0') }, { name: 'b', size: (6001).toString(8).padStart(11, '0') });
  assert.match(await ofTar(said), /^refused: /);
  const cut = tar({ name: 'a', text: 'x'.repeat(600) }).subarray(0, BLOCK + 300);
  assert.equal(await ofTar(cut), 'refused: it ends in the middle of a file');
  assert.equal(await ofTar(tar({ name: 'a', text: 'x' }).subarray(0, BLOCK + BLOCK)), 'a 1 x', 'without its end');
  assert.equal(await ofTar(tar({ name: 'a', text: 'x' }).subarray(0, BLOCK + 100)), 'a 1 x', 'without what fills it up');
  assert.equal(await ofTar(Buffer.concat([tar({ name: 'a', text: 'x' }), tar({ name: 'b' })])), 'a 1 x', 'what is behind its end');
  assert.match(await unpacked(Buffer.from('no archive'), unpackTar), /^refused: /);
}); // prettier-ignore

test('what we pack is unpacked byte for byte, whatever its length', async () => {
  const folder = scratchFolder();
  const files = [0, 1, 511, 512, 513, 300_000].map((size) => {
    const path = join(folder, `f${size}`);
    writeFileSync(path, Buffer.alloc(size, 'abc'));
    return { name: `f${size}`, size: sizeOfFile(path), path };
  });
  const bytes = Buffer.concat([...tarOf(files)]);
  assert.equal(bytes.length % BLOCK, 0);
  const told = await ofTar(bytes, { files: 6, bytes: bytes.length });
  assert.deepEqual(told.split(', ').map((one) => one.split(' ').slice(0, 2).join(' ')), files.map(({ name, size }) => `${name} ${size}`));
  const [, , , , , large] = files;
  assert.equal(Buffer.concat([...bytesOf(large?.path ?? '', 300_010)]).subarray(299_998).toString(), `bc${'\0'.repeat(10)}`.replace('bc', 'bc'), 'shorter than it was: zeros');
}); // prettier-ignore

interface ZipEntry {
  readonly name: string;
  readonly text?: string;
  readonly isStored?: boolean;
  readonly mode?: number;
  readonly flags?: number;
  readonly method?: number;
  readonly size?: number;
  readonly packed?: number;
}

function zip(entries: readonly ZipEntry[], { comment = '', cut = 0 } = {}): Buffer {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const { name, text = '', isStored = false, mode = 0, flags = 0, method, size, packed } of entries) {
    const body = isStored ? Buffer.from(text) : deflateRawSync(text);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x0403_4b50, 0);
    local.writeUInt16LE(name.length, 26);
    const header = Buffer.alloc(46);
    header.writeUInt32LE(0x0201_4b50, 0);
    header.writeUInt16LE(flags, 8);
    header.writeUInt16LE(method ?? (isStored ? 0 : 8), 10);
    header.writeUInt32LE(packed ?? body.length, 20);
    header.writeUInt32LE(size ?? text.length, 24);
    header.writeUInt16LE(name.length, 28);
    header.writeUInt32LE((mode << 16) >>> 0, 38);
    header.writeUInt32LE(at, 42);
    files.push(local, Buffer.from(name), body);
    directory.push(header, Buffer.from(name));
    at += 30 + name.length + body.length;
  }
  const list = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x0605_4b50, 0);
  end.writeUInt32LE(list.length - cut, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...files, list, end, Buffer.from(comment)]);
}

test('a zip is unpacked under the same rules, stored or deflated, with a comment or without', async () => {
  const link = 0o120777;
  const [file, folder] = [0o100644, 0o040755];
  for (const [entries, expected] of [
    [[{ name: 'a', text: 'x' }], 'a 1 x'],
    [[{ name: 'a', text: 'x', isStored: true }], 'a 1 x'],
    [[{ name: 'one/', mode: folder }, { name: 'one/a', text: 'x', mode: file }], 'a 1 x'],
    [[{ name: 'a', mode: link }], 'refused: it holds a link or a device'],
    [[{ name: 'a', mode: 0o060644 }], 'refused: it holds a link or a device'],
    [[{ name: 'a', flags: 1 }], 'refused: it is encrypted'],
    [[{ name: 'a', flags: 8, text: 'x' }], 'a 1 x'],
    [[{ name: 'a', method: 9 }], 'refused: it is packed in a way that is not read here'],
    [[{ name: '../a' }], OUT],
    [[{ name: 'one/a' }, { name: 'b' }], SEVERAL],
    [[{ name: 'a' }, { name: 'a' }], 'refused: two files in it have one name'],
    [[{ name: 'a', text: 'xx', size: 1 }], 'refused: a file in it is larger than it says'],
    [[{ name: 'a', text: 'xx', size: 3 }], 'refused: it ends in the middle of a file'],
    [[{ name: 'a', size: 10_001 }], 'refused: it holds more than 10000 bytes'],
    [[{ name: 'a', packed: 0xffff_ffff }], 'refused: it is a zip of a kind (zip64) that is not read here'],
    [[{ name: 'a' }, { name: 'b' }, { name: 'c' }], 'a 0 , b 0 , c 0 '],
    [[{ name: 'a' }, { name: 'b' }, { name: 'c' }, { name: 'd' }], 'refused: it holds more than 3 files'],
    [[{ name: 'a', text: 'x'.repeat(5000) }, { name: 'b', text: 'y'.repeat(5000) }], `a 5000 ${'x'.repeat(20)}, b 5000 ${'y'.repeat(20)}`],
    [[{ name: 'a', text: 'x'.repeat(5000) }, { name: 'b', text: 'y'.repeat(5001) }], 'refused: it holds more than 10000 bytes'],
  ] as const)
    assert.equal(await unpacked(zip(entries), unpackZip), expected, JSON.stringify(entries).slice(0, 200));
  assert.equal(await unpacked(zip([{ name: 'a', text: 'x' }], { comment: 'made by somebody' }), unpackZip), 'a 1 x');
  assert.equal(await unpacked(zip([{ name: 'a', text: 'x' }], { comment: 'c'.repeat(65_535) }), unpackZip), 'a 1 x');
  const damaged = 'refused: it is damaged, or no zip archive';
  assert.equal(await unpacked(zip([{ name: 'a' }], { cut: 2 }), unpackZip), damaged);
  assert.equal(await unpacked(zip([{ name: 'a', text: 'x' }]).subarray(10), unpackZip), damaged);
  assert.equal(await unpacked(Buffer.from('no archive, and longer than the end of one'), unpackZip), damaged);
}); // prettier-ignore
