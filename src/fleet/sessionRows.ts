import { isoFromMs } from '../core/words/time.ts';
import { BAD_OUTCOMES, OUTCOMES, wordOf } from '../core/words/vocabulary.ts';
import type { OtlpSession } from '../telemetry/otlp/otlpSession.ts';
import type { OtlpAttributes, OtlpSpan } from '../telemetry/otlp/otlpShape.ts';
import { ATTR, OURS } from '../telemetry/otlp/semanticNames.ts';
import type { Cell } from './engineAnswer.ts';

export type Row = Readonly<Record<string, Cell>>;

/** The rows that a session has in each of the views: the same columns that `media/fleet/views.sql` has. */
export interface SessionRows {
  readonly sessions: readonly Row[];
  readonly calls: readonly Row[];
  readonly samples: readonly Row[];
}

export function sessionRows({ resource, span, series }: OtlpSession): SessionRows {
  const calls = span.children.flatMap(({ children }) => children);
  return {
    sessions: [sessionRow(resource, span)],
    calls: calls.map((call, n) => callRow(call, n)),
    samples: series.flatMap(({ name, points }) =>
      points.map(({ atMs, value }) => ({
        session_id: textOf(resource, ATTR.ATTR_SESSION_ID),
        metric: name,
        at: isoFromMs(atMs),
        at_s: atMs / 1000,
        value,
      })),
    ),
  };
}

function sessionRow(resource: OtlpAttributes, { attributes, startMs, endMs }: OtlpSpan): Row {
  const outcome = wordOf(OUTCOMES, attributes[OURS.outcome]) ?? 'lost';
  return {
    session_id: textOf(attributes, ATTR.ATTR_SESSION_ID),
    started: isoFromMs(startMs),
    started_s: startMs / 1000,
    duration_s: (endMs - startMs) / 1000,
    agent: textOf(attributes, ATTR.ATTR_GEN_AI_AGENT_NAME),
    agent_version: textOf(attributes, ATTR.ATTR_GEN_AI_AGENT_VERSION),
    product_version: textOf(resource, ATTR.ATTR_SERVICE_VERSION),
    machine: textOf(resource, ATTR.ATTR_HOST_ID),
    runner: textOf(resource, ATTR.ATTR_CICD_WORKER_NAME),
    pipeline: textOf(resource, ATTR.ATTR_CICD_PIPELINE_NAME),
    job: textOf(resource, ATTR.ATTR_CICD_PIPELINE_TASK_NAME),
    repository: textOf(resource, ATTR.ATTR_VCS_REPOSITORY_NAME),
    revision: textOf(resource, ATTR.ATTR_VCS_REF_HEAD_REVISION),
    label: textOf(resource, OURS.label),
    outcome,
    cause: textOf(attributes, OURS.cause),
    layer: textOf(attributes, OURS.layer),
    confidence: textOf(attributes, OURS.confidence),
    suspect_layer: textOf(attributes, OURS.suspectLayer),
    exit_code: numberIn(attributes, ATTR.ATTR_PROCESS_EXIT_CODE),
    peak_memory_bytes: numberIn(attributes, OURS.peakMemory),
    peak_tree_memory_bytes: numberIn(attributes, OURS.peakTreeMemory),
    memory_slope_bytes_per_minute: numberIn(attributes, OURS.memorySlope),
    is_dead: outcome === 'died' || outcome === 'lost' ? 1 : 0,
    is_bad: BAD_OUTCOMES.has(outcome) ? 1 : 0,
  };
}

function callRow({ attributes, startMs, endMs }: OtlpSpan, n: number): Row {
  return {
    session_id: textOf(attributes, ATTR.ATTR_SESSION_ID),
    started: isoFromMs(startMs),
    started_s: startMs / 1000,
    duration_s: (endMs - startMs) / 1000,
    agent: textOf(attributes, ATTR.ATTR_GEN_AI_AGENT_NAME),
    tool: textOf(attributes, ATTR.ATTR_GEN_AI_TOOL_NAME),
    status: textOf(attributes, OURS.callStatus),
    error_type: textOf(attributes, ATTR.ATTR_ERROR_TYPE),
    span_id: String(n).padStart(6, '0'),
  };
}

/** Empty where it is not known, as in ClickHouse's maps. */
function textOf(attributes: OtlpAttributes, name: string): string {
  const value = attributes[name];
  return typeof value === 'string' ? value : '';
}

function numberIn(attributes: OtlpAttributes, name: string): number | null {
  const value = attributes[name];
  return typeof value === 'number' ? value : null;
}
