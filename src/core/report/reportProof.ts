import { EVIDENCE_NAMES } from '../death/evidenceNames.ts';
import { FORMAT_NAMES } from '../words/agentTable.ts';
import { RULE_NAMES } from '../words/ruleNames.ts';
import { ALL_DETAILS } from '../session/failureDetail.ts';
import { PROCESS_KINDS } from '../session/processKind.ts';
import {
  ARCHITECTURES,
  HANDLE,
  LEFT_OUT,
  OS_FAMILIES,
  VERSION,
  type Report,
  type ReportEnvironment,
  type ReportEpisode,
  type ReportEvidence,
  type ReportFailures,
  type ReportPoint,
  type ReportTimeline,
  type SessionReport,
} from './report.ts';
import { schemaOf, unprovenPlace, type Shape } from './reportShape.ts';
import {
  AGENT_KINDS,
  ANOMALY_KINDS,
  CAUSES,
  CONFIDENCES,
  EVIDENCE_KINDS,
  FAILURE_CATEGORIES,
  LAYERS,
  OUTCOMES,
  SENDER_RELATIONS,
  SEVERITIES,
  TOOL_KINDS,
  VERDICT_DETAILS,
} from '../words/vocabulary.ts';

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00$/;

const count: Shape = { type: 'number', kind: 'count' };
const amount: Shape = { type: 'number', kind: 'amount' };
const seconds: Shape = { type: 'number', kind: 'seconds' };
const exitCode: Shape = { type: 'number', kind: 'exit_code' };
const words = (list: readonly string[]): Shape => ({ type: 'words', words: list });
const pattern = (expression: RegExp): Shape => ({ type: 'pattern', pattern: expression });
const nullable = (of: Shape): Shape => ({ type: 'nullable', of });
const list = (of: Shape): Shape => ({ type: 'list', of });
/** Every field of the type has its shape, or this does not compile. */
type ShapesOf<T> = { readonly [key in keyof T]-?: Shape };
const fields = (shapes: Readonly<Record<string, Shape>>): Shape => ({ type: 'fields', fields: shapes });

const FAILURES = fields({
  format: words(FORMAT_NAMES),
  total_lines: count,
  malformed_lines: count,
  counts: { type: 'counts', words: FAILURE_CATEGORIES },
  unclosed_turns: count,
  unclosed_calls: count,
  suspect: fields({
    layer: words(LAYERS),
    confidence: words(CONFIDENCES),
    because: list(words(FAILURE_CATEGORIES)),
  } satisfies ShapesOf<ReportFailures['suspect']>),
  sources: list(
    fields({
      category: words(FAILURE_CATEGORIES),
      detail: nullable(words(ALL_DETAILS)),
      rule: words(RULE_NAMES),
      confidence: words(CONFIDENCES),
      handle: pattern(HANDLE),
      tool_kind: nullable(words(TOOL_KINDS)),
      exit_code: nullable(exitCode),
    } satisfies ShapesOf<ReportFailures['sources'][number]>),
  ),
} satisfies ShapesOf<ReportFailures>);

/** One session of a report. */
export const SESSION = fields({
  handle: pattern(HANDLE),
  agent: words(AGENT_KINDS),
  agent_version: nullable(pattern(VERSION)),
  started_at: nullable(pattern(INSTANT)),
  duration_seconds: nullable(seconds),
  exit_code: nullable(exitCode),
  verdict: fields({
    outcome: words(OUTCOMES),
    cause: words(CAUSES),
    layer: words(LAYERS),
    confidence: words(CONFIDENCES),
    detail: nullable(words(VERDICT_DETAILS)),
    evidence: list(
      fields({
        kind: words(EVIDENCE_KINDS),
        name: nullable(words(EVIDENCE_NAMES)),
        value: nullable(amount),
        limit: nullable(amount),
        relation: nullable(words(SENDER_RELATIONS)),
      } satisfies ShapesOf<ReportEvidence>),
    ),
  } satisfies ShapesOf<SessionReport['verdict']>),
  episodes: list(
    fields({
      kind: words([...ANOMALY_KINDS, 'other']),
      severity: words(SEVERITIES),
      from_seconds: nullable(seconds),
      to_seconds: nullable(seconds),
      count,
    } satisfies ShapesOf<ReportEpisode>),
  ),
  failures: nullable(FAILURES),
  timeline: fields({
    samples: count,
    interval_seconds: nullable(seconds),
    peak_rss_kb: nullable(amount),
    peak_tree_rss_kb: nullable(amount),
    peak_fd_ratio: nullable(amount),
    peak_oom_score: nullable(amount),
    peak_cpu_percent: nullable(amount),
    rss_slope_kb_per_minute: nullable(amount),
    points: list(
      fields({
        at_seconds: seconds,
        rss_kb: nullable(amount),
        tree_rss_kb: nullable(amount),
        cpu_percent: nullable(amount),
        fds: nullable(amount),
      } satisfies ShapesOf<ReportPoint>),
    ),
  } satisfies ShapesOf<ReportTimeline>),
  tree: fields({
    most_processes: count,
    kinds: { type: 'counts', words: PROCESS_KINDS },
    leftovers: { type: 'counts', words: PROCESS_KINDS },
  } satisfies ShapesOf<SessionReport['tree']>),
} satisfies ShapesOf<SessionReport>);

const REPORT = fields({
  report_version: count,
  created_at: pattern(INSTANT),
  environment: fields({
    product_version: nullable(pattern(VERSION)),
    editor_version: nullable(pattern(VERSION)),
    os: words(OS_FAMILIES),
    kernel_version: nullable(pattern(VERSION)),
    arch: words(ARCHITECTURES),
    cores: nullable(count),
    memory_kb: nullable(amount),
    container: nullable({ type: 'boolean' }),
  } satisfies ShapesOf<ReportEnvironment>),
  sessions: list(SESSION),
  left_out: list(words(LEFT_OUT)),
} satisfies ShapesOf<Report>);

/** A report whose every byte was proven: nothing else makes one. */
export type Proven =
  | { readonly ok: true; readonly report: Report }
  | { readonly ok: false; readonly place: string; readonly message: string };

export function provenReport(report: Report): Proven {
  const place = unprovenPlace(report, REPORT);
  if (place === undefined) return { ok: true, report };
  return {
    ok: false,
    place,
    message: `The report was not made: what stands at ${place} cannot be proven to be free of private text. Nothing left this machine. Please report this place as a bug; it names no content.`,
  };
}

/** What media/report.schema.json publishes. */
export function reportSchema(): Readonly<Record<string, unknown>> {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Session Diagnostics bug report',
    ...schemaOf(REPORT),
  };
}
