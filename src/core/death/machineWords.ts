import type { Finding, MachineRecord, MachineSource, RelationRule } from './machineRecord.ts';
import { isExitEvidence, type Evidence, type Verdict } from '../session/verdict.ts';
import { humanSeconds } from '../words/humanUnits.ts';
import { signalOfNumber } from '../words/signals.ts';
import { MACHINE_RECORDS, wordOf, type Cause, type MachineRecordKind } from '../words/vocabulary.ts';

/** How a person reads what the machine remembers. */

/** An item of evidence says less than the record: names of other programs may be in the record. */
export function machineClause({ name, pid, value }: Evidence): string {
  const kind = wordOf(MACHINE_RECORDS, name);
  return kind === undefined ? 'a record of the machine tells of it' : CLAUSES[kind](who(pid), signalOfNumber(value));
}

function who(pid: number | undefined): string {
  return pid === undefined ? 'a process of it' : `pid ${pid}`;
}

const CLAUSES: { readonly [kind in MachineRecordKind]: (who: string, signal: string | undefined) => string } = {
  kernel_oom: (process) => `the kernel killed ${process} for memory`,
  user_oom: (process) => `a program that guards memory ended ${process}`,
  unit_oom: () => 'its unit lost a process to the OOM killer',
  crash: (process, signal) => `the kernel says that ${process} died of ${signal ?? 'a fault'}`,
  core_dump: (process, signal) => `${process} left a core dump with ${signal ?? 'a fatal signal'}`,
  hung_task: (process) => `the kernel found ${process} stuck`,
  disk_error: () => 'the kernel met an error of a disk at that time',
  unit_stopped: () => 'its unit was stopped',
  unit_failed: () => 'its unit failed',
  logged_out: () => 'everything of its user was ended at a logout',
  suspended: () => 'the machine was suspended at that time',
  shut_down: () => 'the machine was shut down',
  started_again: () => 'the machine was started again',
  power_lost: () => 'the machine came up again without having been shut down',
  tmux_started: () => 'the tmux server was started only after that',
  disk_full_now: () => 'the file system is full now',
  inodes_gone_now: () => 'the file system has no inodes left now',
  none: () => 'no record that can be read here tells of its end',
};

/** A record for the person at this machine: when, what, of whom, how it is related. */
export function findingSentence({ record, rule, grade }: Finding, lastMs: number): string {
  return `${whenOf(record, lastMs)} ${whatOf(record)} (${grade}: ${RULE_WORDS[rule]}; ${SOURCE_WORDS[record.source]})`;
}

function whenOf({ ms, kind }: MachineRecord, lastMs: number): string {
  if (kind === 'disk_full_now' || kind === 'inodes_gone_now') return 'Now';
  const seconds = Math.round((ms - lastMs) / 1000);
  if (seconds === 0) return 'At its last sign of life';
  return seconds > 0
    ? `${humanSeconds(seconds)} after its last sign of life`
    : `${humanSeconds(-seconds)} before its last sign of life`;
}

function whatOf({ kind, pid, comm, signal, group }: MachineRecord): string {
  if (kind === 'disk_full_now' || kind === 'inodes_gone_now') return CLAUSES[kind]('', undefined).replace(/ now$/, '');
  const process = `${who(pid)}${comm === undefined ? '' : ` (${comm})`}`;
  const unit = group === undefined ? '' : ` (${group})`;
  return `${CLAUSES[kind](process, signal)}${UNIT_KINDS.has(kind) ? unit : ''}`;
}

const UNIT_KINDS: ReadonlySet<string> = new Set(['unit_oom', 'unit_stopped', 'unit_failed', 'user_oom']);

export const RULE_WORDS: { readonly [rule in RelationRule]: string } = {
  own_process: 'this pid is known to be of this session',
  own_id: "its command line names the session's id",
  own_group: 'the session was seen in this control group',
  own_call: 'the command is that of its open call, and so is the time',
  command_and_time: 'program, folder and time are those of the session',
  whole_machine: 'nothing that ran outlived it',
  whole_user: 'it is the same user',
  at_that_time: 'it was so at that time',
};

export const SOURCE_WORDS: { readonly [source in MachineSource]: string } = {
  kernel_log: 'kernel log',
  journal: 'journal',
  login_records: 'last -x',
  tmux: 'tmux',
  memory_group: 'memory group',
  file_system: 'file system',
};

/** What happened to a session that nobody recorded: nothing is said of an exit that nobody saw. */
export function unrecordedPhrase({ cause, evidence }: Verdict): string | undefined {
  const isUnrecorded = evidence.some(({ kind }) => kind === 'machine_log' || kind === 'transcript_end');
  if (!isUnrecorded || evidence.some(isExitEvidence)) return undefined;
  if (cause === 'crashed') {
    const signal = signalOfNumber(evidence.find(({ kind }) => kind === 'machine_log')?.value);
    return `Crashed with ${signal ?? 'a fatal signal'}`;
  }
  return PHRASES[cause];
}

const PHRASES: { readonly [cause in Cause]?: string } = {
  completed: 'Completed, as its log ends',
  ended_mid_task: 'Stopped before its work was finished',
  did_nothing: 'Ended without having done anything',
  blocked: 'Ended; everything it tried was denied',
  limit_reached: 'Ended at a limit, before its work was finished',
  vanished: 'Stopped in the middle of its work; why is not known, for nobody recorded it',
  lost: 'Stopped in the middle of its work when the machine went down',
  oom_kill: 'Killed for lack of memory',
  terminated: 'Ended together with its unit',
  interrupted: 'Interrupted by its user',
};
