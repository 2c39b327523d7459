import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';
import type { TreeMember } from '../../core/session/tree.ts';
import { AgentFinder, agentInTree, candidateOf, isEnded, livingIn } from './agentFinder.ts';
import { pageKb, type ProcFiles } from './procFiles.ts';
import * as reader from './procReader.ts';
import type { CheapFacts, ProcStat } from './procReader.ts';
import { ProcessTree } from './processTree.ts';
import type { LastLook, ProcessRecord, Sample } from './sample.ts';
import { diskFields, pressureFacts, treeFields } from './sampleReadings.ts';
import { SnapshotReader } from './snapshotReader.ts';
import { SharedProc } from './sharedProc.ts';
import type { TrackedProcess } from './trackedProcess.ts';
import { createUsageReader, oneDecimal, type UsageReading } from './processUsage.ts';
import { Stirring, TreeCpu } from './treeCpu.ts';
import type { ProcessIdentity, StartedProcess } from './sampler.ts';
import { TreeMemory } from './treeMemory.ts';
import { WorkingDisk } from './workingDisk.ts';

export interface LinuxSamplerOptions {
  readonly rootPid: number;
  readonly rootStartTicks: number | undefined;
  readonly environmentMark: string | undefined;
  readonly otherRootPids: readonly number[];
  readonly procRoot: string;
  readonly fileRoot: string;
  readonly nowMs: () => number;
  /** Of a recorder of many sessions; whoever makes it closes it. */
  readonly shared: SharedProc | undefined;
}

export class LinuxSampler {
  readonly #options: LinuxSamplerOptions;
  readonly #files: ProcFiles;
  readonly #tree: ProcessTree<ProcStat>;
  readonly #finder: AgentFinder;
  readonly #snapshots: SnapshotReader;
  readonly #proc: SharedProc;
  readonly #stirring = new Stirring();
  readonly #disk: WorkingDisk;
  readonly #usageOf = createUsageReader();
  readonly #treeCpu = new TreeCpu();
  readonly #treeMemory: TreeMemory;
  readonly #kbPerPage = pageKb();
  #diskAskedMs = Number.NEGATIVE_INFINITY;
  #lastGroups: string | undefined;
  #lastTracked: { readonly row: ProcStat; readonly atMs: number } | undefined;

  constructor(options: LinuxSamplerOptions) {
    const { rootPid, environmentMark, otherRootPids, procRoot, fileRoot } = options;
    this.#options = options;
    const { nowMs } = options;
    const proc =
      options.shared ??
      new SharedProc({ maxKept: keptFilesBound(procRoot), procRoot, fileRoot, nowMs, momentMs: 0, glanceMs: 0 });
    const { files } = proc;
    this.#proc = proc;
    this.#files = files;
    const root = readStat(files, rootPid);
    const rootStartTicks = options.rootStartTicks ?? root?.startTicks;
    const mark = environmentMark === undefined ? undefined : `${environmentMark}\0`;
    const source = {
      listPids: () => proc.listPids(),
      read: (pid: number) => proc.stat(pid),
      ...(options.shared !== undefined && { glance: (pid: number) => proc.glance(pid) }),
      carriesMark: (pid: number) => mark !== undefined && (files.readOnce(pid, 'environ')?.includes(mark) ?? false),
      admitted: (pid: number) => files.keep(pid),
      dropped: (pid: number) => files.forget(pid),
    };
    this.#tree = new ProcessTree(source, { rootPid, rootStartTicks, otherRootPids, excludedPid: process.pid });
    const started = { pid: rootPid, startTicks: rootStartTicks ?? 0, comm: root?.comm ?? '', via: [] };
    this.#finder = new AgentFinder(started, {
      childrenOf: (pid) => [...this.#rows()].filter((row) => row.ppid === pid).map(candidateOf),
      argumentsOf: (pid) => reader.readArguments(files, pid),
    });
    this.#snapshots = new SnapshotReader(files);
    this.#treeMemory = new TreeMemory((pid) => files.readOnce(pid, 'smaps_rollup'));
    this.#disk = new WorkingDisk(procRoot);
  }

  get tracked(): TrackedProcess {
    return this.#finder.tracked;
  }

  async sample(outputBytes: number | undefined): Promise<Sample> {
    const atMs = this.#options.nowMs();
    const tracked = this.#updateTree(atMs);
    if (tracked !== undefined && this.#proc.isDiskDue(this.#diskAskedMs)) {
      this.#diskAskedMs = atMs;
      this.#disk.ask(tracked.pid);
    }
    // Started before the synchronous reads, so that both look at the same moment.
    const usage = this.#usageNow(tracked, atMs);
    const cpu = this.#treeCpu.measure(this.#rows(), atMs);
    const processes: TreeMember[] = [];
    let own: CheapFacts | undefined;
    for (const row of this.#rows()) {
      const facts = reader.readCheapFacts(this.#files, row.pid, this.#kbPerPage);
      if (row === tracked) own = facts;
      processes.push(treeMember(row, facts, cpu.percentOf(row.pid)));
    }
    const { readings: system, machine } = this.#proc.around(this.#groupsOf(tracked?.pid ?? process.pid, own) ?? '');
    const rssKb = this.#treeMemory.rssKb(processes, machine);
    const tree = treeFields(processes, { rssKb, cpuPercent: cpu.totalPercent });
    const snapshot = tracked && own && this.#snapshots.read(tracked, own, { tree, system });
    if (tracked !== undefined) this.#lastTracked = { row: tracked, atMs };
    const costMs = this.#options.nowMs() - atMs;
    const measured = await usage;
    return {
      snapshot: snapshot && {
        ...snapshot,
        // A zombie's status has no memory lines, and another user's process may hide them.
        vm_rss_kb: snapshot.vm_rss_kb ?? measured?.memoryKb,
        cpu_percent: measured?.cpuPercent,
        ours: snapshot.ours && { ...snapshot.ours, ...diskFields(this.#disk.reading) },
      },
      output_bytes: outputBytes,
      processes,
      pressure: pressureFacts({ atMs, costMs, treeRssKb: tree.tree_rss_kb, system, snapshot }),
    };
  }

  look(): LastLook | undefined {
    const { pid, startTicks } = this.#finder.tracked;
    const row = readStat(this.#files, pid);
    if (row === undefined || row.startTicks !== startTicks) return undefined;
    const atMs = this.#options.nowMs();
    const facts = reader.readCheapFacts(this.#files, pid, this.#kbPerPage);
    const { readings: system } = this.#proc.around(this.#groupsOf(pid, facts) ?? '');
    const snapshot = this.#snapshots.read(row, facts, { system, disk: this.#disk.reading });
    return { atMs, snapshot: { ...snapshot, cpu_percent: this.#cpuSinceSample(row, atMs) } };
  }

  members(): readonly ProcessRecord[] {
    this.#updateTree(this.#options.nowMs());
    const uptimeSeconds = reader.integerFrom(textOrUndefined(`${this.#options.procRoot}/uptime`));
    const chain = this.#chain();
    const records: ProcessRecord[] = [];
    for (const { row, origin } of this.#tree.members.values()) {
      if (chain.has(row.pid) || isEnded(row)) continue;
      const { pid, startTicks, comm, ppid } = row;
      const ageSeconds =
        uptimeSeconds === undefined ? undefined : Math.max(0, uptimeSeconds - startTicks / reader.TICKS_PER_SECOND);
      const { rssKb } = reader.readCheapFacts(this.#files, pid, this.#kbPerPage);
      records.push({ pid, startTicks, comm, ppid, origin, ageSeconds, rssKb });
    }
    return records;
  }

  started(): readonly StartedProcess[] {
    this.#updateTree(this.#options.nowMs());
    const chain = this.#chain();
    return [...this.#rows()]
      .filter(({ pid, state }) => !chain.has(pid) && pid !== this.tracked.pid && state !== 'zombie' && state !== 'dead')
      .filter(({ pid }) => !this.#isOfOtherRoot(pid));
  }

  processes(): readonly ProcessIdentity[] {
    this.#updateTree(this.#options.nowMs());
    return livingIn(this.#tree);
  }

  argumentsOf(pid: number): readonly string[] {
    return reader.argumentsFrom(this.#files.readOnce(pid, 'cmdline'));
  }

  /** Whether one of its processes has worked since the last time: 5 µs, and every third time 5 µs for each of them. */
  hasStirred(): boolean {
    return this.#stirring.look(this.tracked.pid, this.#tree.members.keys(), (pid) => readStat(this.#files, pid));
  }

  close(): void {
    if (this.#options.shared === undefined) this.#proc.close();
    else for (const pid of this.#tree.members.keys()) this.#files.forget(pid);
  }

  *#rows(): Iterable<ProcStat> {
    for (const { row } of this.#tree.members.values()) yield row;
  }

  #updateTree(nowMs: number): ProcStat | undefined {
    return agentInTree(this.#tree, this.#finder, nowMs);
  }

  /** The tracked process and the wrappers above it; it may outlive what was started, and then is one of the others. */
  #chain(): ReadonlySet<number> {
    if (this.#tree.root === undefined) return new Set();
    const chain = new Set<number>([this.#options.rootPid]);
    for (let pid = this.tracked.pid; !chain.has(pid);) {
      const member = this.#tree.members.get(pid);
      chain.add(pid);
      if (member === undefined) break;
      pid = member.row.ppid;
    }
    return chain;
  }

  /** A process that is ending has left its own groups for the root's, whose memory is the whole machine's. */
  #groupsOf(pid: number, facts: CheapFacts | undefined): string | undefined {
    const isEnding = (facts?.rssKb ?? 0) === 0;
    if (isEnding && this.#lastGroups !== undefined) return this.#lastGroups;
    const groups = this.#files.read(pid, 'cgroup');
    if (!isEnding) this.#lastGroups = groups;
    return groups;
  }

  /** Of another pane of the terminal: part of the session, and nothing that the agent started. */
  #isOfOtherRoot(pid: number): boolean {
    const { otherRootPids } = this.#options;
    if (otherRootPids.length === 0) return false;
    const seen = new Set<number>();
    for (let at = pid; !seen.has(at);) {
      if (otherRootPids.includes(at)) return at !== this.#options.rootPid;
      seen.add(at);
      const member = this.#tree.members.get(at);
      if (member === undefined || at === this.#options.rootPid) return false;
      at = member.origin.pid;
    }
    return false;
  }

  /** By pidusage, which starts two programs and reads four files more: among many sessions by our own count. */
  async #usageNow(tracked: ProcStat | undefined, atMs: number): Promise<Partial<UsageReading> | undefined> {
    if (tracked === undefined) return undefined;
    if (this.#options.shared === undefined) return (await this.#usageOf([tracked])).get(tracked.pid);
    const cpuPercent = this.#cpuSinceSample(tracked, atMs) ?? this.#cpuOfLife(tracked);
    return cpuPercent === undefined ? undefined : { cpuPercent };
  }

  #cpuOfLife({ cpuTicks, startTicks }: ProcStat): number | undefined {
    const ageTicks = uptime() * reader.TICKS_PER_SECOND - startTicks;
    return ageTicks > 0 ? oneDecimal((100 * cpuTicks) / ageTicks) : undefined;
  }

  #cpuSinceSample(row: ProcStat, atMs: number): number | undefined {
    const last = this.#lastTracked;
    if (last?.row.startTicks !== row.startTicks || atMs <= last.atMs) return undefined;
    const usedMs = ((row.cpuTicks - last.row.cpuTicks) * 1000) / reader.TICKS_PER_SECOND;
    return oneDecimal((usedMs / (atMs - last.atMs)) * 100);
  }
}

/** Half of what we may open, at most 2,048: the rest is for logs, pipes and the reads that do not stay open. */
export function keptFilesBound(procRoot = '/proc'): number {
  const own = reader.parseFdSoftLimit(textOrUndefined(`${procRoot}/self/limits`)) ?? 1024;
  return Math.min(2048, Math.floor(own / 2));
}

function readStat(files: ProcFiles, pid: number): ProcStat | undefined {
  const text = files.read(pid, 'stat');
  return text === undefined ? undefined : reader.parseStat(text);
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

function textOrUndefined(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined; // no such file below an injected root
  }
}
