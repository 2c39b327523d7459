import { readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Blocks of a file and whether each ran, as V8 tells; an offset belongs to the smallest block around it. */
export type Blocks = readonly (readonly [start: number, end: number, hasRun: boolean])[];
export type Coverage = { readonly [file in string]?: readonly Blocks[] };

interface V8Report {
  readonly result: readonly {
    readonly url: string;
    readonly functions: readonly {
      readonly ranges: readonly { readonly startOffset: number; readonly endOffset: number; readonly count: number }[];
    }[];
  }[];
}

/** What V8 wrote into `folder` (NODE_V8_COVERAGE) of the sources below `root`: one entry for each process that loaded a file. */
export function readCoverage(folder: string, root: string): Coverage {
  const found: Record<string, Blocks[]> = {};
  for (const name of readdirSync(folder)) {
    const { result } = JSON.parse(readFileSync(join(folder, name), 'utf8')) as V8Report;
    for (const { url, functions } of result) {
      if (!url.startsWith('file:')) continue;
      const file = relative(root, fileURLToPath(url));
      if (!file.startsWith('src/')) continue;
      const ranges = functions.flatMap((one) => one.ranges);
      const blocks = ranges.map((range) => [range.startOffset, range.endOffset, range.count > 0] as const);
      (found[file] ??= []).push(blocks);
    }
  }
  return found;
}

export function hasRun(coverage: Coverage, file: string, offset: number): boolean {
  return (coverage[file] ?? []).some((blocks) => innermost(blocks, offset)?.[2] === true);
}

function innermost(blocks: Blocks, offset: number) {
  let found: Blocks[number] | undefined;
  for (const block of blocks) {
    const isAround = block[0] <= offset && offset < block[1];
    if (isAround && (found === undefined || block[1] - block[0] <= found[1] - found[0])) found = block;
  }
  return found;
}

/** The branches of a file (functions, and blocks in them that may run or not), and whether any of the tests took it. */
export function branchesOf(file: string, coverages: readonly Coverage[]): ReadonlyMap<number, boolean> {
  const taken = new Map<number, boolean>();
  const all = coverages.flatMap((coverage) => coverage[file] ?? []);
  for (const [start] of all.flat()) if (start > 0) taken.set(start, false);
  for (const start of taken.keys()) if (all.some((blocks) => innermost(blocks, start)?.[2])) taken.set(start, true);
  return taken;
}
