import { downsample } from './downsample.ts';
import { reportNumber } from './reportNumbers.ts';
import type { Snapshot } from './snapshot.ts';
import { msFromIso } from './time.ts';

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
  valueOf: (snapshot: Snapshot, cores: number) => number | undefined,
];

/** `process.*` is the tracked process; its whole tree has no name in the conventions. */
const DEFINITIONS: readonly Definition[] = [
  ['process.cpu.utilization', '1', 'share', ({ cpu_percent: cpu }, cores) => scaled(cpu, 1 / 100 / cores)],
  ['process.memory.usage', 'By', 'amount', ({ vm_rss_kb: rss }) => scaled(rss, 1024)],
  ['process.open_file_descriptor.count', '{file_descriptor}', 'amount', ({ fd_count: count }) => count],
  ['process.thread.count', '{thread}', 'amount', ({ threads }) => threads],
  ['session_diagnostics.tree.memory.usage', 'By', 'amount', ({ ours }) => scaled(ours?.tree_rss_kb, 1024)],
  [
    'session_diagnostics.tree.open_file_descriptor.count',
    '{file_descriptor}',
    'amount',
    ({ ours }) => ours?.tree_fd_count,
  ],
  ['session_diagnostics.tree.process.count', '{process}', 'amount', ({ ours }) => ours?.tree_process_count],
];

/** A sample far outside of its session was not taken in it. */
export const SLACK_MS = 3_600_000;

/** Of a long session the low and the high of each stretch, as the panel draws it: a spike of one sample stays. */
export function otlpSeries(snapshots: readonly Snapshot[], { startMs, endMs, cores }: Course): readonly OtlpSeries[] {
  const timed = snapshots.flatMap((snapshot) => {
    const ms = msFromIso(snapshot.ts);
    return ms === undefined || ms < startMs - SLACK_MS || ms > endMs + SLACK_MS ? [] : [{ ms, snapshot }];
  });
  const times = Float64Array.from(timed, ({ ms }) => ms);
  const range = {
    fromMs: Math.min(startMs, times[0] ?? startMs),
    toMs: Math.max(endMs, times.at(-1) ?? endMs),
    pixels: 500,
  };
  return DEFINITIONS.flatMap(([name, unit, kind, valueOf]) => {
    const values = Float32Array.from(timed, ({ snapshot }) => valueOf(snapshot, Math.max(1, cores)) ?? Number.NaN);
    const { t, v } = downsample({ times, values, count: times.length, gapMs: Number.POSITIVE_INFINITY }, range);
    const points = t.flatMap((atMs, i) => {
      const value = reportNumber(v[i], 'amount');
      return value === null ? [] : [{ atMs, value }];
    });
    return points.length === 0 ? [] : [{ name, unit, kind, startMs, points }];
  });
}

function scaled(value: number | undefined, factor: number): number | undefined {
  return value === undefined ? undefined : value * factor;
}
