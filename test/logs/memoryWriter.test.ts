import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync, truncateSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { test } from 'node:test';
import { MemoryDecoder, type MemoryInstant } from '../../src/core/session/processMemory.ts';
import { treeSampleFrom, type TreeSample } from '../../src/core/session/tree.ts';
import { isoFromMs } from '../../src/core/words/time.ts';
import { withFolder } from '../../src/logs/folders.ts';
import { createMemoryWriter, type MemoryWriter } from '../../src/logs/memoryWriter.ts';
import { treePlace } from '../../src/logs/treeWriter.ts';
import { scratchFolder } from './scratch.ts';

const START_MS = Date.UTC(2026, 0, 1);
const MOST = 64;

function treeOf(seq: number, kbs: readonly number[], comm = 'node'): TreeSample {
  const processes = kbs.map((rss_kb, i) => ({
    pid: 100 + i,
    start_ticks: 7 + i,
    comm: `${comm}-${i}`,
    rss_kb,
    cpu_percent: i,
  }));
  const tree = treeSampleFrom({ ts: isoFromMs(START_MS + seq * 1000), seq, processes });
  assert.ok(tree !== undefined);
  return tree;
}

function writerAt(path: string): MemoryWriter {
  return createMemoryWriter(
    path,
    treePlace(basename(path), (use) => withFolder(dirname(path), [], 'write', use)),
    MOST,
  );
}

function read(path: string): readonly MemoryInstant[] {
  const decoder = new MemoryDecoder();
  decoder.push(readFileSync(path));
  return decoder.instants;
}

test('the memory of 200 processes over 10,000 samples stays small, and a peak of one sample stays in it', () => {
  const path = join(scratchFolder(), 'memory.bin');
  const writer = writerAt(path);
  let largest = 0;
  const usual = Array.from({ length: 200 }, (_, i) => 1000 + i);
  for (let seq = 0; seq < 10_000; seq += 1) {
    writer.add(treeOf(seq, seq === 7777 ? [9_000_000, ...usual] : usual));
    largest = Math.max(largest, statSync(path).size);
  }
  writer.close();
  assert.ok(largest < 30_000, `${largest} bytes`);
  const instants = read(path);
  assert.ok(instants.length <= MOST + 1 && instants.length > MOST / 2, `${instants.length} instants`);
  assert.deepEqual(instants.find(({ seq }) => seq === 7777)?.parts[0], {
    owner: { pid: 100, startTicks: 7, comm: 'node-0' },
    kb: 9_000_000,
    cpuPercent: 0,
  });
  const { parts, others } = instants[0] ?? { parts: [], others: undefined };
  assert.equal(parts.length + (others?.count ?? 0), 200);
  const sum = parts.reduce((all, { kb }) => all + kb, others?.kb ?? 0);
  assert.equal(
    sum,
    usual.reduce((all, kb) => all + kb),
  );
  assert.ok(instants.every(({ ms }, i) => i === 0 || ms > (instants[i - 1]?.ms ?? 0)));
  assert.deepEqual(readdirSync(dirname(path)), ['memory.bin']);
});

test('whoever goes on with a session keeps what was written, but for a torn end', () => {
  const path = join(scratchFolder(), 'memory.bin');
  const first = writerAt(path);
  for (let seq = 0; seq < 5; seq += 1) first.add(treeOf(seq, [seq + 1, 500]));
  first.close();
  truncateSync(path, statSync(path).size - 3);
  const second = writerAt(path);
  second.add(treeOf(9, [1, 2, 3], 'python3'));
  second.close();
  assert.deepEqual(
    read(path).map(({ seq }) => seq),
    [0, 1, 2, 3, 9],
  );
  assert.deepEqual(
    read(path)
      .at(-1)
      ?.parts.map(({ owner, kb }) => `${owner.comm} ${kb}`),
    ['python3-2 3', 'python3-1 2', 'python3-0 1'],
  );
});

test('a file is read on from where it was, at whatever byte it was cut, and damage ends it without harm', () => {
  const path = join(scratchFolder(), 'memory.bin');
  const writer = writerAt(path);
  for (let seq = 0; seq < 20; seq += 1) writer.add(treeOf(seq, [seq + 1, 40 - seq], seq % 3 === 0 ? 'é' : 'sh'));
  writer.close();
  const bytes = readFileSync(path);
  const whole = read(path);
  for (let cut = 0; cut <= bytes.length; cut += 1) {
    const decoder = new MemoryDecoder();
    const taken = decoder.push(bytes.subarray(0, cut));
    decoder.push(bytes.subarray(taken));
    assert.deepEqual(decoder.instants, whole, `cut at ${cut}`);
  }
  for (let at = 0; at < bytes.length; at += 1) {
    const damaged = Buffer.from(bytes);
    damaged[at] = 0xff;
    const decoder = new MemoryDecoder();
    decoder.push(damaged);
    assert.ok(decoder.instants.length <= 3 * whole.length);
  }
});
