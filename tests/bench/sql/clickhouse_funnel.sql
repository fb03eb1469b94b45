-- columns: time user type
SELECT s, countIf(l >= s)
FROM (
	SELECT user, windowFunnel(604800)(toDateTime(replaceOne(left(time, 19), 'T', ' '), 'UTC'),
		type = 'join', type = 'message', type = 'share', type = 'redpacket', type = 'order') AS l
	FROM $EVENTS GROUP BY user)
ARRAY JOIN [1, 2, 3, 4, 5] AS s GROUP BY s ORDER BY s
