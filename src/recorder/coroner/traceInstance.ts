import { closeSync, constants, existsSync, openSync, readdirSync, readlinkSync, readSync } from 'node:fs';
import { mkdir, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Enrollment } from '../../core/session/session.ts';

/** Where the kernel's tracing system is mounted, if it is; we never mount it unasked. */
export const TRACEFS = '/sys/kernel/tracing';

/** Where `doctor --setup-witness` makes one readable for a group; /sys/kernel/tracing itself is root's alone. */
export const SHARED_TRACE = '/run/session-diagnostics-witness/trace';

/** KB a processor: some 1,000 events, of which a busy machine has as many in a second. */
const BUFFER_KB = '64';
/** More than both buffers of a large machine hold is never read at a death. */
const MOST_BYTES = 16 * 1024 * 1024;
const CHUNK_BYTES = 64 * 1024;

/**
 * What ends a process unless it is handled: neither SIGCHLD to SIGURG (17 to 23: Go sends itself SIGURG all day), nor
 * SIGPROF, SIGWINCH and the two of the C library (27, 28, 32, 33), nor the faults that a Java machine handles.
 */
const FATAL_SIGNALS = '(sig<17||(sig>23&&sig<27)||(sig>28&&sig<32)||sig>33)&&((sig!=11&&sig!=7)||code<1||code==128)';

/** A file's name with a line break in it could tell lines of its own. */
const ONE_LINE = '!(filename~"*\n*")';

/** The pid namespace that the kernel made first: elsewhere the pids in a trace are not ours (PROC_PID_INIT_INO). */
const FIRST_PID_NAMESPACE = 'pid:[4026531836]';

/** A trace buffer of the kernel that is ours alone: it costs 0.4 µs a signal, and is read only at a death. */
export interface TraceReader {
  /** All that was traced since the last time, oldest first, or everything that a shared buffer holds. */
  read(): string;
  close(): Promise<void>;
}

export interface TraceOwner {
  readonly self: Enrollment['recorder'];
  /** Of a pid with its start, on this boot. */
  readonly isAlive: (identity: Enrollment['recorder']) => boolean;
}

const PREFIX = 'session-diagnostics-';
const NAME = /^session-diagnostics-(\d{1,10})-(\d{1,20})-\d{1,10}$/;
let made = 0;

/**
 * `undefined` where it may not be made: no root, tracefs not mounted, or a container with pids of its own. Making and
 * removing one waits for the kernel's grace periods, 20 to 70 ms each: never with the event loop waiting along.
 */
export async function openPrivateTrace(owner: TraceOwner, tracefs = TRACEFS): Promise<TraceReader | undefined> {
  const instances = join(tracefs, 'instances');
  if (!hasFirstPids() || !existsSync(instances)) return undefined;
  await sweepInstances(instances, owner);
  made += 1;
  const folder = join(instances, `${PREFIX}${owner.self.pid}-${owner.self.starttime_ticks ?? 0}-${made}`);
  try {
    await mkdir(folder);
  } catch {
    return undefined; // not root, or a kernel that is locked down
  }
  try {
    await traceSignals(folder);
    await traceStarts(folder);
    return new PipeReader(folder);
  } catch {
    await removeInstance(folder); // a kernel without one of these events
    return undefined;
  }
}

export function hasFirstPids(): boolean {
  try {
    return readlinkSync('/proc/self/ns/pid') === FIRST_PID_NAMESPACE;
  } catch {
    return false; // no /proc: nothing could be looked up either
  }
}

/** Signals that end processes and the OOM killer's choices, and nothing else. */
export async function traceSignals(folder: string): Promise<void> {
  await writeFile(join(folder, 'buffer_size_kb'), BUFFER_KB);
  await writeFile(join(folder, 'trace_clock'), 'boot'); // the clock of start times in /proc
  await enable(folder, 'signal/signal_generate', FATAL_SIGNALS);
  if (existsSync(join(folder, 'events/oom/mark_victim'))) await enable(folder, 'oom/mark_victim');
}

/** Who started whom: a killer that lived for less than a millisecond is known by these. */
async function traceStarts(folder: string): Promise<void> {
  await enable(folder, 'task/task_newtask'); // unlike sched_process_fork it tells threads from processes
  await enable(folder, 'sched/sched_process_exec', ONE_LINE);
}

async function enable(folder: string, event: string, filter?: string): Promise<void> {
  if (filter !== undefined) await writeFile(join(folder, 'events', event, 'filter'), filter);
  await writeFile(join(folder, 'events', event, 'enable'), '1');
}

/** What recorders left that were killed; never what belongs to a live one. */
async function sweepInstances(instances: string, { isAlive }: TraceOwner): Promise<void> {
  for (const name of namesIn(instances)) {
    const [, pid, ticks] = NAME.exec(name) ?? [];
    if (pid === undefined || isAlive({ pid: Number(pid), starttime_ticks: Number(ticks) })) continue;
    await removeInstance(join(instances, name));
  }
}

export async function removeInstance(folder: string): Promise<void> {
  try {
    await rmdir(folder);
  } catch {
    // somebody reads it, or swept it a moment before: the next one tries again
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // not ours to read
  }
}

/** Opened at once, so that nothing but reads is left to do at the death: 1 ms for 64 KB. What is read is gone from it. */
class PipeReader implements TraceReader {
  readonly #folder: string;
  readonly #fd: number;

  constructor(folder: string) {
    this.#folder = folder;
    this.#fd = openSync(join(folder, 'trace_pipe'), constants.O_RDONLY | constants.O_NONBLOCK);
  }

  read(): string {
    return readAll(this.#fd);
  }

  close(): Promise<void> {
    closeSync(this.#fd);
    return removeInstance(this.#folder);
  }
}

/** What `doctor --setup-witness` made readable: `trace`, which many read and nobody empties. */
export function openSharedTrace(path: string): TraceReader | undefined {
  if (!hasFirstPids()) return undefined;
  try {
    closeSync(openSync(path, constants.O_RDONLY));
  } catch {
    return undefined; // not set up, or not for us
  }
  return { read: () => readPath(path), close: () => Promise.resolve() };
}

function readPath(path: string): string {
  try {
    const fd = openSync(path, constants.O_RDONLY);
    try {
      return readAll(fd);
    } finally {
      closeSync(fd);
    }
  } catch {
    return ''; // removed meanwhile
  }
}

function readAll(fd: number): string {
  const parts: Buffer[] = [];
  for (let total = 0; total < MOST_BYTES;) {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    let length = 0;
    try {
      length = readSync(fd, chunk, 0, CHUNK_BYTES, null);
    } catch {
      break; // EAGAIN: nothing more
    }
    if (length === 0) break;
    parts.push(chunk.subarray(0, length));
    total += length;
  }
  return Buffer.concat(parts).toString('latin1');
}
