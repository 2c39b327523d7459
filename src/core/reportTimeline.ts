import { reportNumber } from './reportNumbers.ts';
import type { ReportPoint, ReportTimeline } from './report.ts';
import { slopeOf } from './slope.ts';
import type { Snapshot } from './snapshot.ts';
import { msFromIso } from './time.ts';

/** Enough to see the shape of a session's course. */
const MAX_POINTS = 12;

interface Course {
  readonly startMs: number | undefined;
  readonly intervalSeconds: number | undefined;
}

export function sinceStart(ts: string, startMs: number | undefined): number | null {
  const ms = msFromIso(ts);
  return ms === undefined || startMs === undefined ? null : secondsOf((ms - startMs) / 1000);
}

export function timelineOf(snapshots: readonly Snapshot[], { startMs, intervalSeconds }: Course): ReportTimeline {
  const fdRatios = snapshots.map(({ fd_count: count, fd_soft_limit: limit }) =>
    count === undefined || limit === undefined || limit <= 0 ? undefined : count / limit,
  );
  return {
    samples: snapshots.length,
    interval_seconds: reportNumber(intervalSeconds, 'seconds'),
    peak_rss_kb: highest(snapshots.map((snapshot) => snapshot.vm_rss_kb)),
    peak_tree_rss_kb: highest(snapshots.map((snapshot) => snapshot.ours?.tree_rss_kb)),
    peak_fd_ratio: highest(fdRatios),
    peak_oom_score: highest(snapshots.map((snapshot) => snapshot.oom_score)),
    peak_cpu_percent: highest(snapshots.map((snapshot) => snapshot.cpu_percent)),
    rss_slope_kb_per_minute: rssSlope(snapshots),
    points: coarsePoints(snapshots, startMs),
  };
}

function highest(values: readonly (number | undefined)[]): number | null {
  let top: number | null = null;
  for (const value of values)
    if (value !== undefined && Number.isFinite(value) && value > (top ?? -Infinity)) top = value;
  return reportNumber(top, 'amount');
}

/** Evenly spread, the first and the last among them. */
function spread<T>(items: readonly T[], count: number): T[] {
  if (items.length <= count) return [...items];
  return Array.from(
    { length: count },
    (_, index) => items[Math.round((index * (items.length - 1)) / (count - 1))],
  ).filter((item) => item !== undefined);
}

function rssSlope(snapshots: readonly Snapshot[]): number | null {
  const points = spread(snapshots, 60).flatMap(({ ts, vm_rss_kb: rss }) => {
    const ms = msFromIso(ts);
    return ms === undefined || rss === undefined ? [] : [{ x: ms / 60_000, y: rss }];
  });
  return points.length < 3 ? null : wholeAmount(slopeOf(points)?.median);
}

function coarsePoints(snapshots: readonly Snapshot[], startMs: number | undefined): ReportPoint[] {
  return spread(snapshots, MAX_POINTS).flatMap((snapshot) => {
    const at = sinceStart(snapshot.ts, startMs);
    if (at === null) return [];
    return [
      {
        at_seconds: at,
        rss_kb: wholeAmount(snapshot.vm_rss_kb),
        tree_rss_kb: wholeAmount(snapshot.ours?.tree_rss_kb),
        cpu_percent: wholeAmount(snapshot.cpu_percent),
        fds: wholeAmount(snapshot.fd_count),
      },
    ];
  });
}

export function wholeAmount(value: number | undefined): number | null {
  return value === undefined ? null : reportNumber(Math.round(value), 'amount');
}

export function secondsOf(value: number | undefined): number | null {
  return value === undefined ? null : reportNumber(Number(value.toFixed(1)), 'seconds');
}
