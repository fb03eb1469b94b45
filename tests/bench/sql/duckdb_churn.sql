-- columns: time user
COPY (
WITH e AS (SELECT user, max(left(time, 10)) AS d FROM $EVENTS GROUP BY user)
SELECT user, d FROM e WHERE d::DATE <= (SELECT max(d)::DATE FROM e) - 30 ORDER BY user
) TO '/dev/stdout' (FORMAT csv, HEADER false);
