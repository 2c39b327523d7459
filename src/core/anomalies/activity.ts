import type { Moment } from './detector.ts';
import { isDead } from './processAnomalies.ts';
import type { Snapshot } from '../session/snapshot.ts';
import type { Activity } from '../words/vocabulary.ts';

/** What a running session does, from its latest samples; the oldest first. */
const ENOUGH = 3;
/** A process that only waits wakes up now and then. */
const WORKING_PERCENT = 2;

/** By the function of the kernel that it waits in. A wait that may be for anything is `idle`. */
const WAITS: readonly (readonly [RegExp, Activity])[] = [
  [/refrigerator|freezer/, 'frozen'],
  [/^(?:do_signal_stop|ptrace_stop|do_jobctl)/, 'stopped'],
  [/^(?:do_wait|kernel_wait|wait_consider)/, 'waiting_child'],
  [/^(?:n_tty_read|tty_read|read_chan)/, 'waiting_stdin'],
  [/^(?:tcp_|inet_|sk_wait|wait_woken|unix_stream|__?skb_wait|skb_wait)/, 'waiting_network'],
  [
    /^(?:nfs|rpc_|cifs|smb|fuse_|p9_|ceph_|jbd2|ext4|xfs|btrfs|folio_wait|wait_on_page|io_schedule|blk_)/,
    'waiting_disk',
  ],
];

/**
 * `undefined` when there is too little to tell by.
 * @param stalledSeq the last sample on which it was found to have stalled
 */
export function activityOf(latest: readonly Moment[], stalledSeq?: number): Activity | undefined {
  const last = latest.at(-1);
  if (last === undefined) return undefined;
  const { state, wchan = '', cpu_percent: cpu, ours } = last.snapshot;
  if (state === 'stopped' || state === 'tracing-stop') return 'stopped';
  const wait = WAITS.find(([pattern]) => pattern.test(wchan))?.[1];
  if (wait === 'frozen') return wait;
  if (state === 'disk-sleep') return 'waiting_disk';
  const recent = latest.slice(-ENOUGH);
  const isSilent = recent[0]?.tree?.output_bytes === last.tree?.output_bytes;
  const isBusy = recent.length === ENOUGH && neverWaits(recent.map(({ snapshot }) => snapshot));
  if (isBusy && isSilent) return 'busy';
  if ((ours?.tree_cpu_percent ?? cpu ?? 0) >= WORKING_PERCENT || !isSilent) return 'working';
  if (state !== 'sleeping') return undefined;
  const hasChild = last.tree?.processes.some((one) => one.ppid === last.snapshot.pid && !isDead(one)) === true;
  if (stalledSeq !== undefined && stalledSeq === last.snapshot.seq) return 'stalled';
  if (wait === 'waiting_child' && last.tree !== undefined && !hasChild) return 'idle';
  return wait ?? 'idle';
}

/** It gave its core up to nobody by itself, however much of it others on a crowded machine took. */
function neverWaits(snapshots: readonly Snapshot[]): boolean {
  const waits = new Set(snapshots.map(({ ctx_switches_voluntary: count }) => count));
  return snapshots.every(({ state }) => state === 'running') && waits.size === 1 && !waits.has(undefined);
}
