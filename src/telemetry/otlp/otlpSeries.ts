import { reportNumber } from '../../core/report/reportNumbers.ts';
import type { SampleStore } from '../../core/panel/sampleStore.ts';
import type { SeriesName } from '../../core/panel/sessionView.ts';
import { METRIC, OURS } from './semanticNames.ts';

/** One process metric over a session. */
export interface OtlpSeries {
  /** Of the semantic conventions where they have one. */
  readonly name: string;
  /** UCUM, as OpenTelemetry wants it. */
  readonly unit: string;
  /** An amount that adds up over processes (UpDownCounter), or what does not (Gauge). */
  readonly kind: 'amount' | 'share';
  readonly startMs: number;
  readonly points: readonly { readonly atMs: number; readonly value: number }[];
}

interface Course {
  readonly startMs: number;
  readonly endMs: number;
  readonly cores: number;
}

type Definition = readonly [
  name: string,
  unit: string,
  kind: OtlpSeries['kind'],
  from: SeriesName,
  factor: (cores: number) => number,
];

const asItIs = (): number => 1;
const fromKb = (): number => 1024;

/** `process.*` is the tracked process; its whole tree has no name in the conventions. */
const DEFINITIONS: readonly Definition[] = [
  [METRIC.METRIC_PROCESS_CPU_UTILIZATION, '1', 'share', 'cpu_percent', (cores) => 1 / 100 / Math.max(1, cores)],
  [METRIC.METRIC_PROCESS_MEMORY_USAGE, 'By', 'amount', 'vm_rss_kb', fromKb],
  [METRIC.METRIC_PROCESS_UNIX_FILE_DESCRIPTOR_COUNT, '{file_descriptor}', 'amount', 'fd_count', asItIs],
  [METRIC.METRIC_PROCESS_THREAD_COUNT, '{thread}', 'amount', 'threads', asItIs],
  [OURS.treeMemory, 'By', 'amount', 'tree_rss_kb', fromKb],
  [OURS.treeDescriptors, '{file_descriptor}', 'amount', 'tree_fd_count', asItIs],
  [OURS.treeProcesses, '{process}', 'amount', 'tree_process_count', asItIs],
];

/** A sample far outside of its session was not taken in it. */
export const SLACK_MS = 3_600_000;

/** Of a long session the low and the high of each stretch, as the panel draws it: a spike of one sample stays. */
export function otlpSeries(samples: SampleStore, { startMs, endMs, cores }: Course): readonly OtlpSeries[] {
  // What lies far outside of the session was not taken in it.
  const series = samples.slice({
    fromMs: Math.max(startMs - SLACK_MS, Math.min(startMs, samples.firstMs ?? startMs)),
    toMs: Math.min(endMs + SLACK_MS, Math.max(endMs, samples.lastMs ?? endMs)),
    pixels: 500,
  });
  const measured = DEFINITIONS.flatMap(([name, unit, kind, from, factorOf]) => {
    const factor = factorOf(cores);
    const { t, v } = series[from] ?? { t: [], v: [] };
    const points = t.flatMap((atMs, i) => {
      const at = v[i];
      const value = typeof at === 'number' ? reportNumber(at * factor, 'amount') : null;
      return value === null ? [] : [{ atMs, value }];
    });
    return points.length === 0 ? [] : [{ name, unit, kind, startMs, points } satisfies OtlpSeries];
  });
  return [...measured, ...uptimeOf(measured, startMs)];
}

/** The agent is as old as its session: it is told at the instants at which its memory was read. */
function uptimeOf(measured: readonly OtlpSeries[], startMs: number): readonly OtlpSeries[] {
  const memory = measured.find(({ name }) => name === METRIC.METRIC_PROCESS_MEMORY_USAGE);
  if (memory === undefined) return [];
  const points = memory.points.map(({ atMs }) => ({ atMs, value: Math.max(0, (atMs - startMs) / 1000) }));
  return [{ name: METRIC.METRIC_PROCESS_UPTIME, unit: 's', kind: 'share', startMs, points }];
}
