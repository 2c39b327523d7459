import type { ProcFiles } from './procFiles.ts';
import { parseFdSoftLimit, parseStatus, type CheapFacts, type ProcStat } from './procReader.ts';
import type { SnapshotReading } from './sample.ts';
import { ourFields, type Surroundings } from './sampleReadings.ts';

/** The limit changes by prlimit(1) or setrlimit(2) alone: reading it every 16th time is often enough. */
const LIMIT_READ_EVERY = 16;

/** Completes what stat and the one-number files tell of one process to the standard layout's field set, but for CPU. */
export class SnapshotReader {
  readonly #files: ProcFiles;
  #limit: { readonly pid: number; readonly startTicks: number; readonly soft: number | undefined } | undefined;
  #reads = 0;

  constructor(files: ProcFiles) {
    this.#files = files;
  }

  read(row: ProcStat, facts: CheapFacts, around: Surroundings): SnapshotReading {
    const status = parseStatus(this.#files.read(row.pid, 'status') ?? '');
    return {
      pid: row.pid,
      comm: row.comm,
      state: row.state,
      vm_rss_kb: status.rssKb,
      threads: row.threads,
      fd_count: facts.fdCount,
      fd_soft_limit: this.#softLimit(row),
      ctx_switches_voluntary: status.voluntarySwitches,
      ctx_switches_involuntary: status.involuntarySwitches,
      sig_pnd: status.sigPnd,
      sig_blk: status.sigBlk,
      sig_cgt: status.sigCgt,
      oom_score: facts.oomScore,
      wchan: facts.wchan,
      cpu_percent: undefined,
      ours: ourFields(around, { oomScoreAdj: facts.oomScoreAdj, shdPnd: status.shdPnd }),
    };
  }

  #softLimit({ pid, startTicks }: ProcStat): number | undefined {
    const isKnown = this.#limit?.pid === pid && this.#limit.startTicks === startTicks;
    if (this.#limit === undefined || !isKnown || this.#reads % LIMIT_READ_EVERY === 0) {
      this.#limit = { pid, startTicks, soft: parseFdSoftLimit(this.#files.readOnce(pid, 'limits')) };
    }
    this.#reads += 1;
    return this.#limit.soft;
  }
}
