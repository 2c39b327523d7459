import { closeSync, constants, openSync, readFileSync, readSync } from 'node:fs';
import { hrtime } from 'node:process';
import { KernelLines } from '../../core/death/machineLines.ts';
import type { MachineRecord } from '../../core/death/machineRecord.ts';
import { readText } from '../../logs/door.ts';
import { counted } from './journal.ts';
import type { Gathered, Looked, MachineQuestion } from './looked.ts';

/** printk's longest record with its prefix; a smaller buffer gives EINVAL. */
const RECORD_BYTES = 8192;
const MOST_RECORDS = 100_000;
const MOST_FILE = 64 * 1024 * 1024;
/** The kernel's clock stands while the machine sleeps: what it stamped before a sleep cannot be dated by it. */
const SLEPT_MS = 2000;

interface Stamped {
  readonly ms: number;
  readonly text: string;
}

/** The kernel's own log of this boot, or one that was saved. */
export function readKernelRing(question: MachineQuestion, arePidsOurs: boolean): Gathered {
  const { fromMs, toMs, kernelLog } = question;
  const read = kernelLog === undefined ? linesOfRing(question.nowMs) : linesOfFile(kernelLog);
  if ('words' in read) return { records: [], looked: [read] };
  const kernel = new KernelLines();
  const { bootId, isVague } = read;
  const records = read.lines.flatMap(({ ms, text }): readonly MachineRecord[] => {
    const record = kernel.read(text, { ms, bootId, isVague, source: 'kernel_log', arePidsOurs });
    return record === undefined || ms < fromMs || ms > toMs ? [] : [record];
  });
  const from = kernelLog === undefined ? "the kernel's log of this boot" : 'the kernel log that was given';
  return { records, looked: [{ source: 'kernel_log', state: 'read', words: counted(from, records.length) }] };
}

interface Lines {
  readonly lines: readonly Stamped[];
  readonly bootId: string | undefined;
  readonly isVague: boolean;
}

const HELP = 'sudo dmesg --time-format iso > kernel.txt && session-diagnostics why --kernel-log kernel.txt';

function linesOfRing(nowMs: number): Lines | Looked {
  const monotonicMs = Number(hrtime.bigint() / 1_000_000n);
  const aliveMs = Number(textOf('/proc/uptime')?.split(' ')[0]) * 1000;
  let fd: number;
  try {
    fd = openSync('/dev/kmsg', constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException; // node:fs throws nothing else
    return code === 'EPERM' || code === 'EACCES'
      ? { source: 'kernel_log', state: 'no_right', words: "this user may not read the kernel's log", help: HELP }
      : { source: 'kernel_log', state: 'not_there', words: "the kernel's log cannot be seen from here" };
  }
  try {
    return {
      lines: recordsOf(fd).flatMap((record) => stamped(record, nowMs - monotonicMs) ?? []),
      bootId: textOf('/proc/sys/kernel/random/boot_id')?.trim(),
      isVague: !(Math.abs(aliveMs - monotonicMs) < SLEPT_MS),
    };
  } finally {
    closeSync(fd);
  }
}

function recordsOf(fd: number): readonly string[] {
  const buffer = Buffer.allocUnsafe(RECORD_BYTES);
  const records: string[] = [];
  while (records.length < MOST_RECORDS) {
    try {
      const length = readSync(fd, buffer, 0, RECORD_BYTES, null);
      if (length === 0) break;
      records.push(buffer.toString('latin1', 0, length));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EPIPE') break; // EAGAIN: that is all; EPIPE: some were overwritten
    }
  }
  return records;
}

/** `3,424,2307509626,-;text`: facility 0 is the kernel's own, so that nobody can make up a kill. */
function stamped(record: string, startMs: number): Stamped | undefined {
  const [, priority, timeUs, text] = /^(\d{1,10}),\d{1,20},(\d{1,16}),[^;\n]{0,200};([^\n]*)/.exec(record) ?? [];
  if (text === undefined || Number(priority) > 7) return undefined;
  return { ms: startMs + Number(timeUs) / 1000, text };
}

function linesOfFile(path: string): Lines | Looked {
  const text = givenText(path);
  if (text === undefined) {
    return { source: 'kernel_log', state: 'failed', words: 'the kernel log that was given cannot be read' };
  }
  // `2026-11-27T10:00:00,123456+00:00 text`, as dmesg and journalctl write it; the latter puts host and "kernel:" before.
  const lines = text.split('\n').flatMap((line): readonly Stamped[] => {
    const [, date, fraction = '', zone = '', rest = ''] =
      /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:[,.](\d{1,6}))?([+-]\d\d:?\d\d|Z)\s(?:\S{1,100} kernel: )?(.*)$/.exec(
        line,
      ) ?? [];
    const ms = Date.parse(`${date}${zone.replace(/^([+-]\d\d)(\d\d)$/, '$1:$2')}`);
    return Number.isNaN(ms) ? [] : [{ ms: ms + Number(fraction.padEnd(3, '0').slice(0, 3)), text: rest }];
  });
  return { lines, bootId: undefined, isVague: false };
}

function givenText(path: string): string | undefined {
  try {
    return readText(path, MOST_FILE);
  } catch {
    return undefined;
  }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
