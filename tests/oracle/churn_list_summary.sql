-- churn-list --summary: one line a group. rate: of its members at A those listed; a class counts all that
-- it is the first to fit, listed or not.
WITH whole AS (
  SELECT grp, sum(NOT is_left) AS members FROM classed GROUP BY grp),
taken AS (
  SELECT grp, count(*) AS listed, sum(NOT is_left) AS x FROM chosen GROUP BY grp),
line AS (
  SELECT grp, members AS n, coalesce(listed, 0) AS listed, coalesce(x, 0) AS x, z
  FROM whole JOIN wanted_group USING (grp) LEFT JOIN taken USING (grp), normal)
SELECT json_array(grp) AS by_key, grp AS "group", n AS members, l.listed,
  CASE WHEN n THEN printf('%d.%06d', (2000000 * x + n) / (2 * n) / 1000000, (2000000 * x + n) / (2 * n) % 1000000)
    END AS rate,
  CASE WHEN n THEN printf('%.6f', max(0, (x + z * z / 2 - z * sqrt(x * (1.0 * n - x) / n + z * z / 4)) / (n + z * z)))
    END AS lo,
  CASE WHEN n THEN printf('%.6f', min(1, (x + z * z / 2 + z * sqrt(x * (1.0 * n - x) / n + z * z / 4)) / (n + z * z)))
    END AS hi,
  count(*) FILTER (WHERE class = 'left') AS "left", count(*) FILTER (WHERE class = 'newcomer') AS newcomer,
  count(*) FILTER (WHERE class = 'buyer-silent') AS buyer_silent,
  count(*) FILTER (WHERE class = 'benefits-only') AS benefits_only,
  count(*) FILTER (WHERE class = 'never-spoke') AS never_spoke, count(*) FILTER (WHERE class = 'silent') AS silent,
  count(*) FILTER (WHERE class = 'cooling') AS cooling
FROM line l LEFT JOIN listed USING (grp) GROUP BY grp;
