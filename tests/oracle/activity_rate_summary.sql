-- activity-rate --summary: the rates of event days against those of ordinary days, finished days
-- only, each day one value.
WITH RECURSIVE
size AS (
  SELECT scope, p, sum(present) AS present, sum(at_end) AS at_end, sum(at_start) AS at_start
  FROM belongs GROUP BY scope, p),
done AS (
  SELECT scope, p, count(DISTINCT user) AS active
  FROM deed d JOIN member USING (scope, p, user) WHERE d.active GROUP BY scope, p),
dated AS (
  SELECT l.scope, basis, l.p, 2.0 * coalesce(active, 0) / CASE denominator
    WHEN 'present' THEN 2 * present WHEN 'end' THEN 2 * at_end WHEN 'start' THEN 2 * at_start
    WHEN 'mean' THEN at_start + at_end ELSE 2 * denominator END AS rate
  FROM line l LEFT JOIN size USING (scope, p) LEFT JOIN done USING (scope, p), asked
  WHERE complete AND NOT hole AND first_us >= since_us AND first_us < until_us),
rated AS (SELECT * FROM dated WHERE rate <= 1),

special_day AS (
  SELECT day AS p, label FROM event_day UNION SELECT day, 'all' FROM event_day),
label AS (SELECT DISTINCT label FROM special_day UNION SELECT 'all'),
special AS (
  SELECT scope, label, count(*) AS n, avg(rate) AS mean, min(rate) AS least, max(rate) AS most
  FROM rated JOIN special_day USING (p) GROUP BY scope, label),
plain AS (
  SELECT scope, count(*) AS n, avg(rate) AS mean, min(rate) AS least, max(rate) AS most
  FROM rated WHERE p NOT IN (SELECT p FROM special_day) GROUP BY scope),
pair AS (
  SELECT s.scope, basis, label.label, coalesce(e.n, 0) AS n, e.mean, coalesce(o.n, 0) AS ordinary_n,
    o.mean AS ordinary, e.mean - o.mean AS difference, coalesce(e.n, 0) + coalesce(o.n, 0) - 2 AS df,
    e.n > 0 AND o.n > 0 AND NOT (e.least = e.most AND o.least = o.most) AS scatters
  FROM scope s JOIN label LEFT JOIN special e ON e.scope = s.scope AND e.label = label.label
    LEFT JOIN plain o ON o.scope = s.scope),
-- Student's interval: days of both kinds scatter alike.
error AS (
  SELECT pair.*, sqrt((
      (SELECT total((rate - mean) * (rate - mean)) FROM rated JOIN special_day USING (p)
        WHERE rated.scope = pair.scope AND special_day.label = pair.label)
      + (SELECT total((rate - ordinary) * (rate - ordinary)) FROM rated
        WHERE rated.scope = pair.scope AND p NOT IN (SELECT p FROM special_day)))
    / df * (1.0 / n + 1.0 / ordinary_n)) AS error
  FROM pair WHERE scatters AND df > 0),
-- Student's t of --confidence: t = sqrt(df) tan(theta), where the integral of cos^(df - 1) up to theta is that share
-- of the one up to a right angle; Simpson's rule, halving.
weight AS (
  SELECT value AS i, CASE WHEN value IN (0, 400) THEN 1 WHEN value % 2 THEN 4 ELSE 2 END AS w
  FROM generate_series(0, 400)),
whole AS (
  SELECT df, pi() / 2 * (SELECT sum(w * pow(abs(cos(pi() / 2 * i / 400)), df - 1)) FROM weight) AS whole
  FROM (SELECT DISTINCT df FROM error)),
half(df, whole, k, theta) AS (
  SELECT df, whole, 1, pi() / 4 FROM whole
  UNION ALL
  SELECT df, whole, k + 1, theta + pi() / 4 / pow(2, k) * CASE
    WHEN theta * (SELECT sum(w * pow(cos(theta * i / 400), df - 1)) FROM weight) < (SELECT confidence FROM o) * whole
    THEN 1 ELSE -1 END
  FROM half WHERE k < 45),
student AS (SELECT df, sqrt(df) * tan(theta) AS t FROM half WHERE k = 45)
SELECT json_array(scope) AS by_key, scope AS "group", label AS event, basis, n AS days,
  CASE WHEN n THEN printf('%.6f', mean + 1e-11) END AS rate, ordinary_n AS ordinary_days,
  CASE WHEN ordinary_n THEN printf('%.6f', ordinary + 1e-11) END AS ordinary_rate,
  CASE WHEN n AND ordinary_n THEN printf('%.6f',
    CASE WHEN abs(difference) < 1e-9 THEN 0 ELSE difference + sign(difference) * 1e-11 END) END AS difference,
  CASE WHEN error THEN printf('%.6f', max(-1, difference - t * error)) END AS lo,
  CASE WHEN error THEN printf('%.6f', min(1, difference + t * error)) END AS hi
FROM pair LEFT JOIN (SELECT scope, label, error FROM error) USING (scope, label) LEFT JOIN student USING (df)
ORDER BY scope = '*', scope, label = 'all', label;
