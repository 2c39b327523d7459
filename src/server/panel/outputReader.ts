import { closeSync, lstatSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { FoundOutput, OutputLine, OutputStream, OutputView } from '../../core/panel/outputView.ts';
import { OUTPUT_STREAMS } from '../../core/panel/outputView.ts';
import { integerOf, parseJson, recordOf } from '../../core/words/json.ts';
import { msFromIso } from '../../core/words/time.ts';
import { wordOf } from '../../core/words/vocabulary.ts';
import { openFile } from '../../logs/door.ts';
import { readSomeLines } from '../../logs/jsonLines.ts';

const INDEX_FILE = 'output.index';
/** What is shown at a time; more comes by scrolling. */
const WINDOW_BYTES = 48 * 1024;
/** A window begins where a line does, if one does so near. */
const LINE_BYTES = 4096;
const MOST_CHARACTERS = 2000;
const NEWLINE = 10;
const SEARCH_BYTES = 1024 * 1024;

/** What came of one stream before another entry of it. */
interface Segment {
  readonly ms: number | undefined;
  readonly stream: OutputStream;
  /** In the stream's whole output. */
  readonly from: number;
  readonly to: number;
  /** In the text of both. */
  readonly at: number;
}

interface Entry {
  readonly ms: number | undefined;
  readonly stream: OutputStream;
  readonly offset: number;
}

/** A session's captured output as one text: stdout and stderr, ordered by `output.index` as far as it knows. */
export class OutputReader {
  readonly #entries: Entry[] = [];
  readonly #dropped = { stdout: 0, stderr: 0 };
  #indexOffset = 0;
  #dir = '';
  #segments: readonly Segment[] = [];
  #stamp = '';

  /** Another one when there is something new. */
  static sizeIn(dir: string): number {
    return OUTPUT_STREAMS.reduce((sum, stream) => sum + sizeOf(join(dir, `${stream}.log`)), 0);
  }

  read(dir: string): void {
    this.#dir = dir;
    this.#readIndex(join(dir, INDEX_FILE));
    const sizes = OUTPUT_STREAMS.map((stream) => sizeOf(this.#pathOf(stream)));
    const stamp = `${sizes.join()} ${this.#entries.length}`;
    if (stamp === this.#stamp) return;
    this.#stamp = stamp;
    this.#segments = this.#join();
  }

  view({
    from,
    to,
    atMs,
  }: {
    readonly from: number | undefined;
    readonly to: number | undefined;
    readonly atMs: number | undefined;
  }): OutputView {
    const last = this.#segments.at(-1);
    const total = last === undefined ? 0 : last.at + last.to - last.from;
    const dropped = this.#segments[0]?.at ?? 0;
    const middle = atMs === undefined ? undefined : this.#placeOf(atMs);
    const end = Math.min(
      total,
      from === undefined ? (to ?? (middle === undefined ? total : middle + WINDOW_BYTES / 2)) : from + WINDOW_BYTES,
    );
    const begin = Math.max(dropped, from ?? end - WINDOW_BYTES);
    const lines = this.#lines(from === undefined ? this.#lineStart(begin) : begin, end);
    // The rest of a line that was cut comes with what follows it.
    const isCut = end < total && lines.length > 1 && this.#bytes(end - 1, end)[0] !== NEWLINE;
    const cut = isCut ? lines.pop() : undefined;
    return {
      from: lines[0]?.at ?? begin,
      to: cut?.at ?? end,
      total,
      dropped,
      isKept: OUTPUT_STREAMS.some((stream) => lstatSync(this.#pathOf(stream), { throwIfNoEntry: false }) !== undefined),
      lines,
    };
  }

  find(text: string, from: number, isBackward: boolean): FoundOutput {
    const wanted = text.toLowerCase();
    if (wanted === '') return { at: undefined };
    const last = this.#segments.at(-1);
    const total = last === undefined ? 0 : last.at + last.to - last.from;
    const step = SEARCH_BYTES - Buffer.byteLength(text);
    for (let at = isBackward ? from : from + 1; at >= 0 && at < total + step; at += isBackward ? -step : step) {
      const begin = Math.max(0, isBackward ? at - SEARCH_BYTES : at);
      const end = isBackward ? at : Math.min(total, at + SEARCH_BYTES);
      if (begin >= end) break;
      // One byte, one character: places in the text are places in the file.
      const hay = this.#bytes(begin, end).toString('latin1').toLowerCase();
      const needle = Buffer.from(wanted).toString('latin1');
      const found = isBackward ? hay.lastIndexOf(needle) : hay.indexOf(needle);
      if (found >= 0) return { at: begin + found };
    }
    return { at: undefined };
  }

  #pathOf(stream: OutputStream): string {
    return join(this.#dir, `${stream}.log`);
  }

  #readIndex(path: string): void {
    const size = sizeOf(path);
    if (size < this.#indexOffset) [this.#indexOffset, this.#entries.length] = [0, 0];
    if (size === this.#indexOffset) return;
    try {
      this.#indexOffset = readSomeLines(
        path,
        { fromOffset: this.#indexOffset, mostBytes: Number.POSITIVE_INFINITY },
        (line) => this.#take(line),
      );
    } catch {
      // gone, or not ours: what is known of it orders what it knew
    }
  }

  #take(line: string): void {
    const parsed = parseJson(line);
    const record = parsed.ok ? recordOf(parsed.value) : undefined;
    const stream = wordOf(OUTPUT_STREAMS, record?.['stream']);
    const offset = integerOf(record?.['offset']);
    if (stream === undefined || offset === undefined || offset < 0) return;
    this.#dropped[stream] = Math.max(this.#dropped[stream], integerOf(record?.['dropped']) ?? 0);
    this.#entries.push({ ms: msFromIso(record?.['ts']), stream, offset });
  }

  #join(): readonly Segment[] {
    const ends = { stdout: this.#endOf('stdout'), stderr: this.#endOf('stderr') };
    const next: { stdout: number; stderr: number } = { ...ends };
    const parts: Omit<Segment, 'at'>[] = [];
    for (const { ms, stream, offset } of this.#entries.toReversed()) {
      const to = next[stream];
      if (offset >= to) continue; // a damaged index
      next[stream] = offset;
      parts.push({ ms, stream, from: offset, to });
    }
    // What came before the first entry, or without any.
    for (const stream of OUTPUT_STREAMS.toReversed()) {
      if (next[stream] > 0) parts.push({ ms: undefined, stream, from: 0, to: next[stream] });
    }
    const segments: Segment[] = [];
    let at = 0;
    for (const part of parts.toReversed()) {
      const kept = Math.max(part.from, this.#dropped[part.stream]);
      if (kept < part.to) segments.push({ ...part, from: kept, at: at + kept - part.from });
      at += part.to - part.from;
    }
    return segments;
  }

  /** Of the whole stream; a recorder that does not say what it dropped has dropped what is missing. */
  #endOf(stream: OutputStream): number {
    const size = sizeOf(this.#pathOf(stream));
    const known = this.#entries.findLast((entry) => entry.stream === stream)?.offset ?? 0;
    this.#dropped[stream] = Math.max(this.#dropped[stream], known - size);
    return this.#dropped[stream] + size;
  }

  #indexAt(at: number): number {
    let [low, high] = [0, this.#segments.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#segments[middle]?.at ?? 0) <= at) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  }

  /** Where stands what came last up to a time. */
  #placeOf(atMs: number): number {
    const segment = this.#segments.findLast(({ ms }) => ms === undefined || ms <= atMs);
    return segment?.at ?? this.#segments[0]?.at ?? 0;
  }

  #lineStart(at: number): number {
    if (at <= (this.#segments[0]?.at ?? 0)) return at;
    const begin = Math.max(0, at - LINE_BYTES);
    const found = this.#bytes(begin, at).lastIndexOf(NEWLINE);
    return found < 0 ? at : begin + found + 1;
  }

  *#pieces(
    from: number,
    to: number,
  ): Iterable<{ readonly segment: Segment; readonly begin: number; readonly bytes: Buffer }> {
    for (let i = this.#indexAt(from); i < this.#segments.length; i += 1) {
      const segment = this.#segments[i];
      if (segment === undefined || segment.at >= to) return;
      const begin = Math.max(from, segment.at);
      const end = Math.min(to, segment.at + segment.to - segment.from);
      if (begin >= end) continue;
      const place = segment.from + (begin - segment.at) - this.#dropped[segment.stream];
      yield { segment, begin, bytes: bytesOf(this.#pathOf(segment.stream), place, end - begin) };
    }
  }

  #bytes(from: number, to: number): Buffer {
    return Buffer.concat([...this.#pieces(from, to)].map(({ bytes }) => bytes));
  }

  #lines(from: number, to: number): OutputLine[] {
    const lines: OutputLine[] = [];
    for (const { segment, begin, bytes } of this.#pieces(from, to)) {
      for (let start = 0; start < bytes.length;) {
        const newline = bytes.indexOf(NEWLINE, start);
        const end = newline < 0 ? bytes.length : newline;
        lines.push({
          at: begin + start,
          ms: segment.ms,
          stream: segment.stream,
          text: textOf(bytes.subarray(start, end)),
        });
        start = end + 1;
      }
    }
    return lines;
  }
}

/** A progress bar writes over its own line: what stood there last. */
function textOf(bytes: Buffer): string {
  const text = bytes.toString('utf8', 0, Math.min(bytes.length, 4 * MOST_CHARACTERS)).replace(/\r+$/, '');
  const last = text.slice(text.lastIndexOf('\r') + 1);
  return last.length > MOST_CHARACTERS ? `${last.slice(0, MOST_CHARACTERS)}…` : last;
}

function sizeOf(path: string): number {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  return stat?.isFile() === true ? stat.size : 0;
}

function bytesOf(path: string, from: number, length: number): Buffer {
  const fd = openFile(path, 'read');
  try {
    const buffer = Buffer.alloc(length);
    return buffer.subarray(0, readSync(fd, buffer, 0, length, Math.max(0, from)));
  } finally {
    closeSync(fd);
  }
}
