-- How much memory jobs really need: the peak of the whole process tree, and the limit that it suggests: a fifth above
-- what 99 of 100 sessions needed, in steps of 256 MiB. Sessions that died of memory have needed more than is known of
-- them, so a job with oom_kills may need a higher limit than the one named here.
WITH needed AS (
    SELECT repository, job, label, cause, coalesce(peak_tree_memory_bytes, peak_memory_bytes) AS bytes
    FROM sessions
    WHERE started_s >= {since:Float64}
)
SELECT
    repository, job, label,
    count(*) AS sessions,
    count(*) FILTER (WHERE cause = 'oom_kill') AS oom_kills,
    round(quantileExactInclusive(0.50)(bytes)) AS p50_bytes,
    round(quantileExactInclusive(0.95)(bytes)) AS p95_bytes,
    round(quantileExactInclusive(0.99)(bytes)) AS p99_bytes,
    max(bytes) AS most_bytes,
    ceil(quantileExactInclusive(0.99)(bytes) * 1.2 / 268435456) * 268435456 AS suggested_limit_bytes
FROM needed
WHERE bytes > 0
GROUP BY repository, job, label
ORDER BY p99_bytes DESC, repository, job, label
