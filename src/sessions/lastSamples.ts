import { join } from 'node:path';
import type { Moment } from '../core/anomalies/detector.ts';
import { parseJson } from '../core/words/json.ts';
import { snapshotFrom, type Snapshot } from '../core/session/snapshot.ts';
import { treeSampleFrom, type TreeSample } from '../core/session/tree.ts';
import { TRACE_FILE, TREE_FILE } from '../logs/series.ts';
import { tailLines } from '../logs/lastLine.ts';

/** Some hundred samples; of a tree of thousands of processes one sample may take more. */
const TAIL_BYTES = 256 * 1024;
const LARGE_TAIL_BYTES = 8 * 1024 * 1024;

export interface LastSamples {
  /** The oldest first. */
  readonly snapshots: readonly Snapshot[];
  readonly trees: readonly TreeSample[];
}

/** The end of a session's series, without reading what came before. */
export function lastSamples(dir: string): LastSamples {
  const trace = join(dir, TRACE_FILE);
  const tree = join(dir, TREE_FILE);
  const snapshots = parsed(tailLines(trace, TAIL_BYTES), (value) => snapshotFrom(value, 0));
  const few = parsed(tailLines(tree, TAIL_BYTES), treeSampleFrom);
  return { snapshots, trees: few.length > 0 ? few : parsed(tailLines(tree, LARGE_TAIL_BYTES), treeSampleFrom) };
}

/** By the number that both have. */
export function momentsOf({ snapshots, trees }: LastSamples): readonly Moment[] {
  const bySeq = new Map(trees.map((tree) => [tree.seq, tree]));
  return snapshots.map((snapshot) => ({ snapshot, tree: bySeq.get(snapshot.seq) }));
}

function parsed<T>(lines: readonly string[], from: (value: unknown) => T | undefined): readonly T[] {
  return lines.flatMap((line) => {
    const read = parseJson(line);
    const value = read.ok ? from(read.value) : undefined;
    return value === undefined ? [] : [value];
  });
}
