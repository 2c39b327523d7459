import { closeSync, fstatSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseJson } from '../../core/words/json.ts';
import { halved, MemoryDecoder, memoryInstantOf, type MemoryInstant } from '../../core/session/processMemory.ts';
import { treeSampleFrom } from '../../core/session/tree.ts';
import { openFile } from '../../logs/door.ts';
import { readSomeLines } from '../../logs/jsonLines.ts';
import { MEMORY_FILE, MOST_MEMORY_BYTES } from '../../logs/memoryWriter.ts';
import { TREE_FILE } from '../../logs/series.ts';
import { readStretch, type Stretch } from './findLine.ts';

/** Of a session without the file, which others recorded or an older recorder: read of its trees in one go. */
const TREE_STEP_BYTES = 8 * 1024 * 1024;
const MOST_FROM_TREES = 8192;
/** A stretch of trees that is read to see each sample of it: some 60 ms. */
const MOST_STRETCH_BYTES = 6 * 1024 * 1024;

/** The memory of a session's processes, read on from where it was last read. */
export class MemoryTail {
  #decoder = new MemoryDecoder();
  #inode: number | undefined;
  #offset = 0;
  #fromTrees: MemoryInstant[] = [];
  #treeOffset = 0;
  #isBehind = false;
  #stretch: (Stretch & { readonly instants: readonly MemoryInstant[] }) | undefined;

  get isBehind(): boolean {
    return this.#isBehind;
  }

  /** How many samples an instant stands for. */
  get samplesEach(): number {
    return 2 ** (this.#decoder.level ?? 0);
  }

  read(dir: string): readonly MemoryInstant[] {
    if (this.#readFile(join(dir, MEMORY_FILE))) return this.#decoder.instants;
    return this.#readTrees(join(dir, TREE_FILE));
  }

  /** Each sample of a short stretch, where the file tells one of several. */
  closely(dir: string, range: Stretch, samples: number): readonly MemoryInstant[] | undefined {
    if (this.samplesEach === 1) return undefined;
    const known = this.#stretch;
    if (known !== undefined && known.fromMs <= range.fromMs && known.toMs >= range.toMs) return known.instants;
    const path = join(dir, TREE_FILE);
    const bytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    const whole = this.#decoder.instants;
    const share = (range.toMs - range.fromMs) / Math.max(1, (whole.at(-1)?.ms ?? 0) - (whole[0]?.ms ?? 0));
    if (samples > 2000 || bytes * share > MOST_STRETCH_BYTES) return undefined;
    const instants: MemoryInstant[] = [];
    readStretch(path, range, (record) => {
      const tree = treeSampleFrom(record);
      const instant = tree && memoryInstantOf(tree);
      if (instant !== undefined) instants.push(instant);
    });
    this.#stretch = { ...range, instants };
    return instants;
  }

  /** False where there is no such file. */
  #readFile(path: string): boolean {
    let fd: number;
    try {
      fd = openFile(path, 'read');
    } catch {
      return false;
    }
    try {
      const { ino, size } = fstatSync(fd);
      if (ino !== this.#inode || size < this.#offset) {
        [this.#decoder, this.#offset, this.#inode] = [new MemoryDecoder(), 0, ino];
      }
      const bytes = Buffer.alloc(Math.min(size, MOST_MEMORY_BYTES) - this.#offset);
      if (bytes.length > 0) {
        const length = readSync(fd, bytes, 0, bytes.length, this.#offset);
        this.#offset += this.#decoder.push(bytes.subarray(0, length));
      }
      return this.#decoder.instants.length > 0;
    } finally {
      closeSync(fd);
    }
  }

  #readTrees(path: string): readonly MemoryInstant[] {
    this.#isBehind = false;
    try {
      const before = this.#treeOffset;
      this.#treeOffset = readSomeLines(path, { fromOffset: before, mostBytes: TREE_STEP_BYTES }, (line) => {
        const parsed = parseJson(line);
        const tree = parsed.ok ? treeSampleFrom(parsed.value) : undefined;
        const instant = tree && memoryInstantOf(tree);
        if (instant !== undefined && instant.ms >= (this.#fromTrees.at(-1)?.ms ?? 0)) this.#fromTrees.push(instant);
      });
      this.#isBehind = this.#treeOffset - before >= TREE_STEP_BYTES;
    } catch {
      return this.#fromTrees; // other writers record no trees
    }
    if (this.#fromTrees.length > MOST_FROM_TREES) this.#fromTrees = [...halved(this.#fromTrees)];
    return this.#fromTrees;
  }
}
