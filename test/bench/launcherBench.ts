import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ENTRIES, type Entry } from '../cli/differential/entries.ts';
import type { BenchRow } from './run.ts';

const SESSIONS = 500;
const STARTS = 21;
const DEATHS = 7;
const ROUNDS = 3;
const BYTES = 1_000_000_000;
const LINES = 300_000;
const BAR_TEE = 1;
const BAR_LINES = 1.3;
const BAR_LATE_MS = 100;
const BAR_START_MS: Readonly<Record<Entry['name'], number | undefined>> = { native: 30, node: 80, off: undefined };

const PROBE_SOURCE = resolve(import.meta.dirname, '../cli/differential/probe.c');

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function elapsed(script: string, env: NodeJS.ProcessEnv): number {
  const from = performance.now();
  const { status, stderr } = spawnSync('bash', ['-c', script], { env: { ...process.env, ...env }, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${script} ended with ${status}: ${stderr}`);
  return performance.now() - from;
}

function isBusy(logs: string): boolean {
  try {
    return readdirSync(join(logs, 'running')).length > 0;
  } catch {
    return false; // none has run yet
  }
}

/** No session of the round before may still be busy beside the next one. */
async function settled(logs: string): Promise<void> {
  while (isBusy(logs)) await delay(20);
}

/** Yardstick and subject in turns, so that the machine's moods meet both. */
async function inTurns(rounds: number, logs: string, subject: () => number, yardstick: () => number) {
  const pairs: { subject: number; yardstick: number }[] = [];
  for (let round = 0; round < rounds; round += 1) {
    await settled(logs);
    const bare = yardstick();
    pairs.push({ subject: subject(), yardstick: bare });
  }
  return { subject: median(pairs.map((pair) => pair.subject)), yardstick: median(pairs.map((pair) => pair.yardstick)) };
}

/** A root as it is after months: one real session, and copies of it. */
async function fill(logs: string, run: string, env: NodeJS.ProcessEnv): Promise<void> {
  elapsed(`${run} --id first -- true`, env);
  const index = join(logs, 'sessions.jsonl');
  while (!existsSync(index)) await delay(20); // the status comes before the session is published
  const line = readFileSync(index, 'utf8');
  for (let copy = 1; copy < SESSIONS; copy += 1) {
    cpSync(join(logs, 'sessions/first'), join(logs, `sessions/copy-${copy}`), { recursive: true });
    const summary = join(logs, `sessions/copy-${copy}/summary.json`);
    writeFileSync(summary, readFileSync(summary, 'utf8').replaceAll('"first"', `"copy-${copy}"`));
    appendFileSync(index, line.replaceAll('"first"', `"copy-${copy}"`));
  }
}

/**
 * From the agent's death to the status, while another session is being recorded in the same root: the moment at which
 * the recorder looks whether others died of the same thing.
 */
async function lateMs(entry: Entry, logs: string, folder: string): Promise<number> {
  const run = `${entry.command} --log-dir ${logs}`;
  const beside = spawn('bash', ['-c', `exec ${run} -- sleep 600`], {
    env: { ...process.env, ...entry.env },
    stdio: 'ignore',
  });
  while (!isBusy(logs)) await delay(20);
  const late: number[] = [];
  for (let round = 0; round < DEATHS; round += 1) {
    const at = join(folder, 'died-at');
    const script = `${run} -- sh -c 'date +%s%3N > ${at}; kill -TERM $$; sleep 9'; exit 0`;
    elapsed(script, entry.env);
    late.push(Date.now() - Number(readFileSync(at, 'utf8')));
  }
  beside.kill('SIGTERM');
  await once(beside, 'exit');
  return median(late);
}

async function rowsOf(entry: Entry, folder: string): Promise<BenchRow[]> {
  const runIn = (logs: string) => `${entry.command} --log-dir ${logs}`;
  const busy = join(folder, `${entry.name}-busy`);
  const full = join(folder, `${entry.name}-full`);
  const probe = join(folder, 'probe');
  const timed = (script: string) => () => elapsed(script, entry.env);

  const much = await inTurns(
    ROUNDS,
    busy,
    timed(`${runIn(busy)} -- head -c ${BYTES} /dev/zero | cat > /dev/null`),
    timed(`head -c ${BYTES} /dev/zero | tee ${folder}/tee | cat > /dev/null`),
  );
  const lines = await inTurns(
    ROUNDS,
    busy,
    timed(`${runIn(busy)} -- ${probe} lines ${LINES} | cat > /dev/null`),
    timed(`${probe} lines ${LINES} | cat > /dev/null`),
  );
  await fill(full, runIn(full), entry.env);
  const start = await inTurns(STARTS, full, timed(`${runIn(full)} -- true; exit $?`), timed('/bin/true; exit $?'));

  const late = await lateMs(entry, full, folder);

  const bytesRatio = much.subject / much.yardstick;
  const linesRatio = lines.subject / lines.yardstick;
  const startMs = start.subject - start.yardstick;
  const bar = BAR_START_MS[entry.name];
  const isExact = entry.name !== 'off';
  return [
    {
      name: `${entry.name}: 1 GB through run over tee to a file`,
      value: bytesRatio,
      unit: 'x',
      bar: isExact ? `<= ${BAR_TEE}` : undefined,
      held: bytesRatio <= BAR_TEE,
      detail: `run ${Math.round(much.subject)} ms, tee ${Math.round(much.yardstick)} ms`,
    },
    {
      name: `${entry.name}: 300,000 unbuffered lines over a pipe`,
      value: linesRatio,
      unit: 'x',
      bar: isExact ? `<= ${BAR_LINES}` : undefined,
      held: linesRatio <= BAR_LINES,
      detail: `run ${Math.round(lines.subject)} ms, pipe ${Math.round(lines.yardstick)} ms`,
    },
    {
      name: `${entry.name}: run -- true over bare, ${SESSIONS} sessions in the root`,
      value: startMs,
      unit: 'ms',
      bar: bar === undefined ? undefined : `<= ${bar} ms`,
      held: bar !== undefined && startMs <= bar,
    },
    {
      name: `${entry.name}: status after a death by TERM, beside another session`,
      value: late,
      unit: 'ms',
      bar: isExact ? `<= ${BAR_LATE_MS} ms` : undefined,
      held: late <= BAR_LATE_MS,
    },
  ];
}

export async function bench(): Promise<readonly BenchRow[]> {
  const folder = mkdtempSync(join(tmpdir(), 'launcher-bench-'));
  execFileSync('gcc', ['-O1', '-o', join(folder, 'probe'), PROBE_SOURCE]);
  const rows: BenchRow[] = [];
  for (const entry of ENTRIES.filter(({ isBuilt }) => isBuilt)) rows.push(...(await rowsOf(entry, folder)));
  // The last recorders may still be writing.
  rmSync(folder, { recursive: true, force: true, maxRetries: 50 });
  return rows;
}
