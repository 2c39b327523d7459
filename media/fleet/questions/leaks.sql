-- Which version of which agent leaks: how fast the memory of its own process grows, over sessions of five minutes and more.
-- leaking: sessions that grow by 5 MiB a minute and more.
SELECT
    agent, agent_version,
    count(*) AS sessions,
    count(*) FILTER (WHERE memory_slope_bytes_per_minute >= 5242880) AS leaking,
    round(quantileExactInclusive(0.50)(memory_slope_bytes_per_minute)) AS p50_bytes_per_minute,
    round(quantileExactInclusive(0.95)(memory_slope_bytes_per_minute)) AS p95_bytes_per_minute
FROM sessions
WHERE started_s >= {since:Float64} AND duration_s >= 300 AND memory_slope_bytes_per_minute IS NOT NULL
GROUP BY agent, agent_version
ORDER BY p95_bytes_per_minute DESC, agent, agent_version
