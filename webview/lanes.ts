import type { SeriesName } from '../src/core/sessionView.ts';
import type { ChartColor } from './theme.ts';

export interface LaneSeries {
  readonly name: SeriesName;
  readonly label: string;
  readonly color: ChartColor;
  /** Lines are told apart by more than their colour. */
  readonly dash?: readonly number[];
  /** A limit is drawn only when the values come near it: far above, it would press them flat. */
  readonly isLimit?: boolean;
}

export interface Lane {
  readonly id: string;
  readonly title: string;
  readonly series: readonly LaneSeries[];
  /** Shown on demand. */
  readonly isOptional: boolean;
  /** The axis reaches at least this far, so that noise is not drawn as drama. */
  readonly leastMax: number;
}

const TREE_DASH = [6, 3];
const LIMIT_DASH = [2, 3];

export const LANES: readonly Lane[] = [
  {
    id: 'memory',
    title: 'Memory (RSS)',
    isOptional: false,
    leastMax: 16 * 1024,
    series: [
      { name: 'vm_rss_kb', label: 'Process', color: 'blue' },
      { name: 'tree_rss_kb', label: 'Whole tree', color: 'purple', dash: TREE_DASH },
      { name: 'memory_limit_kb', label: 'Limit', color: 'red', dash: LIMIT_DASH, isLimit: true },
      { name: 'mem_available_kb', label: 'Available on the machine', color: 'green', dash: LIMIT_DASH, isLimit: true },
    ],
  },
  {
    id: 'oom',
    title: 'OOM score',
    isOptional: false,
    leastMax: 100,
    series: [
      { name: 'oom_score', label: 'Kernel’s score', color: 'orange' },
      { name: 'oom_share', label: 'Share of memory', color: 'yellow', dash: TREE_DASH },
    ],
  },
  {
    id: 'fd',
    title: 'File descriptors',
    isOptional: false,
    leastMax: 20,
    series: [
      { name: 'fd_count', label: 'Process', color: 'blue' },
      { name: 'tree_fd_count', label: 'Whole tree', color: 'purple', dash: TREE_DASH },
      { name: 'fd_soft_limit', label: 'Limit', color: 'red', dash: LIMIT_DASH, isLimit: true },
    ],
  },
  {
    id: 'cpu',
    title: 'CPU',
    isOptional: false,
    leastMax: 20,
    series: [
      { name: 'cpu_percent', label: 'Process', color: 'blue' },
      { name: 'tree_cpu_percent', label: 'Whole tree', color: 'purple', dash: TREE_DASH },
    ],
  },
  {
    id: 'threads',
    title: 'Threads',
    isOptional: true,
    leastMax: 8,
    series: [{ name: 'threads', label: 'Process', color: 'blue' }],
  },
  {
    id: 'processes',
    title: 'Processes',
    isOptional: true,
    leastMax: 4,
    series: [{ name: 'tree_process_count', label: 'Whole tree', color: 'purple', dash: TREE_DASH }],
  },
];
