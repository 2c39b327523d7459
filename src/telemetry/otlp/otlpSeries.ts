import { reportNumber } from '../../core/report/reportNumbers.ts';
import type { SampleStore } from '../../core/panel/sampleStore.ts';
import type { SeriesName } from '../../core/panel/sessionView.ts';

/** One process metric over a session. */
export interface OtlpSeries {
  /** Of the semantic conventions where they have one. */
  readonly name: string;
  /** UCUM, as OpenTelemetry wants it. */
  readonly unit: string;
  /** An amount that adds up over processes (UpDownCounter), or a share (Gauge). */
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
  ['process.cpu.utilization', '1', 'share', 'cpu_percent', (cores) => 1 / 100 / Math.max(1, cores)],
  ['process.memory.usage', 'By', 'amount', 'vm_rss_kb', fromKb],
  ['process.open_file_descriptor.count', '{file_descriptor}', 'amount', 'fd_count', asItIs],
  ['process.thread.count', '{thread}', 'amount', 'threads', asItIs],
  ['session_diagnostics.tree.memory.usage', 'By', 'amount', 'tree_rss_kb', fromKb],
  ['session_diagnostics.tree.open_file_descriptor.count', '{file_descriptor}', 'amount', 'tree_fd_count', asItIs],
  ['session_diagnostics.tree.process.count', '{process}', 'amount', 'tree_process_count', asItIs],
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
  return DEFINITIONS.flatMap(([name, unit, kind, from, factorOf]) => {
    const factor = factorOf(cores);
    const { t, v } = series[from] ?? { t: [], v: [] };
    const points = t.flatMap((atMs, i) => {
      const at = v[i];
      const value = typeof at === 'number' ? reportNumber(at * factor, 'amount') : null;
      return value === null ? [] : [{ atMs, value }];
    });
    return points.length === 0 ? [] : [{ name, unit, kind, startMs, points }];
  });
}
