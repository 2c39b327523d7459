import { spawn, type ChildProcess } from 'node:child_process';
import { chownSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../cli/builtCli.ts';
import { barePrivateMb, cpuSeconds, privateMb } from './processCost.ts';
import type { BenchRow } from './run.ts';

const CLI = resolve(import.meta.dirname, '../../dist/cli.js');
const AGENTS = 20;
const PROCESSES = 10;
/** Three quiet samples, after the start-up ramp, make a rest. */
const WARM_UP_MS = 25_000;
const SECONDS = 45;
const CPU_BAR_PERCENT = 1;
const IDLE_BAR_PERCENT = 0.1;
const MEMORY_BAR_MB = 60;

/** Nine that sleep and an agent that works a hundredth of a second in each half: more than what counts as idle. */
const WORKING = `#!/bin/bash
for i in 1 2 3 4 5 6 7 8 9; do sleep 600 & done
while :; do for ((i = 0; i < 8000; i += 1)); do :; done; read -rt 0.5 <> <(:) || :; done
`;
const IDLE = `#!/bin/bash
for i in 1 2 3 4 5 6 7 8 9; do sleep 600 & done
wait
`;

/** One recorder of twenty agents with ten processes each at the default interval, and one that has nobody to record. */
export async function bench(): Promise<readonly BenchRow[]> {
  const alone = await cost(0, '');
  const idle = await cost(AGENTS, IDLE);
  const working = await cost(AGENTS, WORKING);
  const bareMb = await barePrivateMb();
  const many = `watch, ${AGENTS} agents of ${PROCESSES} processes`;
  return [
    row('watch without an agent, share of one core', alone.percent, IDLE_BAR_PERCENT),
    row(`${many} that wait, share of one core`, idle.percent, undefined),
    row(`${many} that work, share of one core`, working.percent, CPU_BAR_PERCENT),
    {
      name: `${many}, private memory in all`,
      value: working.memoryMb,
      unit: 'MB',
      bar: `<= ${MEMORY_BAR_MB} MB`,
      held: working.memoryMb <= MEMORY_BAR_MB,
      detail: `of which a bare node has ${bareMb.toFixed(1)} MB; ${working.samples} samples written`,
    },
  ];
}

function row(name: string, percent: number, bar: number | undefined): BenchRow {
  return {
    name,
    value: percent,
    unit: '%',
    ...(bar !== undefined && { bar: `<= ${bar} %`, held: percent <= bar }),
  };
}

interface Cost {
  readonly percent: number;
  readonly memoryMb: number;
  readonly samples: number;
}

/** As a user without other agents, where it can be chosen: those would be recorded as well. */
const NOBODY = 65_534;
const user = process.geteuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};

async function cost(agents: number, program: string): Promise<Cost> {
  const folder = mkdtempSync(join(tmpdir(), 'watch-bench-'));
  if (user.uid !== undefined) chownSync(folder, NOBODY, NOBODY);
  const root = join(folder, 'logs');
  const agent = join(folder, 'claude');
  writeFileSync(agent, program, { mode: 0o755 });
  const env = { ...process.env, SESSION_DIAGNOSTICS_WATCH_NAME: `bench-${process.pid}`, HOME: folder };
  const watch = spawn(process.execPath, [CLI, 'watch', '--log-dir', root], {
    ...user,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise((ready) => watch.stdout.once('data', ready));
  const started: ChildProcess[] = Array.from({ length: agents }, () =>
    spawn(agent, [], { ...user, stdio: 'ignore', detached: true }),
  );
  try {
    const running = join(root, 'running');
    await until('all sessions', () => readdirSync(running).length >= agents);
    await delay(WARM_UP_MS);
    const pids = [watch.pid ?? 0, ...childrenOf(watch.pid ?? 0)];
    const before = pids.map(cpuSeconds);
    const startedMs = performance.now();
    await delay(SECONDS * 1000);
    const wallSeconds = (performance.now() - startedMs) / 1000;
    const spent = pids.reduce((sum, pid, i) => sum + cpuSeconds(pid) - (before[i] ?? 0), 0);
    const samples = readdirSync(running).reduce((sum, id) => sum + linesOf(join(running, id, 'tree.jsonl')), 0);
    return {
      percent: (spent / wallSeconds) * 100,
      memoryMb: pids.reduce((sum, pid) => sum + privateMb(pid), 0),
      samples,
    };
  } finally {
    watch.kill('SIGTERM');
    await new Promise((done) => watch.once('exit', done));
    for (const { pid } of started) if (pid !== undefined) process.kill(-pid, 'SIGKILL');
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

function childrenOf(pid: number): readonly number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
}

function linesOf(path: string): number {
  return readFileSync(path, 'utf8').split('\n').length - 1;
}
