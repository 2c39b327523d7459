import { closeSync, constants, openSync, readFileSync, writeSync } from 'node:fs';
import { parseStat } from '../proc/procReader.ts';
import type { StartedProcess } from '../proc/sampler.ts';

/**
 * So much more than the agent's own score its tools get. In a group of 200 MB with an agent of 110 the kernel took the
 * agent at 0, and the growing tool at 500. Raising needs no privilege (proc_pid_oom_score_adj(5)).
 */
const RAISED_BY = 500;
/**
 * A score is a share of the memory in thousandths, plus this. Small tools of an agent that holds more than half must get
 * more than its share, or it goes before them: with 500 an agent of 120 of 200 MB went before a hundred tools of 12.
 */
const ABOVE_SHARE = 150;
const HIGHEST = 1000;

/** What became of one process's score. */
export interface Raised {
  readonly pid: number;
  readonly comm: string;
  readonly from: number;
  readonly to: number;
}

export interface Restored {
  /** Those that had been raised, by us or by inheriting it, over the whole session. */
  readonly raised: number;
  /** Of those that still lived at the end. */
  readonly restored: number;
  readonly refused: number;
}

interface Known {
  readonly pid: number;
  readonly startTicks: number;
  /** What it is given back; `undefined`: it was left alone. */
  readonly before: number | undefined;
  readonly to: number;
}

/**
 * Has the kernel choose a tool of the agent, not the agent, when memory runs out: what the agent started gets a higher
 * oom_score_adj than it, at first sight. The agent itself and everybody else are never touched.
 */
export class Protection {
  readonly #procRoot: string;
  readonly #known = new Map<number, Known>();
  #raised = 0;

  constructor(procRoot = '/proc') {
    this.#procRoot = procRoot;
  }

  /**
   * @param agentShare what the agent itself holds of the memory that may run out, from 0 to 1
   * @returns those whose score has just been raised for the first time
   */
  look(agentPid: number, processes: readonly StartedProcess[], agentShare: number): readonly Raised[] {
    const raised: Raised[] = [];
    this.#forgetOthers(new Set(processes.map(({ pid }) => pid)), agentPid);
    const base = scoreIn(this.#read(agentPid));
    if (base === undefined) return raised; // the agent is gone: there is nobody to protect
    const by = Math.max(RAISED_BY, Math.ceil(agentShare * 10) * 100 + ABOVE_SHARE);
    const to = Math.min(HIGHEST, base + by);
    for (const process of processes) {
      const known = this.#known.get(process.pid);
      if (known?.startTicks !== process.startTicks) {
        const done = this.#raise(process, to);
        if (done !== undefined) raised.push(done);
      } else if (known.before !== undefined && known.to < to && this.#write(known, to) === 'done') {
        this.#known.set(process.pid, { ...known, to });
      }
    }
    return raised;
  }

  /** Gives everybody that still lives what it had, where the kernel permits it. */
  restore(): Restored {
    let restored = 0;
    let refused = 0;
    for (const { pid, startTicks, before } of this.#known.values()) {
      if (before === undefined) continue;
      const result = this.#write({ pid, startTicks }, before);
      if (result === 'done') restored += 1;
      if (result === 'refused') refused += 1;
    }
    this.#known.clear();
    return { raised: this.#raised, restored, refused };
  }

  #raise({ pid, startTicks, ppid, comm }: StartedProcess, to: number): Raised | undefined {
    const from = scoreIn(this.#read(pid));
    if (from === undefined) return undefined; // gone, or another user's
    // A child of one that we raised has it by inheritance, and gets back what that one gets; any other chose it itself.
    const parent = this.#known.get(ppid);
    const before = parent !== undefined && from === parent.to ? parent.before : from < to ? from : undefined;
    if (before === undefined || (from < to && this.#write({ pid, startTicks }, to) !== 'done')) {
      this.#known.set(pid, { pid, startTicks, before: undefined, to: from });
      return undefined;
    }
    this.#known.set(pid, { pid, startTicks, before, to: Math.max(from, to) });
    this.#raised += 1;
    return from < to ? { pid, comm, from, to } : undefined;
  }

  /** What turned out to be the agent (a launcher's child, a moment after its fork) gets its own score back. */
  #forgetOthers(isThere: ReadonlySet<number>, agentPid: number): void {
    for (const known of this.#known.values()) {
      if (isThere.has(known.pid)) continue;
      if (known.pid === agentPid && known.before !== undefined) this.#write(known, known.before);
      this.#known.delete(known.pid);
    }
  }

  /** The open file is of this very process: a later one with its number is not written to. */
  #write({ pid, startTicks }: Pick<Known, 'pid' | 'startTicks'>, score: number): 'done' | 'refused' | 'gone' {
    let fd: number;
    try {
      fd = openSync(`${this.#procRoot}/${pid}/oom_score_adj`, constants.O_WRONLY);
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'gone' : 'refused';
    }
    try {
      if (parseStat(readFileSync(`${this.#procRoot}/${pid}/stat`, 'latin1'))?.startTicks !== startTicks) return 'gone';
      writeSync(fd, `${score}\n`);
      return 'done';
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      return code === 'ESRCH' || code === 'ENOENT' ? 'gone' : 'refused'; // EACCES: lowering needs CAP_SYS_RESOURCE
    } finally {
      closeSync(fd);
    }
  }

  #read(pid: number): string | undefined {
    try {
      return readFileSync(`${this.#procRoot}/${pid}/oom_score_adj`, 'latin1');
    } catch {
      return undefined; // gone
    }
  }
}

function scoreIn(text: string | undefined): number | undefined {
  const score = Number.parseInt(text ?? '', 10);
  return Number.isNaN(score) ? undefined : score;
}
