import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const CLI = resolve(import.meta.dirname, '../../dist/cli.js');

/** Told by the process itself when it ends: the highest resident set that the kernel has seen of it. */
const TELLS = `process.on('exit', () => {
  require('node:fs').writeFileSync(process.env.PEAK_FILE, String(process.resourceUsage().maxRSS));
});`;

export interface Peak {
  readonly peakMb: number;
  readonly seconds: number;
  readonly code: number | null;
  readonly stderr: string;
  readonly outBytes: number;
  /** The last characters that it printed. */
  readonly tail: string;
}

/** What one run of the built command line takes. */
export function peakOfCli(args: readonly string[]): Promise<Peak> {
  return peakOf([CLI, ...args]);
}

export async function peakOf(args: readonly string[]): Promise<Peak> {
  const folder = mkdtempSync(join(tmpdir(), 'sd-peak-'));
  const [tells, told] = [join(folder, 'tells.cjs'), join(folder, 'peak')];
  writeFileSync(tells, TELLS);
  try {
    const startedMs = performance.now();
    const child = spawn(process.execPath, ['--require', tells, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, PEAK_FILE: told },
    });
    let outBytes = 0;
    let tail = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => {
      outBytes += chunk.length;
      tail = (tail + chunk.toString('latin1')).slice(-2000);
    });
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    const code = await new Promise<number | null>((done) => child.once('close', done));
    const seconds = (performance.now() - startedMs) / 1000;
    return { peakMb: Number(readFileSync(told, 'utf8')) / 1024, seconds, code, stderr, outBytes, tail };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
