import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Moment } from '../core/anomalies/detector.ts';
import { SeriesFacts } from '../core/anomalies/findAnomalies.ts';
import { parseJson } from '../core/words/json.ts';
import { snapshotFrom, type Snapshot } from '../core/session/snapshot.ts';
import { treeSampleFrom, type TreeSample } from '../core/session/tree.ts';
import { readJsonLines, readSomeLines } from './jsonLines.ts';

/**
 * A session's series, read sample by sample: of three million of them (2.3 GB) nothing is in memory but the one that
 * is being looked at. All that is wanted of a series is gathered on the way.
 */
export interface SeriesTaker {
  /** Each snapshot with the tree of the same number, in the file's order. */
  readonly moment?: (moment: Moment) => void;
  /** Each tree that was recorded, also of samples that have no snapshot. */
  readonly tree?: (tree: TreeSample) => void;
}

export interface SeriesFiles {
  readonly trace: string;
  /** Only we write one; `undefined` for the tracked process alone. */
  readonly tree: string | undefined;
}

export interface SeriesRead {
  readonly snapshots: number;
  readonly badTraceLines: number;
  readonly badTreeLines: number;
}

export const TRACE_FILE = 'proc_trace.jsonl';
export const TREE_FILE = 'tree.jsonl';

export function seriesIn(dir: string): SeriesFiles {
  return { trace: join(dir, TRACE_FILE), tree: join(dir, TREE_FILE) };
}

/** Not every session has both files, and one that cannot be read on is read as far as it goes. */
export function readSeries({ trace, tree }: SeriesFiles, taker: SeriesTaker): SeriesRead {
  const trees = new TreeCursor(tree, taker.tree);
  const { moment } = taker;
  let snapshots = 0;
  let strangers = 0;
  let broken = 0;
  const joined =
    moment &&
    new OneBehind<Snapshot>((snapshot, isStray) => {
      moment({ snapshot, tree: isStray ? undefined : trees.at(snapshot.seq) });
    });
  try {
    broken = readJsonLines(trace, 0, (value) => {
      const snapshot = snapshotFrom(value, snapshots);
      if (snapshot === undefined) strangers += 1;
      else {
        snapshots += 1;
        joined?.push(snapshot);
      }
    }).badLines;
  } catch (error) {
    if (!isOfFile(error)) throw error;
  }
  joined?.end();
  trees.end();
  return { snapshots, badTraceLines: broken + strangers, badTreeLines: trees.badLines };
}

/** What judges a trace; it is read only as far as it takes to know. Throws as node:fs does. */
export function readSeriesFacts(trace: string, knownComm: string | undefined): SeriesFacts {
  const facts = new SeriesFacts(knownComm);
  for (let offset = 0; !facts.isKnown;) {
    const next = readSomeLines(trace, { fromOffset: offset, mostBytes: STEP_BYTES }, (line) => {
      const parsed = parseJson(line);
      const snapshot = parsed.ok ? snapshotFrom(parsed.value, 0) : undefined;
      if (snapshot !== undefined) facts.push(snapshot);
    });
    if (next === offset) break;
    offset = next;
  }
  return facts;
}

/** What node:fs throws has a code; anything else is a bug of whoever takes. */
export function isOfFile(error: unknown): boolean {
  return error instanceof Error && 'code' in error;
}

/**
 * Hands on each item once its successor is known: one whose number is damaged, so that the next goes back behind it but
 * not behind the one before, is a stray. To wait for its number would lose what comes in between.
 */
class OneBehind<T extends { readonly seq: number }> {
  readonly #take: (item: T, isStray: boolean) => void;
  #held: T | undefined;
  #before = Number.NEGATIVE_INFINITY;

  constructor(take: (item: T, isStray: boolean) => void) {
    this.#take = take;
  }

  push(next: T): void {
    const held = this.#held;
    this.#held = next;
    if (held === undefined) return;
    const isStray = next.seq < held.seq && next.seq > this.#before;
    if (!isStray) this.#before = held.seq;
    this.#take(held, isStray);
  }

  end(): void {
    if (this.#held !== undefined) this.#take(this.#held, false);
    this.#held = undefined;
  }
}

/** So much is read ahead at a time; a line of 5,000 processes takes 1.7 MB. */
const STEP_BYTES = 256 * 1024;

/** Goes along tree.jsonl beside the trace. Trees may be missing: older ones are thinned, and a disk may have been full. */
class TreeCursor {
  readonly #path: string | undefined;
  readonly #tell: ((tree: TreeSample) => void) | undefined;
  readonly #ready: TreeSample[] = [];
  readonly #ordered = new OneBehind<TreeSample>((tree, isStray) => {
    if (!isStray) this.#ready.push(tree);
  });
  #lines: string[] = [];
  #next = 0;
  #offset = 0;
  #inode: number | undefined;
  #isEnded = false;
  badLines = 0;

  constructor(path: string | undefined, tell: ((tree: TreeSample) => void) | undefined) {
    this.#path = path;
    this.#tell = tell;
  }

  /** Of samples of one number the last; those of others before it are passed by. */
  at(seq: number): TreeSample | undefined {
    let found: TreeSample | undefined;
    for (let tree = this.#peek(); tree !== undefined; tree = this.#peek()) {
      // A smaller number behind the one that was found is of a file that begins anew: it is for who asks next.
      if (tree.seq > seq || (tree.seq < seq && found !== undefined)) break;
      if (tree.seq === seq) found = tree;
      this.#ready.shift();
    }
    return found;
  }

  /** Reads what is left: it is told, and its damaged lines are counted. */
  end(): void {
    while (this.#peek() !== undefined) this.#ready.shift();
  }

  #peek(): TreeSample | undefined {
    while (this.#ready.length === 0 && !this.#isEnded) this.#takeLine();
    return this.#ready[0];
  }

  #takeLine(): void {
    if (this.#next === this.#lines.length && !this.#readOn()) {
      this.#isEnded = true;
      this.#ordered.end();
      return;
    }
    const line = this.#lines[this.#next] ?? '';
    this.#next += 1;
    if (line === '') return;
    const parsed = parseJson(line);
    const tree = parsed.ok ? treeSampleFrom(parsed.value) : undefined;
    if (tree === undefined) {
      this.badLines += 1;
      return;
    }
    this.#tell?.(tree);
    this.#ordered.push(tree);
  }

  /** False at the end. A recorder that thins the file meanwhile puts another in its place: it is gone through again. */
  #readOn(): boolean {
    this.#lines = [];
    this.#next = 0;
    if (this.#path === undefined) return false;
    try {
      const { ino } = statSync(this.#path);
      if (this.#inode !== undefined && ino !== this.#inode) this.#offset = 0;
      this.#inode = ino;
      this.#offset = readSomeLines(this.#path, { fromOffset: this.#offset, mostBytes: STEP_BYTES }, (line) => {
        this.#lines.push(line);
      });
    } catch (error) {
      if (!isOfFile(error)) throw error;
      return false; // AutoSkillit writes no trees
    }
    return this.#lines.length > 0;
  }
}
