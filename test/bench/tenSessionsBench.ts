import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../cli/builtCli.ts';
import { barePrivateMb, cpuSeconds, privateMb, recorderPid } from './processCost.ts';
import type { BenchRow } from './run.ts';

const CLI = resolve(import.meta.dirname, '../../dist/cli.js');
const SESSIONS = 10;
/** The start-up ramp samples faster. */
const WARM_UP_MS = 15_000;
const SECONDS = 45;
const SCRAPE_EVERY_MS = 5000;
const CPU_BAR_PERCENT = 5;
const MEMORY_BAR_MB = 25;
const PORT = 19_464;

/** Ten sessions at the default interval, their metrics scraped: what all of it costs the machine. */
export async function bench(): Promise<readonly BenchRow[]> {
  const folder = mkdtempSync(join(tmpdir(), 'ten-'));
  const root = ['--log-dir', join(folder, 'logs')];
  const start = (...args: string[]): ChildProcess => spawn(process.execPath, [CLI, ...args], { stdio: 'ignore' });
  const recorders = Array.from({ length: SESSIONS }, (_, i) =>
    start('run', ...root, '--id', `bench-${i}`, '--', 'sh', '-c', 'sleep 300 & sleep 300 & wait'),
  );
  const metrics = start('metrics', ...root, '--port', String(PORT));
  const ours = [...recorders, metrics];
  try {
    await until('the metrics', async () => (await scrape()) > 0);
    await delay(WARM_UP_MS);
    const ids = recorders.map((_, i) => recorderPid(join(folder, 'logs'), `bench-${i}`));
    const pids = [...ids, metrics.pid ?? 0];
    const before = pids.map(cpuSeconds);
    const startedMs = performance.now();
    for (let n = 0; n < (SECONDS * 1000) / SCRAPE_EVERY_MS; n += 1) {
      await delay(SCRAPE_EVERY_MS);
      await scrape();
    }
    const wall = (performance.now() - startedMs) / 1000;
    const spent = pids.map((pid, i) => cpuSeconds(pid) - (before[i] ?? 0));
    const percent = (spent.reduce((sum, seconds) => sum + seconds, 0) / wall) * 100;
    const bareMb = await barePrivateMb();
    const memoryMb = pids.map(privateMb);
    const each = memoryMb.slice(0, SESSIONS).reduce((sum, mb) => sum + mb - bareMb, 0) / SESSIONS;
    return [
      {
        name: `${SESSIONS} sessions and their metrics, share of one core`,
        value: percent,
        unit: '%',
        bar: `<= ${CPU_BAR_PERCENT} %`,
        held: percent <= CPU_BAR_PERCENT,
        detail: `over ${wall.toFixed(0)} s, scraped every ${SCRAPE_EVERY_MS / 1000} s; metrics alone ${(((spent.at(-1) ?? 0) / wall) * 100).toFixed(2)} %`,
      },
      {
        name: 'one of ten recorders, private memory over a bare node -e',
        value: each,
        unit: 'MB',
        bar: `<= ${MEMORY_BAR_MB} MB`,
        held: each <= MEMORY_BAR_MB,
        detail: `with node itself ${(each + bareMb).toFixed(1)} MB; metrics ${(memoryMb.at(-1) ?? 0).toFixed(1)} MB`,
      },
    ];
  } finally {
    for (const child of ours) child.kill('SIGTERM');
    await Promise.all(ours.map(ended));
    rmSync(folder, { recursive: true });
  }
}

/** How many bytes the metrics took; 0 while nobody answers. */
function scrape(): Promise<number> {
  return new Promise((done) => {
    const request = get({ host: '127.0.0.1', port: PORT, path: '/metrics' }, (response) => {
      let bytes = 0;
      response.on('data', (chunk: Buffer) => (bytes += chunk.length));
      response.on('end', () => done(bytes));
    });
    request.on('error', () => done(0));
  });
}

function ended(child: ChildProcess): Promise<unknown> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((done) => child.once('exit', done));
}
