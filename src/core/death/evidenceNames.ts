import { TMUX_LOSSES } from '../session/tmuxLoss.ts';
import { KILL_WORDS } from '../session/killCall.ts';
import { PROCESS_KINDS } from '../session/processKind.ts';
import { SIGNAL_NAMES } from '../words/signals.ts';
import { MACHINE_RECORDS, TRANSCRIPT_ENDS } from '../words/vocabulary.ts';
import { DISK_PLACES, KILLER_NAMES, type DiskSpace } from './deathFacts.ts';
import { MARKER_NAMES } from './outputMarkers.ts';
import { KERNEL_REASONS } from './signalSender.ts';

/** Fields of a sample that are evidence by their value. */
export const MEASURES = [
  'cgroup_memory_kb',
  'mem_available_kb',
  'psi_memory_some_avg10',
  'vm_rss_kb',
  'tree_rss_kb',
  'fd_count',
] as const;
export type Measure = (typeof MEASURES)[number];

/** Why a system refuses to start a program, execve(2). */
const LAUNCH_ERRORS = [
  'ENOENT',
  'EACCES',
  'EPERM',
  'ENOEXEC',
  'E2BIG',
  'EAGAIN',
  'ENOMEM',
  'EMFILE',
  'ENOTDIR',
  'ELOOP',
  'ETXTBSY',
] as const;

/** Of a disk without inodes left. */
export type InodesName = `${DiskSpace['place']}_inodes`;
const INODES: readonly InodesName[] = DISK_PLACES.map((place): InodesName => `${place}_inodes`);

/** What evidence may be named after in a report; anything else, such as the comm of a process, becomes its process kind. */
export const EVIDENCE_NAMES = [
  ...KERNEL_REASONS,
  ...KILL_WORDS,
  ...SIGNAL_NAMES,
  ...KILLER_NAMES,
  ...MARKER_NAMES,
  ...PROCESS_KINDS,
  ...LAUNCH_ERRORS,
  ...DISK_PLACES,
  ...INODES,
  ...TMUX_LOSSES,
  ...TRANSCRIPT_ENDS,
  ...MACHINE_RECORDS,
  ...MEASURES,
] as const;
export type EvidenceName = (typeof EVIDENCE_NAMES)[number];
