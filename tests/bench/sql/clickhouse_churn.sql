-- columns: time user
WITH e AS (SELECT user, max(left(time, 10)) AS d FROM $EVENTS GROUP BY user)
SELECT user, d FROM e WHERE toDate(d) <= (SELECT toDate(max(d)) FROM e) - 30 ORDER BY user
