-- Flaky: the same step, label and revision both succeeded and ended badly, so the code alone does not decide.
-- Steps and revisions have names where SESSION_DIAGNOSTICS_OTLP_WITH has `ci` in it.
WITH counted AS (
    SELECT
        repository, revision, job, label,
        count(*) AS sessions,
        count(*) FILTER (WHERE outcome = 'succeeded') AS succeeded,
        count(*) FILTER (WHERE is_bad = 1) AS bad_ends,
        min(CASE WHEN is_bad = 1 THEN cause END) AS a_cause
    FROM sessions
    WHERE started_s >= {since:Float64} AND revision <> ''
    GROUP BY repository, revision, job, label
)
SELECT repository, revision, job, label, sessions, succeeded, bad_ends, a_cause, round(bad_ends / sessions, 4) AS bad_share
FROM counted
WHERE succeeded > 0 AND bad_ends > 0
ORDER BY bad_ends DESC, repository, revision, job, label
