import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildSync } from 'esbuild';
import { numberOf, parseJson, recordOf } from '../../src/core/json.ts';
import type { BenchRow } from './run.ts';

const TREE = 50;
const SECONDS = 24;
const CPU_BAR = 0.01;
const MEMORY_BAR_MB = 25;
const run = promisify(execFile);

/** What watching costs: a sampler in its own process over a tree of 50 at 1 Hz, against a node process that idles. */
export async function bench(): Promise<readonly BenchRow[]> {
  const directory = mkdtempSync(join(tmpdir(), 'overhead-'));
  const tree = spawn('sh', ['-c', `for i in $(seq ${TREE - 1}); do sleep 120 & done; wait`], { detached: true });
  try {
    const loop = bundled(directory);
    const [watching, idle, bareMb] = await Promise.all([
      measured([loop, String(tree.pid), '1000', String(SECONDS)]),
      measured([loop, '', '1000', String(SECONDS)]),
      barePrivateMb(),
    ]);
    const memoryMb = watching.privateMb - bareMb;
    return [
      {
        name: `sampler, tree of ${TREE} at 1 Hz, share of one core`,
        value: watching.cpuShare * 100,
        unit: '%',
        bar: `<= ${CPU_BAR * 100} %`,
        held: watching.cpuShare <= CPU_BAR,
        detail: `over ${SECONDS} s; an idle node process: ${(idle.cpuShare * 100).toFixed(2)} %`,
      },
      {
        name: 'private memory over a bare node -e',
        value: memoryMb,
        unit: 'MB',
        bar: `<= ${MEMORY_BAR_MB} MB`,
        held: memoryMb <= MEMORY_BAR_MB,
        detail: `${watching.privateMb.toFixed(1)} MB against ${bareMb.toFixed(1)} MB`,
      },
    ];
  } finally {
    if (tree.pid !== undefined) process.kill(-tree.pid, 'SIGKILL');
    rmSync(directory, { recursive: true });
  }
}

/** As shipped: the runtime's type stripping would be measured along with the sampler. */
function bundled(directory: string): string {
  const outfile = join(directory, 'samplerLoop.mjs');
  const entryPoints = [join(import.meta.dirname, 'samplerLoop.ts')];
  const banner = { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" };
  buildSync({ entryPoints, outfile, banner, bundle: true, platform: 'node', format: 'esm', target: 'node20' });
  return outfile;
}

async function measured(args: readonly string[]): Promise<{ readonly cpuShare: number; readonly privateMb: number }> {
  const { stdout } = await run(process.execPath, args, { timeout: (SECONDS + 30) * 1000 });
  const parsed = parseJson(stdout);
  const record = parsed.ok ? recordOf(parsed.value) : undefined;
  const cpuShare = numberOf(record?.['cpuShare']);
  const privateKb = numberOf(record?.['privateKb']);
  if (cpuShare === undefined || privateKb === undefined) throw new Error(`no measurement in: ${stdout}`);
  return { cpuShare, privateMb: privateKb / 1024 };
}

async function barePrivateMb(): Promise<number> {
  const script =
    "setTimeout(() => console.log([...require('fs').readFileSync('/proc/self/smaps_rollup', 'utf8')" +
    '.matchAll(/^Private_(?:Clean|Dirty): +(\\d+)/gm)].reduce((sum, [, kb]) => sum + Number(kb), 0)), 2000)';
  const { stdout } = await run(process.execPath, ['-e', script]);
  return Number(stdout) / 1024;
}
