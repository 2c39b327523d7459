import type { Finding, KnownProcess, MachineRecord, RelationRule, UnrecordedSession } from './machineRecord.ts';
import type { Confidence } from '../words/vocabulary.ts';

/*
 * Which records of the machine are about a session that nobody recorded, and how sure that is. `certain` is said only
 * where a record names a process that is known to be this session's, in the same boot and at the right time. Command and
 * time alone are `likely` at most. Whatever has nothing but a program's name in common with the session is not told at
 * all: another agent of the same name may have died at that very moment.
 */

/** Clocks of different logs, and the moment between a death and its line. */
const SLACK_MS = 5000;
/** After its last sign an agent may wait for its model or a tool for as long as this. */
const NEAR_MS = 600_000;
/** A pid is in use again after some time: what is named later may be somebody else. */
const FAR_MS = 86_400_000;
/** A machine that is started again minutes after has ended what ran; hours after, it may have been over before. */
const AT_THAT_TIME_MS = 60_000;

export function relatedFindings(session: UnrecordedSession, records: readonly MachineRecord[]): readonly Finding[] {
  // What came after the first end of everything found nothing to end.
  const ends = records.filter((record) => ENDS_ALL.has(record.kind) && after(session.lastMs, record) !== undefined);
  const firstEnd = Math.min(...ends.map(({ ms }) => ms));
  const found = records.flatMap((record): Finding[] => {
    if (ENDS_ALL.has(record.kind) && record.ms > firstEnd) return [];
    for (const [rule, gradeOf] of RULES) {
      const grade = gradeOf(session, record);
      if (grade !== undefined) return [{ record, rule, grade }];
    }
    return [];
  });
  return found.toSorted((a, b) => rank(a.grade) - rank(b.grade) || weight(a) - weight(b) || a.record.ms - b.record.ms);
}

const GRADES: readonly Confidence[] = ['certain', 'likely', 'possible'];

function rank(grade: Confidence): number {
  return GRADES.indexOf(grade);
}

/** What ended a process says more than what else was the matter. */
function weight({ rule }: Finding): number {
  return rule === 'at_that_time' ? 1 : 0;
}

type GradeOf = (session: UnrecordedSession, record: MachineRecord) => Confidence | undefined;

/** The first that holds decides. */
const RULES: readonly (readonly [RelationRule, GradeOf])[] = [
  ['own_process', ownProcess],
  ['own_id', ownId],
  ['own_group', ownGroup],
  ['own_call', ownCall],
  ['command_and_time', commandAndTime],
  ['whole_machine', wholeMachine],
  ['whole_user', wholeUser],
  ['at_that_time', atThatTime],
];

/** Milliseconds from the last sign to the record, where the record is not of before. */
function after(lastMs: number, { ms }: MachineRecord): number | undefined {
  return ms >= lastMs - SLACK_MS ? ms - lastMs : undefined;
}

/** The same process: the same pid and name in the same boot, and still before that pid can have been given anew. */
function ownProcess(session: UnrecordedSession, record: MachineRecord): Confidence | undefined {
  if (record.pid === undefined || !ENDS_A_PROCESS.has(record.kind)) return undefined;
  const known = session.processes.find((process) => isSame(process, record));
  if (known === undefined) return undefined;
  // A log that went on after the record was not written by what the record ended.
  const late = after(Math.max(session.lastMs, known.seenMs), record);
  if (late === undefined || late > FAR_MS) return undefined;
  const isProven = record.bootId === known.bootId && record.isVague !== true && late <= NEAR_MS;
  return isProven ? 'certain' : 'likely';
}

function isSame(known: KnownProcess, { pid, comm, bootId, ms }: MachineRecord): boolean {
  if (pid !== known.pid || ms < known.startMs - SLACK_MS) return false;
  if (bootId !== undefined && bootId !== known.bootId) return false;
  return comm === undefined || comm.slice(0, 15) === known.comm.slice(0, 15);
}

const ENDS_A_PROCESS: ReadonlySet<string> = new Set(['kernel_oom', 'user_oom', 'crash', 'core_dump']);

/** An id has 36 characters mostly; a short one may stand in anybody's command line. */
const SHORTEST_ID = 16;

function ownId({ sessionId, lastMs }: UnrecordedSession, record: MachineRecord): Confidence | undefined {
  if (sessionId === undefined || sessionId.length < SHORTEST_ID) return undefined;
  if (record.commandLine?.includes(sessionId) !== true || record.pid === undefined) return undefined;
  if (!ENDS_A_PROCESS.has(record.kind)) return undefined;
  const late = after(lastMs, record);
  if (late === undefined || late > FAR_MS) return undefined;
  return late <= NEAR_MS && record.isVague !== true ? 'certain' : 'likely';
}

/** A group of many (a user's slice, a whole login) tells nothing of one of them. */
const SHARED_GROUP = /^\/?$|\.slice$|^\/?(?:init\.scope|docker|lxc)\/?$/;

function ownGroup({ processes, lastMs }: UnrecordedSession, record: MachineRecord): Confidence | undefined {
  const { group } = record;
  if (group === undefined || SHARED_GROUP.test(group)) return undefined;
  const isOwn = processes.some((known) => known.group !== undefined && isGroupOf(known.group, group));
  if (!isOwn) return undefined;
  // A counter says how often, and not when.
  if (record.source === 'memory_group') return 'possible';
  const late = after(lastMs, record);
  return late !== undefined && late <= NEAR_MS ? 'likely' : undefined;
}

/** A unit is named by the last part of its group's path. */
function isGroupOf(path: string, group: string): boolean {
  return path === group || path.split('/').includes(group.slice(group.lastIndexOf('/') + 1));
}

function ownCall(session: UnrecordedSession, record: MachineRecord): Confidence | undefined {
  return isAtItsTime(session, record) && isCallOf(session, record.commandLine ?? '') ? 'likely' : undefined;
}

function commandAndTime(session: UnrecordedSession, record: MachineRecord): Confidence | undefined {
  const isHere = record.cwd !== undefined && record.cwd === session.cwd;
  const isItsProgram = isHere && isAgentsOwn(session, record.commandLine ?? '');
  return isItsProgram && isAtItsTime(session, record) ? 'likely' : undefined;
}

/** Near its last sign of life, and of no other user. */
function isAtItsTime({ lastMs, uid }: UnrecordedSession, record: MachineRecord): boolean {
  const late = after(lastMs, record);
  if (late === undefined || late > NEAR_MS || record.isVague === true) return false;
  return record.uid === undefined || uid === undefined || record.uid === uid;
}

/** The whole command, not its first word. */
function isCallOf({ openCommand }: UnrecordedSession, commandLine: string): boolean {
  const command = openCommand?.trim();
  if (command === undefined || command.length < 8 || !command.includes(' ')) return false;
  return commandLine === command || commandLine.endsWith(`c ${command}`);
}

function isAgentsOwn({ programs }: UnrecordedSession, commandLine: string): boolean {
  const names = commandLine.split(' ', 2).map((word) => word.slice(word.lastIndexOf('/') + 1));
  return names.some((name) => programs.includes(name.replace(/\.(?:js|mjs|cjs)$/, '')));
}

/** Nothing that ran outlived it. */
function wholeMachine({ lastMs, isPadded }: UnrecordedSession, record: MachineRecord): Confidence | undefined {
  if (!ENDS_ALL.has(record.kind)) return undefined;
  const late = after(lastMs, record);
  if (late === undefined) return undefined;
  return isPadded || late <= NEAR_MS ? 'likely' : 'possible';
}

const ENDS_ALL: ReadonlySet<string> = new Set(['shut_down', 'started_again', 'power_lost']);

function wholeUser({ lastMs, uid }: UnrecordedSession, record: MachineRecord): Confidence | undefined {
  if (record.kind !== 'logged_out' || record.uid === undefined || record.uid !== uid) return undefined;
  const late = after(lastMs, record);
  return late !== undefined && late <= NEAR_MS ? 'possible' : undefined;
}

function atThatTime({ lastMs, isCut }: UnrecordedSession, record: MachineRecord): Confidence | undefined {
  const late = after(lastMs, record);
  const isSoon = late !== undefined && late <= NEAR_MS;
  const isThen = Math.abs(record.ms - lastMs) <= AT_THAT_TIME_MS;
  const holds: { readonly [kind in MachineRecord['kind']]?: boolean } = {
    // What was being written when its room ended.
    disk_full_now: isCut,
    inodes_gone_now: isCut,
    suspended: isSoon,
    tmux_started: isSoon,
    disk_error: isThen,
  };
  return holds[record.kind] === true ? 'possible' : undefined;
}
