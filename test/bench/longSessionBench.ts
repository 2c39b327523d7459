import { buildSync } from 'esbuild';
import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { peakOf, peakOfCli, type Peak } from '../cli/peakMemory.ts';
import { abandonSession, writeLongSession } from '../logs/longSession.ts';
import type { BenchRow } from './run.ts';

const SAMPLES = 3_000_000;
/** Two files of the session; an anomaly for every 20th sample beside them. */
const NEEDED_BYTES = 4e9;
const BAR_MB = 300;

/** What the longest session anybody may have, half a year at one sample every 5 s, costs each of its readers. */
export async function bench(): Promise<readonly BenchRow[]> {
  const { bavail, bsize } = statfsSync(tmpdir());
  if (bavail * bsize < NEEDED_BYTES * 2) {
    return [{ name: 'long session: not measured, too little room', value: (bavail * bsize) / 1e9, unit: 'GB free' }];
  }
  const folder = mkdtempSync(join(tmpdir(), 'sd-long-'));
  try {
    return await rowsIn(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function rowsIn(folder: string): Promise<readonly BenchRow[]> {
  const [root, dir] = [join(folder, 'logs'), join(folder, 'logs', 'sessions', 'long')];
  writeLongSession({ dir, samples: SAMPLES, anomalyEvery: 20 });
  const receiver = createServer((request, response) => {
    request.resume().on('end', () => response.setHeader('content-type', 'application/json').end('{}'));
  });
  await new Promise<void>((listening) => receiver.listen(0, '127.0.0.1', listening));
  const { port } = receiver.address() as AddressInfo; // it listens on a port
  const trace = join(dir, 'proc_trace.jsonl');
  const of = (...args: readonly string[]): Promise<Peak> => peakOfCli([...args, '--log-dir', root]);
  const rows: BenchRow[] = [];
  try {
    rows.push(rowOf('show', await of('show', 'long')));
    rows.push(rowOf('show --json', await of('show', 'long', '--json')));
    rows.push(rowOf('report', await of('report', 'long')));
    rows.push(rowOf('analyze', await of('analyze', trace, '--json')));
    rows.push(rowOf('analyze --standard', await of('analyze', '--standard', trace, '--json')));
    rows.push(rowOf('export', await of('export', 'long', '--otlp-endpoint', `http://127.0.0.1:${port}`)));
    rows.push(rowOf('trend', await of('trend')), rowOf('patterns', await of('patterns', '--days', '9999')));
    const program = join(folder, 'panelServer.mjs');
    const entryPoints = [join(import.meta.dirname, '../cli/panelServer.ts')];
    buildSync({ entryPoints, bundle: true, platform: 'node', format: 'esm', outfile: program, logLevel: 'warning' });
    const panel = await peakOf([program, root, 'long']);
    rows.push({ ...rowOf("the panel's server", panel), detail: panel.tail.trim() });
    abandonSession(root, 'long');
    rows.push(rowOf('recover', await of('recover')));
  } finally {
    receiver.close();
  }
  return rows;
}

function rowOf(name: string, { peakMb, seconds, code, stderr }: Peak): BenchRow {
  return {
    name: `3 million samples: ${name}, peak memory`,
    value: peakMb,
    unit: 'MB',
    bar: `<= ${BAR_MB}`,
    held: code === 0 && peakMb <= BAR_MB,
    detail: `in ${seconds.toFixed(1)} s${code === 0 ? '' : `; exit code ${code}: ${stderr.slice(0, 200)}`}`,
  };
}
