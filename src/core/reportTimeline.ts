import type { ReportPoint, ReportTimeline } from './report.ts';
import type { SeriesTally } from './seriesTally.ts';
import { slopeOf } from './slope.ts';

import { msFromIso } from './time.ts';

/** Enough to see the shape of a session's course. */
const MAX_POINTS = 12;

interface Course {
  readonly startMs: number | undefined;
  readonly intervalSeconds: number | undefined;
}

export function sinceStart(ts: string, startMs: number | undefined): number | null {
  const ms = msFromIso(ts);
  return ms === undefined || startMs === undefined ? null : rounded((ms - startMs) / 1000, 1);
}

export function timelineOf(series: SeriesTally, { startMs, intervalSeconds }: Course): ReportTimeline {
  const { peaks } = series;
  return {
    samples: series.count,
    interval_seconds: rounded(intervalSeconds, 2),
    peak_rss_kb: peaks.rssKb,
    peak_tree_rss_kb: peaks.treeRssKb,
    peak_fd_ratio: rounded(peaks.fdRatio ?? undefined, 3),
    peak_oom_score: peaks.oomScore,
    peak_cpu_percent: rounded(peaks.cpuPercent ?? undefined, 1),
    rss_slope_kb_per_minute: rssSlope(series),
    points: coarsePoints(series, startMs),
  };
}

function rssSlope(series: SeriesTally): number | null {
  const points = series.spread(60).flatMap(({ ts, vm_rss_kb: rss }) => {
    const ms = msFromIso(ts);
    return ms === undefined || rss === undefined ? [] : [{ x: ms / 60_000, y: rss }];
  });
  return points.length < 3 ? null : rounded(slopeOf(points)?.median);
}

function coarsePoints(series: SeriesTally, startMs: number | undefined): ReportPoint[] {
  return series.spread(MAX_POINTS).flatMap((snapshot) => {
    const at = sinceStart(snapshot.ts, startMs);
    if (at === null) return [];
    return [
      {
        at_seconds: at,
        rss_kb: rounded(snapshot.vm_rss_kb),
        tree_rss_kb: rounded(snapshot.ours?.tree_rss_kb),
        cpu_percent: rounded(snapshot.cpu_percent),
        fds: rounded(snapshot.fd_count),
      },
    ];
  });
}

export function rounded(value: number | undefined, digits = 0): number | null {
  return value === undefined || !Number.isFinite(value) ? null : Number(value.toFixed(digits));
}
