-- columns: time user type
COPY (
WITH e AS MATERIALIZED (SELECT user, type, left(time, 19)::TIMESTAMP AS t FROM $EVENTS
	WHERE type IN ('join', 'message', 'share', 'redpacket', 'order')),
s1 AS (SELECT user, min(t) AS t1 FROM e WHERE type = 'join' GROUP BY user),
s2 AS (SELECT e.user, any_value(t1) AS t1, min(t) AS t2 FROM e JOIN s1 USING (user)
	WHERE type = 'message' AND t >= t1 AND t <= t1 + INTERVAL 7 DAY GROUP BY e.user),
s3 AS (SELECT e.user, any_value(t1) AS t1, min(t) AS t3 FROM e JOIN s2 USING (user)
	WHERE type = 'share' AND t >= t2 AND t <= t1 + INTERVAL 7 DAY GROUP BY e.user),
s4 AS (SELECT e.user, any_value(t1) AS t1, min(t) AS t4 FROM e JOIN s3 USING (user)
	WHERE type = 'redpacket' AND t >= t3 AND t <= t1 + INTERVAL 7 DAY GROUP BY e.user),
s5 AS (SELECT e.user FROM e JOIN s4 USING (user)
	WHERE type = 'order' AND t >= t4 AND t <= t1 + INTERVAL 7 DAY GROUP BY e.user)
SELECT 1, count(*) FROM s1 UNION ALL SELECT 2, count(*) FROM s2 UNION ALL SELECT 3, count(*) FROM s3
UNION ALL SELECT 4, count(*) FROM s4 UNION ALL SELECT 5, count(*) FROM s5
) TO '/dev/stdout' (FORMAT csv, HEADER false);
