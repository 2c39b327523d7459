-- Four views over the tables of the Collector's ClickHouse exporter, whose attributes are maps (not its JSON columns). Run
-- once, in the exporter's database:
--   clickhouse-client --database otel --multiquery < views.sql
-- or `session-diagnostics fleet --setup --url http://USER@HOST:8123/otel`. Grouping by an id takes out what arrived
-- twice; each column is taken out of its map by itself, so that a question reads no more than it asks for.

CREATE OR REPLACE VIEW sessions AS
SELECT
    any(SpanAttributes['session.id']) AS session_id,
    Timestamp AS started,
    toUnixTimestamp64Milli(Timestamp) / 1000 AS started_s,
    any(Duration) / 1e9 AS duration_s,
    any(SpanAttributes['gen_ai.agent.name']) AS agent,
    any(SpanAttributes['gen_ai.agent.version']) AS agent_version,
    any(ResourceAttributes['service.version']) AS product_version,
    any(ResourceAttributes['host.id']) AS machine,
    any(ResourceAttributes['cicd.worker.name']) AS runner,
    any(ResourceAttributes['cicd.pipeline.name']) AS pipeline,
    any(ResourceAttributes['cicd.pipeline.task.name']) AS job,
    any(ResourceAttributes['vcs.repository.name']) AS repository,
    any(ResourceAttributes['vcs.ref.head.revision']) AS revision,
    any(ResourceAttributes['session_diagnostics.label']) AS label,
    any(SpanAttributes['session_diagnostics.outcome']) AS outcome,
    any(SpanAttributes['session_diagnostics.cause']) AS cause,
    any(SpanAttributes['session_diagnostics.layer']) AS layer,
    any(SpanAttributes['session_diagnostics.confidence']) AS confidence,
    any(SpanAttributes['session_diagnostics.suspect.layer']) AS suspect_layer,
    toInt64OrNull(any(SpanAttributes['process.exit.code'])) AS exit_code,
    toFloat64OrNull(any(SpanAttributes['session_diagnostics.peak_memory_bytes'])) AS peak_memory_bytes,
    toFloat64OrNull(any(SpanAttributes['session_diagnostics.peak_tree_memory_bytes'])) AS peak_tree_memory_bytes,
    toFloat64OrNull(any(SpanAttributes['session_diagnostics.memory_slope_bytes_per_minute']))
        AS memory_slope_bytes_per_minute,
    toUInt8(outcome IN ('died', 'lost')) AS is_dead,
    toUInt8(outcome IN ('died', 'lost', 'failed', 'incomplete')) AS is_bad,
    TraceId AS trace_id,
    SpanId AS span_id
FROM otel_traces
WHERE ServiceName = 'session-diagnostics' AND startsWith(SpanName, 'invoke_agent ')
GROUP BY Timestamp, TraceId, SpanId;

CREATE OR REPLACE VIEW calls AS
SELECT
    any(SpanAttributes['session.id']) AS session_id,
    Timestamp AS started,
    toUnixTimestamp64Milli(Timestamp) / 1000 AS started_s,
    any(Duration) / 1e9 AS duration_s,
    any(SpanAttributes['gen_ai.agent.name']) AS agent,
    any(SpanAttributes['gen_ai.tool.name']) AS tool,
    any(SpanAttributes['session_diagnostics.call.status']) AS status,
    any(SpanAttributes['error.type']) AS error_type,
    TraceId AS trace_id,
    SpanId AS span_id
FROM otel_traces
WHERE ServiceName = 'session-diagnostics' AND startsWith(SpanName, 'execute_tool ')
GROUP BY Timestamp, TraceId, SpanId;

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
    any(LogAttributes['session.id']) AS session_id,
    Timestamp AS at,
    toUnixTimestamp64Milli(Timestamp) / 1000 AS at_s,
    any(LogAttributes['session_diagnostics.cause']) AS cause,
    any(LogAttributes['session_diagnostics.confidence']) AS confidence,
    any(LogAttributes['session_diagnostics.evidence']) AS evidence,
    any(ResourceAttributes['host.id']) AS machine,
    any(ResourceAttributes['cicd.worker.name']) AS runner,
    any(ResourceAttributes['session_diagnostics.agent']) AS agent
FROM otel_logs
WHERE ServiceName = 'session-diagnostics' AND Body = 'session_diagnostics.death'
GROUP BY Timestamp, LogAttributes['log.record.uid'];
