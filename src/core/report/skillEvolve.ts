import type { Report, SessionReport } from './report.ts';
import { sentenceOf, suspectLine } from './reportMarkdown.ts';
import { FAILURE_CATEGORIES, type Cause } from '../words/vocabulary.ts';

/** SkillEvolve's session log, from a proven report: every sentence is put together from its words and numbers. */
export interface SkillEvolveLog {
  readonly session_id: string;
  readonly agent_id: string;
  readonly timestamp: string;
  readonly skill: { readonly name: string };
  readonly task: { readonly description: string; readonly category: 'debugging'; readonly tags: readonly string[] };
  readonly outcome: { readonly success: boolean; readonly partial: boolean; readonly notes: string };
  readonly issues_encountered: readonly Issue[];
  readonly learnings: readonly string[];
  readonly environment: { readonly os: string; readonly memory: string | null; readonly other: string };
  readonly duration_minutes: number | null;
}

interface Issue {
  readonly type: 'error' | 'warning' | 'performance';
  readonly description: string;
  readonly resolved: boolean;
}

/** One log for each session. `random` is the caller's, lower-case letters and digits, one for each session. */
export function skillEvolveLogs(report: Report, random: readonly string[]): SkillEvolveLog[] {
  return report.sessions.map((session, index) => logOf(report, session, random[index] ?? String(index)));
}

function logOf(report: Report, session: SessionReport, random: string): SkillEvolveLog {
  const { verdict, failures } = session;
  const timestamp = session.started_at ?? report.created_at;
  const { os, kernel_version: kernel, arch, memory_kb: memoryKb, cores } = report.environment;
  const isSuccess = verdict.outcome === 'succeeded';
  return {
    session_id: `sess-${timestamp.slice(0, 10)}-${/^[a-z0-9]{1,32}$/.test(random) ? random : '0'}`,
    agent_id: session.agent,
    timestamp,
    skill: { name: 'headless-agent-session' },
    task: {
      description: `A headless ${session.agent === 'other' ? 'agent' : session.agent} session, observed from outside.`,
      category: 'debugging',
      tags: [...new Set([verdict.outcome, verdict.cause, verdict.layer])],
    },
    outcome: { success: isSuccess, partial: false, notes: sentenceOf(session) },
    issues_encountered: issuesOf(session, isSuccess),
    learnings: [suspectLine(failures), ADVICE[verdict.cause] ?? ''].filter((text) => text !== ''),
    environment: {
      os: [os, kernel].filter((part) => part !== null).join(' '),
      memory: memoryKb === null ? null : `${Math.round(memoryKb / 1024)} MiB`,
      other: [arch, cores === null ? '' : `${cores} cores`].filter((part) => part !== '').join(', '),
    },
    duration_minutes: session.duration_seconds === null ? null : Number((session.duration_seconds / 60).toFixed(1)),
  };
}

function issuesOf({ failures, episodes, verdict }: SessionReport, isSuccess: boolean): Issue[] {
  const died: Issue[] = isSuccess
    ? []
    : [
        {
          type: 'error',
          description: `The session ended with ${verdict.cause} (${verdict.confidence}).`,
          resolved: false,
        },
      ];
  const failed = FAILURE_CATEGORIES.flatMap((category): Issue[] => {
    const count = failures?.counts[category] ?? 0;
    return count === 0
      ? []
      : [
          {
            type: 'error',
            description: `${count} failure${count === 1 ? '' : 's'} of the kind ${category}.`,
            resolved: isSuccess,
          },
        ];
  });
  const anomalies = episodes.map(({ kind, severity, count }): Issue => ({
    type: severity === 'info' ? 'warning' : 'performance',
    description: `Anomaly ${kind} (${severity}) over ${count} sample${count === 1 ? '' : 's'}.`,
    resolved: isSuccess,
  }));
  return [...died, ...failed, ...anomalies];
}

const ADVICE: { readonly [cause in Cause]: string | undefined } = {
  completed: undefined,
  exit_nonzero: undefined,
  oom_kill: 'Give the session more memory, or lower the memory its tools use.',
  heap_limit: 'Raise the heap limit of the JavaScript engine, or find what fills it.',
  killed: undefined,
  terminated: undefined,
  interrupted: undefined,
  crashed: undefined,
  timed_out: 'Give the session more time, or find what it waits for.',
  stopped: undefined,
  launch_failed: undefined,
  fd_exhaustion: 'Raise the limit of open files, or find what leaves them open.',
  disk_full: 'Free space on the disk before the next run.',
  vanished: undefined,
  lost: undefined,
  terminal_lost: undefined,
  ended_mid_task: undefined,
  did_nothing: undefined,
  blocked: undefined,
  limit_reached: undefined,
  unknown: undefined,
};
