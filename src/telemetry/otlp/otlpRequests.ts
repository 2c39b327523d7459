import { createHash } from 'node:crypto';
import { ROOT_CONTEXT, SpanStatusCode, trace, TraceFlags, ValueType, type Context } from '@opentelemetry/api';
import type { HrTime, Tracer } from '@opentelemetry/api';
import { JsonLogsSerializer, JsonMetricsSerializer, JsonTraceSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes, type Resource } from '@opentelemetry/resources';
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import { AggregationTemporality, DataPointType, type MetricData } from '@opentelemetry/sdk-metrics';
import { AlwaysOnSampler, InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { OtlpDurations } from './otlpDurations.ts';
import type { OtlpRecord } from './otlpRecords.ts';
import type { OtlpSeries } from './otlpSeries.ts';
import type { OtlpSession } from './otlpSession.ts';
import type { OtlpSpan } from './otlpShape.ts';
import { ATTR, SCHEMA_URL } from './semanticNames.ts';

export const SIGNALS = ['traces', 'metrics', 'logs'] as const;
export type Signal = (typeof SIGNALS)[number];

/** One POST to a receiver: what is kept while it waits, and sent again, is these bytes. */
export interface OtlpRequest {
  readonly signal: Signal;
  readonly body: string;
}

const SCOPE = { name: 'session-diagnostics', schemaUrl: SCHEMA_URL };
/** Well below the 20 MB that a Collector accepts by default. */
const SPANS_A_REQUEST = 1000;

/** A session's requests, in the order in which they are sent: the same ones, byte for byte, whenever they are made. */
export async function otlpRequests(session: OtlpSession): Promise<readonly OtlpRequest[]> {
  // Given outright: of the SDK's own detectors none, because they tell the host's name, the user and command lines.
  const resource = resourceFromAttributes(session.resource, { schemaUrl: SCHEMA_URL });
  const spans = await spansOf(session, resource);
  const requests: OtlpRequest[] = [];
  for (let from = 0; from < spans.length; from += SPANS_A_REQUEST) {
    const bytes = JsonTraceSerializer.serializeRequest(spans.slice(from, from + SPANS_A_REQUEST));
    requests.push(requestOf('traces', bytes));
  }
  const metrics = [...session.durations.map(histogramOf), ...session.series.map(metricOf)];
  const bytes = JsonMetricsSerializer.serializeRequest({ resource, scopeMetrics: [{ scope: SCOPE, metrics }] });
  requests.push(requestOf('metrics', bytes));
  const root = spans.find(({ parentSpanContext: parent }) => parent === undefined || parent.isRemote === true);
  if (session.records.length > 0) {
    const logs = session.records.map((record, n) =>
      logOf(record, { uid: idOf(session.id, `log ${n}`), resource, root }),
    );
    requests.push(requestOf('logs', JsonLogsSerializer.serializeRequest(logs)));
  }
  return requests;
}

function requestOf(signal: Signal, bytes: Uint8Array | undefined): OtlpRequest {
  return { signal, body: Buffer.from(bytes ?? []).toString('utf8') };
}

/** 32 hex digits that the keyed handle of a session always leads to, and that do not lead back. */
function idOf(handle: string, what: string): string {
  return createHash('sha256').update(`${handle} ${what}`).digest('hex').slice(0, 32);
}

async function spansOf(session: OtlpSession, resource: Resource): Promise<ReadableSpan[]> {
  const memory = new InMemorySpanExporter();
  const given = session.trace;
  let made = 0;
  const provider = new TracerProvider({
    resource,
    sampler: new AlwaysOnSampler(), // whoever started us may not sample; we were asked to send
    idGenerator: {
      generateTraceId: () => given?.trace_id ?? idOf(session.id, 'trace'),
      generateSpanId: () => {
        made += 1;
        return made === 1 && given !== undefined ? given.span_id : idOf(session.id, `span ${made}`).slice(0, 16);
      },
    },
    spanProcessors: [new SimpleSpanProcessor({ exporter: memory })],
  });
  addSpan(provider.getTracer(SCOPE.name, undefined, SCOPE), session.span, contextOf(given));
  await provider.forceFlush();
  return memory.getFinishedSpans();
}

function contextOf(given: OtlpSession['trace']): Context {
  if (given === undefined || given.parent_span_id === null) return ROOT_CONTEXT;
  const parent = { traceId: given.trace_id, spanId: given.parent_span_id, traceFlags: TraceFlags.SAMPLED };
  return trace.setSpanContext(ROOT_CONTEXT, { ...parent, isRemote: true });
}

function addSpan(tracer: Tracer, { name, startMs, endMs, ...span }: OtlpSpan, parent: Context): void {
  const made = tracer.startSpan(name, { startTime: hrTime(startMs), attributes: span.attributes }, parent);
  for (const event of span.events) made.addEvent(event.name, event.attributes, hrTime(event.atMs));
  if (span.isFailed) made.setStatus({ code: SpanStatusCode.ERROR });
  const context = trace.setSpan(parent, made);
  for (const child of span.children) addSpan(tracer, child, context);
  made.end(hrTime(endMs));
}

interface LogPlace {
  readonly uid: string;
  readonly resource: Resource;
  readonly root: ReadableSpan | undefined;
}

function logOf(
  { event, atMs, severity, attributes }: OtlpRecord,
  { uid, resource, root }: LogPlace,
): ReadableLogRecord {
  const context = root?.spanContext();
  return {
    hrTime: hrTime(atMs),
    hrTimeObserved: hrTime(atMs),
    ...(context !== undefined && { spanContext: context }),
    severityNumber: severity,
    severityText: ({ 9: 'INFO', 13: 'WARN', 17: 'ERROR', 21: 'FATAL' } as const)[severity],
    body: event, // for tables that have no column for an event's name
    eventName: event,
    resource,
    instrumentationScope: SCOPE,
    attributes: { ...attributes, [ATTR.ATTR_LOG_RECORD_UID]: uid },
    droppedAttributesCount: 0,
  };
}

/** Built by hand: the SDK's own instruments measure now, and these were measured then. */
function metricOf({ name, unit, kind, startMs, points }: OtlpSeries): MetricData {
  const shared = {
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
    dataPoints: points.map(({ atMs, value }) => ({
      startTime: hrTime(startMs),
      endTime: hrTime(atMs),
      attributes: {},
      value,
    })),
  };
  const descriptor = { name, unit, description: '' };
  return kind === 'share'
    ? { ...shared, descriptor: { ...descriptor, valueType: ValueType.DOUBLE }, dataPointType: DataPointType.GAUGE }
    : {
        ...shared,
        descriptor: { ...descriptor, valueType: ValueType.INT },
        dataPointType: DataPointType.SUM,
        isMonotonic: false,
      };
}

function histogramOf({ name, bounds, startMs, endMs, points }: OtlpDurations): MetricData {
  return {
    descriptor: { name, unit: 's', description: '', valueType: ValueType.DOUBLE },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
    dataPointType: DataPointType.HISTOGRAM,
    dataPoints: points.map(({ attributes, count, sum, min, max, counts }) => ({
      startTime: hrTime(startMs),
      endTime: hrTime(endMs),
      attributes,
      value: { buckets: { boundaries: [...bounds], counts: [...counts] }, count, sum, min, max },
    })),
  };
}

/** A plain number below the process's start would be taken for a reading of performance.now(). */
function hrTime(ms: number): HrTime {
  const seconds = Math.floor(ms / 1000);
  return [seconds, Math.round((ms - seconds * 1000) * 1_000_000)];
}
