-- columns: time user type order_id
SELECT mo, count() AS buyers, countIf(n >= 2) AS again, round(again / buyers, 6)
FROM (SELECT left(time, 7) AS mo, user, uniqExact(order_id) AS n FROM $EVENTS WHERE type = 'order' GROUP BY mo, user)
GROUP BY mo ORDER BY mo
