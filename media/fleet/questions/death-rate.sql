-- Deaths by day and cause: how many of the day's sessions died or were lost of it.
-- rate_low and rate_high: between them the true rate lies with 95% certainty (Wilson).
WITH
    of_day AS (
        SELECT CAST(started AS DATE) AS day, count(*) AS sessions
        FROM sessions WHERE started_s >= {since:Float64} GROUP BY day
    ),
    of_cause AS (
        SELECT CAST(started AS DATE) AS day, cause, count(*) AS deaths
        FROM sessions WHERE started_s >= {since:Float64} AND is_dead = 1 GROUP BY day, cause
    )
SELECT
    CAST(of_cause.day AS VARCHAR) AS day,
    of_cause.cause AS cause,
    of_cause.deaths AS deaths,
    of_day.sessions AS sessions,
    round(of_cause.deaths / of_day.sessions, 4) AS rate,
    round((of_cause.deaths + 1.9208 - 1.96 * sqrt(of_cause.deaths * (of_day.sessions - of_cause.deaths) / of_day.sessions + 0.9604)) / (of_day.sessions + 3.8416), 4) AS rate_low,
    round((of_cause.deaths + 1.9208 + 1.96 * sqrt(of_cause.deaths * (of_day.sessions - of_cause.deaths) / of_day.sessions + 0.9604)) / (of_day.sessions + 3.8416), 4) AS rate_high
FROM of_cause JOIN of_day ON of_cause.day = of_day.day
ORDER BY day, deaths DESC, cause
