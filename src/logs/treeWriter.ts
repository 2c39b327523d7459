import { closeSync, fsync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { promisify } from 'node:util';
import { parseJson, recordOf } from '../core/words/json.ts';
import { msFromIso } from '../core/words/time.ts';
import { openFile } from './door.ts';
import { withFolder, type Folder } from './folders.ts';
import { readSomeLines } from './jsonLines.ts';
import { createLineWriter, type LineWriter, type OnWriteFailure } from './lineWriter.ts';

/**
 * A sample of one process takes some 330 bytes: this is 11 days of one process every 5 s, a day of 10, or two hours of
 * a build of 100. More is read by nobody one by one, and every reader of a session has to go through it.
 */
export const TREE_CAP_BYTES = 64 * 1024 * 1024;
/** What led to a death is in the last minutes; this much stays as it was, however large it is. */
const KEPT_MS = 3_600_000;
/** A thinning leaves this share of the cap to what is older, and waits until as much again has come. */
const THINNED_SHARE = 0.5;
/** Read and written in between samples and the agent's output: 1 MiB holds them up for some 4 ms. */
const STEP_BYTES = 1024 * 1024;
/** 2^24 samples are two years of one every 4 s. */
const MOST_HALVINGS = 24;

/**
 * Appends to tree.jsonl. Once the file is larger than its cap, of the samples older than an hour only the largest of
 * every 2, 4, 8 ... is kept: the sample with the most processes is worth more than its neighbours. The thinned file is
 * written aside and renamed, so that a crash at any moment leaves the old file or the new one.
 */
export function createTreeWriter(
  path: string,
  onFailure: OnWriteFailure,
  place: TreePlace = placeAt(path),
  capBytes = TREE_CAP_BYTES,
): LineWriter {
  const lines = createLineWriter(path, onFailure, place.open);
  let size: number | undefined;
  let thinAt = capBytes;
  let isThinning = false;
  let isClosed = false;

  async function thin(newest: string): Promise<void> {
    isThinning = true;
    try {
      await thinned({ path, place, newest, budget: capBytes * THINNED_SHARE }, () => {
        if (isClosed) return false;
        lines.close(); // it opens the new file with its next line
        return true;
      });
    } catch {
      // A disk without room for both: the file stays as it is, and may grow until there is.
    }
    isThinning = false;
    if (isClosed) return;
    size = sizeOf(path);
    thinAt = Math.max(capBytes, size + capBytes * (1 - THINNED_SHARE) * 0.5);
  }

  return {
    append: (line) => {
      size ??= sizeOf(path);
      if (!lines.append(line)) return false;
      size += Buffer.byteLength(line) + 1;
      if (size > thinAt && !isThinning) void thin(line);
      return true;
    },
    get lostLines() {
      return lines.lostLines;
    },
    close: () => {
      isClosed = true;
      lines.close();
    },
  };
}

/** Where the file stands, as whoever holds its folder says. */
export interface TreePlace {
  readonly open: () => number;
  /** A new file beside it, which `replace` puts in its place and `drop` removes. */
  readonly openAside: () => number;
  readonly replace: () => void;
  readonly drop: () => void;
}

/** In this folder, which is held open for as long as `inside` runs. */
export function treePlace(name: string, inside: <T>(use: (folder: Folder) => T) => T): TreePlace {
  const aside = `.${name}.${process.pid}`;
  const drop = (folder: Folder): void => rmSync(folder.at(aside), { force: true });
  return {
    open: () => inside((folder) => openFile(folder.at(name), 'append')),
    openAside: () =>
      inside((folder) => {
        drop(folder);
        return openFile(folder.at(aside), 'create');
      }),
    replace: () => inside((folder) => renameSync(folder.at(aside), folder.at(name))),
    drop: () => inside(drop),
  };
}

function placeAt(path: string): TreePlace {
  return treePlace(basename(path), (use) => withFolder(dirname(path), [], 'write', use));
}

interface Thinning {
  readonly path: string;
  readonly place: TreePlace;
  /** The newest line. */
  readonly newest: string;
  /** What the samples older than an hour may take. */
  readonly budget: number;
}

/** @param mayReplace asked at the very end: whether the file is still the writer's, which then lets go of it */
async function thinned({ path, place, newest, budget }: Thinning, mayReplace: () => boolean): Promise<void> {
  const keptFromMs = (whenOf(newest)?.ms ?? 0) - KEPT_MS;
  const halvings = await halvingsFor(path, keptFromMs, budget);
  if (halvings === 0) return; // only the last hour is that large
  let fd: number | undefined = place.openAside();
  try {
    const copy = new ThinnedCopy(keptFromMs, halvings);
    for (let offset = 0, isBehind = true; isBehind;) {
      const next = readSomeLines(path, { fromOffset: offset, mostBytes: STEP_BYTES }, (line) => copy.take(line));
      isBehind = next - offset >= STEP_BYTES; // less is what a busy session adds meanwhile
      offset = next;
      writeAll(fd, copy.taken());
      if (isBehind) await setImmediate();
      else {
        await promisify(fsync)(fd);
        // What has come meanwhile goes along; the last look and the rename are one turn of the event loop.
        readSomeLines(path, { fromOffset: offset, mostBytes: Number.POSITIVE_INFINITY }, (line) => copy.take(line));
        writeAll(fd, copy.taken() + copy.rest());
      }
    }
    closeSync(fd);
    fd = undefined;
    if (mayReplace()) place.replace();
  } finally {
    if (fd !== undefined) closeSync(fd);
    place.drop();
  }
}

/** How often the old part has to be halved to fit; 0 when it fits, or when there is none. */
async function halvingsFor(path: string, keptFromMs: number, budget: number): Promise<number> {
  const sums = Array.from({ length: MOST_HALVINGS + 1 }, (_, halvings) => new GroupSum(halvings));
  for (let offset = 0, isOld = true; isOld;) {
    const next = readSomeLines(path, { fromOffset: offset, mostBytes: STEP_BYTES }, (line) => {
      const when = isOld ? whenOf(line) : undefined;
      if (when === undefined) return;
      isOld = when.ms < keptFromMs;
      if (isOld) for (const sum of sums) sum.add(when.seq, line.length + 1);
    });
    if (next === offset) break;
    offset = next;
    await setImmediate();
  }
  const fitting = sums.findIndex((sum) => sum.bytes <= budget);
  return fitting < 0 ? MOST_HALVINGS : fitting;
}

/** The bytes that are left when of every 2^n samples the largest stays. */
class GroupSum {
  readonly #size: number;
  #group = -1;
  #largest = 0;
  #before = 0;

  constructor(halvings: number) {
    this.#size = 2 ** halvings;
  }

  get bytes(): number {
    return this.#before + this.#largest;
  }

  add(seq: number, bytes: number): void {
    const group = Math.floor(seq / this.#size);
    if (group !== this.#group) this.#before += this.#largest;
    this.#largest = group === this.#group ? Math.max(this.#largest, bytes) : bytes;
    this.#group = group;
  }
}

class ThinnedCopy {
  readonly #keptFromMs: number;
  readonly #groupSize: number;
  #isOld = true;
  #group = -1;
  #largest: string | undefined;
  #text: string[] = [];

  constructor(keptFromMs: number, halvings: number) {
    this.#keptFromMs = keptFromMs;
    this.#groupSize = 2 ** halvings;
  }

  take(line: string): void {
    const when = this.#isOld ? whenOf(line) : undefined;
    if (when !== undefined && when.ms >= this.#keptFromMs) this.#isOld = false;
    if (when === undefined || !this.#isOld) {
      this.#text.push(this.rest(), `${line}\n`); // of the last hour, or a damaged one, which says that it is
      return;
    }
    const group = Math.floor(when.seq / this.#groupSize);
    if (group !== this.#group) this.#text.push(this.rest());
    this.#group = group;
    if (this.#largest === undefined || line.length > this.#largest.length) this.#largest = line;
  }

  /** What was decided since the last call. */
  taken(): string {
    const text = this.#text.join('');
    this.#text = [];
    return text;
  }

  /** The group that was still open. */
  rest(): string {
    const line = this.#largest;
    this.#largest = undefined;
    return line === undefined ? '' : `${line}\n`;
  }
}

/** Our own lines end with both, their keys being sorted; a whole tree need not be parsed for two numbers. */
const LINE_END = /"seq":(\d{1,15}),"ts":"([^"]{1,40})"\}$/;

function whenOf(line: string): { readonly seq: number; readonly ms: number } | undefined {
  const [, digits, ended] = LINE_END.exec(line.slice(-80)) ?? [];
  const parsed = digits === undefined ? parseJson(line) : undefined;
  const record = parsed?.ok === true ? recordOf(parsed.value) : undefined;
  const seq = Number(digits ?? record?.['seq'] ?? Number.NaN);
  const ms = msFromIso(ended ?? record?.['ts']);
  return ms === undefined || !Number.isSafeInteger(seq) ? undefined : { seq, ms };
}

function writeAll(fd: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let written = 0; written < bytes.length;) written += writeSync(fd, bytes, written);
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
