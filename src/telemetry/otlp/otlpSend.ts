import {
  diag,
  DiagLogLevel,
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
import { parseJson, recordOf } from '../../core/words/json.ts';
import type { OtlpSeries } from './otlpSeries.ts';
import type { OtlpSession, OtlpSpan } from './otlpSession.ts';

export type OtlpSent = { readonly ok: true } | { readonly ok: false; readonly why: string };

const SCOPE = 'session-diagnostics';
/** A recorder waits for this before it ends; a receiver that is not there is tried again until then. */
const TIMEOUT_MS = 5000;
/** Well below the 20 MB that a Collector accepts by default. */
const SPANS_A_REQUEST = 1000;

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
}

function exported<Items>(exporter: Exporter<Items>, items: Items): Promise<OtlpSent> {
  let isPartlyRefused = false;
  // A receiver may answer 200 and refuse some of it; the exporter only logs that, with the answer's own JSON.
  const warn = (_message: string, ...details: unknown[]): void => {
    isPartlyRefused ||= details.some(tellsRefused);
  };
  diag.setLogger(
    { error: () => {}, warn, info: () => {}, debug: () => {}, verbose: () => {} },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
  return new Promise((resolve) => {
    exporter.export(items, ({ code, error }) => {
      diag.disable();
      // 0 is ExportResultCode.SUCCESS.
      if (code !== 0) resolve({ ok: false, why: reasonOf(error) });
      else resolve(isPartlyRefused ? { ok: false, why: 'a part was refused' } : { ok: true });
    });
  });
}

/** `{"rejectedSpans":"3","errorMessage":"..."}`; with none rejected it is only advice. */
function tellsRefused(detail: unknown): boolean {
  const parsed = typeof detail === 'string' ? parseJson(detail) : undefined;
  const partial = parsed?.ok === true ? recordOf(parsed.value) : undefined;
  return Number(partial?.['rejectedSpans'] ?? 0) > 0 || Number(partial?.['rejectedDataPoints'] ?? 0) > 0;
}

/** An HTTP error has its status as its code, a connection's its system error. */
function reasonOf(error: Error | undefined): string {
  const code = error !== undefined && 'code' in error ? String(error.code) : '';
  return code === '' ? (error?.message ?? 'no answer') : /^\d+$/.test(code) ? `status ${code}` : code;
}

async function spansOf(span: OtlpSpan, resource: Resource): Promise<ReadableSpan[]> {
  const memory = new InMemorySpanExporter();
  const provider = new TracerProvider({ resource, spanProcessors: [new SimpleSpanProcessor({ exporter: memory })] });
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
