import type { MemoryInstant, MemoryPart, MemoryProcess } from '../session/processMemory.ts';
import { processKey, totalKb } from '../session/processMemory.ts';

export const AREA_KINDS = ['memory', 'cpu'] as const;
export type AreaKind = (typeof AREA_KINDS)[number];

/** What each process had of the tree's memory, or of its CPU time, one upon the other. */
export interface AreasView {
  /** Instants, in order. */
  readonly t: readonly number[];
  /** Places in `t` before which nothing was recorded for a while. */
  readonly breaks: readonly number[];
  /** The largest first; each has a value for each instant. */
  readonly bands: readonly AreaBand[];
  /** More of it is still to be read: ask again. */
  readonly isBehind: boolean;
}

export interface AreaBand {
  /** Of one process; `undefined` of several that are told together. */
  readonly pid: number | undefined;
  /** `undefined`: all that are too small to be told apart. */
  readonly comm: string | undefined;
  /** Processes that it ever was. */
  readonly count: number;
  readonly values: readonly number[];
  readonly peak: number;
}

export interface AreasRange {
  readonly fromMs: number;
  readonly toMs: number;
  readonly pixels: number;
  readonly gapMs: number;
  readonly kind: AreaKind;
}

/** A stack of more is no picture. */
const MOST_ALONE = 6;
const MOST_NAMES = 3;
/** Smaller than this share of the largest stack, a process is told with others of its name. */
const LEAST_SHARE = 0.03;
/** Trees may be recorded more seldom than samples: what lies apart by so many of their own steps is parted. */
const GAP_STEPS = 3.5;
/** Above this many instants a plot shows no more of them. */
const MOST_INSTANTS = 600;

export function areasOf(instants: readonly MemoryInstant[], range: AreasRange): AreasView {
  const shown = thinned(instants, range);
  const sizeOf = range.kind === 'memory' ? (part: MemoryPart) => part.kb : (part: MemoryPart) => part.cpuPercent;
  const names = bandsOf(shown, sizeOf);
  const bands = names.map((band) => ({ ...band, values: shown.map(() => 0) }));
  const placeOf = new Map(names.flatMap(({ keys }, i) => keys.map((key) => [key, i] as const)));
  for (const [at, { parts, others }] of shown.entries()) {
    for (const part of parts) add(bands[placeOf.get(nameOf(part.owner)) ?? bands.length - 1], at, sizeOf(part));
    add(bands.at(-1), at, range.kind === 'memory' ? others.kb : others.cpuPercent);
  }
  const gapMs = Math.max(range.gapMs, GAP_STEPS * usualStepMs(shown));
  const breaks = shown.flatMap(({ ms }, i) => (i > 0 && ms - (shown[i - 1]?.ms ?? ms) > gapMs ? [i] : []));
  return {
    t: shown.map(({ ms }) => ms),
    breaks,
    bands: bands
      .map(({ pid, comm, count, values }) => ({ pid, comm, count, values, peak: Math.max(0, ...values) }))
      .filter(({ peak }) => peak > 0),
    isBehind: false,
  };
}

function usualStepMs(instants: readonly MemoryInstant[]): number {
  const steps = instants.slice(1).map(({ ms }, i) => ms - (instants[i]?.ms ?? ms));
  return steps.sort((a, b) => a - b)[steps.length >> 1] ?? 0;
}

function add(band: { readonly values: number[] } | undefined, at: number, size: number): void {
  if (band !== undefined) band.values[at] = (band.values[at] ?? 0) + size;
}

/** Of each stretch of the plot the instant with the most memory, as it was, and one beyond each edge. */
function thinned(instants: readonly MemoryInstant[], { fromMs, toMs, pixels }: AreasRange): readonly MemoryInstant[] {
  const first = Math.max(0, instants.findIndex(({ ms }) => ms >= fromMs) - 1);
  const beyond = instants.findIndex(({ ms }) => ms > toMs);
  const inRange = instants.slice(first, beyond < 0 ? instants.length : beyond + 1);
  const most = Math.min(MOST_INSTANTS, Math.max(50, pixels));
  if (inRange.length <= most) return inRange;
  const widthMs = ((inRange.at(-1)?.ms ?? toMs) - (inRange[0]?.ms ?? fromMs)) / most;
  const kept: MemoryInstant[] = [];
  let endMs = Number.NEGATIVE_INFINITY;
  for (const instant of inRange) {
    const last = kept.at(-1);
    if (last === undefined || instant.ms >= endMs) {
      kept.push(instant);
      endMs = instant.ms + widthMs;
    } else if (totalKb(instant) > totalKb(last)) kept[kept.length - 1] = instant;
  }
  return kept;
}

interface Band {
  readonly pid: number | undefined;
  readonly comm: string | undefined;
  readonly count: number;
  readonly keys: readonly string[];
}

interface Peak {
  readonly owner: MemoryProcess;
  readonly peak: number;
}

/** The largest processes alone, the others by their name, and what is left: always there, as the last. */
function bandsOf(instants: readonly MemoryInstant[], sizeOf: (part: MemoryPart) => number): readonly Band[] {
  const peaks = new Map<string, Peak>();
  let largest = 0;
  for (const { parts } of instants) {
    let stack = 0;
    for (const part of parts) {
      const size = sizeOf(part);
      stack += size;
      const key = nameOf(part.owner);
      if (size > (peaks.get(key)?.peak ?? -1)) peaks.set(key, { owner: part.owner, peak: size });
    }
    largest = Math.max(largest, stack);
  }
  const ranked = [...peaks].sort(([, a], [, b]) => b.peak - a.peak);
  const isLarge = ([, { peak }]: readonly [string, Peak]): boolean => peak >= largest * LEAST_SHARE;
  const alone = ranked.slice(0, MOST_ALONE).filter(isLarge);
  const named = new Map<string, { keys: string[]; peak: number }>();
  for (const [key, { owner, peak }] of ranked.slice(alone.length)) {
    const known = named.get(owner.comm) ?? { keys: [], peak: 0 };
    named.set(owner.comm, { keys: [...known.keys, key], peak: known.peak + peak });
  }
  const groups = [...named].sort(([, a], [, b]) => b.peak - a.peak).slice(0, MOST_NAMES);
  return [
    ...alone.map(([key, { owner }]) => ({ pid: owner.pid, comm: owner.comm, count: 1, keys: [key] })),
    ...groups.map(([comm, { keys }]) => ({ pid: undefined, comm, count: keys.length, keys })),
    { pid: undefined, comm: undefined, count: peaks.size - alone.length, keys: [] },
  ];
}

function nameOf(owner: MemoryProcess): string {
  return `${processKey(owner)} ${owner.comm}`;
}
