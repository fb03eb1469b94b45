-- activity-rate --histogram: members by their number of active days in the period, from 0 to the
-- days it has had so far.
WITH
habit AS (
  SELECT m.scope, m.p, m.user,
    count(DISTINCT CASE WHEN d.active THEN d.day END) AS active_days
  FROM member m LEFT JOIN deed d USING (scope, p, user) GROUP BY m.scope, m.p, m.user),
bar AS (
  SELECT l.*, i.value AS active_days,
    (SELECT count(*) FROM habit h WHERE h.scope = l.scope AND h.p = l.p AND h.active_days = i.value)
      AS members,
    (SELECT count(*) FROM member m WHERE m.scope = l.scope AND m.p = l.p) AS whole
  FROM line l, generate_series(0, (SELECT count(*) FROM civil WHERE civil.p = l.p
    AND day <= last_day)) i),
share AS (SELECT b.*, (2000000 * members + whole) / (2 * whole) AS share FROM bar b)
SELECT json_array(scope) AS by_key, scope AS "group", date AS period, active_days, members,
  CASE WHEN NOT hole AND share IS NOT NULL THEN printf('%d.%06d', share / 1000000, share % 1000000)
    END AS share
FROM share, asked
WHERE first_us >= since_us AND first_us < until_us
ORDER BY scope = '*', scope, date, active_days;
