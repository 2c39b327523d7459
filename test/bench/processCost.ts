import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** User and system time of a process: fields 14 and 15 of its stat, in hundredths of a second. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

export function privateMb(pid: number): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1');
  const kb = [...rollup.matchAll(/^Private_(?:Clean|Dirty): +(\d+)/gm)].reduce((sum, [, n]) => sum + Number(n), 0);
  return kb / 1024;
}

export async function barePrivateMb(): Promise<number> {
  const script = `setTimeout(() => console.log(require('fs').readFileSync('/proc/self/smaps_rollup', 'utf8')), 2000)`;
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', script]);
  return [...stdout.matchAll(/^Private_(?:Clean|Dirty): +(\d+)/gm)].reduce((sum, [, n]) => sum + Number(n), 0) / 1024;
}

/** Who records a running session: what is started by `run` becomes the launcher, which costs next to nothing. */
export function recorderPid(root: string, id: string): number {
  const text = readFileSync(join(root, 'running', id, 'enrollment.json'), 'utf8');
  return (JSON.parse(text) as { readonly recorder: { readonly pid: number } }).recorder.pid; // our own file
}
