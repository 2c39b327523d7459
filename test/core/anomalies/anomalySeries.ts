import type { Moment } from '../../../src/core/anomalies/findAnomalies.ts';
import type { OurFields, Snapshot } from '../../../src/core/session/snapshot.ts';
import { isoFromMs } from '../../../src/core/words/time.ts';
import type { TreeMember } from '../../../src/core/session/tree.ts';

const START_MS = Date.UTC(2026, 2, 3, 12);
export const MB = 1024;
export const TRACKED_PID = 4000;

export function snapshotAt(seconds: number, seq: number, changes: Partial<Snapshot> = {}): Snapshot {
  const ts = isoFromMs(START_MS + seconds * 1000);
  return {
    ts,
    seq,
    event: 'snapshot',
    pid: TRACKED_PID,
    captured_at: ts,
    comm: 'node',
    state: 'sleeping',
    vm_rss_kb: 200 * MB,
    threads: 11,
    fd_count: 24,
    fd_soft_limit: 1024,
    ctx_switches_voluntary: 100 + seq,
    ctx_switches_involuntary: 5,
    sig_pnd: '0000000000000000',
    sig_blk: '0000000000000000',
    sig_cgt: '0000000000000000',
    oom_score: 20,
    wchan: '',
    cpu_percent: 1,
    ours: undefined,
    ...changes,
  };
}

export function oursOf(changes: Partial<OurFields> = {}): OurFields {
  return {
    oom_score_adj: 0,
    shd_pnd: '0000000000000000',
    tree_process_count: 1,
    tree_rss_kb: 200 * MB,
    tree_cpu_percent: 5,
    tree_fd_count: 24,
    mem_available_kb: 16_000 * MB,
    cgroup_memory_kb: undefined,
    cgroup_memory_limit_kb: undefined,
    psi_memory_some_avg10: 0,
    disk_free_kb: undefined,
    disk_size_kb: undefined,
    ...changes,
  };
}

export function memberOf(pid: number, changes: Partial<TreeMember> = {}): TreeMember {
  return {
    pid,
    ppid: TRACKED_PID,
    pgid: TRACKED_PID,
    sid: TRACKED_PID,
    start_ticks: pid * 10,
    comm: 'cc1plus',
    state: 'running',
    rss_kb: 50 * MB,
    cpu_percent: 50,
    threads: 1,
    fd_count: 8,
    oom_score: 670,
    oom_score_adj: 0,
    wchan: '',
    ...changes,
  };
}

/** What a tree looks like at an instant; what is left out is an idle agent's. */
export interface Scene {
  readonly tracked?: Partial<Snapshot>;
  readonly ours?: Partial<OurFields>;
  readonly children?: readonly TreeMember[];
  readonly outputBytes?: number | undefined;
}

export interface Machine {
  readonly totalMb: number;
  readonly oomScoreAdj: number;
}

export const LARGE_MACHINE: Machine = { totalMb: 24_000, oomScoreAdj: 0 };

/** A moment in which all numbers fit together, as the kernel would publish them. */
export function momentAt(seconds: number, seq: number, { scene, machine }: { scene: Scene; machine: Machine }): Moment {
  const rssKb = scene.tracked?.vm_rss_kb ?? 200 * MB;
  const children = scene.children ?? [];
  const treeRssKb = rssKb + children.reduce((sum, { rss_kb }) => sum + (rss_kb ?? 0), 0);
  const share = Math.round((1000 * rssKb) / (machine.totalMb * MB));
  const snapshot = snapshotAt(seconds, seq, {
    oom_score: Math.floor(((1000 + share + machine.oomScoreAdj) * 2) / 3),
    ours: oursOf({
      oom_score_adj: machine.oomScoreAdj,
      tree_process_count: 1 + children.length,
      tree_rss_kb: treeRssKb,
      mem_available_kb: Math.max(0, Math.round(machine.totalMb * MB * 0.9 - treeRssKb)),
      ...scene.ours,
    }),
    ...scene.tracked,
  });
  const tracked = memberOf(TRACKED_PID, {
    ppid: 1,
    comm: snapshot.comm,
    state: snapshot.state,
    rss_kb: rssKb,
    threads: snapshot.threads,
    fd_count: snapshot.fd_count,
  });
  return {
    snapshot,
    tree: { ts: snapshot.ts, seq, output_bytes: scene.outputBytes, processes: [tracked, ...children] },
  };
}

export interface Series {
  readonly seconds: number;
  readonly intervalSeconds: number;
  readonly machine?: Machine;
  readonly scene: (seconds: number, seq: number) => Scene;
}

/** Sampled like the recorder does: the first ones in quick succession, then at the interval. */
export function momentsOf({ seconds, intervalSeconds, machine = LARGE_MACHINE, scene }: Series): Moment[] {
  const moments: Moment[] = [];
  const ramp = [0.25, 0.5, 1].map((delay) => Math.min(delay, intervalSeconds));
  for (let at = 0, seq = 0; at <= seconds; at += ramp[seq] ?? intervalSeconds, seq++) {
    moments.push(momentAt(at, seq, { scene: scene(at, seq), machine }));
  }
  return moments;
}
