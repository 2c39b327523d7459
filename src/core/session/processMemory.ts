import { msFromIso } from '../words/time.ts';
import type { TreeMember, TreeSample } from './tree.ts';

/** More processes of one instant are told together: what a person sees of a stack is its largest parts. */
const MOST_PARTS = 24;

export interface MemoryProcess {
  readonly pid: number;
  /** With the pid its identity; 0 where it is not known. */
  readonly startTicks: number;
  readonly comm: string;
}

export interface MemoryPart {
  readonly owner: MemoryProcess;
  readonly kb: number;
  readonly cpuPercent: number;
}

/** The memory of a tree at one instant, process by process. */
export interface MemoryInstant {
  readonly ms: number;
  readonly seq: number;
  /** The largest first. */
  readonly parts: readonly MemoryPart[];
  readonly others: { readonly count: number; readonly kb: number; readonly cpuPercent: number };
}

export function processKey({ pid, startTicks }: Pick<MemoryProcess, 'pid' | 'startTicks'>): string {
  return `${pid} ${startTicks}`;
}

/** `undefined` of a tree in which nobody's memory could be read. */
export function memoryInstantOf({ ts, seq, processes }: TreeSample): MemoryInstant | undefined {
  const ms = msFromIso(ts);
  const read = processes.filter(({ rss_kb }) => rss_kb !== undefined && rss_kb > 0);
  if (ms === undefined || read.length === 0) return undefined;
  read.sort((a, b) => (b.rss_kb ?? 0) - (a.rss_kb ?? 0));
  const rest = read.slice(MOST_PARTS);
  const sum = (of: (member: TreeMember) => number | undefined) => rest.reduce((all, one) => all + (of(one) ?? 0), 0);
  return {
    ms,
    seq,
    parts: read.slice(0, MOST_PARTS).map(({ pid, start_ticks, comm, rss_kb, cpu_percent }) => ({
      owner: { pid, startTicks: start_ticks ?? 0, comm: (comm ?? '').slice(0, MOST_COMM) },
      kb: rss_kb ?? 0,
      cpuPercent: cpu_percent ?? 0,
    })),
    others: { count: rest.length, kb: sum(({ rss_kb }) => rss_kb), cpuPercent: sum(({ cpu_percent }) => cpu_percent) },
  };
}

export function totalKb({ parts, others }: MemoryInstant): number {
  return parts.reduce((sum, { kb }) => sum + kb, others.kb);
}

/** Of every two neighbours the larger one, as it was: a stack of several instants' highest would be one that never was. */
export function halved(instants: readonly MemoryInstant[]): readonly MemoryInstant[] {
  const kept: MemoryInstant[] = [];
  for (let i = 0; i < instants.length; i += 2) kept.push(...largerOf(instants[i], instants[i + 1]));
  return kept;
}

function largerOf(one: MemoryInstant | undefined, other: MemoryInstant | undefined): readonly MemoryInstant[] {
  if (one === undefined) return [];
  return [other !== undefined && totalKb(other) > totalKb(one) ? other : one];
}

/*
 * The file: "SDMEM", version 1, the level (an instant stands for 2^level samples), a zero; then records, little-endian.
 * A process, when it first occurs:  1, pid u32, start f64, length u8, that many UTF-16 units. Its number is its place.
 * An instant:  2, ms f64, seq u32, others (count u16, kb u32, cpu u16), parts u8, of each: number u16, kb u32, cpu u16.
 */
const HEAD = [0x53, 0x44, 0x4d, 0x45, 0x4d, 1];
export const MEMORY_HEAD_BYTES = 8;
const PROCESS = 1;
const INSTANT = 2;
const PROCESS_BYTES = 14;
const INSTANT_BYTES = 22;
const PART_BYTES = 8;
const MOST_COMM = 64;
const MOST_NUMBERED = 0xffff;

export function memoryHead(level: number): Uint8Array {
  return Uint8Array.from([...HEAD, level, 0]);
}

/** Numbers the processes of one file. */
export class MemoryEncoder {
  readonly #numbers = new Map<string, number>();

  /** Whether the numbers have run out: the file is then written anew, with those that still occur. */
  get isFull(): boolean {
    return this.#numbers.size > MOST_NUMBERED - MOST_PARTS;
  }

  encode(instant: MemoryInstant): Uint8Array {
    const fresh = instant.parts.filter(({ owner }) => !this.#numbers.has(this.#nameOf(owner)));
    const size = fresh.reduce((sum, { owner }) => sum + PROCESS_BYTES + 2 * owner.comm.length, INSTANT_BYTES);
    const bytes = new Uint8Array(size + PART_BYTES * instant.parts.length);
    const view = new DataView(bytes.buffer);
    let at = 0;
    for (const { owner } of fresh) {
      this.#numbers.set(this.#nameOf(owner), this.#numbers.size);
      at = putProcess(view, at, owner);
    }
    const { ms, seq, others, parts } = instant;
    view.setUint8(at, INSTANT);
    view.setFloat64(at + 1, ms, true);
    view.setUint32(at + 9, seq, true);
    view.setUint16(at + 13, Math.min(others.count, 0xffff), true);
    view.setUint32(at + 15, clamped(others.kb, 0xffff_ffff), true);
    view.setUint16(at + 19, clamped(others.cpuPercent, 0xffff), true);
    view.setUint8(at + 21, parts.length);
    at += INSTANT_BYTES;
    for (const { owner, kb, cpuPercent } of parts) {
      view.setUint16(at, this.#numbers.get(this.#nameOf(owner)) ?? 0, true);
      view.setUint32(at + 2, clamped(kb, 0xffff_ffff), true);
      view.setUint16(at + 6, clamped(cpuPercent, 0xffff), true);
      at += PART_BYTES;
    }
    return bytes;
  }

  /** One that becomes another program is another one in the picture. */
  #nameOf(owner: MemoryProcess): string {
    return `${processKey(owner)} ${owner.comm}`;
  }
}

function putProcess(view: DataView, at: number, { pid, startTicks, comm }: MemoryProcess): number {
  view.setUint8(at, PROCESS);
  view.setUint32(at + 1, pid, true);
  view.setFloat64(at + 5, startTicks, true);
  view.setUint8(at + 13, comm.length);
  for (let i = 0; i < comm.length; i += 1) view.setUint16(at + PROCESS_BYTES + 2 * i, comm.charCodeAt(i), true);
  return at + PROCESS_BYTES + 2 * comm.length;
}

function clamped(value: number, most: number): number {
  return Math.min(Math.max(Math.round(value), 0), most);
}

/** Reads such a file, in as many pieces as it comes; what is damaged ends it. */
export class MemoryDecoder {
  readonly instants: MemoryInstant[] = [];
  readonly #processes: MemoryProcess[] = [];
  #level: number | undefined;
  #isDamaged = false;

  /** `undefined` until its head was read. */
  get level(): number | undefined {
    return this.#level;
  }

  /** How many bytes were whole records: what follows them is to be given again, with what then came. */
  push(bytes: Uint8Array): number {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let at = this.#level === undefined ? this.#head(view) : 0;
    while (!this.#isDamaged && at < view.byteLength) {
      const end = this.#record(view, at);
      if (end === undefined) break;
      at = end;
    }
    return at;
  }

  #head(view: DataView): number {
    if (view.byteLength < MEMORY_HEAD_BYTES) return 0;
    this.#isDamaged = HEAD.some((byte, i) => view.getUint8(i) !== byte);
    this.#level = view.getUint8(6);
    return MEMORY_HEAD_BYTES;
  }

  #record(view: DataView, at: number): number | undefined {
    const kind = view.getUint8(at);
    if (kind === PROCESS) return this.#process(view, at);
    if (kind === INSTANT) return this.#instant(view, at);
    this.#isDamaged = true;
    return undefined;
  }

  #process(view: DataView, at: number): number | undefined {
    if (at + PROCESS_BYTES > view.byteLength) return undefined;
    const length = view.getUint8(at + 13);
    const end = at + PROCESS_BYTES + 2 * length;
    if (end > view.byteLength) return undefined;
    const units = Array.from({ length }, (_, i) => view.getUint16(at + PROCESS_BYTES + 2 * i, true));
    const startTicks = view.getFloat64(at + 5, true);
    this.#processes.push({ pid: view.getUint32(at + 1, true), startTicks, comm: String.fromCharCode(...units) });
    return end;
  }

  #instant(view: DataView, at: number): number | undefined {
    if (at + INSTANT_BYTES > view.byteLength) return undefined;
    const count = view.getUint8(at + 21);
    const end = at + INSTANT_BYTES + PART_BYTES * count;
    if (end > view.byteLength) return undefined;
    const parts: MemoryPart[] = [];
    for (let place = at + INSTANT_BYTES; place < end; place += PART_BYTES) {
      const owner = this.#processes[view.getUint16(place, true)];
      if (owner === undefined) continue;
      parts.push({ owner, kb: view.getUint32(place + 2, true), cpuPercent: view.getUint16(place + 6, true) });
    }
    const ms = view.getFloat64(at + 1, true);
    if (!Number.isFinite(ms) || ms < (this.instants.at(-1)?.ms ?? 0)) return end; // of a damaged file
    this.instants.push({
      ms,
      seq: view.getUint32(at + 9, true),
      parts,
      others: {
        count: view.getUint16(at + 13, true),
        kb: view.getUint32(at + 15, true),
        cpuPercent: view.getUint16(at + 19, true),
      },
    });
    return end;
  }
}
