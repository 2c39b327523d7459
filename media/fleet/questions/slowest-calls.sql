-- The calls that took longest, with the session in which to look at them.
SELECT session_id, agent, tool, status, error_type, round(duration_s, 3) AS seconds
FROM calls
WHERE started_s >= {since:Float64}
ORDER BY duration_s DESC, session_id, tool
LIMIT 20
