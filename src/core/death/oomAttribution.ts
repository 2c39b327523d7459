import { counterEvidence, isMemoryShort, logEvidence, memoryEvidence } from './deathEvidence.ts';
import type { DeathFacts, OomKill } from './deathFacts.ts';
import { isSentByProcess } from './signalSender.ts';
import { msFromIso } from '../words/time.ts';
import type { Evidence } from '../session/verdict.ts';
import type { Confidence } from '../words/vocabulary.ts';

export interface Attribution {
  readonly confidence: Confidence;
  readonly evidence: readonly Evidence[];
}

/** A kill is in the log before its victim is reaped; what is older than this had nothing to do with the end. */
const AT_DEATH_MS = 10_000;
/** An agent may work on for a moment after a tool of its was killed, before it gives up. */
const BEFORE_GIVING_UP_MS = 60_000;

/**
 * Whether the kernel's OOM killer took the tracked process. The log that names it proves it; so does a SIGKILL while
 * its own group's counter rose, unless the log says that every one of those kills hit somebody else.
 */
export function trackedOomKill(facts: DeathFacts): Attribution | undefined {
  const { oom, exit, trackedPid, trackedComm } = facts;
  const named = (oom.log ?? []).filter((kill) => kill.pid === trackedPid);
  if (named.length > 0) {
    // In a container the log counts pids as the host does: the same number may be another process. The same name says
    // that it is ours, and so does a SIGKILL of ours at the very moment (the name may have changed by exec just before).
    const isSameName = trackedComm === undefined || named.some((kill) => kill.comm === trackedComm);
    const isSameMoment =
      exit?.signal === 'SIGKILL' && recentKills(facts, AT_DEATH_MS).some((kill) => named.includes(kill));
    return attribution(isSameName || isSameMoment ? 'certain' : 'likely', facts, named);
  }
  if (exit !== undefined && !isSigkill(facts)) return undefined;
  if (isSentByProcess(facts, 'SIGKILL')) return undefined;
  const accounted = recentKills(facts, AT_DEATH_MS).filter((kill) => isSomebodyElse(kill, facts)).length;
  if ((oom.groupDelta ?? 0) > accounted) {
    // Without the log a kill that is counted may be another member's, a moment before somebody else kills this one.
    const isProof = exit?.signal === 'SIGKILL' && (oom.group === undefined || oom.group === 'alone');
    return attribution(isProof ? 'certain' : 'likely', facts, []);
  }
  // An unchanged counter of its own group says that the machine's kills were elsewhere.
  if (oom.groupDelta !== undefined || (oom.systemDelta ?? 0) <= accounted) return undefined;
  return attribution(exit === undefined || isSmall(facts) ? 'possible' : 'likely', facts, []);
}

const SMALL_KB = 32 * 1024;

/** The kernel takes the largest: somewhere on the machine was a larger one, unless this one grew within a moment. */
function isSmall({ lastSnapshot }: DeathFacts): boolean {
  const rssKb = lastSnapshot?.vm_rss_kb;
  return rssKb !== undefined && rssKb < SMALL_KB && !isMemoryShort(lastSnapshot);
}

/** Whether a SIGKILL can still have been the kernel's, after `trackedOomKill` found nothing. */
export function isKernelRuledOut({ oom }: DeathFacts): boolean {
  return oom.log !== undefined || oom.systemDelta === 0 || (oom.systemDelta === undefined && oom.groupDelta === 0);
}

/** A process of the session other than the tracked one that the OOM killer took shortly before the end. */
export function memberOomKill(facts: DeathFacts): Attribution | undefined {
  const { oom } = facts;
  const recent = recentKills(facts, BEFORE_GIVING_UP_MS).filter((kill) => kill.pid !== facts.trackedPid);
  const members = recent.filter((kill) => oom.memberPids.has(kill.pid));
  if (members.length > 0) return attribution('certain', facts, members);
  const isEarlier = oom.earlierGroupDelta > 0 && (oom.earlierKillAgoMs ?? Infinity) <= BEFORE_GIVING_UP_MS;
  if (((oom.groupDelta ?? 0) > 0 || isEarlier) && !isOfOthers(recent, facts)) {
    return attribution('likely', facts, recent);
  }
  // It may have been in a group of its own.
  const unseen = recent.filter((kill) => oom.unseenPids?.has(kill.pid) === true);
  if (unseen.length > 0) return attribution('possible', facts, unseen);
  // A counter of its own group that stood still says that the machine's kills were elsewhere.
  if (oom.groupDelta !== undefined || (oom.systemDelta ?? 0) === 0) return undefined;
  // The log names those that were killed, and none of them can have been of the session.
  if (oom.arePidsOurs === true && recent.length > 0) return undefined;
  // A child that lived shorter than the sampling interval was never seen as a member.
  if (!isOfOthers(recent, facts) && (recent.length > 0 || oom.log === undefined)) {
    return attribution('possible', facts, recent);
  }
  return undefined;
}

/** Kills of the session's own processes at any time: evidence, whatever the end was. */
export function memberKillEvidence({ oom, trackedPid }: Pick<DeathFacts, 'oom' | 'trackedPid'>): readonly Evidence[] {
  const members = (oom.log ?? []).filter((kill) => kill.pid !== trackedPid && oom.memberPids.has(kill.pid));
  const rise = oom.earlierGroupDelta + (oom.groupDelta ?? 0);
  // In a group with others in it only the log can tell whose it was.
  const inGroup = oom.group === 'shared' && oom.arePidsOurs === true && oom.log !== undefined ? 0 : rise;
  return [...logEvidence(members), ...(inGroup > 0 ? [{ kind: 'cgroup_oom_counter', value: inGroup } as const] : [])];
}

function attribution(confidence: Confidence, facts: DeathFacts, kills: readonly OomKill[]): Attribution {
  return { confidence, evidence: [...logEvidence(kills), ...counterEvidence(facts), ...memoryEvidence(facts)] };
}

/** All that the log names, and the group is not the session's alone: a child too short-lived to be seen is not meant. */
function isOfOthers(kills: readonly OomKill[], { oom }: DeathFacts): boolean {
  return kills.length > 0 && oom.arePidsOurs === true && oom.group === 'shared';
}

function isSigkill({ exit }: DeathFacts): boolean {
  return exit?.signal === 'SIGKILL' || exit?.code === 137;
}

function isSomebodyElse(kill: OomKill, { oom, trackedPid, trackedComm }: DeathFacts): boolean {
  if (oom.arePidsOurs === true) return kill.pid !== trackedPid;
  return oom.memberPids.has(kill.pid) || kill.comm !== trackedComm;
}

function recentKills({ oom, at }: DeathFacts, withinMs: number): readonly OomKill[] {
  const end = msFromIso(at) ?? Number.NaN;
  return (oom.log ?? []).filter((kill) => Math.abs(end - (msFromIso(kill.ts) ?? Number.NaN)) <= withinMs);
}
