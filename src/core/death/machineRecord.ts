import type { Confidence, MachineRecordKind } from '../words/vocabulary.ts';

/** Where a record was read. */
export const MACHINE_SOURCES = [
  'kernel_log',
  'journal',
  'login_records',
  'tmux',
  'memory_group',
  'file_system',
] as const;
export type MachineSource = (typeof MACHINE_SOURCES)[number];

/** One thing that the machine remembers. Names and commands are free text: for the person at this machine only. */
export interface MachineRecord {
  readonly kind: Exclude<MachineRecordKind, 'none'>;
  readonly source: MachineSource;
  readonly ms: number;
  /** Where its time may be wrong by more than seconds: the kernel's own clock stands while a machine sleeps. */
  readonly isVague?: true;
  /** For something that lasted, such as a suspension. */
  readonly untilMs?: number;
  readonly bootId?: string;
  readonly pid?: number;
  /** At most 15 characters of a program's name. */
  readonly comm?: string;
  readonly uid?: number;
  readonly signal?: string;
  readonly commandLine?: string;
  readonly cwd?: string;
  /** The memory group or the unit that it is about. */
  readonly group?: string;
}

/** A process that is known to have been this session's: seen alive with its log open, its id or its directory. */
export interface KnownProcess {
  readonly pid: number;
  readonly comm: string;
  readonly bootId: string;
  readonly startMs: number;
  readonly seenMs: number;
  /** Its control group, without the mount point. */
  readonly group: string | undefined;
}

/** What is known of a session that nobody recorded, to relate records to. */
export interface UnrecordedSession {
  /** The last time that its log tells. */
  readonly lastMs: number;
  readonly sessionId: string | undefined;
  readonly cwd: string | undefined;
  /** The programs that start its agent. */
  readonly programs: readonly string[];
  readonly uid: number | undefined;
  readonly processes: readonly KnownProcess[];
  readonly openCommand: string | undefined;
  /** Its log ends in NUL bytes, or in the middle of a line. */
  readonly isPadded: boolean;
  readonly isCut: boolean;
}

export type RelationRule =
  /** It names a pid that is known to be this session's. */
  | 'own_process'
  /** Its command line names the agent's own id of the session. */
  | 'own_id'
  /** It is about the control group in which the session was seen. */
  | 'own_group'
  /** Its command line is that of the session's open call, and so is the time. */
  | 'own_call'
  /** Program, directory and time are those of the session. */
  | 'command_and_time'
  /** It ended everything that ran on this machine. */
  | 'whole_machine'
  /** It ended what this user ran. */
  | 'whole_user'
  /** It tells of the machine's condition at that time, and of no process. */
  | 'at_that_time';

export interface Finding {
  readonly record: MachineRecord;
  readonly rule: RelationRule;
  readonly grade: Confidence;
}
