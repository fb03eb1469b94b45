-- columns: time group user
WITH e AS (SELECT `group` AS g, user, groupUniqArray(toDate(left(time, 10))) AS ds FROM $EVENTS GROUP BY g, user),
a AS (SELECT g, arrayJoin(ds) AS d, count() AS active, countIf(d = arrayMin(ds)) AS come FROM e GROUP BY g, d)
SELECT toString(d), g, active, sum(come) OVER (PARTITION BY g ORDER BY d) AS members, round(active / members, 6)
FROM a ORDER BY d, g
