/** The columns of the tables that the Collector's ClickHouse exporter makes, as far as anybody reads or fills them. */
const TEXTS = 'Map(LowCardinality(String), String)';
const METRIC = `ResourceAttributes ${TEXTS}, ResourceSchemaUrl String, ScopeName String, ScopeVersion String,
  ServiceName LowCardinality(String), MetricName String, MetricDescription String, MetricUnit String, Attributes ${TEXTS},
  StartTimeUnix DateTime64(9), TimeUnix DateTime64(9), Value Float64, Flags UInt32`;
const METRIC_ORDER = `ENGINE = MergeTree PARTITION BY toDate(TimeUnix)
  ORDER BY (ServiceName, MetricName, Attributes, toUnixTimestamp64Nano(TimeUnix))`;

export const TABLES: Readonly<Record<string, string>> = {
  otel_traces: `CREATE TABLE otel_traces (Timestamp DateTime64(9), TraceId String, SpanId String, ParentSpanId String,
    TraceState String, SpanName LowCardinality(String), SpanKind LowCardinality(String), ServiceName LowCardinality(String),
    ResourceAttributes ${TEXTS}, ScopeName String, ScopeVersion String, SpanAttributes ${TEXTS}, Duration UInt64,
    StatusCode LowCardinality(String), StatusMessage String)
    ENGINE = MergeTree PARTITION BY toDate(Timestamp) ORDER BY (ServiceName, SpanName, toDateTime(Timestamp))`,
  otel_logs: `CREATE TABLE otel_logs (Timestamp DateTime64(9), TimestampTime DateTime DEFAULT toDateTime(Timestamp),
    TraceId String, SpanId String, TraceFlags UInt8, SeverityText LowCardinality(String), SeverityNumber UInt8,
    ServiceName LowCardinality(String), Body String, ResourceAttributes ${TEXTS}, LogAttributes ${TEXTS})
    ENGINE = MergeTree PARTITION BY toDate(TimestampTime) ORDER BY (ServiceName, TimestampTime, Timestamp)`,
  otel_metrics_gauge: `CREATE TABLE otel_metrics_gauge (${METRIC}) ${METRIC_ORDER}`,
  otel_metrics_sum: `CREATE TABLE otel_metrics_sum (${METRIC}, AggregationTemporality Int32, IsMonotonic Bool) ${METRIC_ORDER}`,
};

export type TableRow = Readonly<Record<string, unknown>>;
export type Insert = (table: string, rows: readonly TableRow[]) => void;

type Json = Readonly<Record<string, unknown>>;

/** One request of OTLP/HTTP into rows, as the exporter writes them. Histograms have a table of their own that nobody asks. */
export function takeRequest(signal: string, body: string, insert: Insert): void {
  const parsed = JSON.parse(body) as Json;
  for (const one of listOf(
    parsed,
    signal === 'traces' ? 'resourceSpans' : signal === 'logs' ? 'resourceLogs' : 'resourceMetrics',
  )) {
    const resource = attributesOf(one['resource'] as Json);
    const common = { ResourceAttributes: resource, ServiceName: resource['service.name'] ?? '' };
    if (signal === 'traces')
      insert(
        'otel_traces',
        inside(one, 'scopeSpans', 'spans').map((span) => spanRow(span, common)),
      );
    else if (signal === 'logs')
      insert(
        'otel_logs',
        inside(one, 'scopeLogs', 'logRecords').map((log) => logRow(log, common)),
      );
    else for (const metric of inside(one, 'scopeMetrics', 'metrics')) metricRows(metric, common, insert);
  }
}

function spanRow(span: Json, common: TableRow): TableRow {
  const [start, end] = [BigInt(String(span['startTimeUnixNano'])), BigInt(String(span['endTimeUnixNano']))];
  return {
    ...common,
    Timestamp: decimalOf(start),
    TraceId: span['traceId'],
    SpanId: span['spanId'],
    ParentSpanId: span['parentSpanId'] ?? '',
    SpanName: span['name'],
    SpanKind: 'Internal',
    SpanAttributes: attributesOf(span),
    Duration: String(end - start),
    StatusCode: Number((span['status'] as Json | undefined)?.['code'] ?? 0) === 2 ? 'Error' : 'Unset',
  };
}

function logRow(log: Json, common: TableRow): TableRow {
  return {
    ...common,
    Timestamp: decimalOf(BigInt(String(log['timeUnixNano']))),
    TraceId: log['traceId'] ?? '',
    SpanId: log['spanId'] ?? '',
    SeverityText: log['severityText'] ?? '',
    SeverityNumber: log['severityNumber'] ?? 0,
    Body: (log['body'] as Json | undefined)?.['stringValue'] ?? '',
    LogAttributes: attributesOf(log),
  };
}

function metricRows(metric: Json, common: TableRow, insert: Insert): void {
  for (const [kind, table] of [
    ['gauge', 'otel_metrics_gauge'],
    ['sum', 'otel_metrics_sum'],
  ] as const) {
    const data = metric[kind] as Json | undefined;
    if (data === undefined) continue;
    insert(
      table,
      listOf(data, 'dataPoints').map((point) => ({
        ...common,
        MetricName: metric['name'],
        MetricUnit: metric['unit'],
        Attributes: attributesOf(point),
        StartTimeUnix: decimalOf(BigInt(String(point['startTimeUnixNano']))),
        TimeUnix: decimalOf(BigInt(String(point['timeUnixNano']))),
        Value: Number(point['asInt'] ?? point['asDouble']),
      })),
    );
  }
}

function decimalOf(ns: bigint): string {
  return `${ns / 1_000_000_000n}.${String(ns % 1_000_000_000n).padStart(9, '0')}`;
}

function inside(value: Json, scope: string, items: string): readonly Json[] {
  return listOf(value, scope).flatMap((one) => listOf(one, items));
}

function listOf(value: Json, key: string): readonly Json[] {
  return (value[key] ?? []) as readonly Json[]; // of our own exporter's, whose form its own tests check
}

/** All of them text, as in the exporter's maps. */
function attributesOf(value: Json): Readonly<Record<string, string>> {
  return Object.fromEntries(
    listOf(value, 'attributes').map((attribute) => [
      String(attribute['key']),
      String(Object.values(attribute['value'] as Json)[0]),
    ]),
  );
}
