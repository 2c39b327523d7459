-- Incidents across machines: deaths of which each came within a minute of the one before it, on two machines at least.
WITH
    gaps AS (
        SELECT
            at_s, machine, cause,
            at_s - min(at_s) OVER (ORDER BY at_s, session_id ROWS BETWEEN 1 PRECEDING AND 1 PRECEDING) AS gap_s
        FROM deaths
        WHERE at_s >= {since:Float64}
    ),
    numbered AS (
        SELECT
            at_s, machine, cause,
            sum(CASE WHEN gap_s <= 60 THEN 0 ELSE 1 END) OVER (ORDER BY at_s ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
                AS incident
        FROM gaps
    )
SELECT
    min(at_s) AS first_s,
    max(at_s) AS last_s,
    count(*) AS deaths,
    count(DISTINCT machine) AS machines,
    count(DISTINCT cause) AS causes,
    min(cause) AS a_cause
FROM numbered
GROUP BY incident
HAVING count(DISTINCT machine) > 1
ORDER BY machines DESC, deaths DESC, first_s
