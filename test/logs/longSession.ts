import { closeSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { basename, join } from 'node:path';
import { jsonLine } from '../../src/core/words/json.ts';
import { isoFromMs } from '../../src/core/words/time.ts';

export interface LongSession {
  readonly dir: string;
  readonly samples: number;
  /** An anomaly's line for every so many samples; none when 0. */
  readonly anomalyEvery?: number;
}

export const LONG_START_MS = Date.UTC(2025, 0, 1);
const INTERVAL_MS = 5000;
/** Of a pid above the kernel's own bound: nobody's. */
const GONE = { pid: 0x7fff_fff0, starttime_ticks: 1 };

/** A session as a recorder leaves it, of any length: some 800 bytes a sample in two files. */
export function writeLongSession({ dir, samples, anomalyEvery = 0 }: LongSession): void {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const name = basename(dir);
  const seconds = (samples * INTERVAL_MS) / 1000;
  const times = { start_ts: isoFromMs(LONG_START_MS), end_ts: isoFromMs(LONG_START_MS + seconds * 1000) };
  const whole = { session_id: name, dir_name: name, pid: 4242, cwd: '/w', skill_command: 'claude -p x', success: true };
  const counts = { exit_code: 0, subtype: 'success', tracked_comm: 'claude', cores: 2, duration_seconds: seconds };
  writeFileSync(join(dir, 'summary.json'), jsonLine({ ...whole, ...times, ...counts, snapshot_interval_seconds: 5 }));
  writeLines(join(dir, 'proc_trace.jsonl'), samples, (seq) => JSON.stringify(longSnapshot(seq)));
  writeLines(join(dir, 'tree.jsonl'), samples, (seq) => JSON.stringify(longTree(seq)));
  if (anomalyEvery === 0) return;
  writeLines(join(dir, 'anomalies.jsonl'), Math.floor(samples / anomalyEvery), (n) => {
    const { ts, seq } = longSnapshot(n * anomalyEvery);
    const detail = { fd_count: 1000, ratio: 0.9 };
    const words = { event: 'anomaly', kind: 'fd_high', severity: 'warning' };
    return jsonLine({ ts, seq, ...words, pid: 4242, detail, snapshot: null });
  });
}

/** Makes of it what a recorder leaves that died with its agent; returns where it is now. */
export function abandonSession(root: string, name: string): string {
  const [from, dir] = [join(root, 'sessions', name), join(root, 'running', name)];
  mkdirSync(join(root, 'running'), { recursive: true, mode: 0o700 });
  renameSync(from, dir);
  rmSync(join(dir, 'summary.json'));
  const enrollment = {
    schema_version: 1,
    session_id: name,
    enrolled_at: isoFromMs(LONG_START_MS),
    boot_id: '',
    cores: 2,
  };
  const processes = { recorder: GONE, spawned: GONE, interval_seconds: INTERVAL_MS / 1000 };
  writeFileSync(join(dir, 'enrollment.json'), jsonLine({ ...enrollment, ...processes }));
  return dir;
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

/** Keys in the order in which a recorder writes them. */
export function longSnapshot(seq: number) {
  const ts = isoFromMs(LONG_START_MS + seq * INTERVAL_MS);
  const rssKb = seq % SPIKE_EVERY === SPIKE_EVERY - 1 ? SPIKE_KB : 250_000 + ((seq * 977) % 60_000);
  return {
    captured_at: ts,
    cgroup_memory_kb: null,
    cgroup_memory_limit_kb: null,
    comm: 'claude',
    cpu_percent: (seq % 1000) / 10,
    ctx_switches_involuntary: 30 + seq,
    ctx_switches_voluntary: 1000 + seq * 17,
    event: 'snapshot',
    fd_count: 40 + (seq % 7),
    fd_soft_limit: 1_048_576,
    mem_available_kb: 8_000_000 - (seq % 1000),
    oom_score: 666 + (seq % 9),
    oom_score_adj: 0,
    pid: 4242,
    psi_memory_some_avg10: 0,
    seq,
    shd_pnd: '0000000000000000',
    sig_blk: '0000000000000000',
    sig_cgt: '00000001a0016623',
    sig_pnd: '0000000000000000',
    state: seq % 3 === 0 ? 'running' : 'sleeping',
    threads: 14,
    tree_cpu_percent: (seq % 1000) / 10,
    tree_fd_count: 40,
    tree_process_count: 1,
    tree_rss_kb: rssKb,
    ts,
    vm_rss_kb: rssKb,
    wchan: 'do_epoll_wait',
  };
}

function longTree(seq: number): object {
  const { ts, comm, state, vm_rss_kb, threads, fd_count, oom_score } = longSnapshot(seq);
  const member = { comm, cpu_percent: 1.5, fd_count, oom_score, oom_score_adj: 0, pgid: 4242, pid: 4242, ppid: 1 };
  const more = { rss_kb: vm_rss_kb, sid: 4242, start_ticks: 77, state, threads, wchan: 'do_epoll_wait' };
  return { output_bytes: seq * 10, processes: [{ ...member, ...more }], seq, ts };
}
