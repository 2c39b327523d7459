import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { jsonLine } from '../../src/core/json.ts';
import { isoFromMs } from '../../src/core/time.ts';

export interface LongSession {
  readonly dir: string;
  readonly samples: number;
  /** An anomaly's line for every so many samples; none when 0. */
  readonly anomalyEvery?: number;
  readonly state?: 'finished' | 'running';
}

export const LONG_START_MS = Date.UTC(2025, 0, 1);
const INTERVAL_MS = 5000;
/** Of a pid above the kernel's own bound: nobody's. */
const GONE = { pid: 0x7fff_fff0, starttime_ticks: 1 };

/** A session as a recorder leaves it, of any length: some 760 bytes a sample in two files. */
export function writeLongSession({ dir, samples, anomalyEvery = 0, state = 'finished' }: LongSession): void {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const name = dir.slice(dir.lastIndexOf('/') + 1);
  const start = isoFromMs(LONG_START_MS);
  if (state === 'running') {
    const enrollment = { schema_version: 1, session_id: name, enrolled_at: start, boot_id: '', recorder: GONE };
    const rest = { spawned: GONE, interval_seconds: INTERVAL_MS / 1000, cores: 2 };
    writeFileSync(join(dir, 'enrollment.json'), jsonLine({ ...enrollment, ...rest }));
  } else {
    const seconds = (samples * INTERVAL_MS) / 1000;
    const end = isoFromMs(LONG_START_MS + samples * INTERVAL_MS);
    const whole = {
      session_id: name,
      dir_name: name,
      pid: 4242,
      cwd: '/w',
      skill_command: 'claude -p x',
      success: true,
    };
    const times = { start_ts: start, end_ts: end, duration_seconds: seconds, snapshot_interval_seconds: 5 };
    const counts = { exit_code: 0, subtype: 'success', tracked_comm: 'claude', cores: 2 };
    writeFileSync(join(dir, 'summary.json'), jsonLine({ ...whole, ...times, ...counts }));
  }
  writeLines(join(dir, 'proc_trace.jsonl'), samples, (seq) => jsonLine(longSnapshot(seq)));
  writeLines(join(dir, 'tree.jsonl'), samples, (seq) => jsonLine(longTree(seq)));
  if (anomalyEvery === 0) return;
  writeLines(join(dir, 'anomalies.jsonl'), Math.floor(samples / anomalyEvery), (n) => {
    const { ts, seq } = longSnapshot(n * anomalyEvery);
    const detail = { cpu_percent: 200, consecutive_count: n };
    return jsonLine({
      ts,
      seq,
      event: 'anomaly',
      kind: 'fd_high',
      severity: 'warning',
      pid: 4242,
      detail,
      snapshot: null,
    });
  });
}

function writeLines(path: string, count: number, lineOf: (n: number) => string): void {
  const fd = openSync(path, 'w', 0o600);
  let text = '';
  for (let n = 0; n < count; n += 1) {
    text += `${lineOf(n)}\n`;
    if (text.length < 1 << 20 && n + 1 < count) continue;
    writeSync(fd, text);
    text = '';
  }
  closeSync(fd);
}

/** One sample in 50,001 has a spike of memory that only it shows. */
export const SPIKE_EVERY = 50_001;
export const SPIKE_KB = 9_000_000;

export function longSnapshot(seq: number) {
  const ts = isoFromMs(LONG_START_MS + seq * INTERVAL_MS);
  const rssKb = seq % SPIKE_EVERY === SPIKE_EVERY - 1 ? SPIKE_KB : 250_000 + ((seq * 977) % 60_000);
  return {
    ts,
    captured_at: ts,
    seq,
    event: 'snapshot',
    pid: 4242,
    comm: 'claude',
    state: seq % 3 === 0 ? 'running' : 'sleeping',
    vm_rss_kb: rssKb,
    threads: 14,
    fd_count: 40 + (seq % 7),
    fd_soft_limit: 1_048_576,
    ctx_switches_voluntary: 1000 + seq * 17,
    ctx_switches_involuntary: 30 + seq,
    sig_pnd: '0000000000000000',
    sig_blk: '0000000000000000',
    sig_cgt: '00000001a0016623',
    oom_score: 666 + (seq % 9),
    oom_score_adj: 0,
    wchan: 'do_epoll_wait',
    cpu_percent: (seq % 1000) / 10,
    shd_pnd: '0000000000000000',
    tree_process_count: 1,
    tree_rss_kb: rssKb,
    tree_cpu_percent: (seq % 1000) / 10,
    tree_fd_count: 40,
    mem_available_kb: 8_000_000 - (seq % 1000),
    cgroup_memory_kb: null,
    cgroup_memory_limit_kb: null,
    psi_memory_some_avg10: 0,
  };
}

function longTree(seq: number): object {
  const { ts, comm, state, vm_rss_kb, threads, fd_count, oom_score } = longSnapshot(seq);
  const member = { pid: 4242, ppid: 1, pgid: 4242, sid: 4242, start_ticks: 77, comm, state, rss_kb: vm_rss_kb };
  const more = { cpu_percent: 1.5, threads, fd_count, oom_score, oom_score_adj: 0, wchan: 'do_epoll_wait' };
  return { ts, seq, output_bytes: seq * 10, processes: [{ ...member, ...more }] };
}
