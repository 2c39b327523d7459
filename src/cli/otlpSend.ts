import {
  ROOT_CONTEXT,
  SpanStatusCode,
  trace,
  ValueType,
  type Context,
  type HrTime,
  type Tracer,
} from '@opentelemetry/api';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes, type Resource } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  DataPointType,
  type MetricData,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider, type ReadableSpan } from '@opentelemetry/sdk-trace';
import type { OtlpSeries } from '../core/otlpSeries.ts';
import type { OtlpSession, OtlpSpan } from '../core/otlpSession.ts';

export type OtlpSent = { readonly ok: true } | { readonly ok: false; readonly why: string };

const SCOPE = 'session-diagnostics';
/** A recorder waits for this before it ends; a receiver that is not there is tried again until then. */
const TIMEOUT_MS = 5000;
/** Well below the 20 MB that a Collector accepts by default. */
const SPANS_A_REQUEST = 1000;
/** An event for each anomaly of a report and one for the death. */
const MAX_EVENTS = 1000;

/** Sends a session's trace and metrics. @param endpoint the base, to which /v1/traces and /v1/metrics are added */
export async function sendOtlp(session: OtlpSession, endpoint: string): Promise<OtlpSent> {
  const base = endpoint.replace(/\/+$/, '');
  // Given outright: of the SDK's own detectors none, because they tell the host's name, the user and command lines.
  const resource = resourceFromAttributes(session.resource);
  const spans = await spansOf(session.span, resource);
  const traces = new OTLPTraceExporter({ url: `${base}/v1/traces`, timeoutMillis: TIMEOUT_MS });
  for (let from = 0; from < spans.length; from += SPANS_A_REQUEST) {
    const sent = await exported(traces, spans.slice(from, from + SPANS_A_REQUEST));
    if (!sent.ok) return sent;
  }
  if (session.series.length === 0) return { ok: true };
  const metrics = new OTLPMetricExporter({ url: `${base}/v1/metrics`, timeoutMillis: TIMEOUT_MS });
  return exported(metrics, metricsOf(session.series, resource));
}

interface Exporter<Items> {
  export(items: Items, done: (result: { readonly code: number; readonly error?: Error }) => void): void;
  shutdown(): Promise<void>;
}

function exported<Items>(exporter: Exporter<Items>, items: Items): Promise<OtlpSent> {
  return new Promise((resolve) => {
    exporter.export(items, ({ code, error }) =>
      // 0 is ExportResultCode.SUCCESS.
      resolve(code === 0 ? { ok: true } : { ok: false, why: reasonOf(error) }),
    );
  });
}

/** An HTTP error has its status as its code, a connection's its system error. */
function reasonOf(error: Error | undefined): string {
  const code = error !== undefined && 'code' in error ? String(error.code) : '';
  return code === '' ? (error?.message ?? 'no answer') : /^\d+$/.test(code) ? `status ${code}` : code;
}

async function spansOf(span: OtlpSpan, resource: Resource): Promise<ReadableSpan[]> {
  const memory = new InMemorySpanExporter();
  const processor = new SimpleSpanProcessor({ exporter: memory });
  const provider = new TracerProvider({
    resource,
    spanProcessors: [processor],
    spanLimits: { eventCountLimit: MAX_EVENTS },
  });
  addSpan(provider.getTracer(SCOPE), span, ROOT_CONTEXT);
  await provider.forceFlush();
  return memory.getFinishedSpans();
}

function addSpan(tracer: Tracer, { name, startMs, endMs, ...span }: OtlpSpan, parent: Context): void {
  const made = tracer.startSpan(name, { startTime: hrTime(startMs), attributes: span.attributes }, parent);
  for (const event of span.events) made.addEvent(event.name, event.attributes, hrTime(event.atMs));
  if (span.isFailed) made.setStatus({ code: SpanStatusCode.ERROR });
  const context = trace.setSpan(parent, made);
  for (const child of span.children) addSpan(tracer, child, context);
  made.end(hrTime(endMs));
}

function metricsOf(series: readonly OtlpSeries[], resource: Resource): ResourceMetrics {
  return { resource, scopeMetrics: [{ scope: { name: SCOPE }, metrics: series.map(metricOf) }] };
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

/** A plain number below the process's start would be taken for a reading of performance.now(). */
function hrTime(ms: number): HrTime {
  const seconds = Math.floor(ms / 1000);
  return [seconds, Math.round((ms - seconds * 1000) * 1_000_000)];
}
