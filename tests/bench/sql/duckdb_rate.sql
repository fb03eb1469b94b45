-- columns: time group user
COPY (
WITH e AS (SELECT DISTINCT left(time, 10) AS d, "group" AS g, user FROM $EVENTS),
a AS (SELECT d, g, count(*) AS active FROM e GROUP BY ALL),
f AS (SELECT d, g, count(*) AS come FROM (SELECT g, user, min(d) AS d FROM e GROUP BY ALL) GROUP BY ALL),
m AS (SELECT d, g, active, sum(coalesce(come, 0)) OVER (PARTITION BY g ORDER BY d) AS members
	FROM a LEFT JOIN f USING (d, g))
SELECT d, g, active, members, round(active / members, 6) FROM m ORDER BY d, g
) TO '/dev/stdout' (FORMAT csv, HEADER false);
