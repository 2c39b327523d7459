import { EVIDENCE_NAMES } from '../death/evidenceNames.ts';
import { FORMAT_NAMES } from '../words/agentTable.ts';
import { RULE_NAMES } from '../words/ruleNames.ts';
import { ALL_DETAILS } from '../session/failureDetail.ts';
import type { Episode } from '../anomalies/episodes.ts';
import type { Failures } from '../session/failures.ts';
import { booleanOf, numberOf, stringOf, type JsonRecord } from '../words/json.ts';
import { processKindOf, type ProcessKind } from '../session/processKind.ts';
import {
  ARCHITECTURES,
  HANDLE,
  VERSION,
  type LeftOut,
  type ReportEnvironment,
  type ReportEvidence,
  type ReportFailures,
  type SessionReport,
  type Version,
} from './report.ts';
import { reportNumber } from './reportNumbers.ts';
import { provenReport, type Proven } from './reportProof.ts';
import { secondsOf, sinceStart, timelineOf, wholeAmount } from './reportTimeline.ts';
import { leftoversFrom } from '../session/readSession.ts';
import type { SeriesTally } from './seriesTally.ts';
import { isoFromMs, msFromIso } from '../words/time.ts';
import { isExitEvidence, type Evidence, type Verdict } from '../session/verdict.ts';
import { AGENT_KINDS, ANOMALY_KINDS, FAILURE_CATEGORIES, SEVERITIES, TOOL_KINDS, wordOf } from '../words/vocabulary.ts';

/** What is known of one session. All of it is taken for hostile: any string may hold anything. */
export interface ReportedSession {
  /** Keyed handles, made by this machine and not taken from a file: what a file says may be anything. */
  readonly handleOfFailure: (line: number) => string;
  /** A keyed handle of the session, as `src:<12 hex>:L1` of its summary: leads back on this machine only. */
  readonly handle: string;
  readonly summary: JsonRecord | undefined;
  readonly verdict: Verdict;
  readonly episodes: readonly Episode[];
  readonly failures: Failures | undefined;
  readonly series: SeriesTally;
  readonly agentVersion?: string | undefined;
  readonly badLines: number;
}

export interface EnvironmentFacts {
  readonly productVersion?: string | undefined;
  readonly editorVersion?: string | undefined;
  /** process.platform's and os.release()'s words. */
  readonly platform?: string | undefined;
  readonly kernelRelease?: string | undefined;
  readonly arch?: string | undefined;
  readonly cores?: number | undefined;
  readonly memoryKb?: number | undefined;
  readonly isContainer?: boolean | undefined;
}

export interface ReportInput {
  readonly createdMs: number;
  readonly environment: EnvironmentFacts;
  readonly sessions: readonly ReportedSession[];
}

/** GitHub takes 65,536 characters; these keep a report of a long session at a tenth of it. */
const MAX_EPISODES = 40;
const MAX_SOURCES = 40;

/** Built from lists and numbers, then proven. */
export function buildReport({ createdMs, environment, sessions }: ReportInput): Proven {
  return provenReport({
    report_version: 1,
    created_at: isoFromMs(createdMs),
    environment: environmentOf(environment),
    sessions: sessions.map((session) => sessionReport(session, createdMs)),
    left_out: leftOutOf(sessions),
  });
}

function leftOutOf(sessions: readonly ReportedSession[]): LeftOut[] {
  const always: readonly LeftOut[] = ['texts', 'paths', 'names', 'commands', 'output', 'environment_values'];
  const isAny = (holds: (session: ReportedSession) => boolean, word: LeftOut): LeftOut[] =>
    sessions.some(holds) ? [word] : [];
  return [
    ...always,
    ...isAny((session) => session.badLines > 0 || (session.failures?.malformed_lines ?? 0) > 0, 'unreadable_lines'),
    ...isAny((session) => session.episodes.length > MAX_EPISODES, 'older_episodes'),
    ...isAny((session) => (session.failures?.sources.length ?? 0) > MAX_SOURCES, 'older_failures'),
  ];
}

const OS_OF: Readonly<Record<string, ReportEnvironment['os']>> = {
  linux: 'linux',
  darwin: 'macos',
  win32: 'windows',
};

function environmentOf(facts: EnvironmentFacts): ReportEnvironment {
  const os = facts.platform !== undefined && Object.hasOwn(OS_OF, facts.platform) ? OS_OF[facts.platform] : undefined;
  return {
    product_version: versionOf(facts.productVersion),
    editor_version: versionOf(facts.editorVersion),
    os: os ?? 'other',
    // A kernel's release goes on with the distribution's or the company's own words.
    kernel_version: versionOf(/^\d{1,5}(?:\.\d{1,5}){1,2}/.exec(facts.kernelRelease ?? '')?.[0]),
    arch: wordOf(ARCHITECTURES, facts.arch) ?? 'other',
    cores: reportNumber(facts.cores, 'count'),
    memory_kb: wholeAmount(facts.memoryKb),
    container: booleanOf(facts.isContainer) ?? null,
  };
}

/** No count, no negative one: nothing was counted. */
function countOf(value: number | undefined): number {
  return reportNumber(value, 'count') ?? 0;
}

function versionOf(text: string | undefined): Version {
  return text !== undefined && VERSION.test(text) ? text : null;
}

function sessionReport(session: ReportedSession, createdMs: number): SessionReport {
  const { summary, verdict } = session;
  const startMs = startOf(session, createdMs);
  return {
    handle: session.handle,
    agent: wordOf(AGENT_KINDS, summary?.['agent']) ?? 'other',
    agent_version: versionOf(session.agentVersion),
    started_at: startMs === undefined ? null : isoFromMs(Math.round(startMs)),
    duration_seconds: secondsOf(numberOf(summary?.['duration_seconds'])),
    exit_code: reportNumber(summary?.['exit_code'], 'exit_code'),
    verdict: {
      outcome: verdict.outcome,
      cause: verdict.cause,
      layer: verdict.layer,
      confidence: verdict.confidence,
      detail: verdict.detail ?? null,
      evidence: verdict.evidence.map(evidenceOf),
    },
    episodes: session.episodes.slice(-MAX_EPISODES).map((episode) => ({
      kind: wordOf(ANOMALY_KINDS, episode.kind) ?? 'other',
      severity: wordOf(SEVERITIES, episode.severity) ?? 'warning',
      from_seconds: sinceStart(episode.first_ts, startMs),
      to_seconds: sinceStart(episode.last_ts, startMs),
      count: countOf(episode.count),
    })),
    failures: session.failures === undefined ? null : failuresOf(session.failures, session.handleOfFailure),
    timeline: timelineOf(session.series, {
      startMs,
      intervalSeconds: numberOf(summary?.['snapshot_interval_seconds']),
    }),
    tree: treeOf(session),
  };
}

/** Before there was such a program, or after the report was made, is no time but a number of somebody's choice. */
const EARLIEST_MS = Date.UTC(2020, 0);
const DAY_MS = 86_400_000;

function startOf({ summary, series }: ReportedSession, createdMs: number): number | undefined {
  const startMs = msFromIso(summary?.['start_ts']) ?? msFromIso(series.first?.ts);
  return startMs !== undefined && startMs >= EARLIEST_MS && startMs <= createdMs + DAY_MS ? startMs : undefined;
}

function evidenceOf({ kind, name, value, limit, relation }: Evidence): ReportEvidence {
  const known = name === undefined ? null : (EVIDENCE_NAMES.find((word) => word === name) ?? processKindOf(name));
  return {
    kind,
    name: known,
    value: reportNumber(value, isExitEvidence({ kind }) ? 'exit_code' : 'amount'),
    limit: reportNumber(limit, 'amount'),
    relation: relation ?? null,
  };
}

function failuresOf(failures: Failures, handleOf: (line: number) => string): ReportFailures {
  const counts: Partial<Record<(typeof FAILURE_CATEGORIES)[number], number>> = {};
  for (const category of FAILURE_CATEGORIES) {
    const count = countOf(failures.counts[category]);
    if (count > 0) counts[category] = count;
  }
  return {
    format: wordOf(FORMAT_NAMES, failures.format) ?? 'other',
    total_lines: countOf(failures.total_lines),
    malformed_lines: countOf(failures.malformed_lines),
    counts,
    unclosed_turns: countOf(failures.unclosed_turns.at_end + failures.unclosed_turns.in_middle),
    unclosed_calls: countOf(failures.unclosed_calls),
    suspect: {
      layer: failures.suspect.layer,
      confidence: failures.suspect.confidence,
      because: failures.suspect.because.flatMap((category) => wordOf(FAILURE_CATEGORIES, category) ?? []),
    },
    sources: failures.sources.slice(-MAX_SOURCES).flatMap((source) => {
      const handle = handleOf(source.line);
      if (!HANDLE.test(handle)) return []; // no line of any file
      return [
        {
          category: wordOf(FAILURE_CATEGORIES, source.category) ?? 'unknown',
          detail: ALL_DETAILS.find((detail) => detail === source.detail) ?? null,
          rule: wordOf(RULE_NAMES, source.rule) ?? 'other',
          confidence: source.confidence,
          handle,
          tool_kind: source.tool_kind === undefined ? null : (wordOf(TOOL_KINDS, source.tool_kind) ?? 'other'),
          exit_code: reportNumber(source.exit_code, 'exit_code'),
        },
      ];
    }),
  };
}

/** By kind, at the moment when there were most processes. */
function treeOf({ series: { fullest }, summary }: ReportedSession): SessionReport['tree'] {
  return {
    most_processes: fullest?.processes.length ?? 0,
    kinds: kindCounts(fullest?.processes.map((member) => member.comm) ?? []),
    leftovers: kindCounts(leftoversFrom(summary).map((leftover) => stringOf(leftover.comm))),
  };
}

function kindCounts(comms: readonly (string | undefined)[]): Partial<Record<ProcessKind, number>> {
  const counts: Partial<Record<ProcessKind, number>> = {};
  for (const comm of comms) {
    const kind = processKindOf(comm);
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}
