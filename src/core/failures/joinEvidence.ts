import type { Failures, FailureSource } from '../session/failures.ts';
import { isOpenRule, type JoinRule } from '../words/ruleNames.ts';
import { withSources } from './withSources.ts';
import { msFromIso } from '../words/time.ts';
import type { JobCompletion } from './transcriptTally.ts';
import { isOomKillEvidence, type Verdict } from '../session/verdict.ts';
import type { Cause, FailureCategory, Outcome } from '../words/vocabulary.ts';

/** What the recorder knows about the processes while the transcript was written. */
export interface ProcessEvidence {
  readonly verdict: Verdict;
  /** Background jobs that their harness reported as completed. */
  readonly jobs?: readonly JobCompletion[];
}

const SIGKILL_EXIT = 137;
const SIGTERM_EXIT = 143;
/** A kill and the harness's report of it lie at most this far apart: sampling at 5 s, twice, and a slow log. */
const SAME_MOMENT_MS = 15_000;

/** Causes of a death that explain, by themselves, why the calls it interrupted have no result: as which kind of failure. */
const CALLS_FAIL_OF: { readonly [cause in Cause]: readonly [FailureCategory, string] | undefined } = {
  completed: undefined,
  exit_nonzero: undefined,
  oom_kill: ['resource', 'memory'],
  heap_limit: ['resource', 'heap'],
  killed: undefined,
  terminated: undefined,
  interrupted: undefined,
  crashed: undefined,
  timed_out: ['timeout', 'command'],
  stopped: undefined,
  launch_failed: undefined,
  fd_exhaustion: ['resource', 'descriptors'],
  disk_full: ['resource', 'disk'],
  vanished: undefined,
  lost: undefined,
  terminal_lost: undefined,
  ended_mid_task: undefined,
  did_nothing: undefined,
  blocked: undefined,
  limit_reached: undefined,
  unknown: undefined,
};

/** Unknown times are taken as near: evidence without a time covers the whole session. */
function isNear(a: string | null | undefined, b: string | null | undefined): boolean {
  const [first, second] = [msFromIso(a), msFromIso(b)];
  return first === undefined || second === undefined || Math.abs(first - second) <= SAME_MOMENT_MS;
}

/**
 * Lets process evidence correct what the transcript could only guess: a bare 137 becomes `resource` when the kernel
 * counted an OOM kill, a bare 143 a timeout when the session's limit had passed, calls that were open when the process
 * died belong to its death, and a job "completed" in the moment of a kill did not.
 */
export function joinEvidence(failures: Failures, evidence: ProcessEvidence): Failures {
  const { verdict } = evidence;
  const sources = failures.sources.map((source) => corrected(source, verdict));
  const contradicted = contradictedJobs(evidence, sources);
  if (contradicted.length === 0 && sources.every((source, i) => source === failures.sources[i])) return failures;
  const death = CALLS_FAIL_OF[verdict.cause]?.[0];
  const endedBy = sources.some((source) => source.rule === 'open_at_death') ? death : failures.ended_by;
  return withSources(failures, [...sources, ...contradicted], endedBy);
}

function corrected(source: FailureSource, verdict: Verdict): FailureSource {
  if (isOpenRule(source.rule)) return openAtDeath(source, verdict);
  if (source.rule !== 'exit_by_signal') return source;
  if (
    source.exit_code === SIGKILL_EXIT &&
    verdict.evidence.filter(isOomKillEvidence).some((item) => isNear(item.ts, source.ts))
  ) {
    return ruledBy('killed_for_memory', { ...source, category: 'resource', detail: 'memory', confidence: 'likely' });
  }
  if (source.exit_code === SIGTERM_EXIT && verdict.cause === 'timed_out') {
    return ruledBy('terminated_at_session_limit', {
      ...source,
      category: 'timeout',
      detail: 'command',
      confidence: 'likely',
    });
  }
  return source;
}

/** Nothing came between: what is open in its log is so by the agent's own doing. */
const AT_ITS_OWN_END: ReadonlySet<Outcome> = new Set(['running', 'succeeded', 'incomplete']);

function openAtDeath(source: FailureSource, verdict: Verdict): FailureSource {
  if (AT_ITS_OWN_END.has(verdict.outcome)) return source;
  const [category, detail] = CALLS_FAIL_OF[verdict.cause] ?? [];
  return ruledBy('open_at_death', {
    ...source,
    category: category ?? 'unknown',
    ...(detail !== undefined && { detail }),
    confidence: category === undefined ? 'possible' : verdict.confidence,
  });
}

function ruledBy(rule: JoinRule, source: Omit<FailureSource, 'rule'>): FailureSource {
  return { ...source, rule };
}

/** A kill that no failure of the transcript tells about, at the moment when a job was reported as completed. */
function contradictedJobs(evidence: ProcessEvidence, sources: readonly FailureSource[]): FailureSource[] {
  const kills = evidence.verdict.evidence
    .filter(isOomKillEvidence)
    .filter(
      (kill) =>
        kill.ts !== undefined &&
        !sources.some((source) => source.category === 'resource' && isNear(kill.ts, source.ts)),
    );
  const found: FailureSource[] = [];
  for (const kill of kills) {
    const job = evidence.jobs?.find(({ ts }) => ts !== undefined && isNear(kill.ts, ts));
    if (job === undefined || found.some((source) => source.line === job.line)) continue;
    const { handle, line, ts = null } = job;
    const untold = { category: 'background_job', detail: 'killed', confidence: 'possible', handle, line, ts } as const;
    found.push(ruledBy('completed_but_killed', untold));
  }
  return found;
}
