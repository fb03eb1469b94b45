-- columns: time user
COPY (
WITH e AS (SELECT DISTINCT user, (left(time, 10)::DATE - DATE '1969-12-29') // 7 AS w FROM $EVENTS)
SELECT DATE '1969-12-29' + (c * 7)::INT AS cohort, w - c AS off, count(*) AS users
FROM (SELECT w, min(w) OVER (PARTITION BY user) AS c FROM e)
WHERE w - c < 12 GROUP BY ALL ORDER BY ALL
) TO '/dev/stdout' (FORMAT csv, HEADER false);
