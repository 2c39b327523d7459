import type { OurFields, Snapshot } from '../session/snapshot.ts';
import type { Budget } from './forecast.ts';

/** What of a sample tells how much of something is taken or left. */
export type BudgetField =
  | 'cgroup_memory_kb'
  | 'cgroup_memory_limit_kb'
  | 'tree_rss_kb'
  | 'mem_available_kb'
  | 'fd_count'
  | 'fd_soft_limit'
  | 'disk_free_kb'
  | 'disk_used_kb';
export type BudgetFields = (name: BudgetField) => number | undefined;

/** Something that can run out. */
export interface Limited {
  readonly used: BudgetField;
  readonly left: (of: BudgetFields) => number | undefined;
  readonly leastRises: (left: number) => Pick<Budget, 'leastRise' | 'leastRecentRise'>;
}

/** Less than this is what any program takes and gives back. */
const LEAST_RISE_KB = 16 * 1024;
/**
 * A third of what was free must have gone before an end is believed: disks are shared, stand at 90 per cent for years,
 * and an install takes gigabytes from them in a minute and stops.
 */
const LEAST_DISK_RISE_OF_LEFT = 0.5;

/** Everything that can run out: for the detectors, the forecasts that are drawn, and how often a sample is taken. */
export const LIMITED = {
  group: {
    used: 'cgroup_memory_kb',
    left: (of) => difference(of('cgroup_memory_limit_kb'), of('cgroup_memory_kb')),
    leastRises: () => ({ leastRise: LEAST_RISE_KB }),
  },
  machine: {
    used: 'tree_rss_kb',
    left: (of) => of('mem_available_kb'),
    leastRises: () => ({ leastRise: LEAST_RISE_KB }),
  },
  descriptors: {
    used: 'fd_count',
    left: (of) => difference(of('fd_soft_limit'), of('fd_count')),
    leastRises: () => ({ leastRise: 32 }),
  },
  disk: {
    used: 'disk_used_kb',
    left: (of) => of('disk_free_kb'),
    leastRises: (left) => {
      const leastRise = Math.max(LEAST_RISE_KB, left * LEAST_DISK_RISE_OF_LEFT);
      return { leastRise, leastRecentRise: leastRise };
    },
  },
} as const satisfies Readonly<Record<string, Limited>>;
export type LimitedName = keyof typeof LIMITED;

export function budgetFields({ fd_count, fd_soft_limit, ours }: Snapshot): BudgetFields {
  return (name) => {
    if (name === 'fd_count') return fd_count;
    if (name === 'fd_soft_limit') return fd_soft_limit;
    return name === 'disk_used_kb' ? diskUsedKb(ours) : ours?.[name];
  };
}

export function diskUsedKb(ours: Pick<OurFields, 'disk_free_kb' | 'disk_size_kb'> | undefined): number | undefined {
  return difference(ours?.disk_size_kb, ours?.disk_free_kb);
}

/** What the session can still take: what the machine has available, or what its group has left when that is less. */
export function memoryLeftKb(
  ours: Pick<OurFields, 'mem_available_kb' | 'cgroup_memory_kb' | 'cgroup_memory_limit_kb'> | undefined,
): number | undefined {
  const of: BudgetFields = (name) => (ours as Partial<Record<BudgetField, number | undefined>> | undefined)?.[name];
  const lefts = [LIMITED.group.left(of), LIMITED.machine.left(of)].filter((left) => left !== undefined);
  return lefts.length === 0 ? undefined : Math.min(...lefts);
}

function difference(whole: number | undefined, part: number | undefined): number | undefined {
  return whole === undefined || part === undefined ? undefined : Math.max(0, whole - part);
}
