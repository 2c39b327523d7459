import { appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jsonLine } from '../../src/core/words/json.ts';
import { isoFromMs } from '../../src/core/words/time.ts';

export const START_MS = Date.UTC(2026, 0, 15, 9, 0, 0);

/** A log root written line by line as a recorder would, so that every state of the panel can be had at once. */
export class ScriptedRoot {
  readonly path = mkdtempSync(join(tmpdir(), 'panel-root-'));

  session(id: string, folder: 'running' | 'sessions' = 'sessions'): ScriptedSession {
    return new ScriptedSession(this.path, id, folder);
  }

  index(line: object): void {
    appendFileSync(join(this.path, 'sessions.jsonl'), `${jsonLine(line)}\n`);
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

export interface Sample {
  readonly seq: number;
  readonly ms: number;
  readonly [field: string]: unknown;
}

export class ScriptedSession {
  readonly #root: string;
  readonly id: string;
  #folder: 'running' | 'sessions';

  constructor(root: string, id: string, folder: 'running' | 'sessions') {
    this.#root = root;
    this.id = id;
    this.#folder = folder;
    mkdirSync(this.dir, { recursive: true });
  }

  get dir(): string {
    return join(this.#root, this.#folder, this.id);
  }

  get ref(): { readonly root: string; readonly id: string } {
    return { root: this.#root, id: this.id };
  }

  samples(samples: readonly Sample[]): void {
    this.raw('proc_trace.jsonl', samples.map((sample) => `${jsonLine(snapshotLine(sample))}\n`).join(''));
  }

  tree(seq: number, ms: number, processes: readonly object[]): void {
    this.raw('tree.jsonl', `${jsonLine({ ts: isoFromMs(ms), seq, output_bytes: seq * 100, processes })}\n`);
  }

  anomaly(seq: number, ms: number, anomaly: { kind: string; severity: string; detail: object }): void {
    const line = { ts: isoFromMs(ms), seq, event: 'anomaly', pid: 4242, snapshot: null, ...anomaly };
    this.raw('anomalies.jsonl', `${jsonLine(line)}\n`);
  }

  lifecycle(ms: number, event: string, more: object = {}): void {
    this.raw('lifecycle.jsonl', `${jsonLine({ timestamp: isoFromMs(ms), event, session_id: this.id, ...more })}\n`);
  }

  raw(file: string, text: string): void {
    appendFileSync(join(this.dir, file), text);
  }

  enroll(more: object = {}): void {
    writeFileSync(
      join(this.dir, 'enrollment.json'),
      JSON.stringify({
        schema_version: 1,
        session_id: this.id,
        enrolled_at: isoFromMs(START_MS),
        boot_id: 'boot',
        pid: 4242,
        starttime_ticks: 1,
        comm: 'claude',
        recorder: { pid: process.pid, starttime_ticks: null },
        spawned: null,
        mode: 'run',
        agent: 'claude',
        cwd: '/home/dev/project',
        skill_command: 'claude -p "migrate the tests"',
        label: null,
        interval_seconds: 1,
        timeout_seconds: null,
        cores: 4,
        ...more,
      }),
    );
  }

  /** Ends the session the way the recorder does: summary, move, index line. */
  finish(summary: object): void {
    const whole = {
      schema_version: 1,
      session_id: this.id,
      dir_name: this.id,
      pid: 4242,
      cwd: '/home/dev/project',
      skill_command: 'claude -p "migrate the tests"',
      success: true,
      subtype: 'success',
      exit_code: 0,
      signal: null,
      start_ts: isoFromMs(START_MS),
      end_ts: isoFromMs(START_MS + 60_000),
      duration_seconds: 60,
      snapshot_interval_seconds: 1,
      snapshot_count: 0,
      anomaly_count: 0,
      peak_rss_kb: 0,
      peak_oom_score: 0,
      agent: 'claude',
      leftover_processes: [],
      ...summary,
    };
    writeFileSync(join(this.dir, 'summary.json'), JSON.stringify(whole));
    if (this.#folder === 'running') {
      const from = this.dir;
      this.#folder = 'sessions';
      mkdirSync(join(this.#root, 'sessions'), { recursive: true });
      renameSync(from, this.dir);
    }
    const index = { ...whole, timestamp: whole.start_ts, cause: causeIn(summary) };
    appendFileSync(join(this.#root, 'sessions.jsonl'), `${jsonLine(index)}\n`);
  }
}

function causeIn(summary: object): unknown {
  const { verdict } = summary as { verdict?: { cause?: string } };
  return verdict?.cause ?? null;
}

function snapshotLine({ seq, ms, ...fields }: Sample): object {
  const ts = isoFromMs(ms);
  return {
    ts,
    captured_at: ts,
    seq,
    event: 'snapshot',
    pid: 4242,
    comm: 'claude',
    state: 'sleeping',
    vm_rss_kb: 200_000,
    threads: 11,
    fd_count: 31,
    fd_soft_limit: 1024,
    ctx_switches_voluntary: seq * 3,
    ctx_switches_involuntary: seq,
    sig_pnd: '0000000000000000',
    sig_blk: '0000000000000000',
    sig_cgt: '0000000180014a07',
    shd_pnd: '0000000000000000',
    oom_score: 690,
    oom_score_adj: 0,
    wchan: 'ep_poll',
    cpu_percent: 12.5,
    tree_process_count: 4,
    tree_rss_kb: 320_000,
    tree_cpu_percent: 30,
    tree_fd_count: 70,
    mem_available_kb: 5_000_000,
    cgroup_memory_kb: 330_000,
    cgroup_memory_limit_kb: 2_097_152,
    psi_memory_some_avg10: 0,
    ...fields,
  };
}
