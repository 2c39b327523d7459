import { sampledMs } from '../../core/session/snapshot.ts';
import { closeSync, fstatSync, readSync } from 'node:fs';
import { parseJson, recordOf, type JsonRecord } from '../../core/words/json.ts';
import { openFile } from '../../logs/door.ts';
import { readJsonLines, readSomeLines } from '../../logs/jsonLines.ts';

const PROBE_BYTES = 16 * 1024;
/** Within this, line after line is read: a sample is a few hundred bytes. */
const WALK_BYTES = 4 * 1024;
/** Clocks step and writers differ: a line may stand this much away from where its time says. */
const SLACK_MS = 60_000;

/**
 * The line of a time-ordered file that holds a sample, found by bisection: a few reads, however long the file. A file
 * that is not in order is read as a whole. Throws as node:fs does.
 * @param isBehind whether a record comes behind the wanted one: where its place is taken by such a one, it is not there
 */
export function findLine(
  path: string,
  ms: number,
  isWanted: (record: JsonRecord) => boolean,
  isBehind: (record: JsonRecord) => boolean = () => false,
): JsonRecord | undefined {
  const fd = openFile(path, 'read');
  try {
    const { size } = fstatSync(fd);
    const begin = beginOf(fd, size, ms);
    let isBeforeIt = begin === 0;
    for (let at = begin; ;) {
      const line = lineAfter(fd, at === 0 ? -1 : at - 1, size);
      if (line === undefined) break;
      if (isWanted(line.record)) return line.record;
      const isPast = isBehind(line.record);
      if (isPast && isBeforeIt) return undefined;
      isBeforeIt = !isPast;
      if ((sampledMs(line.record) ?? 0) > ms + SLACK_MS) break;
      at = line.end;
    }
  } finally {
    closeSync(fd);
  }
  return scan(path, isWanted);
}

/** Where a line begins that is not behind the first one of this time, and near it. */
function beginOf(fd: number, size: number, ms: number): number {
  let low = 0;
  let high = size;
  while (high - low > WALK_BYTES) {
    const middle = Math.floor((low + high) / 2);
    const line = lineAfter(fd, middle, high);
    const lineMs = line === undefined ? undefined : sampledMs(line.record);
    if (line === undefined || lineMs === undefined || lineMs >= ms - SLACK_MS / 30) high = middle;
    else low = line.start;
  }
  return low;
}

export interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Read at a time: some 300 samples. */
const STEP_BYTES = 256 * 1024;

/**
 * The records of a time-ordered file from about `fromMs` on until one is later than `toMs`, which is told too. Throws as
 * node:fs does.
 */
export function readStretch(path: string, { fromMs, toMs }: Stretch, take: (record: JsonRecord) => void): void {
  let offset = offsetOf(path, fromMs);
  for (let isOver = false; !isOver;) {
    const next = readSomeLines(path, { fromOffset: offset, mostBytes: STEP_BYTES }, (line) => {
      const parsed = isOver ? undefined : parseJson(line);
      const record = parsed?.ok === true ? recordOf(parsed.value) : undefined;
      if (record === undefined) return;
      take(record);
      isOver = (sampledMs(record) ?? 0) > toMs;
    });
    if (next === offset) return;
    offset = next;
  }
}

function offsetOf(path: string, ms: number): number {
  const fd = openFile(path, 'read');
  try {
    return beginOf(fd, fstatSync(fd).size, ms);
  } finally {
    closeSync(fd);
  }
}

function scan(path: string, isWanted: (record: JsonRecord) => boolean): JsonRecord | undefined {
  let found: JsonRecord | undefined;
  readJsonLines(path, 0, (value) => {
    const record = recordOf(value);
    if (found === undefined && record !== undefined && isWanted(record)) found = record;
  });
  return found;
}

interface FoundLine {
  readonly start: number;
  readonly end: number;
  readonly record: JsonRecord;
}

/** The first line that is a record and begins behind a byte, and before `limit`; byte -1 is before the file. */
function lineAfter(fd: number, byte: number, limit: number): FoundLine | undefined {
  let before = byte < 0 ? -1 : newlineFrom(fd, byte);
  if (byte >= 0 && before < 0) return undefined;
  while (before + 1 < limit) {
    const start = before + 1;
    const end = newlineFrom(fd, start);
    if (end < 0) return undefined;
    const buffer = Buffer.alloc(end - start);
    readSync(fd, buffer, 0, buffer.length, start);
    const parsed = parseJson(buffer.toString('utf8'));
    const record = parsed.ok ? recordOf(parsed.value) : undefined;
    if (record !== undefined) return { start, end: end + 1, record };
    before = end;
  }
  return undefined;
}

function newlineFrom(fd: number, from: number): number {
  const buffer = Buffer.allocUnsafe(PROBE_BYTES);
  for (let at = from; ;) {
    const length = readSync(fd, buffer, 0, buffer.length, at);
    if (length === 0) return -1;
    const found = buffer.subarray(0, length).indexOf(10);
    if (found >= 0) return at + found;
    at += length;
  }
}
