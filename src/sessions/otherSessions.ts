import { join } from 'node:path';
import { statSync } from 'node:fs';
import { ownIdOf } from '../agents/findTranscript.ts';
import { NO_OTHERS, type OtherSessions } from '../agents/logChoice.ts';
import type { Enrollment } from '../core/session/session.ts';
import { msFromIso } from '../core/words/time.ts';
import { stringOf } from '../core/words/json.ts';
import type { LogRoot } from '../logs/logRoot.ts';
import { readHead } from '../logs/readHead.ts';
import { readSummary } from '../logs/sessionFiles.ts';
import { readEnrollment, readRecentIndex, sessionDirs } from '../logs/sessionIndex.ts';

type Session = Pick<Enrollment, 'session_id' | 'agent' | 'cwd' | 'enrolled_at'>;

interface Other {
  readonly log?: string | undefined;
  readonly id?: string | undefined;
}

/** The sessions of the same agent in the same folder that ran while this one did, and what is known of their logs. */
export function otherSessions(root: LogRoot, session: Session): OtherSessions {
  try {
    const found = [...running(root, session), ...ended(root, session)];
    return {
      logs: new Set(found.flatMap(({ log }) => (log === undefined ? [] : [log]))),
      ids: new Set(found.flatMap(({ id }) => (id === undefined ? [] : [id]))),
      unplaced: found.filter(({ log, id }) => log === undefined && id === undefined).length,
    };
  } catch {
    return NO_OTHERS; // a root that cannot be read tells of none
  }
}

function running(root: LogRoot, { session_id: own, agent, cwd, enrolled_at: enrolledAt }: Session): readonly Other[] {
  return sessionDirs(root.running).flatMap((name): readonly Other[] => {
    const dir = join(root.running, name);
    const enrollment = name === own ? undefined : readEnrollment(dir);
    if (enrollment === undefined || enrollment.agent !== agent || enrollment.cwd !== cwd) return [];
    // What its recorder left behind when it died is no session that runs.
    const sampledMs = statSync(join(dir, 'proc_trace.jsonl'), { throwIfNoEntry: false })?.mtimeMs;
    if ((sampledMs ?? Infinity) < (msFromIso(enrolledAt) ?? 0)) return [];
    return [{ id: ownIdOf({ enrollment, dir, readHead }) }];
  });
}

function ended(root: LogRoot, { session_id: own, agent, cwd, enrolled_at: enrolledAt }: Session): readonly Other[] {
  const sinceMs = msFromIso(enrolledAt) ?? 0;
  return [...readRecentIndex(root).values()].flatMap((line): readonly Other[] => {
    const endMs = (msFromIso(line.timestamp) ?? 0) + 1000 * (line.duration_seconds ?? 0);
    if (line.dir_name === own || line.cwd !== cwd || endMs < sinceMs) return [];
    const dir = join(root.sessions, line.dir_name);
    const summary = readSummary(dir);
    if (summary?.['agent'] !== agent) return [];
    const enrollment = { agent, skill_command: line.skill_command } as Enrollment; // the two fields that an id is found by
    const log = stringOf(summary['transcript']) ?? undefined;
    const isCaptured = log?.startsWith(dir) === true;
    return [{ log: isCaptured ? undefined : log, id: ownIdOf({ enrollment, dir, readHead }) }];
  });
}
