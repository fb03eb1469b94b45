-- cohort-retention --survival, --summary and --hazard: how long memberships last. Runs after base.sql;
-- options hazard (ranges of days) summary removed rejoin in opt.
WITH RECURSIVE
c AS (
  SELECT o.*, m.*,
    coalesce((SELECT value FROM opt WHERE name = 'removed'), 'censored') AS removal_is,
    (SELECT value FROM opt WHERE name = 'hazard') AS hazard,
    EXISTS (SELECT * FROM opt WHERE name = 'summary') AS summary,
    86400000000 * coalesce((SELECT CAST(value AS INTEGER) FROM opt WHERE name = 'rejoin'), 7)
      AS rejoin_us,
    CASE WHEN 'group' IN (coalesce(by1, ''), coalesce(by2, '')) THEN 'member' ELSE unit END AS whose
  FROM o, moment m),

-- Stays of units. The first in a group begins when the roster says, if that is not after it.
-- dated: it is known when it began, by a join or by the roster.
stay AS (
  SELECT i.*, CASE whose WHEN 'member' THEN i.grp ELSE '' END AS unit_grp, head.first_us,
    coalesce(to_us, 9000000000000000000) AS end_us, r.joined,
    i.from_us = min(i.from_us) OVER (PARTITION BY i.user, i.grp) AND r.joined <= i.from_us
      AND opening <> 'join' AS by_roster
  FROM interval i JOIN person USING (user) JOIN head USING (grp)
    LEFT JOIN roster r ON r.user = i.user AND r.grp = i.grp, c
  WHERE counted),
begun AS (
  SELECT stay.*, CASE WHEN by_roster THEN joined ELSE from_us END AS begin_us,
    coalesce(by_roster, 0) OR opening = 'join' AS dated
  FROM stay),

-- Born is who has a dated stay at the earliest beginning of all; he is watched from the start of
-- that group's log.
birth AS (
  SELECT user, unit_grp, begin_us AS birth_us, min(CASE WHEN dated THEN first_us END) AS watched_us
  FROM begun b
  WHERE begin_us = (SELECT min(begin_us) FROM begun f WHERE f.user = b.user AND f.unit_grp = b.unit_grp)
  GROUP BY user, unit_grp HAVING max(dated)),

-- The first stay with all that it touches, or that follows within --rejoin.
reach AS (
  SELECT b.*, max(end_us) OVER (PARTITION BY user, unit_grp ORDER BY begin_us, end_us
    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before_us
  FROM begun b),
island AS (
  SELECT r.*, sum(before_us IS NULL OR begin_us - before_us > rejoin_us)
    OVER (PARTITION BY user, unit_grp ORDER BY begin_us, end_us) AS nr
  FROM reach r, c),
first_stay AS (
  SELECT user, unit_grp, max(end_us) AS end_us FROM island WHERE nr = 1 GROUP BY user, unit_grp),
ended AS (
  SELECT f.*, (SELECT max(removed) FROM island i WHERE i.user = f.user AND i.unit_grp = f.unit_grp
    AND nr = 1 AND i.end_us = f.end_us) AS removed
  FROM first_stay f),

-- --by: source and fields of the event are those of the join, empty where the roster alone knows it.
join_n AS (
  SELECT b.user, b.unit_grp, (SELECT e.n FROM begun s JOIN event e ON e.n = s.join_n
    WHERE s.user = b.user AND s.unit_grp = b.unit_grp AND s.begin_us = birth_us AND opening = 'join'
    ORDER BY e.tie LIMIT 1) AS n
  FROM birth b),
life AS (
  SELECT
    CASE by1 WHEN 'group' THEN unit_grp WHEN 'source' THEN coalesce(r.source, '')
      WHEN 'role' THEN coalesce(person.role, '') WHEN 'city' THEN coalesce(r.city, '') ELSE '' END AS by1,
    CASE by2 WHEN 'group' THEN unit_grp WHEN 'source' THEN coalesce(r.source, '')
      WHEN 'role' THEN coalesce(person.role, '') WHEN 'city' THEN coalesce(r.city, '') ELSE '' END AS by2,
    max(0, (SELECT max(day) FROM civil WHERE start_us <= watched_us) - d.day) AS entry,
    (SELECT max(day) FROM civil WHERE start_us <= min(end_us, a)) - d.day AS last,
    end_us <= a AND NOT (removed AND removal_is = 'censored') AS leaves
  FROM birth JOIN ended USING (user, unit_grp) JOIN join_n USING (user, unit_grp) JOIN person USING (user)
    LEFT JOIN record r USING (n), c
    JOIN civil d ON d.day = (SELECT max(day) FROM civil WHERE start_us <= birth_us)
  WHERE birth_us >= since_us AND birth_us < until_us),

-- Days since joining on which somebody leaves or is lost sight of. Who enters on a day is at risk on
-- it; leaves come before censorings.
day_of AS (
  SELECT life.by1, life.by2, last AS t, sum(leaves) AS left, sum(NOT leaves) AS censored
  FROM life GROUP BY life.by1, life.by2, last),
step AS (
  SELECT d.*, row_number() OVER (PARTITION BY by1, by2 ORDER BY t) AS i,
    (SELECT count(*) FROM life l WHERE l.by1 = d.by1 AND l.by2 = d.by2 AND entry <= t AND last >= t)
      AS at_risk
  FROM day_of d),
curve AS (
  SELECT *, 1.0 * (at_risk - left) / at_risk AS s, CASE WHEN at_risk > left
    THEN 1.0 * left / at_risk / (at_risk - left) END AS v FROM step WHERE i = 1
  UNION ALL
  SELECT n.*, s * (n.at_risk - n.left) / n.at_risk, CASE WHEN n.at_risk > n.left
    THEN v + 1.0 * n.left / n.at_risk / (n.at_risk - n.left) END
  FROM curve p JOIN step n ON n.by1 = p.by1 AND n.by2 = p.by2 AND n.i = p.i + 1),
-- The curve stops where fewer than 5 are at risk.
shown AS (
  SELECT *, s < 1 - 1e-12 AND s > 1e-12 AS inside, 1.959963984540054 * sqrt(v) / -ln(s) AS half
  FROM curve p
  WHERE NOT EXISTS (SELECT * FROM step q WHERE q.by1 = p.by1 AND q.by2 = p.by2 AND q.t <= p.t AND q.at_risk < 5)),

range(i, word, rest) AS (
  SELECT 0, NULL, hazard || ',' FROM c WHERE hazard IS NOT NULL
  UNION ALL SELECT i + 1, substr(rest, 1, instr(rest, ',') - 1), substr(rest, instr(rest, ',') + 1)
  FROM range WHERE rest <> ''),
age AS (
  SELECT i, word, CAST(word AS INTEGER) AS low, CASE WHEN word LIKE '%-' THEN 100000
    ELSE CAST(substr(word, instr(word, '-') + 1) AS INTEGER) END AS high FROM range WHERE i),
exposed AS (
  SELECT life.by1, life.by2, i, word, sum(max(0, min(last, high) - max(entry, low) + 1)) AS days,
    sum(leaves AND last BETWEEN low AND high) AS left
  FROM life, age GROUP BY life.by1, life.by2, i)
SELECT s.by1, s.by2, t AS t_days, at_risk, left, censored, printf('%.6f', s + 1e-12) AS survival,
  CASE WHEN inside THEN printf('%.6f', exp(ln(s) * exp(half))) END AS lo,
  CASE WHEN inside THEN printf('%.6f', exp(ln(s) * exp(-half))) END AS hi,
  NULL AS people, NULL AS median_days, NULL AS age, NULL AS at_risk_days, NULL AS rate_per_1000_days, t AS k
FROM shown s, c WHERE hazard IS NULL AND NOT summary
UNION ALL
SELECT l.by1, l.by2, NULL, NULL, sum(leaves), sum(NOT leaves), NULL, NULL, NULL, count(*),
  (SELECT min(t) FROM shown s WHERE s.by1 = l.by1 AND s.by2 = l.by2 AND s <= 0.5 + 1e-12),
  NULL, NULL, NULL, 0
FROM life l, c WHERE summary GROUP BY l.by1, l.by2
UNION ALL
SELECT e.by1, e.by2, NULL, NULL, left, NULL, NULL, NULL, NULL, NULL, NULL, word, days,
  CASE WHEN days THEN printf('%.6f', 1000.0 * left / days + 1e-11) END, i
FROM exposed e
ORDER BY 1, 2, k;
