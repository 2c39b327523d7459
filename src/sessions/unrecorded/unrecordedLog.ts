import { createHash } from 'node:crypto';
import type { LogDigest } from '../../agents/logDigest.ts';
import type { LogFile } from '../../agents/allLogs.ts';
import type { Finding, KnownProcess, UnrecordedSession } from '../../core/death/machineRecord.ts';
import type { Verdict } from '../../core/session/verdict.ts';
import { agentRow } from '../../core/words/agentTable.ts';
import type { AgentKind } from '../../core/words/vocabulary.ts';

/** A session that is known from its agent's own log only. */
export interface UnrecordedLog {
  /** `log-claude-3f2a9c81d001`: the same for as long as the file has its path. */
  readonly id: string;
  readonly file: LogFile;
  readonly agent: AgentKind;
  /** Its texts are redacted. */
  readonly digest: LogDigest;
  /** The process that writes it now. */
  readonly writer: LogWriter | undefined;
  /** Those that were seen to write it. */
  readonly processes: readonly KnownProcess[];
  readonly findings: readonly Finding[];
  readonly verdict: Verdict;
  readonly startMs: number;
  readonly lastMs: number;
}

/** A living process and how it is known to be a log's: proof, or a folder and a time. */
export interface LogWriter {
  readonly pid: number;
  readonly how: 'open_file' | 'session_id' | 'own_state' | 'folder_and_time';
}

export function unrecordedId(agent: AgentKind, path: string): string {
  return `log-${agent}-${createHash('sha256').update(path).digest('hex').slice(0, 12)}`;
}

/** What the machine's records are related to. */
export function asSession(log: Pick<UnrecordedLog, 'agent' | 'digest' | 'processes' | 'lastMs'>): UnrecordedSession {
  const { sessionId, cwd, openCall, isPadded, isCut } = log.digest;
  return {
    lastMs: log.lastMs,
    sessionId,
    cwd,
    programs: agentRow(log.agent)?.programs ?? [],
    uid: process.getuid?.(),
    processes: log.processes,
    openCommand: openCall?.command,
    isPadded,
    isCut,
  };
}
