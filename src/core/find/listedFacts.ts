import { isTraceName } from '../session/devboyTrace.ts';
import { agentKindOf } from '../session/agentKind.ts';
import type { IndexLine } from '../session/session.ts';
import { listedEnd } from '../session/summaryVerdict.ts';
import { agentRow } from '../words/agentTable.ts';
import { msFromIso } from '../words/time.ts';
import { CAUSES, wordOf, type AgentKind, type Cause, type Outcome } from '../words/vocabulary.ts';
import { sessionTitle } from './sessionTitle.ts';

/** A line of a list: of the index, of a session that runs, or of one that nobody recorded. */
export type ListedLine = IndexLine &
  (
    | { readonly state: 'running' | 'finished' }
    | { readonly state: 'log_only'; readonly outcome: Outcome; readonly agent: AgentKind }
  );

/** What every list knows of a session. */
export interface ListedFacts {
  readonly id: string;
  readonly title: string;
  readonly command: string;
  readonly folder: string;
  readonly outcome: Outcome;
  readonly cause: Cause | undefined;
  /** Of a later version, which we do not know. */
  readonly laterCause: string | undefined;
  readonly agent: AgentKind;
  readonly startMs: number | undefined;
  /** Its last sign of life; `undefined` while it runs. */
  readonly endMs: number | undefined;
  readonly durationSeconds: number | undefined;
  readonly isLogOnly: boolean;
  readonly anomalyCount: number;
  readonly suspect: string | null;
  /** Of a session of another machine. */
  readonly host: string | undefined;
}

export function listedFacts(line: ListedLine): ListedFacts {
  const isLogOnly = line.state === 'log_only';
  const { outcome, cause } = isLogOnly
    ? { ...listedEnd({ ...line, state: 'finished' }), outcome: line.outcome }
    : listedEnd(line);
  const startMs = msFromIso(line.timestamp);
  const isRunning = outcome === 'running';
  const durationSeconds = line.duration_seconds ?? undefined;
  const agent = isLogOnly ? line.agent : agentKindOf([line.skill_command]);
  return {
    id: line.dir_name,
    title: titleOf(line, agent),
    command: line.skill_command,
    folder: line.cwd,
    outcome,
    cause: isRunning ? undefined : cause,
    laterCause: line.cause === null || wordOf(CAUSES, line.cause) !== undefined ? undefined : line.cause,
    agent,
    startMs,
    endMs: isRunning || startMs === undefined ? undefined : startMs + (durationSeconds ?? 0) * 1000,
    durationSeconds,
    isLogOnly,
    anomalyCount: line.anomaly_count,
    suspect: line.suspect,
    host: line.host,
  };
}

function titleOf(line: ListedLine, agent: AgentKind): string {
  // What an agent's own log or a trace says of itself is a text and no command line.
  if (line.state === 'log_only') return line.skill_command || `${agentRow(line.agent)?.name ?? 'An agent'} session`;
  if (isTraceName(line.dir_name)) return line.label || line.skill_command || line.dir_name;
  return sessionTitle(line.label, line.skill_command, agent) || line.dir_name;
}
