-- Evals that were scored on a broken environment: of each label's bad ends the share that the environment is to blame for,
-- by what the process or the agent's own log proves. Such a score says little of the model.
WITH counted AS (
    SELECT
        label,
        count(*) AS sessions,
        count(*) FILTER (WHERE is_bad = 1) AS bad_ends,
        count(*) FILTER (WHERE is_bad = 1 AND (layer = 'environment' OR suspect_layer = 'environment')) AS by_environment,
        count(*) FILTER (WHERE is_bad = 0 AND suspect_layer = 'environment') AS passed_on_broken
    FROM sessions
    WHERE started_s >= {since:Float64}
    GROUP BY label
)
SELECT label, sessions, bad_ends, by_environment, passed_on_broken, round(by_environment / bad_ends, 4) AS environment_share
FROM counted
WHERE bad_ends > 0
ORDER BY environment_share DESC, bad_ends DESC, label
