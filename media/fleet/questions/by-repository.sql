-- In which repository and step sessions die most. They have names where SESSION_DIAGNOSTICS_OTLP_WITH has `ci` in it.
-- rate_low and rate_high: between them the true rate of deaths lies with 95% certainty (Wilson).
WITH counted AS (
    SELECT
        repository, job,
        count(*) AS sessions,
        count(*) FILTER (WHERE is_dead = 1) AS deaths,
        count(*) FILTER (WHERE is_bad = 1) AS bad_ends
    FROM sessions
    WHERE started_s >= {since:Float64} AND repository <> ''
    GROUP BY repository, job
)
SELECT
    repository, job, sessions, deaths, bad_ends,
    round(deaths / sessions, 4) AS rate,
    round((deaths + 1.9208 - 1.96 * sqrt(deaths * (sessions - deaths) / sessions + 0.9604)) / (sessions + 3.8416), 4) AS rate_low,
    round((deaths + 1.9208 + 1.96 * sqrt(deaths * (sessions - deaths) / sessions + 0.9604)) / (sessions + 3.8416), 4) AS rate_high
FROM counted
ORDER BY rate_low DESC, sessions DESC, repository, job
