import { closeSync, constants, openSync, readSync } from 'node:fs';
import type { KernelCrash, OomKill } from '../../core/death/deathFacts.ts';
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

/** The name is a process's own and may hold anything, a closing bracket too: what follows it ends it. */
const KILLED =
  /^(Memory cgroup out of memory: |Out of memory(?: \([a-z_]+\))?: )?Killed process (\d{1,10}) \((.{0,64})\),? (?:UID \d+, )?total-vm:\d/;

function killIn(text: string) {
  const [, why, pid, comm] = KILLED.exec(text) ?? [];
  if (pid === undefined || comm === undefined) return undefined;
  const scope: OomKill['scope'] | undefined = why === undefined ? undefined : why.startsWith('M') ? 'group' : 'system';
  return { pid: Number(pid), comm, scope };
}

/**
 * `python3[9370]: segfault at 0 ip 00007fa087f85ad8 sp 00007ffe26a2d478 error 4 in libc.so.6[...]` and
 * `traps: python3[9455] trap invalid opcode ip:7f48372ec000 sp:7ffe41496798 error:0 in ...`, as x86 says them of what
 * nobody handles. A name of at most 15 bytes cannot hold what follows it, but the file at the end can: the first counts.
 */
const FAULTS = [
  [/^(.{1,60}?)\[(\d{1,10})\]: segfault at [0-9a-f]{1,16} ip /, 'SIGSEGV'],
  [/^traps: (.{1,60}?)\[(\d{1,10})\] general protection(?: fault)? ip:/, 'SIGSEGV'],
  [/^traps: (.{1,60}?)\[(\d{1,10})\] trap invalid opcode ip:/, 'SIGILL'],
  [/^traps: (.{1,60}?)\[(\d{1,10})\] trap int3 ip:/, 'SIGTRAP'],
  [/^traps: (.{1,60}?)\[(\d{1,10})\] trap divide error ip:/, 'SIGFPE'],
] as const;

/**
 * `audit: type=1326 audit(1.2:3): auid=0 uid=0 gid=0 ses=1 subj=x pid=9 comm="curl" exe="/x" sig=31 arch=... syscall=41`:
 * what seccomp ends, logged even where auditing is off. A name with odd bytes is in hexadecimal.
 */
const SECCOMP =
  /^audit: type=1326 audit\([\d.:]{1,40}\): .{0,200}? pid=(\d{1,10}) comm=(?:"([^"]{1,16})"|([0-9A-F]{2,32})) .{0,4200}?\bsig=(9|31) /;

function seccompIn(text: string): Omit<KernelCrash, 'ts'> | undefined {
  const [, pid, name, hex, signal] = SECCOMP.exec(text) ?? [];
  if (pid === undefined) return undefined;
  const comm = name ?? Buffer.from(hex ?? '', 'hex').toString('latin1');
  return { pid: Number(pid), comm, signal: signal === '9' ? 'SIGKILL' : 'SIGSYS', why: 'seccomp' };
}

function crashIn(text: string): Omit<KernelCrash, 'ts'> | undefined {
  for (const [pattern, signal] of FAULTS) {
    const [, comm, pid] = pattern.exec(text) ?? [];
    if (comm !== undefined && pid !== undefined) return { pid: Number(pid), comm, signal };
  }
  return seccompIn(text);
}

/** A crowded log must not fill our memory; the latest are those that matter. */
function keep<T>(kept: T[], item: T): void {
  kept.push(item);
  if (kept.length > MAX_KEPT) kept.shift();
}

function errorCode(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown'; // node:fs throws nothing else
}
