import type { InodesName, Measure } from './evidenceNames.ts';
import type { DeathFacts, KernelCrash, OomKill } from './deathFacts.ts';
import { signalOf } from './deathSignal.ts';
import type { MarkerName } from './outputMarkers.ts';
import { isOwnStatus, isSameExit } from './ownStatus.ts';
import { ownCommandEvidence } from './ownCommand.ts';
import { senderEvidence } from './signalSender.ts';
import { signalNumber } from '../words/signals.ts';
import type { Snapshot } from '../session/snapshot.ts';
import { msFromIso } from '../words/time.ts';
import type { Evidence } from '../session/verdict.ts';

/** Facts turned into items of evidence. Each function gives the items of one kind, none when there is nothing to say. */

/** The status that counts comes first; a wrapper's besides the agent's own is told as well. */
export function exitEvidence(facts: DeathFacts): readonly Evidence[] {
  const { exit, notices = [], at } = facts;
  if (exit === undefined) return [];
  const told = facts.told ?? (notices.length === 0 ? exit : undefined);
  const items = [
    ...notices.map((notice) => ({ ...notice, item: { kind: 'exit_notice', ts: notice.at, pid: notice.pid } as const })),
    ...(told === undefined ? [] : [{ exit: told, item: { kind: 'exit_status', ts: at } as const }]),
  ];
  const counted = items.find((item) => isSameExit(item.exit, exit));
  return [...(counted === undefined ? [] : [counted]), ...items.filter((item) => item !== counted)].flatMap(
    ({ exit: { code, signal }, item }) =>
      code === null && signal === null
        ? []
        : [{ ...item, ...(code !== null && { value: code }), ...(signal !== null && { name: signal }) }],
  );
}

export function ownSignalEvidence(facts: DeathFacts): readonly Evidence[] {
  const own = facts.ownSignal;
  return own === undefined ? [] : [{ kind: 'own_signal', ts: own.at, name: own.signal }];
}

/** The counters as read, also when they did not rise: that is what tells a SIGKILL from the kernel's. */
export function counterEvidence({ oom }: DeathFacts): readonly Evidence[] {
  return [
    ...(oom.groupDelta === undefined ? [] : [{ kind: 'cgroup_oom_counter', value: oom.groupDelta } as const]),
    ...(oom.systemDelta === undefined ? [] : [{ kind: 'kernel_oom_counter', value: oom.systemDelta } as const]),
  ];
}

export function logEvidence(kills: readonly OomKill[]): readonly Evidence[] {
  return kills.map((kill) => ({ kind: 'kernel_log', ts: kill.ts, pid: kill.pid, name: kill.comm }));
}

/** What a program of Node is called by the kernel. */
const NODE_COMMS: ReadonlySet<string> = new Set(['node', 'MainThread', 'node-MainThread']);

/** The recorder that was lost was killed for memory itself. */
export function recorderKillEvidence({ oom, recorderPid }: DeathFacts): readonly Evidence[] {
  const kills = (oom.log ?? []).filter(({ pid, comm }) => pid === recorderPid && NODE_COMMS.has(comm));
  return logEvidence(kills).map((item) => ({ ...item, relation: 'recorder' }));
}

/** A crash is in the log before its process is gone; writing a core file may come in between. */
const CRASH_AT_DEATH_MS = 10_000;

/** The value is the number of the signal: without one, a line of the log tells of an OOM kill. */
export function crashEvidence(facts: DeathFacts): readonly Evidence[] {
  const end = msFromIso(facts.at) ?? Number.NaN;
  // What a wrapper ended with says nothing of the agent.
  const died = isOwnStatus(facts) ? (signalOf(facts)?.name ?? 'none') : undefined;
  const isOurs = ({ pid, comm, ts, signal }: KernelCrash): boolean =>
    pid === facts.trackedPid &&
    // In a container the log counts pids as the host does: the same number may be another process.
    (comm === facts.trackedComm || comm === facts.lastSnapshot?.comm) &&
    Math.abs(end - (msFromIso(ts) ?? Number.NaN)) <= CRASH_AT_DEATH_MS &&
    (died === undefined || died === signal);
  const crash = facts.crashes.find(isOurs);
  const value = crash && signalNumber(crash.signal);
  if (crash === undefined || value === undefined) return [];
  return [{ kind: 'kernel_log', ts: crash.ts, pid: crash.pid, name: crash.comm, value }];
}

export function markerEvidence(facts: DeathFacts, name: MarkerName): readonly Evidence[] {
  const last = facts.markers.filter((marker) => marker.name === name).at(-1);
  return last === undefined ? [] : [{ kind: 'stderr_marker', name, value: last.offset }];
}

export function fullDiskEvidence(facts: DeathFacts): readonly Evidence[] {
  return facts.disk.filter(isFull).map((disk) => ({
    kind: 'last_snapshot',
    ts: facts.at,
    ...(disk.free_bytes < FULL_BYTES
      ? { name: disk.place, value: disk.free_bytes, limit: disk.total_bytes }
      : { name: `${disk.place}_inodes` satisfies InodesName, value: 0 }),
  }));
}

/** Less than a page of the page cache's smallest write: nothing can be appended any more. */
const FULL_BYTES = 4096;

function isFull(disk: DeathFacts['disk'][number]): boolean {
  return disk.free_bytes < FULL_BYTES || disk.free_inodes === 0;
}

/**
 * Who is known to have sent the signal; where nobody is, the agent's own command and who was there at that moment. Of
 * those a daemon that is always there counts only when memory was short.
 */
export function killerEvidence(facts: DeathFacts): readonly Evidence[] {
  const sender = senderEvidence(facts);
  const own = ownCommandEvidence(facts);
  return sender.length > 0 ? [...sender, ...own] : [...own, ...killersSeen(facts)];
}

function killersSeen(facts: DeathFacts): readonly Evidence[] {
  return facts.killers
    .filter((killer) => killer.role !== 'daemon' || isMemoryShort(facts.lastSnapshot))
    .map((killer) => ({ kind: 'killer_process', ts: facts.at, pid: killer.pid, name: killer.name }));
}

export function tmuxEvidence(facts: DeathFacts): readonly Evidence[] {
  return facts.tmux === undefined ? [] : [{ kind: 'tmux', ts: facts.at, name: facts.tmux }];
}

/** PSI's some avg10 in percent: above it a tenth of the time somebody waited for memory. */
const PRESSURE_PERCENT = 10;
/** earlyoom's default is 10% of memory, 200 MB on a small machine; systemd-oomd goes by pressure. */
const SHORT_KB = 200 * 1024;
const NEAR_LIMIT = 0.9;

export function isMemoryShort(snapshot: Snapshot | undefined): boolean {
  return pressureEvidence(snapshot).length > 0;
}

function pressureEvidence(snapshot: Snapshot | undefined): readonly Evidence[] {
  const ours = snapshot?.ours;
  if (snapshot === undefined || ours === undefined) return [];
  const {
    psi_memory_some_avg10: psi,
    mem_available_kb: available,
    cgroup_memory_kb: used,
    cgroup_memory_limit_kb: limit,
  } = ours;
  const item = (name: Measure, value: number): Evidence => ({ kind: 'memory_pressure', ts: snapshot.ts, name, value });
  return [
    ...(used !== undefined && limit !== undefined && used >= NEAR_LIMIT * limit
      ? [{ ...item('cgroup_memory_kb', used), limit }]
      : []),
    ...(available !== undefined && available < SHORT_KB ? [item('mem_available_kb', available)] : []),
    ...(psi !== undefined && psi >= PRESSURE_PERCENT ? [item('psi_memory_some_avg10', psi)] : []),
  ];
}

export function memoryEvidence(facts: DeathFacts): readonly Evidence[] {
  const snapshot = facts.lastSnapshot;
  if (snapshot?.vm_rss_kb === undefined) return [];
  const { cgroup_memory_limit_kb: limit, tree_rss_kb: tree = 0 } = snapshot.ours ?? {};
  // The limit is one of the whole group; a wrapper beside its hungry child would look innocent of it.
  const used =
    tree > snapshot.vm_rss_kb
      ? snapshotItem(snapshot, 'tree_rss_kb', tree, limit)
      : snapshotItem(snapshot, 'vm_rss_kb', snapshot.vm_rss_kb, limit);
  return [used, ...pressureEvidence(snapshot)];
}

/** Three quarters of the limit: descriptors are opened faster than samples are taken. */
const NEAR_FD_LIMIT = 0.75;

export function descriptorEvidence(facts: DeathFacts): readonly Evidence[] {
  const snapshot = facts.lastSnapshot;
  if (snapshot?.fd_count === undefined || snapshot.fd_soft_limit === undefined) return [];
  if (snapshot.fd_count < NEAR_FD_LIMIT * snapshot.fd_soft_limit) return [];
  return [snapshotItem(snapshot, 'fd_count', snapshot.fd_count, snapshot.fd_soft_limit)];
}

function snapshotItem(snapshot: Snapshot, name: Measure, value: number, limit: number | undefined): Evidence {
  return {
    kind: 'last_snapshot',
    ts: snapshot.ts,
    ...(snapshot.pid !== undefined && { pid: snapshot.pid }),
    name,
    value,
    ...(limit !== undefined && { limit }),
  };
}

/** How long nobody watched before the end was found. */
export function gapEvidence(facts: DeathFacts): readonly Evidence[] {
  const last = facts.lastSnapshot?.ts;
  const from = msFromIso(last);
  const to = msFromIso(facts.foundAt ?? facts.at);
  if (last === undefined || from === undefined || to === undefined) return [{ kind: 'recorder_gap', ts: facts.at }];
  return [{ kind: 'recorder_gap', ts: last, value: Math.max(0, Math.round((to - from) / 1000)) }];
}
