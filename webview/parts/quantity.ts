import { humanKb } from '../../src/core/words/humanUnits.ts';
import type { AreaKind } from '../../src/core/panel/areasView.ts';
import type { SeriesName } from '../../src/core/panel/sessionView.ts';

const percent = (value: number) => `${value > 0 && value < 10 ? value.toFixed(1) : Math.round(value)}%`;
const share = (perMille: number) => `${(perMille / 10).toFixed(1)}%`;
const count = (value: number) => Math.round(value).toLocaleString('en');

const WRITERS: { readonly [name in SeriesName]: (value: number) => string } = {
  vm_rss_kb: humanKb,
  tree_rss_kb: humanKb,
  cgroup_memory_limit_kb: humanKb,
  mem_available_kb: humanKb,
  limit_share: share,
  oom_score: count,
  oom_share: share,
  fd_count: count,
  tree_fd_count: count,
  fd_soft_limit: count,
  cpu_percent: percent,
  tree_cpu_percent: percent,
  threads: count,
  tree_process_count: count,
  disk_free_kb: humanKb,
};

/** A value of a series with its unit. */
export function quantityOf(name: SeriesName, value: number): string {
  return WRITERS[name](value);
}

/** Of one process in its lane. */
export function areaQuantity(kind: AreaKind, value: number): string {
  return kind === 'memory' ? humanKb(value) : percent(value);
}

/** Round steps for an axis: powers of two for memory, 1-2-5 for the rest. */
export function axisStep(name: SeriesName, max: number, ticks: number): number {
  const base = name.endsWith('_kb') ? 1024 : 10;
  const rough = Math.max(max / ticks, 1e-9);
  const power = base ** Math.floor(Math.log(rough) / Math.log(base));
  const multiples = base === 1024 ? [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024] : [1, 2, 5, 10];
  return (multiples.find((multiple) => multiple * power >= rough) ?? base) * power;
}
