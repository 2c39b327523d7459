import type { ProcessState } from '../../core/words/vocabulary.ts';
import type { ProcFiles } from './procFiles.ts';

/** What one line of /proc/<pid>/stat tells (proc_pid_stat(5)). */
export interface ProcStat {
  readonly pid: number;
  readonly comm: string;
  readonly state: ProcessState | undefined;
  readonly ppid: number;
  readonly pgid: number;
  readonly sid: number;
  /** User and system time of the process itself, in ticks of 10 ms. */
  readonly cpuTicks: number;
  /** The same of the children it has waited for. */
  readonly childCpuTicks: number;
  readonly threads: number;
  readonly startTicks: number;
}

/** USER_HZ, the unit of every time in /proc: 100 on each architecture Node runs on. */
export const TICKS_PER_SECOND = 100;

const STATES: { readonly [letter: string]: ProcessState | undefined } = {
  R: 'running',
  S: 'sleeping',
  D: 'disk-sleep',
  T: 'stopped',
  t: 'tracing-stop',
  Z: 'zombie',
  X: 'dead',
  x: 'dead',
  K: 'wake-kill',
  W: 'waking',
  I: 'idle',
  P: 'parked',
};

/**
 * `4242 (a) b (c) S 1 4242 4242 0 -1 4194304 ...`: the name may hold parentheses, spaces and newlines, unescaped, so
 * that the fields begin after the last `)`.
 */
export function parseStat(text: string): ProcStat | undefined {
  const nameStart = text.indexOf('(');
  const nameEnd = text.lastIndexOf(')');
  if (nameStart < 0 || nameEnd < nameStart) return undefined;
  const fields = text.slice(nameEnd + 2).split(' ', 20);
  if (fields.length < 20) return undefined;
  const field = (index: number): number => Number(fields[index]);
  return {
    pid: Number.parseInt(text, 10),
    comm: text.slice(nameStart + 1, nameEnd),
    state: STATES[fields[0] ?? ''],
    ppid: field(1),
    pgid: field(2),
    sid: field(3),
    cpuTicks: field(11) + field(12),
    childCpuTicks: field(13) + field(14),
    threads: field(17),
    startTicks: field(19),
  };
}

/** The lines of /proc/<pid>/status that stat does not have. A zombie has no memory lines. */
export interface ProcStatus {
  readonly rssKb: number | undefined;
  readonly sigPnd: string | undefined;
  readonly shdPnd: string | undefined;
  readonly sigBlk: string | undefined;
  readonly sigCgt: string | undefined;
  readonly voluntarySwitches: number | undefined;
  readonly involuntarySwitches: number | undefined;
}

export function parseStatus(text: string): ProcStatus {
  let from = 0; // the lines come in this order in every kernel: one pass over the text
  const value = (label: string): string | undefined => {
    const at = text.indexOf(label, from);
    if (at < 0) return undefined;
    const end = text.indexOf('\n', at + label.length);
    from = end < 0 ? text.length : end;
    return text.slice(at + label.length, from);
  };
  return {
    rssKb: integerFrom(value('\nVmRSS:')),
    sigPnd: value('\nSigPnd:\t'),
    shdPnd: value('\nShdPnd:\t'),
    sigBlk: value('\nSigBlk:\t'),
    sigCgt: value('\nSigCgt:\t'),
    voluntarySwitches: integerFrom(value('\nvoluntary_ctxt_switches:')),
    involuntarySwitches: integerFrom(value('\nnonvoluntary_ctxt_switches:')),
  };
}

export function integerFrom(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const number = Number.parseInt(text, 10);
  return Number.isNaN(number) ? undefined : number;
}

/** The facts that both the tracked process and a member of its tree have, from files of one number or word each. */
export interface CheapFacts {
  readonly rssKb: number | undefined;
  readonly fdCount: number | undefined;
  readonly oomScore: number | undefined;
  readonly oomScoreAdj: number | undefined;
  readonly wchan: string | undefined;
}

/**
 * Resident memory comes from statm: stat's own count lags by up to a per-CPU batch of pages (32 pages and more for each
 * core since Linux 6.2), which is megabytes on a large machine.
 */
export function readCheapFacts(files: ProcFiles, pid: number, kbPerPage: number): CheapFacts {
  const statm = files.read(pid, 'statm');
  const residentPages = statm === undefined ? undefined : integerFrom(statm.slice(statm.indexOf(' ') + 1));
  return {
    rssKb: residentPages === undefined ? undefined : residentPages * kbPerPage,
    fdCount: files.descriptorCount(pid),
    oomScore: integerFrom(files.read(pid, 'oom_score')),
    oomScoreAdj: integerFrom(files.read(pid, 'oom_score_adj')),
    wchan: files.read(pid, 'wchan')?.trimEnd(),
  };
}

/** `Max open files  1024  524288  files`: the soft limit, `Infinity` when unlimited. */
export function parseFdSoftLimit(limits: string | undefined): number | undefined {
  const soft = limits === undefined ? undefined : /^Max open files +(\S+)/m.exec(limits)?.[1];
  return soft === 'unlimited' ? Number.POSITIVE_INFINITY : integerFrom(soft);
}

/** The words of a command line; none for a kernel thread or a zombie. */
export function readArguments(files: ProcFiles, pid: number): readonly string[] {
  return argumentsFrom(files.read(pid, 'cmdline'));
}

export function argumentsFrom(text: string | undefined): readonly string[] {
  if (text === undefined || text === '') return [];
  return text.replace(/\0+$/, '').split('\0');
}
