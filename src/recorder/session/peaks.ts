import type { Snapshot } from '../../core/session/snapshot.ts';

/** The largest values of a session, as summary.json wants them. */
export interface Peaks {
  readonly peak_rss_kb: number;
  readonly peak_oom_score: number;
  readonly peak_fd_ratio: number;
  readonly peak_tree_rss_kb: number | null;
}

export const NO_PEAKS: Peaks = { peak_rss_kb: 0, peak_oom_score: 0, peak_fd_ratio: 0, peak_tree_rss_kb: null };

export function withSnapshot(peaks: Peaks, snapshot: Snapshot): Peaks {
  const ratio = (snapshot.fd_count ?? 0) / (snapshot.fd_soft_limit ?? Number.POSITIVE_INFINITY);
  const treeRssKb = snapshot.ours?.tree_rss_kb;
  return {
    peak_rss_kb: Math.max(peaks.peak_rss_kb, snapshot.vm_rss_kb ?? 0),
    peak_oom_score: Math.max(peaks.peak_oom_score, snapshot.oom_score ?? 0),
    // Four digits, as AutoSkillit rounds it.
    peak_fd_ratio: Math.max(peaks.peak_fd_ratio, Number.isFinite(ratio) ? Math.round(ratio * 10_000) / 10_000 : 0),
    peak_tree_rss_kb:
      treeRssKb === undefined ? peaks.peak_tree_rss_kb : Math.max(peaks.peak_tree_rss_kb ?? 0, treeRssKb),
  };
}
