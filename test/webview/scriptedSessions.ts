import { isoFromMs } from '../../src/core/words/time.ts';
import { START_MS, type Sample, type ScriptedRoot, type ScriptedSession } from './scriptedRoot.ts';

const SAMPLES = 1400;
const LEAK_FROM = 700;

/** Repeatable noise between 0 and 1. */
function noise(seed: number): number {
  const x = Math.sin(seed * 12.9898) * 43_758.5453;
  return x - Math.floor(x);
}

function leaking(seq: number): Sample {
  const leakedKb = seq < LEAK_FROM ? 0 : (seq - LEAK_FROM) * 2300;
  const busy = noise(Math.floor(seq / 40)) > 0.5;
  const treeKb = 330_000 + leakedKb + Math.round(noise(seq) * 30_000);
  return {
    seq,
    ms: START_MS + seq * 1000 + (seq > 420 ? 45_000 : 0),
    vm_rss_kb: 210_000 + Math.round(noise(seq + 7) * 12_000),
    tree_rss_kb: treeKb,
    oom_score: 690 + Math.round(treeKb / 20_000),
    fd_count: 30 + Math.round(noise(seq + 3) * 6),
    tree_fd_count: 60 + Math.round(seq / 14),
    cpu_percent: busy ? 40 + noise(seq) * 50 : noise(seq) * 6,
    tree_cpu_percent: busy ? 90 + noise(seq + 1) * 120 : noise(seq) * 15,
    threads: 11 + Math.round(noise(Math.floor(seq / 90)) * 8),
    tree_process_count: 3 + Math.round(noise(Math.floor(seq / 60)) * 5),
  };
}

const PROCESSES = [
  {
    pid: 4242,
    ppid: 4200,
    comm: 'claude',
    state: 'sleeping',
    rss_kb: 214_000,
    cpu_percent: 4,
    threads: 11,
    fd_count: 31,
    oom_score: 690,
  },
  {
    pid: 4300,
    ppid: 4242,
    comm: 'bash',
    state: 'sleeping',
    rss_kb: 3800,
    cpu_percent: 0,
    threads: 1,
    fd_count: 4,
    oom_score: 666,
  },
  {
    pid: 4301,
    ppid: 4300,
    comm: 'node',
    state: 'running',
    rss_kb: 1_660_000,
    cpu_percent: 98.2,
    threads: 23,
    fd_count: 44,
    oom_score: 812,
  },
  {
    pid: 4302,
    ppid: 4301,
    comm: 'esbuild',
    state: 'sleeping',
    rss_kb: 41_000,
    cpu_percent: 1.5,
    threads: 9,
    fd_count: 12,
    oom_score: 668,
  },
  {
    pid: 4400,
    ppid: 4242,
    comm: 'rg',
    state: 'zombie',
    rss_kb: 0,
    cpu_percent: 0,
    threads: 1,
    fd_count: 0,
    oom_score: 0,
  },
];

/** A session that leaks, warns and is killed by the kernel: everything the panel can show, at once. */
export function writeLeakySession(root: ScriptedRoot, id = 'sess-2026-01-15-leak'): ScriptedSession {
  const session = root.session(id, 'running');
  session.enroll();
  const samples = Array.from({ length: SAMPLES }, (_, seq) => leaking(seq));
  const at = (seq: number) => samples[seq]?.ms ?? START_MS;
  session.samples(samples);
  for (const { seq, ms } of samples.filter(({ seq }) => seq % 10 === 0)) session.tree(seq, ms, PROCESSES);
  session.tree(SAMPLES - 1, at(SAMPLES - 1), PROCESSES);
  session.anomaly(160, at(160), {
    kind: 'high_cpu_sustained',
    severity: 'info',
    detail: { cpu_percent: 389.4, consecutive_count: 6, cores: 4 },
  });
  for (let seq = 900; seq < 940; seq += 1) {
    session.anomaly(seq, at(seq), {
      kind: 'tree_rss_growth',
      severity: 'warning',
      detail: { from_kb: 350_000, to_kb: 340_000 + seq * 500 },
    });
  }
  session.anomaly(1000, at(1000), { kind: 'zombie_children', severity: 'warning', detail: { count: 1 } });
  session.anomaly(1250, at(1250), {
    kind: 'memory_limit_near',
    severity: 'critical',
    detail: { used_kb: 1_890_000, limit_kb: 2_097_152 },
  });
  session.anomaly(1330, at(1330), { kind: 'oom_forecast', severity: 'critical', detail: { seconds_left: 70 } });
  session.lifecycle(START_MS - 200, 'session_created', { context: { agent: 'claude', mode: 'run' } });
  session.lifecycle(START_MS - 100, 'agent_spawned', { context: { pid: 4242 } });
  session.lifecycle(START_MS, 'sampling_started');
  session.lifecycle(at(421), 'heartbeat_missed', { context: { gap_seconds: 46 } });
  session.lifecycle(at(SAMPLES - 1) + 200, 'session_death_detected', { context: { exit_code: -9, signal: 'SIGKILL' } });
  session.finish({
    success: false,
    subtype: 'crashed',
    exit_code: -9,
    signal: 'SIGKILL',
    end_ts: isoFromMs(at(SAMPLES - 1) + 300),
    duration_seconds: 1445,
    anomaly_count: 44,
    snapshot_count: SAMPLES,
    verdict: {
      outcome: 'died',
      cause: 'oom_kill',
      layer: 'environment',
      confidence: 'certain',
      evidence: [
        { kind: 'exit_status', name: 'SIGKILL', value: -9 },
        { kind: 'kernel_log', pid: 4301, name: 'node' },
        { kind: 'cgroup_oom_counter', value: 1 },
        { kind: 'memory_pressure', name: 'cgroup_memory_kb', value: 2_090_000, limit: 2_097_152 },
        { kind: 'last_snapshot', value: 214_000 },
      ],
    },
    failures: failures(at),
    leftover_processes: [
      {
        pid: 4302,
        start_ticks: 5,
        boot_id: 'boot',
        comm: 'esbuild',
        parent_pid: 4301,
        parent_comm: 'node',
        age_seconds: 300,
        rss_kb: 41_000,
      },
    ],
  });
  return session;
}

function failures(at: (seq: number) => number): object {
  const source = (category: string, rule: string, line: number) => ({
    category,
    rule,
    confidence: 'likely',
    handle: `src:0a1b2c3d4e5f:L${line}`,
    line,
    ts: isoFromMs(at(line)),
    tool_kind: 'shell',
  });
  return {
    format: 'claude_stream',
    total_lines: 1842,
    malformed_lines: 2,
    counts: { network: 3, sandbox_approval: 2, command_exit: 1, missing_dependency: 1 },
    unclosed_turns: { at_end: 1, in_middle: 0 },
    unclosed_calls: 1,
    first_ts: isoFromMs(at(10)),
    last_ts: isoFromMs(at(1390)),
    sources: [
      source('network', 'dns_failure', 112),
      source('network', 'connection_refused', 240),
      source('network', 'rate_limited', 508),
      source('sandbox_approval', 'approval_denied', 611),
      source('sandbox_approval', 'read_only_file_system', 640),
      source('command_exit', 'exit_code', 902),
      source('missing_dependency', 'command_not_found', 1120),
    ],
    suspect: {
      layer: 'environment',
      confidence: 'likely',
      because: ['network', 'sandbox_approval', 'missing_dependency'],
      sentence:
        'Environment suspect: 6 of 7 failures are network, sandbox or approval or missing dependency failures; the model was not at fault.',
    },
  };
}

/** What a session looks like while it runs. */
export function writeRunningSession(root: ScriptedRoot, id = 'sess-2026-01-15-live', count = 300): ScriptedSession {
  const session = root.session(id, 'running');
  session.enroll({ skill_command: 'codex exec "fix the flaky test"', agent: 'codex', comm: 'codex' });
  session.samples(Array.from({ length: count }, (_, seq) => leaking(seq)));
  session.tree(count - 1, START_MS + (count - 1) * 1000, PROCESSES);
  session.lifecycle(START_MS, 'sampling_started');
  return session;
}

export function liveSample(seq: number): Sample {
  return leaking(seq);
}

export function writeGoodSession(root: ScriptedRoot, id = 'sess-2026-01-14-good'): ScriptedSession {
  const session = root.session(id);
  session.samples(Array.from({ length: 60 }, (_, seq) => leaking(seq)));
  session.finish({
    skill_command: 'gemini -p "write the changelog"',
    agent: 'gemini',
    start_ts: isoFromMs(START_MS - 86_400_000),
  });
  return session;
}
