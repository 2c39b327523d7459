-- Four views over the tables of the Collector's ClickHouse exporter. Run once, in the exporter's database:
--   clickhouse-client --database otel --multiquery < views.sql
-- or `session-diagnostics fleet --setup --url http://USER@HOST:8123/otel`. Grouping by an id takes out what arrived twice.

CREATE OR REPLACE VIEW sessions AS
SELECT
    a['session.id'] AS session_id,
    at AS started,
    toUnixTimestamp64Milli(at) / 1000 AS started_s,
    nanoseconds / 1e9 AS duration_s,
    a['gen_ai.agent.name'] AS agent,
    a['gen_ai.agent.version'] AS agent_version,
    r['service.version'] AS product_version,
    r['host.id'] AS machine,
    r['cicd.worker.name'] AS runner,
    r['cicd.pipeline.name'] AS pipeline,
    r['cicd.pipeline.task.name'] AS job,
    r['vcs.repository.name'] AS repository,
    r['vcs.ref.head.revision'] AS revision,
    r['session_diagnostics.label'] AS label,
    a['session_diagnostics.outcome'] AS outcome,
    a['session_diagnostics.cause'] AS cause,
    a['session_diagnostics.layer'] AS layer,
    a['session_diagnostics.confidence'] AS confidence,
    a['session_diagnostics.suspect.layer'] AS suspect_layer,
    toInt64OrNull(a['process.exit.code']) AS exit_code,
    toFloat64OrNull(a['session_diagnostics.peak_memory_bytes']) AS peak_memory_bytes,
    toFloat64OrNull(a['session_diagnostics.peak_tree_memory_bytes']) AS peak_tree_memory_bytes,
    toFloat64OrNull(a['session_diagnostics.memory_slope_bytes_per_minute']) AS memory_slope_bytes_per_minute,
    toUInt8(outcome IN ('died', 'lost')) AS is_dead,
    toUInt8(outcome IN ('died', 'lost', 'failed', 'incomplete')) AS is_bad,
    trace_id,
    span_id
FROM (
    SELECT Timestamp AS at, TraceId AS trace_id, SpanId AS span_id,
        any(Duration) AS nanoseconds, any(ResourceAttributes) AS r, any(SpanAttributes) AS a
    FROM otel_traces
    WHERE ServiceName = 'session-diagnostics' AND startsWith(SpanName, 'invoke_agent ')
    GROUP BY Timestamp, TraceId, SpanId
);

CREATE OR REPLACE VIEW calls AS
SELECT
    a['session.id'] AS session_id,
    at AS started,
    toUnixTimestamp64Milli(at) / 1000 AS started_s,
    nanoseconds / 1e9 AS duration_s,
    a['gen_ai.agent.name'] AS agent,
    a['gen_ai.tool.name'] AS tool,
    a['session_diagnostics.call.status'] AS status,
    a['error.type'] AS error_type,
    trace_id,
    span_id
FROM (
    SELECT Timestamp AS at, TraceId AS trace_id, SpanId AS span_id, any(Duration) AS nanoseconds, any(SpanAttributes) AS a
    FROM otel_traces
    WHERE ServiceName = 'session-diagnostics' AND startsWith(SpanName, 'execute_tool ')
    GROUP BY Timestamp, TraceId, SpanId
);

CREATE OR REPLACE VIEW samples AS
SELECT session_id, metric, at, toUnixTimestamp64Milli(at) / 1000 AS at_s, any(v) AS value
FROM (
    SELECT ResourceAttributes['session.id'] AS session_id, MetricName AS metric, toDateTime64(TimeUnix, 3) AS at, Value AS v
    FROM otel_metrics_gauge WHERE ServiceName = 'session-diagnostics'
    UNION ALL
    SELECT ResourceAttributes['session.id'] AS session_id, MetricName AS metric, toDateTime64(TimeUnix, 3) AS at, Value AS v
    FROM otel_metrics_sum WHERE ServiceName = 'session-diagnostics'
)
GROUP BY session_id, metric, at;

CREATE OR REPLACE VIEW deaths AS
SELECT
    a['session.id'] AS session_id,
    at,
    toUnixTimestamp64Milli(at) / 1000 AS at_s,
    a['session_diagnostics.cause'] AS cause,
    a['session_diagnostics.confidence'] AS confidence,
    a['session_diagnostics.evidence'] AS evidence,
    r['host.id'] AS machine,
    r['cicd.worker.name'] AS runner,
    r['session_diagnostics.agent'] AS agent
FROM (
    SELECT Timestamp AS at, LogAttributes['log.record.uid'] AS uid, any(ResourceAttributes) AS r, any(LogAttributes) AS a
    FROM otel_logs
    WHERE ServiceName = 'session-diagnostics' AND Body = 'session_diagnostics.death'
    GROUP BY Timestamp, uid
);
