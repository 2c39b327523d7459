import { jsonLine } from '../../src/core/words/json.ts';

/** A line of proc_trace.jsonl as we write it. */
export function traceLine(seq: number): string {
  const ts = `2026-01-01T00:00:${String(seq).padStart(2, '0')}.000000+00:00`;
  return jsonLine({
    ts,
    captured_at: ts,
    seq,
    event: 'snapshot',
    pid: 4242,
    comm: 'claude',
    state: 'sleeping',
    vm_rss_kb: 250_000,
    oom_score: 670,
    oom_score_adj: 0,
    sig_pnd: '0000000000000000',
    fd_count: 40,
    fd_soft_limit: 1024,
    tree_rss_kb: 400_000,
    cgroup_memory_kb: null,
  });
}
