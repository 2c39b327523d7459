import type { Failures, Suspect } from '../session/failures.ts';
import { suspectOf } from './suspect.ts';
import { FAILURE_CATEGORIES, type AgentKind, type FailureCategory } from '../words/vocabulary.ts';

/** One session of a trend. */
export interface TrendSession {
  readonly failures: Pick<Failures, 'counts' | 'sources' | 'unclosed_calls'>;
  /** `YYYY-MM-DD` of its start. */
  readonly day: string;
  readonly agent: AgentKind;
  /** A keyed hash of its workspace: never a path. */
  readonly workspace: string;
}

export type CategoryCounts = Readonly<Partial<Record<FailureCategory, number>>>;

export interface TrendGroup {
  readonly key: string;
  readonly session_count: number;
  /** Sessions with at least one failure of the category: one broken session must not look like many. */
  readonly sessions_by_category: CategoryCounts;
  readonly counts: CategoryCounts;
}

/** Many sessions at once, so that "since Tuesday everything fails with network" is visible. */
export interface FailureTrend {
  readonly by_day: readonly TrendGroup[];
  readonly by_agent: readonly TrendGroup[];
  readonly by_workspace: readonly TrendGroup[];
  readonly suspect: Suspect;
}

export function failureTrend(sessions: readonly TrendSession[]): FailureTrend {
  return {
    by_day: groupedBy(sessions, (session) => session.day),
    by_agent: groupedBy(sessions, (session) => session.agent),
    by_workspace: groupedBy(sessions, (session) => session.workspace),
    suspect: suspectOfMany(sessions),
  };
}

function groupedBy(sessions: readonly TrendSession[], keyOf: (session: TrendSession) => string): TrendGroup[] {
  const groups = new Map<string, TrendSession[]>();
  for (const session of sessions) {
    const group = groups.get(keyOf(session));
    if (group === undefined) groups.set(keyOf(session), [session]);
    else group.push(session);
  }
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, members]) => ({
      key,
      session_count: members.length,
      sessions_by_category: summed(members, (count) => Math.min(1, count)),
      counts: summed(members, (count) => count),
    }));
}

function summed(sessions: readonly TrendSession[], weigh: (count: number) => number): CategoryCounts {
  const sums: Partial<Record<FailureCategory, number>> = {};
  for (const { failures } of sessions) {
    for (const category of FAILURE_CATEGORIES) {
      const count = weigh(failures.counts[category] ?? 0);
      if (count > 0) sums[category] = (sums[category] ?? 0) + count;
    }
  }
  return sums;
}

/** Each session counts once per category, so that a retry loop in one of them does not decide for all. */
function suspectOfMany(sessions: readonly TrendSession[]): Suspect {
  const firm: Partial<Record<FailureCategory, number>> = {};
  for (const { failures } of sessions) {
    const certain = new Set(
      failures.sources.filter((source) => source.confidence !== 'possible').map((s) => s.category),
    );
    for (const category of certain) firm[category] = (firm[category] ?? 0) + 1;
  }
  const unclosed = sessions.filter((session) => session.failures.unclosed_calls > 0).length;
  return suspectOf({ counts: summed(sessions, (count) => Math.min(1, count)), firm, unclosed });
}
