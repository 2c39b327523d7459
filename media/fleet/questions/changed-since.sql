-- What changed since a date: for each cause of a bad end its share of all sessions before and since, over stretches of
-- the same length. surprise: how many standard errors apart both are; beyond 3 it is hardly chance.
WITH
    newest AS (SELECT max(started_s) AS newest_s FROM sessions),
    marked AS (
        SELECT cause, is_bad, CASE WHEN started_s >= {since:Float64} THEN 1 ELSE 0 END AS is_new
        FROM sessions CROSS JOIN newest
        WHERE started_s >= 2 * {since:Float64} - newest_s
    ),
    total AS (
        SELECT count(*) FILTER (WHERE is_new = 0) AS sessions_before, count(*) FILTER (WHERE is_new = 1) AS sessions_since
        FROM marked
    ),
    of_cause AS (
        SELECT cause, count(*) FILTER (WHERE is_new = 0) AS bad_before, count(*) FILTER (WHERE is_new = 1) AS bad_since
        FROM marked WHERE is_bad = 1 GROUP BY cause
    ),
    rated AS (
        SELECT
            cause, bad_before, bad_since, sessions_before, sessions_since,
            bad_before / sessions_before AS before_rate,
            bad_since / sessions_since AS since_rate,
            (bad_before + bad_since) / (sessions_before + sessions_since) AS both_rate
        FROM of_cause CROSS JOIN total
        WHERE sessions_before > 0 AND sessions_since > 0
    )
SELECT
    cause, bad_before, sessions_before, bad_since, sessions_since,
    round(before_rate, 4) AS rate_before,
    round(since_rate, 4) AS rate_since,
    round((since_rate - before_rate)
        / sqrt(both_rate * (1 - both_rate) * (1 / sessions_before + 1 / sessions_since)), 1) AS surprise
FROM rated
WHERE both_rate < 1
ORDER BY surprise DESC, cause
