import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import pidusage from 'pidusage';
import { pageKb, ProcFiles } from '../../src/recorder/proc/procFiles.ts';
import { parseStat, readCheapFacts, type ProcStat } from '../../src/recorder/proc/procReader.ts';
import { SnapshotReader } from '../../src/recorder/proc/snapshotReader.ts';
import { TreeCpu } from '../../src/recorder/proc/treeCpu.ts';
import type { BenchRow } from './run.ts';

const PROCESSES = 50;
const PASSES = 8;
const ROUNDS = 60;
const BAR = 0.35;
/** Debian's interpreter: a version manager's python3 does not see Debian's python3-psutil. */
const PYTHON = '/usr/bin/python3';

const NOTHING_AROUND = {
  memAvailableKb: undefined,
  psiMemorySomeAvg10: undefined,
  cgroupMemoryKb: undefined,
  cgroupMemoryLimitKb: undefined,
};

/** Sampling one process, the standard layout's field set, against psutil doing the same reads on the same processes. */
export async function bench(): Promise<readonly BenchRow[]> {
  const sleepers = Array.from({ length: PROCESSES }, () => spawn('sleep', ['120'], { stdio: 'ignore' }));
  const pids = sleepers.flatMap((sleeper) => sleeper.pid ?? []);
  const ours = new OurReads(pids);
  try {
    const oursUs: number[] = [];
    const openedUs: number[] = [];
    const psutilUs: number[] = [];
    // Turn about, so that a busy machine slows both sides alike.
    for (let pass = 0; pass < PASSES; pass += 1) {
      oursUs.push(...ours.measure(ROUNDS));
      openedUs.push(...new OurReads(pids, 0).measure(ROUNDS / 4));
      psutilUs.push(...psutilRounds(pids));
    }
    const ratio = median(oursUs) / median(psutilUs);
    const pidusageUs = await pidusageMicroseconds(pids[0] ?? process.pid);
    return [
      {
        name: 'one process, the field set: ours over psutil',
        value: ratio,
        unit: 'x',
        bar: `<= ${BAR}`,
        held: ratio <= BAR,
        detail: `medians of ${PASSES} turns: ours ${shown(oursUs)}, psutil ${shown(psutilUs)} a process`,
      },
      { name: 'the same, every file opened each time', value: median(openedUs), unit: 'µs' },
      { name: "pidusage, asked once a sample for the agent's CPU", value: pidusageUs, unit: 'µs' },
    ];
  } finally {
    ours.close();
    for (const sleeper of sleepers) end(sleeper);
  }
}

/** What the sampler does for a tracked process, for each of many. */
class OurReads {
  readonly #files: ProcFiles;
  readonly #snapshots: readonly { readonly pid: number; readonly reader: SnapshotReader }[];
  readonly #cpu = new TreeCpu();
  readonly #kbPerPage = pageKb();

  constructor(pids: readonly number[], maxKept = 2048) {
    const files = new ProcFiles('/proc', maxKept);
    this.#files = files;
    for (const pid of pids) files.keep(pid);
    this.#snapshots = pids.map((pid) => ({ pid, reader: new SnapshotReader(files) }));
  }

  measure(rounds: number): readonly number[] {
    return Array.from({ length: rounds }, () => {
      const started = performance.now();
      this.#readAll();
      return ((performance.now() - started) * 1000) / this.#snapshots.length;
    });
  }

  #readAll(): void {
    const rows: { readonly row: ProcStat; readonly reader: SnapshotReader }[] = [];
    for (const { pid, reader } of this.#snapshots) {
      const row = parseStat(this.#files.read(pid, 'stat') ?? '');
      if (row === undefined) throw new Error(`process ${pid} ended during the measurement`);
      rows.push({ row, reader });
    }
    const cpu = this.#cpu.measure(
      rows.map(({ row }) => row),
      performance.now(),
    );
    for (const { row, reader } of rows) {
      const facts = readCheapFacts(this.#files, row.pid, this.#kbPerPage);
      const snapshot = reader.read(row, facts, { system: NOTHING_AROUND });
      if (snapshot.sig_blk === undefined || snapshot.fd_count === undefined) throw new Error('an incomplete reading');
      cpu.percentOf(row.pid);
    }
  }

  close(): void {
    this.#files.close();
  }
}

function psutilRounds(pids: readonly number[]): readonly number[] {
  const script = join(import.meta.dirname, 'psutilSampling.py');
  const output = execFileSync(PYTHON, [script, String(ROUNDS), ...pids.map(String)], { encoding: 'utf8' });
  return output
    .trim()
    .split('\n')
    .map((seconds) => Number(seconds) * 1e6);
}

async function pidusageMicroseconds(pid: number): Promise<number> {
  await pidusage(pid);
  const times: number[] = [];
  for (let i = 0; i < 200; i += 1) {
    const before = process.cpuUsage();
    await pidusage(pid);
    const used = process.cpuUsage(before);
    times.push(used.user + used.system);
  }
  pidusage.clear();
  return median(times);
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function shown(microseconds: readonly number[]): string {
  return `${median(microseconds).toFixed(1)} µs`;
}

function end(child: ChildProcess): void {
  child.kill('SIGKILL');
}
