import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { agentProgramOf } from '../../core/session/agentProgram.ts';
import type { KnownProcess } from '../../core/death/machineRecord.ts';
import type { AgentKind } from '../../core/words/vocabulary.ts';

/** A process of this user that an agent's program runs in. */
export interface LiveAgent extends KnownProcess {
  readonly parent: number;
  readonly agent: AgentKind;
  readonly cwd: string | undefined;
  readonly commandLine: string;
  readonly openFiles: readonly string[];
}

/** USER_HZ: 100 on each architecture Node runs on. */
const TICKS_PER_SECOND = 100;

/** `undefined` where processes cannot be looked at: nobody knows then what lives. */
export function liveAgents(nowMs: number, proc = '/proc'): readonly LiveAgent[] | undefined {
  const bootId = textOf(`${proc}/sys/kernel/random/boot_id`)?.trim();
  const uptime = Number(textOf(`${proc}/uptime`)?.split(' ')[0]);
  if (bootId === undefined || !Number.isFinite(uptime)) return undefined;
  const bootMs = nowMs - uptime * 1000;
  return namesIn(proc).flatMap((name) =>
    /^\d+$/.test(name) ? (liveAgent(`${proc}/${name}`, { bootId, bootMs, nowMs }) ?? []) : [],
  );
}

function liveAgent(
  dir: string,
  { bootId, bootMs, nowMs }: { readonly bootId: string; readonly bootMs: number; readonly nowMs: number },
): LiveAgent | undefined {
  const words = textOf(`${dir}/cmdline`)?.split('\0').slice(0, -1) ?? [];
  const agent = agentProgramOf(words);
  const stat = textOf(`${dir}/stat`);
  if (agent === 'other' || stat === undefined) return undefined;
  const end = stat.lastIndexOf(')');
  const fields = stat.slice(end + 2).split(' ', 20);
  if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
  const cwd = linkOf(`${dir}/cwd`);
  if (cwd === undefined) return undefined; // another user's
  return {
    pid: Number.parseInt(stat, 10),
    parent: Number(fields[1]),
    comm: stat.slice(stat.indexOf('(') + 1, end),
    bootId,
    startMs: bootMs + (Number(fields[19]) / TICKS_PER_SECOND) * 1000,
    seenMs: nowMs,
    group: groupOf(textOf(`${dir}/cgroup`) ?? ''),
    agent,
    cwd,
    commandLine: words.join(' '),
    openFiles: namesIn(`${dir}/fd`).flatMap((fd) => linkOf(`${dir}/fd/${fd}`) ?? []),
  };
}

/** `0::/user.slice/x.scope`, or the memory controller's of a mixed or older hierarchy. */
function groupOf(text: string): string | undefined {
  const lines = text.split('\n');
  const line =
    lines.find((one) => /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:/.test(one)) ?? lines.find((one) => one.startsWith('0::'));
  const path = line?.slice(line.indexOf(':', line.indexOf(':') + 1) + 1);
  return path === undefined || path === '' || path === '/' ? undefined : path;
}

/** Gone, or another user's: both mean that there is nothing to know. */
function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
