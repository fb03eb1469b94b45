-- columns: time user
SELECT toString(toDate('1970-01-05') + (c - 1) * 7) AS cohort, w - c AS off, count() AS users
FROM (
	SELECT arrayMin(ws) AS c, arrayJoin(ws) AS w
	FROM (SELECT user, groupUniqArray(toInt32(intDiv(toUInt32(toDate(left(time, 10))) + 3, 7))) AS ws FROM $EVENTS GROUP BY user))
WHERE w - c < 12 GROUP BY c, w ORDER BY c, w
