import { suspectTitle } from '../failures/suspect.ts';
import { SCHEMA_VERSION } from '../session/session.ts';
import { booleanOf, type JsonRecord } from '../words/json.ts';
import { SIGNAL_NAMES } from '../words/signals.ts';
import { SUBTYPES, TERMINATION_REASONS, wordOf } from '../words/vocabulary.ts';
import { instant } from './privateSeries.ts';
import type { ReportFailures, SessionReport } from './report.ts';
import { suspectLine } from './reportMarkdown.ts';
import { reportNumber, type NumberKind } from './reportNumbers.ts';

/** Fields of a summary that are numbers, by what they can be. */
const NUMBERS: Readonly<Record<string, NumberKind>> = {
  pid: 'count',
  cores: 'count',
  duration_seconds: 'seconds',
  snapshot_interval_seconds: 'seconds',
  snapshot_count: 'count',
  anomaly_count: 'count',
  peak_rss_kb: 'amount',
  peak_tree_rss_kb: 'amount',
  peak_oom_score: 'count',
  peak_fd_ratio: 'amount',
  exit_code: 'exit_code',
};

/** The name that a session goes by elsewhere: the same one each time, and told by its keyed handle alone. */
export function privateName(handle: string): string {
  return `shared-${/[0-9a-f]{12}/.exec(handle)?.[0] ?? 'session'}`;
}

/** summary.json of a session that leaves the machine, made of its proven report and of the numbers of its own. */
export function privateSummary(summary: JsonRecord, report: SessionReport): JsonRecord {
  const name = privateName(report.handle);
  const numbers = Object.entries(NUMBERS).map(([key, kind]) => [key, reportNumber(summary[key], kind)]);
  return {
    ...Object.fromEntries(numbers),
    schema_version: SCHEMA_VERSION,
    session_id: name,
    dir_name: name,
    agent: report.agent,
    ...(report.agent_version !== null && { agent_version: report.agent_version }),
    cwd: '',
    skill_command: '',
    success: booleanOf(summary['success']) ?? false,
    subtype: wordOf(SUBTYPES, summary['subtype']) ?? '',
    termination_reason: wordOf(TERMINATION_REASONS, summary['termination_reason']) ?? '',
    signal: wordOf(SIGNAL_NAMES, summary['signal']) ?? null,
    start_ts: instant(summary['start_ts']) ?? '',
    end_ts: instant(summary['end_ts']) ?? '',
    tracked_comm: null,
    tracked_comm_drift: booleanOf(summary['tracked_comm_drift']) ?? false,
    claude_code_log: null,
    leftover_processes: [],
    verdict: withoutAbsent(report.verdict),
    failures: report.failures === null ? null : failuresOf(report.failures),
  };
}

/** A report says null of what is not known, a log says nothing. */
function withoutAbsent(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutAbsent);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([, item]) => item !== null);
  return Object.fromEntries(kept.map(([key, item]) => [key, withoutAbsent(item)]));
}

function failuresOf(report: ReportFailures): JsonRecord {
  const { unclosed_turns: turns, suspect, sources, ...failures } = report;
  return {
    ...failures,
    unclosed_turns: { at_end: turns, in_middle: 0 },
    first_ts: null,
    last_ts: null,
    sources: sources.map((source) => ({
      ...(withoutAbsent(source) as object), // an object goes in
      line: Number(/\d+$/.exec(source.handle)?.[0] ?? 0),
      ts: null,
    })),
    suspect: { ...suspect, sentence: suspectLine(report, false) || `${suspectTitle(suspect.layer)}.` },
  };
}
