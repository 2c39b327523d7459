import type { MachineRecord, MachineSource } from '../../core/death/machineRecord.ts';

/** What became of asking one source. */
export interface Looked {
  readonly source: MachineSource;
  /** `partly`: only some of it may be read. */
  readonly state: 'read' | 'partly' | 'no_right' | 'not_there' | 'failed';
  /** For a person: what was read, or why nothing was. */
  readonly words: string;
  /** The command that would let this user read it. */
  readonly help?: string;
}

export interface Gathered {
  readonly records: readonly MachineRecord[];
  readonly looked: readonly Looked[];
}

/** Which time is asked about, and where records lie that are not this machine's own. */
export interface MachineQuestion {
  readonly fromMs: number;
  readonly toMs: number;
  readonly nowMs: number;
  /** For each program that is asked. */
  readonly timeoutMs: number;
  /** A journal's file or folder. */
  readonly journal?: string | undefined;
  /** A file like /var/log/wtmp. */
  readonly logins?: string | undefined;
  /** A saved kernel log: of /dev/kmsg, or `dmesg --time-format iso`. */
  readonly kernelLog?: string | undefined;
  /** Folders whose file systems count: where the agent worked and where its log is. */
  readonly folders: readonly string[];
  /** Control groups in which a session was seen. */
  readonly groups: readonly string[];
}
