-- repurchase --clv: BG/NBD. What maximizes the likelihood is not found here but looked up: the table
-- params has a row of r alpha a b for each --by value, in their order.
--   repurchase --clv --params OPTION... FILE... > params.csv
--   sqlite3 -cmd '.import --csv raw.csv raw' -cmd '.import --csv params.csv params' < DEFINITION
WITH
-- What the model needs of a buyer: x days with an order after the first one, the last of them t_x weeks
-- after it, watched for T weeks. The range chooses by the first order.
buyer AS (
  SELECT by_key, user, unit_grp, count(*) - 1 AS x, max(day) - min(day) AS t_x, today - min(day) AS T
  FROM history, today, asked GROUP BY by_key, user, unit_grp
  HAVING min(ts) >= since_us AND min(ts) < until_us),
named AS (
  SELECT by_key, row_number() OVER (ORDER BY (
    SELECT group_concat((value IN ('all', '*')) || value || char(1), '') FROM json_each(by_key))) AS place
  FROM (SELECT DISTINCT by_key FROM buyer)),
model AS (
  SELECT by_key, 0.0 + r AS r, 0.0 + alpha AS alpha, 0.0 + a AS a, 0.0 + b AS b
  FROM named JOIN (SELECT params.*, row_number() OVER (ORDER BY rowid) AS place FROM params) USING (place)),
-- Equal histories are looked at once. z = t / (alpha + T + t) for the t of 90 days.
past AS MATERIALIZED (
  SELECT by_key, x, t_x, T, count(*) AS buyers, r, alpha, a, b, t_x / 7.0 AS t_x_w, T / 7.0 AS T_w,
    90 / 7.0 / (alpha + T / 7.0 + 90 / 7.0) AS z
  FROM buyer JOIN model USING (by_key) GROUP BY by_key, x, t_x, T),
-- Fader, Hardie, Lee (2005), (6): alive after T, or gone after the last purchase. A ratio of gammas is a
-- product over the purchases.
likely AS MATERIALIZED (
  SELECT h.*, (SELECT total(ln(r + i.value) + ln(b + i.value) - ln(a + b + i.value)) FROM generate_series(0, x - 1) i)
      + r * ln(alpha) - (r + x) * ln(alpha + T_w) AS alive,
    CASE WHEN x THEN a / (b + x - 1) * pow((alpha + T_w) / (alpha + t_x_w), r + x) ELSE 0 END AS gone
  FROM past h),
-- 2F1(r + x, b + x; a + b + x - 1; z) as its series; the rest of it is less than what stands.
gauss(by_key, x, t_x, T, j, term, sum) AS (
  SELECT by_key, x, t_x, T, 0, 1.0, 1.0 FROM past
  UNION ALL
  SELECT g.by_key, g.x, g.t_x, g.T, j + 1, term * (r + g.x + j) * (b + g.x + j) / (a + b + g.x - 1 + j) / (1 + j) * z,
    sum + term * (r + g.x + j) * (b + g.x + j) / (a + b + g.x - 1 + j) / (1 + j) * z
  FROM gauss g JOIN past h ON h.by_key = g.by_key AND h.x = g.x AND h.t_x = g.t_x AND h.T = g.T
  WHERE term > 1e-15 * sum OR j < 4 * (r + g.x)),
series AS (SELECT by_key, x, t_x, T, max(sum) AS f FROM gauss GROUP BY by_key, x, t_x, T),
-- (10): purchases to expect in the next 90 days.
told AS MATERIALIZED (
  SELECT l.*, (a + b + x - 1) / (a - 1) * (1 - pow(1 - z, r + x) * f) / (1 + gone) AS expected
  FROM likely l JOIN series USING (by_key, x, t_x, T))
SELECT b.by_key, unit_grp AS "group", printed AS user, b.x AS frequency,
  printf('%d.%06d', (2000000 * b.t_x + 7) / 14 / 1000000, (2000000 * b.t_x + 7) / 14 % 1000000) AS t_x,
  printf('%d.%06d', (2000000 * b.T + 7) / 14 / 1000000, (2000000 * b.T + 7) / 14 % 1000000) AS T,
  -- The model sets it to 1 where there is no repeat, whatever the silence.
  CASE WHEN b.x THEN printf('%.6f', 1 / (1 + gone)) END AS p_alive, printf('%.6f', expected) AS expected_90d,
  NULL AS r, NULL AS alpha, NULL AS a, NULL AS b, NULL AS loglik, NULL AS n
FROM buyer b JOIN told t ON t.by_key = b.by_key AND t.x = b.x AND t.t_x = b.t_x AND t.T = b.T JOIN person USING (user)
WHERE NOT EXISTS (SELECT * FROM opt WHERE name = 'params')
UNION ALL
SELECT by_key, NULL, NULL, NULL, NULL, NULL, NULL, NULL, printf('%.6f', r), printf('%.6f', alpha), printf('%.6f', a),
  printf('%.6f', b), printf('%.6f', sum(buyers * (alive + ln(1 + gone)))), sum(buyers)
FROM likely WHERE EXISTS (SELECT * FROM opt WHERE name = 'params') GROUP BY by_key;
