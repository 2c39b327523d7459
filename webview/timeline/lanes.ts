import type { SeriesName } from '../../src/core/panel/sessionView.ts';
import type { AreaKind } from '../../src/core/panel/areasView.ts';
import type { ChartColor } from '../parts/theme.ts';

export interface LaneSeries {
  readonly name: SeriesName;
  readonly label: string;
  readonly color: ChartColor;
  /** Lines are told apart by more than their colour: an area, a line, a dotted line. */
  readonly isArea?: boolean;
  /** A limit is drawn only while it is within this many times the values: far above, it would press them flat. */
  readonly limitReach?: number;
  /** What the areas tell better. */
  readonly isInAreas?: boolean;
}

export interface Lane {
  readonly id: string;
  readonly title: string;
  readonly series: readonly LaneSeries[];
  /** Shown on demand, and while a limit is ahead of it. */
  readonly isOptional: boolean;
  /** The axis reaches at least this far, so that noise is not drawn as drama. */
  readonly leastMax: number;
  /** Process by process, one upon the other, where that is known. */
  readonly areas?: AreaKind;
}

export const LANES: readonly Lane[] = [
  {
    id: 'memory',
    title: 'Memory (RSS)',
    isOptional: false,
    leastMax: 16 * 1024,
    areas: 'memory',
    series: [
      { name: 'vm_rss_kb', label: 'Process', color: 'blue', isArea: true, isInAreas: true },
      { name: 'tree_rss_kb', label: 'Whole tree', color: 'purple' },
      { name: 'cgroup_memory_limit_kb', label: 'Limit', color: 'red', limitReach: 2 },
      { name: 'mem_available_kb', label: 'Available on the machine', color: 'green', limitReach: 1.2 },
    ],
  },
  {
    id: 'oom',
    title: 'OOM risk',
    isOptional: false,
    leastMax: 100,
    series: [
      { name: 'limit_share', label: 'Share of the limit', color: 'orange', isArea: true },
      { name: 'oom_share', label: 'Share of memory', color: 'yellow' },
    ],
  },
  {
    id: 'fd',
    title: 'File descriptors',
    isOptional: false,
    leastMax: 20,
    series: [
      { name: 'fd_count', label: 'Process', color: 'blue', isArea: true },
      { name: 'tree_fd_count', label: 'Whole tree', color: 'purple' },
      { name: 'fd_soft_limit', label: 'Limit', color: 'red', limitReach: 2 },
    ],
  },
  {
    id: 'cpu',
    title: 'CPU',
    isOptional: false,
    leastMax: 20,
    areas: 'cpu',
    series: [
      { name: 'cpu_percent', label: 'Process', color: 'blue', isArea: true, isInAreas: true },
      { name: 'tree_cpu_percent', label: 'Whole tree', color: 'purple' },
    ],
  },
  {
    id: 'threads',
    title: 'Threads',
    isOptional: true,
    leastMax: 8,
    series: [{ name: 'threads', label: 'Process', color: 'blue', isArea: true }],
  },
  {
    id: 'processes',
    title: 'Processes',
    isOptional: true,
    leastMax: 4,
    series: [{ name: 'tree_process_count', label: 'Whole tree', color: 'purple', isArea: true }],
  },
  {
    id: 'disk',
    title: 'Disk',
    isOptional: true,
    leastMax: 16 * 1024,
    series: [{ name: 'disk_free_kb', label: 'Free', color: 'green', isArea: true }],
  },
];
