-- What trying again costs: calls of a kind that followed a failed one of that kind in the same session, by what had failed;
-- the seconds of both, and how many of the second ones went well.
WITH followed AS (
    SELECT
        tool, status, duration_s,
        min(error_type) OVER (PARTITION BY session_id, tool ORDER BY started_s, span_id
            ROWS BETWEEN 1 PRECEDING AND 1 PRECEDING) AS failure_before,
        min(duration_s) OVER (PARTITION BY session_id, tool ORDER BY started_s, span_id
            ROWS BETWEEN 1 PRECEDING AND 1 PRECEDING) AS seconds_before
    FROM calls
    WHERE started_s >= {since:Float64}
)
SELECT
    tool, failure_before,
    count(*) AS retries,
    count(*) FILTER (WHERE status = 'ok') AS went_well,
    round(sum(duration_s + seconds_before), 1) AS seconds
FROM followed
WHERE failure_before <> ''
GROUP BY tool, failure_before
ORDER BY seconds DESC, tool, failure_before
