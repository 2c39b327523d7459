import { closeSync, constants, openSync, readSync } from 'node:fs';
import type { KernelCrash, OomKill } from '../../core/death/deathFacts.ts';
import { crashIn, killIn } from '../../core/death/kernelText.ts';
import { isoFromMs } from '../../core/words/time.ts';

export interface KernelLogOptions {
  /** `/dev/kmsg`, or a test's file in its format. */
  readonly path: string;
  /** `now` leaves out what is already there; `boot` reads it, for a session that began before we did. */
  readonly from: 'now' | 'boot';
  readonly nowMs: () => number;
  /** CLOCK_MONOTONIC, by which the kernel stamps its records, up to a slow drift. */
  readonly monotonicMs: () => number;
}

export type KernelLogOpened =
  | { readonly ok: true; readonly log: KernelLog }
  /** Commonly EPERM or EACCES: kernel.dmesg_restrict; ENOENT in containers. */
  | { readonly ok: false; readonly code: string };

/** printk's longest record with its prefix (CONSOLE_EXT_LOG_MAX); a smaller buffer gives EINVAL. */
const RECORD_BYTES = 8192;
/** More than any ring buffer holds: a bound for the loop that reads until there is nothing left. */
const MAX_RECORDS = 100_000;
const MAX_KEPT = 1000;

export function openKernelLog(options: KernelLogOptions): KernelLogOpened {
  try {
    const fd = openSync(options.path, constants.O_RDONLY | constants.O_NONBLOCK);
    return { ok: true, log: new KernelLog(fd, options) };
  } catch (error) {
    return { ok: false, code: errorCode(error) };
  }
}

/** The OOM kills and crashes that the kernel logs while a session runs. Stays open, because its ring buffer forgets. */
export class KernelLog {
  readonly #fd: number;
  readonly #options: KernelLogOptions;
  readonly #kills: OomKill[] = [];
  readonly #crashes: KernelCrash[] = [];
  readonly #buffer = Buffer.allocUnsafeSlow(RECORD_BYTES);
  #scope: OomKill['scope'] = 'system';
  #chosen: { readonly pid: number; readonly group: string } | undefined;
  /** What is read now was logged after this. */
  #readUntilMs = Number.NEGATIVE_INFINITY;

  constructor(fd: number, options: KernelLogOptions) {
    this.#fd = fd;
    this.#options = options;
    this.readOn();
    if (options.from === 'boot') return;
    this.#kills.length = 0;
    this.#crashes.length = 0;
  }

  /** Every kill since the start, the latest ones included. */
  kills(): readonly OomKill[] {
    this.readOn();
    return this.#kills;
  }

  /** Every crash since the start. */
  crashes(): readonly KernelCrash[] {
    this.readOn();
    return this.#crashes;
  }

  close(): void {
    closeSync(this.#fd);
  }

  /** Called with each sample, it dates what is logged: after the last time, whatever the kernel's own clock says. */
  readOn(): void {
    for (let count = 0; count < MAX_RECORDS; count += 1) {
      const record = this.#nextRecord();
      if (record === undefined) break;
      this.#take(record);
    }
    this.#readUntilMs = this.#options.nowMs();
  }

  /** Each read gives one whole record. EPIPE: some were overwritten before we came, and the next read goes on. */
  #nextRecord(): string | undefined {
    try {
      const length = readSync(this.#fd, this.#buffer, 0, RECORD_BYTES, null);
      return length === 0 ? undefined : this.#buffer.toString('latin1', 0, length);
    } catch (error) {
      return errorCode(error) === 'EPIPE' ? '' : undefined; // EAGAIN: nothing more for now
    }
  }

  #take(record: string): void {
    const parsed = parseRecord(record);
    if (parsed === undefined) return;
    const constraint = /^oom-kill:constraint=(\w+)/.exec(parsed.text)?.[1];
    if (constraint !== undefined) this.#scope = constraint === 'CONSTRAINT_MEMCG' ? 'group' : 'system';
    const chosen = CHOSEN.exec(parsed.text);
    if (chosen !== null) this.#chosen = { pid: Number(chosen[2]), group: chosen[1] ?? '' };
    const ts = (): string => this.#wallTime(parsed.timeUs);
    const kill = killIn(parsed.text);
    if (kill !== undefined) {
      const group = this.#chosen?.pid === kill.pid ? { group: this.#chosen.group } : {};
      keep(this.#kills, { ...kill, ...group, ts: ts(), scope: kill.scope ?? this.#scope });
    }
    const crash = crashIn(parsed.text);
    if (crash !== undefined) keep(this.#crashes, { ...crash, ts: ts() });
  }

  /** The kernel's own stamp drifts by seconds a week against the clock; when we read the record bounds the error. */
  #wallTime(timeUs: number): string {
    const nowMs = this.#options.nowMs();
    const stampedMs = nowMs - (this.#options.monotonicMs() - timeUs / 1000);
    return isoFromMs(Math.min(nowMs, Math.max(stampedMs, this.#readUntilMs)));
  }
}

/**
 * `3,424,2307509626,-;Memory cgroup out of memory: Killed process 6633 (python3) total-vm:...`: priority with facility,
 * number, microseconds, flags; then the text with everything unprintable escaped, then lines of keys. Only facility 0
 * is the kernel's own: what root writes into the log gets another one, so nobody can make up a kill.
 */
function parseRecord(record: string): { readonly text: string; readonly timeUs: number } | undefined {
  const matched = /^(\d{1,10}),\d{1,20},(\d{1,16}),[^;\n]{0,200};([^\n]*)/.exec(record);
  const [, priority, timeUs, text] = matched ?? [];
  if (priority === undefined || timeUs === undefined || text === undefined || Number(priority) > 7) return undefined;
  return { text, timeUs: Number(timeUs) };
}

/** "oom-kill:constraint=CONSTRAINT_MEMCG,...,oom_memcg=/a,task_memcg=/a/b,task=python3,pid=9,uid=0", just before. */
const CHOSEN = /^oom-kill:constraint=.{0,4096},task_memcg=(.{1,4096}),task=.{0,64},pid=(\d{1,10}),uid=\d{1,10}$/;

/** A crowded log must not fill our memory; the latest are those that matter. */
function keep<T>(kept: T[], item: T): void {
  kept.push(item);
  if (kept.length > MAX_KEPT) kept.shift();
}

function errorCode(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown'; // node:fs throws nothing else
}
