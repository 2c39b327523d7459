import { closeSync, writeSync } from 'node:fs';
import {
  halved,
  MemoryDecoder,
  MemoryEncoder,
  memoryHead,
  memoryInstantOf,
  totalKb,
  type MemoryInstant,
} from '../core/session/processMemory.ts';
import { treeSampleFrom } from '../core/session/tree.ts';
import { readBytes } from './door.ts';
import type { TreePlace } from './treeWriter.ts';

export const MEMORY_FILE = 'memory.bin';
/** Twice what a plot shows; then of every two the larger one stays. A file of 4,096 times 24 processes takes 0.9 MB. */
const MOST_INSTANTS = 4096;
/** Each instant with processes of its own: the rest is nobody's file. */
export const MOST_MEMORY_BYTES = 16 * 1024 * 1024;

/** Writes the memory of each process of a tree, in a file that stays small however long the session and large the tree. */
export interface MemoryWriter {
  /** A record of tree.jsonl. */
  add(record: unknown): void;
  close(): void;
}

/**
 * It is drawn from tree.jsonl and can be drawn again, so that what fails here is told by nobody: a disk that is full is
 * met by the lines too, which matter.
 */
export function createMemoryWriter(path: string, place: TreePlace, mostInstants = MOST_INSTANTS): MemoryWriter {
  let encoder = new MemoryEncoder();
  let fd: number | undefined;
  let count = 0;
  let level = 0;
  let ofGroup = 0;
  let largest: MemoryInstant | undefined;
  let hasFailed = false;

  /** Written aside and renamed: a reader sees the old file or the new one. */
  function rewrite(instants: readonly MemoryInstant[]): void {
    if (fd !== undefined) closeSync(fd);
    fd = undefined;
    encoder = new MemoryEncoder();
    const parts = [memoryHead(level), ...instants.map((instant) => encoder.encode(instant))];
    const aside = place.openAside();
    try {
      writeAll(aside, Buffer.concat(parts));
      place.replace();
    } finally {
      closeSync(aside);
      place.drop();
    }
    count = instants.length;
    fd = place.open();
  }

  /** What an earlier recorder of this session has written. */
  function begin(): void {
    const decoder = decoded(path);
    level = decoder?.level ?? 0;
    rewrite(decoder?.instants ?? []);
  }

  function put(instant: MemoryInstant): void {
    if (fd === undefined) begin();
    if (count >= mostInstants || encoder.isFull) {
      level += 1;
      rewrite(halved(decoded(path)?.instants ?? []));
    }
    if (fd !== undefined) writeAll(fd, encoder.encode(instant));
    count += 1;
  }

  function guarded(action: () => void): void {
    try {
      if (!hasFailed) action();
    } catch {
      hasFailed = true;
    }
  }

  return {
    add: (record) => {
      const tree = treeSampleFrom(record);
      const instant = tree && memoryInstantOf(tree);
      if (instant === undefined) return;
      if (largest === undefined || totalKb(instant) > totalKb(largest)) largest = instant;
      ofGroup += 1;
      if (ofGroup < 2 ** level) return;
      const kept = largest;
      largest = undefined;
      ofGroup = 0;
      guarded(() => put(kept));
    },
    close: () => {
      const rest = largest;
      largest = undefined;
      if (rest !== undefined) guarded(() => put(rest));
      if (fd !== undefined) closeSync(fd);
      fd = undefined;
    },
  };
}

function decoded(path: string): MemoryDecoder | undefined {
  let bytes: Buffer;
  try {
    bytes = readBytes(path, MOST_MEMORY_BYTES);
  } catch {
    return undefined; // the session begins, or its file is no longer ours
  }
  const decoder = new MemoryDecoder();
  decoder.push(bytes);
  return decoder;
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length;) written += writeSync(fd, bytes, written);
}
