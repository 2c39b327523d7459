import { readFileSync, statfsSync } from 'node:fs';
import { loginRecords } from '../../core/death/machineLines.ts';
import type { MachineRecord } from '../../core/death/machineRecord.ts';
import { humanBytes } from '../../core/words/humanUnits.ts';
import { counted } from './journal.ts';
import type { Gathered, Looked, MachineQuestion } from './looked.ts';
import { runProgram } from './runProgram.ts';

/** Who was logged in, when the machine came up and was put down; this boot's start also where nobody keeps such records. */
export async function readLogins(question: MachineQuestion): Promise<Gathered> {
  const { fromMs, toMs, logins, timeoutMs } = question;
  const isIn = ({ ms }: MachineRecord): boolean => ms >= fromMs && ms <= toMs;
  const boot = logins === undefined ? bootRecord() : undefined;
  const args = ['-x', '--time-format', 'iso', ...(logins === undefined ? [] : ['-f', logins])];
  const run = await runProgram('last', args, timeoutMs);
  const told = run.type === 'ran' ? loginRecords(run.stdout.split('\n')) : [];
  const isTold = told.some(({ kind, ms }) => kind !== 'shut_down' && Math.abs(ms - (boot?.ms ?? 0)) < 120_000);
  const records = [...told, ...(boot === undefined || isTold ? [] : [boot])].filter(isIn);
  const looked: Looked =
    run.type === 'ran'
      ? { source: 'login_records', state: 'read', words: counted('last -x, and when this boot began', records.length) }
      : {
          source: 'login_records',
          state: run.type === 'missing' ? 'not_there' : 'failed',
          words: run.type === 'missing' ? 'there is no `last` on this machine' : '`last` gave no answer',
        };
  return { records, looked: [looked] };
}

function bootRecord(): MachineRecord | undefined {
  const seconds = /^btime (\d+)$/m.exec(textOf('/proc/stat') ?? '')?.[1];
  return seconds === undefined
    ? undefined
    : { kind: 'started_again', source: 'login_records', ms: Number(seconds) * 1000 };
}

/** When the tmux server that is there now began: one that a session ran in may have been another. */
export async function readTmux({ fromMs, toMs, timeoutMs }: MachineQuestion): Promise<Gathered> {
  const run = await runProgram('tmux', ['display-message', '-p', '#{start_time}'], timeoutMs);
  const seconds = run.type === 'ran' ? Number(run.stdout.trim()) : Number.NaN;
  if (!(seconds > 0))
    return { records: [], looked: [{ source: 'tmux', state: 'not_there', words: 'there is no tmux server' }] };
  const ms = seconds * 1000;
  const records: readonly MachineRecord[] =
    ms >= fromMs && ms <= toMs ? [{ kind: 'tmux_started', source: 'tmux', ms }] : [];
  const words = `the tmux server, which runs since ${new Date(ms).toISOString()}`;
  return { records, looked: [{ source: 'tmux', state: 'read', words }] };
}

/** Groups in which a session was seen and that still stand, with their count of OOM kills. */
export function readGroups({ groups, nowMs }: MachineQuestion, mount = '/sys/fs/cgroup'): Gathered {
  const standing = groups.flatMap((group) => {
    const text = textOf(`${mount}${group}/memory.events`) ?? textOf(`${mount}/memory${group}/memory.oom_control`);
    return text === undefined ? [] : [{ group, kills: Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? 0) }];
  });
  const records = standing.flatMap(({ group, kills }): readonly MachineRecord[] =>
    kills > 0 ? [{ kind: 'unit_oom', source: 'memory_group', ms: nowMs, group }] : [],
  );
  const words =
    groups.length === 0
      ? 'no control group is known to have been its own'
      : counted('its control group', records.length);
  return { records, looked: [{ source: 'memory_group', state: standing.length > 0 ? 'read' : 'not_there', words }] };
}

/** Less than this, and next to nothing can be written. */
const FULL_BYTES = 1024 * 1024;

export function readDisks({ folders, nowMs }: MachineQuestion): Gathered {
  const records: MachineRecord[] = [];
  const free: number[] = [];
  for (const folder of new Set(folders)) {
    try {
      const { bavail, bsize, ffree, files } = statfsSync(folder);
      free.push(bavail * bsize);
      if (bavail * bsize < FULL_BYTES) records.push({ kind: 'disk_full_now', source: 'file_system', ms: nowMs });
      else if (files > 0 && ffree === 0) records.push({ kind: 'inodes_gone_now', source: 'file_system', ms: nowMs });
    } catch {
      continue; // the folder is gone
    }
  }
  const words =
    free.length === 0
      ? 'no folder of it is there any more'
      : `the disk, with ${humanBytes(Math.min(...free))} free now`;
  return { records, looked: [{ source: 'file_system', state: free.length === 0 ? 'not_there' : 'read', words }] };
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
