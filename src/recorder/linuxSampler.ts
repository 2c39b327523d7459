import { readFileSync } from 'node:fs';
import type { OurFields } from '../core/snapshot.ts';
import type { TreeMember } from '../core/tree.ts';
import { AgentFinder } from './agentFinder.ts';
import type { PressureFacts } from './cadence.ts';
import { pageKb, ProcFiles } from './procFiles.ts';
import * as reader from './procReader.ts';
import type { CheapFacts, ProcStat } from './procReader.ts';
import { ProcessTree } from './processTree.ts';
import type { LastLook, ProcessRecord, Sample, SnapshotReading } from './sample.ts';
import { MemoryGroups, readSystem, type SystemReadings } from './systemReadings.ts';
import type { Candidate, TrackedProcess } from './trackedProcess.ts';
import { oneDecimal, TrackedUsage } from './trackedUsage.ts';
import { TreeCpu, type TreeCpuReading } from './treeCpu.ts';

export interface LinuxSamplerOptions {
  readonly rootPid: number;
  readonly rootStartTicks: number | undefined;
  readonly environmentMark: string | undefined;
  readonly procRoot: string;
  readonly fileRoot: string;
  readonly nowMs: () => number;
}

/** The descriptor limit changes by prlimit(1) or setrlimit(2) alone: reading it every 16th sample is often enough. */
const LIMITS_EVERY = 16;

export class LinuxSampler {
  readonly #options: LinuxSamplerOptions;
  readonly #files: ProcFiles;
  readonly #tree: ProcessTree<ProcStat>;
  readonly #finder: AgentFinder;
  readonly #groups: MemoryGroups;
  readonly #usage = new TrackedUsage();
  readonly #treeCpu = new TreeCpu();
  readonly #kbPerPage = pageKb();
  #limit: { readonly startTicks: number; readonly soft: number | undefined } | undefined;
  #taken = 0;
  #lastTracked: { readonly row: ProcStat; readonly atMs: number } | undefined;

  constructor(options: LinuxSamplerOptions) {
    const { rootPid, rootStartTicks, environmentMark, procRoot, fileRoot } = options;
    this.#options = options;
    const files = new ProcFiles(procRoot, keptFilesBound(procRoot));
    this.#files = files;
    const mark = environmentMark === undefined ? undefined : `${environmentMark}\0`;
    const source = {
      listPids: () => files.listPids(),
      read: (pid: number) => readStat(files, pid),
      carriesMark: (pid: number) => mark !== undefined && (files.read(pid, 'environ')?.includes(mark) ?? false),
      admitted: (pid: number) => files.keep(pid),
      dropped: (pid: number) => files.forget(pid),
    };
    this.#tree = new ProcessTree(source, { rootPid, rootStartTicks, excludedPid: process.pid });
    this.#finder = new AgentFinder(rootPid, {
      childrenOf: (pid) => [...this.#rows()].filter((row) => row.ppid === pid).map(candidateFrom),
      argumentsOf: (pid) => reader.readArguments(files, pid),
    });
    this.#groups = new MemoryGroups({ procRoot, fileRoot });
  }

  get tracked(): TrackedProcess {
    return this.#finder.tracked;
  }

  async sample(outputBytes: number | undefined): Promise<Sample> {
    const atMs = this.#options.nowMs();
    const tracked = this.#updateTree(atMs);
    // Started before the synchronous reads, so that both look at the same moment.
    const usage = tracked === undefined ? undefined : this.#usage.read(tracked.pid, tracked.startTicks);
    const cpu = this.#treeCpu.measure(this.#rows(), atMs);
    const processes: TreeMember[] = [];
    let own: CheapFacts | undefined;
    for (const row of this.#rows()) {
      const facts = reader.readCheapFacts(this.#files, row.pid, this.#kbPerPage);
      if (row === tracked) own = facts;
      processes.push(treeMember(row, facts, cpu.percentOf(row.pid)));
    }
    const system = readSystem(tracked?.pid ?? process.pid, this.#groups, this.#options.procRoot);
    const tree = treeFields(processes, cpu);
    const snapshot =
      tracked === undefined || own === undefined ? undefined : this.#snapshotOf(tracked, own, { tree, system });
    if (tracked !== undefined) this.#lastTracked = { row: tracked, atMs };
    this.#taken += 1;
    const costMs = this.#options.nowMs() - atMs;
    const measured = await usage;
    return {
      snapshot: snapshot && {
        ...snapshot,
        // A zombie's status has no memory lines, and another user's process may hide them.
        vm_rss_kb: snapshot.vm_rss_kb ?? measured?.memoryKb,
        cpu_percent: measured?.cpuPercent,
      },
      output_bytes: outputBytes,
      processes,
      pressure: pressureFacts({ atMs, costMs, tree, system, snapshot }),
    };
  }

  look(): LastLook | undefined {
    const { pid, startTicks } = this.#finder.tracked;
    const row = readStat(this.#files, pid);
    if (row === undefined || row.startTicks !== startTicks) return undefined;
    const atMs = this.#options.nowMs();
    const facts = reader.readCheapFacts(this.#files, pid, this.#kbPerPage);
    const system = readSystem(pid, this.#groups, this.#options.procRoot);
    return {
      atMs,
      snapshot: { ...this.#snapshotOf(row, facts, { system }), cpu_percent: this.#cpuSinceSample(row, atMs) },
    };
  }

  members(): readonly ProcessRecord[] {
    this.#updateTree(this.#options.nowMs());
    const uptimeSeconds = reader.integerFrom(textOrUndefined(`${this.#options.procRoot}/uptime`));
    const chain = this.#chain();
    const records: ProcessRecord[] = [];
    for (const { row, origin } of this.#tree.members.values()) {
      if (chain.has(row.pid) || row.state === 'zombie' || row.state === 'dead') continue;
      const { pid, startTicks, comm, ppid } = row;
      const ageSeconds =
        uptimeSeconds === undefined ? undefined : Math.max(0, uptimeSeconds - startTicks / reader.TICKS_PER_SECOND);
      const { rssKb } = reader.readCheapFacts(this.#files, pid, this.#kbPerPage);
      records.push({ pid, startTicks, comm, ppid, origin, ageSeconds, rssKb });
    }
    return records;
  }

  close(): void {
    this.#files.close();
  }

  *#rows(): Iterable<ProcStat> {
    for (const { row } of this.#tree.members.values()) yield row;
  }

  #updateTree(nowMs: number): ProcStat | undefined {
    this.#tree.update(nowMs);
    const find = (pid: number): ProcStat | undefined => this.#tree.members.get(pid)?.row;
    const candidate = (pid: number): Candidate | undefined => {
      const row = find(pid);
      return row && candidateFrom(row);
    };
    const root = this.#tree.root;
    const tracked = this.#finder.update(root && candidateFrom(root), candidate, nowMs);
    return tracked && find(tracked.pid);
  }

  /** The tracked process and the wrappers above it. */
  #chain(): ReadonlySet<number> {
    const chain = new Set<number>([this.#options.rootPid]);
    for (let pid = this.tracked.pid; !chain.has(pid);) {
      const member = this.#tree.members.get(pid);
      chain.add(pid);
      if (member === undefined) break;
      pid = member.row.ppid;
    }
    return chain;
  }

  #snapshotOf(row: ProcStat, facts: CheapFacts, around: Surroundings): SnapshotReading {
    const status = reader.parseStatus(this.#files.read(row.pid, 'status') ?? '');
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
      ours: ourFields(facts, status.shdPnd, around),
    };
  }

  #softLimit({ pid, startTicks }: ProcStat): number | undefined {
    if (this.#limit?.startTicks !== startTicks || this.#taken % LIMITS_EVERY === 0) {
      this.#limit = { startTicks, soft: reader.parseFdSoftLimit(this.#files.read(pid, 'limits')) };
    }
    return this.#limit.soft;
  }

  #cpuSinceSample(row: ProcStat, atMs: number): number | undefined {
    const last = this.#lastTracked;
    if (last?.row.startTicks !== row.startTicks || atMs <= last.atMs) return undefined;
    const usedMs = ((row.cpuTicks - last.row.cpuTicks) * 1000) / reader.TICKS_PER_SECOND;
    return oneDecimal((usedMs / (atMs - last.atMs)) * 100);
  }
}

type TreeFields = Pick<OurFields, 'tree_process_count' | 'tree_rss_kb' | 'tree_cpu_percent' | 'tree_fd_count'>;

interface Surroundings {
  readonly system: SystemReadings;
  /** Absent from a last look, which reads the tracked process alone. */
  readonly tree?: TreeFields;
}

/** Half of what we may open, at most 2,048: the rest is for logs, pipes and the reads that do not stay open. */
function keptFilesBound(procRoot: string): number {
  const own = reader.parseFdSoftLimit(textOrUndefined(`${procRoot}/self/limits`)) ?? 1024;
  return Math.min(2048, Math.floor(own / 2));
}

function readStat(files: ProcFiles, pid: number): ProcStat | undefined {
  const text = files.read(pid, 'stat');
  return text === undefined ? undefined : reader.parseStat(text);
}

function candidateFrom({ pid, startTicks, comm, state }: ProcStat): Candidate {
  return { pid, startTicks, comm, isZombie: state === 'zombie' || state === 'dead' };
}

function treeMember(row: ProcStat, facts: CheapFacts, cpuPercent: number | undefined): TreeMember {
  return {
    pid: row.pid,
    ppid: row.ppid,
    pgid: row.pgid,
    sid: row.sid,
    start_ticks: row.startTicks,
    comm: row.comm,
    state: row.state,
    rss_kb: facts.rssKb,
    cpu_percent: cpuPercent,
    threads: row.threads,
    fd_count: facts.fdCount,
    oom_score: facts.oomScore,
    oom_score_adj: facts.oomScoreAdj,
    wchan: facts.wchan,
  };
}

function treeFields(processes: readonly TreeMember[], cpu: TreeCpuReading): TreeFields {
  let rssKb = 0;
  let fdCount = 0;
  for (const member of processes) {
    rssKb += member.rss_kb ?? 0;
    fdCount += member.fd_count ?? 0;
  }
  return {
    tree_process_count: processes.length,
    tree_rss_kb: rssKb,
    tree_cpu_percent: cpu.totalPercent,
    tree_fd_count: fdCount,
  };
}

function ourFields(facts: CheapFacts, shdPnd: string | undefined, { tree, system }: Surroundings): OurFields {
  return {
    oom_score_adj: facts.oomScoreAdj,
    shd_pnd: shdPnd,
    tree_process_count: tree?.tree_process_count,
    tree_rss_kb: tree?.tree_rss_kb,
    tree_cpu_percent: tree?.tree_cpu_percent,
    tree_fd_count: tree?.tree_fd_count,
    mem_available_kb: system.memAvailableKb,
    cgroup_memory_kb: system.cgroupMemoryKb,
    cgroup_memory_limit_kb: system.cgroupMemoryLimitKb,
    psi_memory_some_avg10: system.psiMemorySomeAvg10,
  };
}

function pressureFacts(sample: {
  readonly atMs: number;
  readonly costMs: number;
  readonly tree: TreeFields;
  readonly system: SystemReadings;
  readonly snapshot: SnapshotReading | undefined;
}): PressureFacts {
  const { system, snapshot } = sample;
  const { memAvailableKb = Number.POSITIVE_INFINITY, cgroupMemoryKb, cgroupMemoryLimitKb } = system;
  const leftInGroupKb =
    cgroupMemoryLimitKb === undefined || cgroupMemoryKb === undefined
      ? Number.POSITIVE_INFINITY
      : Math.max(0, cgroupMemoryLimitKb - cgroupMemoryKb);
  const memoryLeftKb = Math.min(memAvailableKb, leftInGroupKb);
  return {
    atMs: sample.atMs,
    costMs: sample.costMs,
    treeRssKb: sample.tree.tree_rss_kb,
    memoryLeftKb: Number.isFinite(memoryLeftKb) ? memoryLeftKb : undefined,
    fdRatio:
      snapshot?.fd_count === undefined || !snapshot.fd_soft_limit
        ? undefined
        : snapshot.fd_count / snapshot.fd_soft_limit,
    psiMemorySomeAvg10: system.psiMemorySomeAvg10,
  };
}

function textOrUndefined(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined; // no such file below an injected root
  }
}
