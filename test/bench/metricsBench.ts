import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ANOMALY_KINDS, FAILURE_CATEGORIES } from '../../src/core/words/vocabulary.ts';
import { startTicksOf } from '../../src/recorder/proc/ownProcess.ts';
import { readBootId } from '../../src/recorder/proc/bootId.ts';
import { startCli, until } from '../cli/builtCli.ts';
import type { BenchRow } from './run.ts';

const SESSIONS = 500;
const RUNNING = 10;
const SCRAPES = 100;
const BAR_MS = 20;

/** A scrape of the built exporter over a root of five hundred ended and ten running sessions. */
export async function bench(): Promise<readonly BenchRow[]> {
  const root = mkdtempSync(join(tmpdir(), 'metrics-bench-'));
  const sleeper = spawn('sleep', ['120'], { stdio: 'ignore' });
  writeRoot(root, sleeper.pid ?? 0);
  const startedMs = performance.now();
  const server = startCli(['metrics', '--port', '0', '--log-dir', root]);
  try {
    let told = '';
    server.child.stdout?.on('data', (text: string) => (told += text));
    const port = Number(await until('its address', () => /:(\d+)\/metrics/.exec(told)?.[1]));
    const readyMs = performance.now() - startedMs;
    const times: number[] = [];
    for (let scrape = 0; scrape < SCRAPES; scrape += 1) times.push(await timeOfScrape(port));
    const firstMs = times[0] ?? NaN;
    times.sort((a, b) => a - b);
    const p95 = times[Math.floor(SCRAPES * 0.95)] ?? NaN;
    return [
      {
        name: `scrape with ${SESSIONS} sessions and ${RUNNING} running, p95`,
        value: p95,
        unit: 'ms',
        bar: `<= ${BAR_MS} ms`,
        held: p95 <= BAR_MS,
        detail: `median ${(times[SCRAPES / 2] ?? NaN).toFixed(1)} ms, first ${firstMs.toFixed(1)} ms, over HTTP`,
      },
      { name: 'from its start to listening, every session read', value: readyMs, unit: 'ms' },
    ];
  } finally {
    server.child.kill('SIGTERM');
    sleeper.kill('SIGKILL');
    await server.finished;
    rmSync(root, { recursive: true });
  }
}

function timeOfScrape(port: number): Promise<number> {
  const startedMs = performance.now();
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path: '/metrics' }, (response) => {
      response.resume().once('end', () => resolve(performance.now() - startedMs));
    });
    asked.once('error', reject).end();
  });
}

function writeRoot(root: string, recorderPid: number): void {
  const recorder = { pid: recorderPid, starttime_ticks: startTicksOf(recorderPid) };
  const failures = {
    format: 'claude_transcript',
    counts: Object.fromEntries(FAILURE_CATEGORIES.map((category) => [category, 2])),
    sources: Array.from({ length: 50 }, (_, line) => ({ category: 'network', rule: 'dns', handle: 'x', line })),
    suspect: { layer: 'environment', confidence: 'likely', because: ['network'], sentence: '' },
  };
  for (let n = 0; n < SESSIONS; n += 1) {
    const dir = join(root, 'sessions', `sess-${n}`);
    mkdirSync(dir, { recursive: true });
    const kind = ANOMALY_KINDS[n % ANOMALY_KINDS.length];
    const anomalies = Array.from({ length: 20 }, (_, seq) => ({ event: 'anomaly', kind, seq, snapshot: {} }));
    writeFileSync(join(dir, 'anomalies.jsonl'), anomalies.map((line) => `${JSON.stringify(line)}\n`).join(''));
    const verdict = { outcome: 'died', cause: 'killed', evidence: [] };
    writeFileSync(join(dir, 'summary.json'), JSON.stringify({ duration_seconds: n, verdict, failures }));
  }
  const sample = JSON.stringify({ event: 'snapshot', seq: 1, vm_rss_kb: 1000, tree_rss_kb: 2000, tree_fd_count: 9 });
  for (let n = 0; n < RUNNING; n += 1) {
    const dir = join(root, 'running', `live-${n}`);
    mkdirSync(dir, { recursive: true });
    const enrollment = { session_id: `live-${n}`, enrolled_at: '', boot_id: readBootId(), recorder };
    writeFileSync(join(dir, 'enrollment.json'), JSON.stringify(enrollment));
    writeFileSync(join(dir, 'proc_trace.jsonl'), `${sample}\n`.repeat(10_000));
  }
}
