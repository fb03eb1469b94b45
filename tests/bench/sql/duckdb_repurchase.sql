-- columns: time user type order_id
COPY (
WITH o AS (SELECT left(time, 7) AS mo, user, count(DISTINCT order_id) AS n FROM $EVENTS WHERE type = 'order' GROUP BY ALL)
SELECT mo, count(*) AS buyers, count(*) FILTER (n >= 2) AS again, round(again / buyers, 6) FROM o GROUP BY mo ORDER BY mo
) TO '/dev/stdout' (FORMAT csv, HEADER false);
