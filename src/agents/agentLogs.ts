import type { TranscriptFormat } from './transcriptFormat.ts';

/** Whose logs are meant, and what moves them. */
export interface LogHome {
  readonly env: NodeJS.ProcessEnv;
  readonly home: string;
}

/** Of which session a log is looked for. */
export interface LogSearch extends LogHome {
  readonly cwd: string;
  /** Redacted, as it was recorded. */
  readonly command: string;
  readonly startMs: number;
  readonly endMs: number;
}

/** Files of one folder that may be an agent's own logs. `*` in the folder stands for any one folder. */
export interface LogPlace {
  readonly folder: string;
  readonly name: RegExp;
}

/** How an agent's logs are found and read: one file of this room each, beside its row in core's `AGENTS`. */
export interface AgentLogs {
  /** Its own log, then what it prints on stdout; the first that recognises a record reads the log. */
  readonly formats: readonly TranscriptFormat[];
  /** Where its own logs may be, the environment variables that move them included. */
  readonly places?: (search: LogSearch) => readonly LogPlace[];
  /** Where all of its logs are, whatever session they are of: the same places with a `*` for what only a session tells. */
  readonly everywhere?: (where: LogHome) => readonly LogPlace[];
  /** The agent's own id of the session, where the command line gives one. */
  readonly idInCommand?: (command: string) => string | undefined;
  /**
   * Whether a log whose name has no session id is this session's, by the first lines of it or of a file beside it;
   * without it every log of its places is.
   */
  readonly belongs?: (log: LogHead, search: LogSearch) => boolean;
  /** A database that holds its sessions, in the place of files. */
  readonly databases?: (where: LogHome) => readonly string[];
}

export interface LogHead {
  readonly path: string;
  readonly lines: () => readonly string[];
  readonly linesOf: (path: string) => readonly string[];
}
