import { reportNumber } from './reportNumbers.ts';
import type { ReportPoint, ReportTimeline } from './report.ts';
import type { SeriesTally } from './seriesTally.ts';
import { medianSlope } from '../words/slope.ts';

import { msFromIso } from '../words/time.ts';

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

export function timelineOf(series: SeriesTally, { startMs, intervalSeconds }: Course): ReportTimeline {
  const { peaks } = series;
  return {
    samples: series.count,
    interval_seconds: reportNumber(intervalSeconds, 'seconds'),
    peak_rss_kb: reportNumber(peaks.rssKb, 'amount'),
    peak_tree_rss_kb: reportNumber(peaks.treeRssKb, 'amount'),
    peak_fd_ratio: reportNumber(peaks.fdRatio, 'amount'),
    peak_oom_score: reportNumber(peaks.oomScore, 'amount'),
    peak_cpu_percent: reportNumber(peaks.cpuPercent, 'amount'),
    rss_slope_kb_per_minute: rssSlope(series),
    points: coarsePoints(series, startMs),
  };
}

function rssSlope(series: SeriesTally): number | null {
  const points = series.spread(60).flatMap(({ ts, vm_rss_kb: rss }) => {
    const ms = msFromIso(ts);
    return ms === undefined || rss === undefined ? [] : [{ x: ms / 60_000, y: rss }];
  });
  return points.length < 3 ? null : wholeAmount(medianSlope(points));
}

function coarsePoints(series: SeriesTally, startMs: number | undefined): ReportPoint[] {
  return series.spread(MAX_POINTS).flatMap((snapshot) => {
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
