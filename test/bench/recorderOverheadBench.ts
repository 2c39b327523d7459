import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { barePrivateMb, cpuSeconds, privateMb, recorderPid } from './processCost.ts';
import type { BenchRow } from './run.ts';

const CLI = resolve(import.meta.dirname, '../../dist/cli.js');
const TREE = 50;
const WARM_UP_MS = 6000;
const SECONDS = 24;
const CPU_BAR_PERCENT = 0.5;
const MEMORY_BAR_MB = 15;

/** What being recorded costs: the built recorder over a tree of 50 at 1 Hz, against a node process that idles. */
export async function bench(): Promise<readonly BenchRow[]> {
  const folder = mkdtempSync(join(tmpdir(), 'overhead-'));
  const agent = `for i in $(seq ${TREE - 1}); do sleep ${SECONDS + 20} & done; wait`;
  const recorder = spawn(
    process.execPath,
    [CLI, 'run', '--log-dir', join(folder, 'logs'), '--id', 'bench', '--interval', '1', '--', 'sh', '-c', agent],
    { stdio: 'ignore' },
  );
  try {
    await delay(WARM_UP_MS); // the start-up ramp samples faster, and code is compiled once
    const pid = recorderPid(join(folder, 'logs'), 'bench');
    const before = cpuSeconds(pid);
    const startedMs = performance.now();
    await delay(SECONDS * 1000);
    const percent = ((cpuSeconds(pid) - before) / (performance.now() - startedMs)) * 100_000;
    const memoryMb = privateMb(pid);
    const bareMb = await barePrivateMb();
    const lines = readFileSync(join(folder, 'logs/running/bench/tree.jsonl'), 'utf8').trim().split('\n').length;
    return [
      {
        name: `recorder, tree of ${TREE} at 1 Hz, share of one core`,
        value: percent,
        unit: '%',
        bar: `<= ${CPU_BAR_PERCENT} %`,
        held: percent <= CPU_BAR_PERCENT,
        detail: `over ${SECONDS} s; ${lines} samples written`,
      },
      {
        name: 'recorder, private memory over a bare node -e',
        value: memoryMb - bareMb,
        unit: 'MB',
        bar: `<= ${MEMORY_BAR_MB} MB`,
        held: memoryMb - bareMb <= MEMORY_BAR_MB,
        detail: `${memoryMb.toFixed(1)} MB against ${bareMb.toFixed(1)} MB`,
      },
    ];
  } finally {
    recorder.kill('SIGTERM');
    await new Promise((done) => recorder.once('exit', done));
    rmSync(folder, { recursive: true });
  }
}
