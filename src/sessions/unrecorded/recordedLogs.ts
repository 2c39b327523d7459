import { join } from 'node:path';
import { agentKindOf } from '../../core/session/agentKind.ts';
import { stringOf } from '../../core/words/json.ts';
import { msFromIso } from '../../core/words/time.ts';
import type { LogRoot } from '../../logs/logRoot.ts';
import { readSummary } from '../../logs/sessionFiles.ts';
import type { ListedSession } from '../../logs/sessionIndex.ts';
import type { UnrecordedLog } from './unrecordedLog.ts';

export interface RecordedSessions {
  readonly root: LogRoot;
  readonly sessions: readonly ListedSession[];
}

/** An agent writes its first line a moment after its start, and its last one before it is told to have ended. */
const SLACK_MS = 10_000;

/**
 * Which logs are those of recorded sessions. The session's account names its log; one that names none has the log of its
 * agent, in its folder, that begins while it runs. A log that went on after the recording is also of a session that
 * nobody recorded.
 */
export function recordedLogPaths(
  logs: readonly UnrecordedLog[],
  recorded: readonly RecordedSessions[],
): ReadonlySet<string> {
  const paths = new Set<string>();
  for (const { root, sessions } of recorded) {
    for (const session of sessions) {
      const near = logs.filter((log) => !paths.has(log.file.path) && isDuring(log, session));
      if (near.length === 0) continue;
      const named = namedLog(root, session);
      const own =
        named === undefined
          ? onlyOne(near.filter((log) => isOfAgent(log, session)))
          : near.find(({ file }) => file.path === named);
      if (own !== undefined) paths.add(own.file.path);
    }
  }
  return paths;
}

function isDuring(log: UnrecordedLog, { timestamp, duration_seconds: seconds, state }: ListedSession): boolean {
  const startMs = msFromIso(timestamp);
  if (startMs === undefined) return false;
  const endMs = state === 'running' || seconds === null ? Number.POSITIVE_INFINITY : startMs + seconds * 1000;
  return log.lastMs >= startMs - SLACK_MS && log.lastMs <= endMs + SLACK_MS;
}

function namedLog(root: LogRoot, { state, dir_name, claude_code_log: log }: ListedSession): string | undefined {
  if (state === 'running') return undefined;
  const summary = readSummary(join(root.sessions, dir_name));
  return stringOf(summary?.['transcript']) ?? stringOf(summary?.['claude_code_log']) ?? log ?? undefined;
}

function isOfAgent(
  { agent, digest, startMs }: UnrecordedLog,
  { skill_command, cwd, timestamp }: ListedSession,
): boolean {
  const isSame = agentKindOf([skill_command]) === agent && (digest.cwd === undefined || digest.cwd === cwd);
  return isSame && startMs >= (msFromIso(timestamp) ?? 0) - SLACK_MS;
}

function onlyOne<T>(found: readonly T[]): T | undefined {
  return found.length === 1 ? found[0] : undefined;
}
