import { memoryLeftKb } from '../../core/anomalies/budgets.ts';
import type { OurFields } from '../../core/session/snapshot.ts';
import type { TreeMember } from '../../core/session/tree.ts';
import type { PressureFacts } from './cadence.ts';
import type { SnapshotReading } from './sample.ts';
import type { SystemReadings } from './systemReadings.ts';
import type { DiskReading } from './workingDisk.ts';

export type TreeFields = Pick<OurFields, 'tree_process_count' | 'tree_rss_kb' | 'tree_cpu_percent' | 'tree_fd_count'>;

/** What a snapshot tells beside the tracked process itself. */
export interface Surroundings {
  readonly system: SystemReadings;
  /** Absent from a last look, which reads the tracked process alone. */
  readonly tree?: TreeFields;
  readonly disk?: DiskReading | undefined;
}

export function treeFields(
  processes: readonly TreeMember[],
  { rssKb, cpuPercent }: { readonly rssKb: number | undefined; readonly cpuPercent: number | undefined },
): TreeFields {
  return {
    tree_process_count: processes.length,
    tree_rss_kb: rssKb,
    tree_cpu_percent: cpuPercent,
    tree_fd_count: sumOf(processes, (member) => member.fd_count),
  };
}

/** Over the members that tell; `undefined` when none does. */
function sumOf(
  processes: readonly TreeMember[],
  amountOf: (member: TreeMember) => number | undefined,
): number | undefined {
  let sum: number | undefined;
  for (const member of processes) {
    const amount = amountOf(member);
    if (amount !== undefined) sum = (sum ?? 0) + amount;
  }
  return sum;
}

export function ourFields(
  { tree, system, disk }: Surroundings,
  own: { readonly oomScoreAdj: number | undefined; readonly shdPnd: string | undefined },
): OurFields {
  return {
    oom_score_adj: own.oomScoreAdj,
    shd_pnd: own.shdPnd,
    tree_process_count: tree?.tree_process_count,
    tree_rss_kb: tree?.tree_rss_kb,
    tree_cpu_percent: tree?.tree_cpu_percent,
    tree_fd_count: tree?.tree_fd_count,
    ...systemFields(system),
    ...diskFields(disk),
  };
}

function systemFields(
  system: SystemReadings,
): Pick<OurFields, 'mem_available_kb' | 'cgroup_memory_kb' | 'cgroup_memory_limit_kb' | 'psi_memory_some_avg10'> {
  return {
    mem_available_kb: system.memAvailableKb,
    cgroup_memory_kb: system.cgroupMemoryKb,
    cgroup_memory_limit_kb: system.cgroupMemoryLimitKb,
    psi_memory_some_avg10: system.psiMemorySomeAvg10,
  };
}

export function diskFields(disk: DiskReading | undefined): Pick<OurFields, 'disk_free_kb' | 'disk_size_kb'> {
  return { disk_free_kb: disk?.freeKb, disk_size_kb: disk?.sizeKb };
}

export function pressureFacts(sample: {
  readonly atMs: number;
  readonly costMs: number;
  readonly treeRssKb: number | undefined;
  readonly system: SystemReadings;
  readonly snapshot: SnapshotReading | undefined;
}): PressureFacts {
  const { atMs, costMs, treeRssKb, system, snapshot } = sample;
  return {
    atMs,
    costMs,
    treeRssKb,
    memoryLeftKb: memoryLeftKb(systemFields(system)),
    fdRatio: ratioOf(snapshot?.fd_count, snapshot?.fd_soft_limit),
    psiMemorySomeAvg10: system.psiMemorySomeAvg10,
  };
}

function ratioOf(part: number | undefined, whole: number | undefined): number | undefined {
  return part === undefined || whole === undefined || whole === 0 ? undefined : part / whole;
}
