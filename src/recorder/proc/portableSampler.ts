import { freemem, totalmem } from 'node:os';
import type { ProcessIdentity, StartedProcess } from './sampler.ts';
import type { TreeMember } from '../../core/session/tree.ts';
import { AgentFinder, agentInTree, candidateOf, isEnded, livingIn } from './agentFinder.ts';
import { listProcesses, type PortableProcess, type RunCommand } from './portableProcesses.ts';
import { ProcessTree } from './processTree.ts';
import type { LastLook, ProcessRecord, Sample, SnapshotReading } from './sample.ts';
import { ourFields, pressureFacts, treeFields, type Surroundings } from './sampleReadings.ts';
import type { TrackedProcess } from './trackedProcess.ts';
import { TreeMemory } from './treeMemory.ts';
import { oneDecimal, type ReadUsage, type UsageReading } from './processUsage.ts';

export interface PortableSamplerOptions {
  readonly rootPid: number;
  readonly rootStartTicks: number | undefined;
  readonly platform: NodeJS.Platform;
  readonly run: RunCommand;
  readonly usageOf: ReadUsage;
  readonly nowMs: () => number;
  /** Milliseconds since the epoch, the unit of start times on these platforms. */
  readonly epochMs: () => number;
}

/** macOS and Windows: one listing a sample, and pidusage for CPU and memory. What they do not tell is left out. */
export class PortableSampler {
  readonly #options: PortableSamplerOptions;
  readonly #tree: ProcessTree<PortableProcess>;
  readonly #finder: AgentFinder;
  readonly #treeMemory = new TreeMemory(() => undefined);
  #listed: ReadonlyMap<number, PortableProcess> = new Map();
  #lastLook: LastLook | undefined;

  constructor(options: PortableSamplerOptions) {
    this.#options = options;
    const { rootPid, rootStartTicks } = options;
    const source = {
      listPids: () => [...this.#listed.keys()],
      read: (pid: number) => this.#listed.get(pid),
      carriesMark: () => false, // neither platform shows another process's environment
      admitted: () => undefined,
      dropped: () => undefined,
    };
    this.#tree = new ProcessTree(source, { rootPid, rootStartTicks, otherRootPids: [], excludedPid: process.pid });
    this.#finder = new AgentFinder(
      { pid: rootPid, startTicks: rootStartTicks ?? 0, comm: '', via: [] },
      {
        childrenOf: (pid) => this.#rows().flatMap((row) => (row.ppid === pid ? [candidateOf(row)] : [])),
        argumentsOf: (pid) => this.#listed.get(pid)?.args ?? [],
      },
    );
  }

  argumentsOf(pid: number): readonly string[] {
    return this.#listed.get(pid)?.args ?? [];
  }

  get tracked(): TrackedProcess {
    return this.#finder.tracked;
  }

  async sample(outputBytes: number | undefined): Promise<Sample> {
    const atMs = this.#options.nowMs();
    const listed = await listProcesses(this.#options.platform, this.#options.run);
    // A listing that failed says nothing about who lives: the members stay as they were.
    if (listed.length > 0) this.#listed = new Map(listed.map((row) => [row.pid, row]));
    const tracked = agentInTree(this.#tree, this.#finder, atMs);
    const rows = this.#rows();
    const usage = await this.#options.usageOf(rows);
    const processes = rows.map((row) => treeMember(row, usage.get(row.pid)));
    const cpuPercent = processes.reduce((sum, member) => sum + (member.cpu_percent ?? 0), 0);
    const rssKb = this.#treeMemory.rssKb(processes, { totalKb: Math.round(totalmem() / 1024) });
    const tree = treeFields(processes, { rssKb, cpuPercent: oneDecimal(cpuPercent) });
    const system = { ...UNTOLD, memAvailableKb: Math.round(freemem() / 1024) };
    const snapshot = tracked && snapshotFrom(tracked, usage.get(tracked.pid), { tree, system });
    this.#lastLook = snapshot && { snapshot, atMs };
    const costMs = this.#options.nowMs() - atMs;
    const treeRssKb = tree.tree_rss_kb;
    return {
      snapshot,
      output_bytes: outputBytes,
      processes,
      pressure: pressureFacts({ atMs, costMs, treeRssKb, system, snapshot }),
    };
  }

  /** Nothing cheap and synchronous tells more than the last sample did. */
  look(): LastLook | undefined {
    return this.#lastLook;
  }

  members(): readonly ProcessRecord[] {
    // The tracked process may outlive what was started, and then is one of the others.
    const chain = new Set(this.#tree.root === undefined ? [] : [this.#options.rootPid, this.tracked.pid]);
    return [...this.#tree.members.values()]
      .filter(({ row }) => !chain.has(row.pid) && !isEnded(row))
      .map(({ row: { pid, startTicks, comm, ppid, rssKb }, origin }) => {
        const ageSeconds = Math.max(0, (this.#options.epochMs() - startTicks) / 1000);
        return { pid, startTicks, comm, ppid, origin, ageSeconds, rssKb };
      });
  }

  started(): readonly StartedProcess[] {
    return this.members();
  }

  processes(): readonly ProcessIdentity[] {
    return livingIn(this.#tree);
  }

  hasStirred(): boolean {
    return true;
  }

  close(): void {
    this.#listed = new Map();
  }

  #rows(): readonly PortableProcess[] {
    return [...this.#tree.members.values()].map(({ row }) => row);
  }
}

const UNTOLD = {
  memAvailableKb: undefined,
  psiMemorySomeAvg10: undefined,
  cgroupMemoryKb: undefined,
  cgroupMemoryLimitKb: undefined,
};

function treeMember(row: PortableProcess, usage: UsageReading | undefined): TreeMember {
  return {
    pid: row.pid,
    ppid: row.ppid,
    pgid: row.pgid,
    sid: row.sid,
    start_ticks: row.startTicks,
    comm: row.comm,
    state: row.state,
    rss_kb: usage?.memoryKb ?? row.rssKb,
    cpu_percent: usage?.cpuPercent,
    threads: row.threads,
    fd_count: undefined,
    oom_score: undefined,
    oom_score_adj: undefined,
    wchan: undefined,
  };
}

function snapshotFrom(row: PortableProcess, usage: UsageReading | undefined, around: Surroundings): SnapshotReading {
  return {
    pid: row.pid,
    comm: row.comm,
    state: row.state,
    vm_rss_kb: usage?.memoryKb ?? row.rssKb,
    threads: row.threads,
    fd_count: undefined,
    fd_soft_limit: undefined,
    ctx_switches_voluntary: undefined,
    ctx_switches_involuntary: undefined,
    sig_pnd: undefined,
    sig_blk: undefined,
    sig_cgt: undefined,
    oom_score: undefined,
    wchan: undefined,
    cpu_percent: usage?.cpuPercent,
    ours: ourFields(around, { oomScoreAdj: undefined, shdPnd: undefined }),
  };
}
