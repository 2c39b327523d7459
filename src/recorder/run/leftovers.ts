import { uptime } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { Enrollment, Leftover } from '../../core/session/session.ts';
import type { TreeMember } from '../../core/session/tree.ts';
import { checkedTarget, isSignalable } from './checkedTarget.ts';
import { endAgent } from './endAgent.ts';
import { isProcessAlive } from '../proc/ownProcess.ts';
import { TICKS_PER_SECOND } from '../proc/procReader.ts';
import type { ProcessRecord } from '../proc/sample.ts';
import type { Sampler } from '../proc/sampler.ts';

/** Children that end because their parent did need a moment for it; what is alive after this was left behind. */
const SETTLE_MS = 500;

/** The descendants that outlived the session, with where they came from. */
export async function findLeftovers(sampler: Sampler, bootId: string): Promise<readonly Leftover[]> {
  const deadline = performance.now() + SETTLE_MS;
  let members = sampler.members();
  while (members.length > 0 && performance.now() < deadline) {
    await delay(20);
    members = sampler.members();
  }
  return members.map((member) => leftover(member, bootId));
}

function leftover(member: ProcessRecord, bootId: string): Leftover {
  return {
    pid: member.pid,
    start_ticks: member.startTicks,
    boot_id: bootId,
    comm: member.comm,
    parent_pid: member.origin.pid,
    parent_comm: member.origin.comm ?? null,
    age_seconds: Math.round((member.ageSeconds ?? 0) * 10) / 10,
    rss_kb: member.rssKb ?? null,
  };
}

/** Of the processes that a lost session's last samples show, those that still run. */
export function findLeftoversOf(members: readonly TreeMember[], enrollment: Enrollment): readonly Leftover[] {
  const own = new Set([enrollment.pid, enrollment.spawned?.pid]);
  return members.flatMap((member) => {
    const startTicks = member.start_ticks;
    if (startTicks === undefined || own.has(member.pid)) return [];
    if (!isProcessAlive({ pid: member.pid, starttime_ticks: startTicks }, enrollment.boot_id)) return [];
    return [
      {
        pid: member.pid,
        start_ticks: startTicks,
        boot_id: enrollment.boot_id,
        comm: member.comm ?? '',
        parent_pid: member.ppid ?? null,
        parent_comm: members.find(({ pid }) => pid === member.ppid)?.comm ?? null,
        age_seconds: Math.max(0, Math.round((uptime() - startTicks / TICKS_PER_SECOND) * 10) / 10),
        rss_kb: member.rss_kb ?? null,
      },
    ];
  });
}

export interface Cleaned extends Leftover {
  readonly became: 'ended' | 'killed' | 'gone' | 'refused';
}

/** TERM, a time of grace, KILL: each only while pid, start time and boot say that it is still that very process. */
export async function cleanUp(leftover: Leftover, graceMs: number, native: string | undefined): Promise<Cleaned> {
  const identity = { pid: leftover.pid, starttime_ticks: leftover.start_ticks };
  const isSame = (): boolean => isSignalable(leftover.pid) && isProcessAlive(identity, leftover.boot_id);
  if (!isSame()) return { ...leftover, became: 'gone' };
  const target = checkedTarget(() => [identity], { bootId: leftover.boot_id, native });
  await endAgent(target, graceMs, () => !isSame());
  if (!isSame()) return { ...leftover, became: 'ended' };
  const deadline = performance.now() + 1000;
  while (isSame() && performance.now() < deadline) await delay(10);
  return { ...leftover, became: isSame() ? 'refused' : 'killed' };
}
