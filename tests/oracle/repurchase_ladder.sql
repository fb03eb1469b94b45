-- repurchase --ladder: of those with an nth order, how many place one more? nr is the order's number in
-- the whole log.
WITH
-- From the nth order on until the next one, or until A where there is none. Orders of the range begin;
-- the next may lie behind it.
rung AS (
  SELECT by_key, nr AS n, next_day IS NOT NULL AS came, coalesce(next_day, today) - day AS t
  FROM history, today, asked WHERE ts >= since_us AND ts < until_us),
counted AS (
  SELECT by_key, n, count(*) AS base, sum(came) AS next, max(t) AS longest FROM rung GROUP BY by_key, n),
-- Kaplan–Meier: at t all are at risk whose time is not over before t.
instant_of AS (
  SELECT by_key, n, t, sum(came) AS came, (
    SELECT count(*) FROM rung x WHERE x.by_key = r.by_key AND x.n = r.n AND x.t >= r.t) AS at_risk
  FROM rung r GROUP BY by_key, n, t),
curve AS (
  SELECT i.*, CASE WHEN max(came = at_risk) OVER w THEN 0
    ELSE exp(total(ln(1.0 * (at_risk - came) / at_risk)) OVER w) END AS s
  FROM instant_of i WINDOW w AS (PARTITION BY by_key, n ORDER BY t)),
read AS (
  SELECT k.*, z,
    coalesce((SELECT s FROM curve c WHERE c.by_key = k.by_key AND c.n = k.n AND t <= 365
      ORDER BY t DESC LIMIT 1), 1) AS s_365,
    (SELECT min(t) FROM curve c WHERE c.by_key = k.by_key AND c.n = k.n AND came AND s <= 0.5 + 1e-9)
      AS median_days
  FROM counted k, normal),
-- In millionths; what is a tie but for the last bit is rounded up.
line AS (
  SELECT *, (2000000 * next + base) / (2 * base) AS v,
    CASE WHEN longest >= 365 OR s_365 = 0 THEN CAST(1000000 * (1 - s_365) + 0.5 + 1e-7 AS INTEGER) END AS v_365,
    (next + z * z / 2 - z * sqrt(next * (1.0 * base - next) / base + z * z / 4)) / (base + z * z) AS low,
    (next + z * z / 2 + z * sqrt(next * (1.0 * base - next) / base + z * z / 4)) / (base + z * z) AS high
  FROM read)
SELECT by_key, n, base, next, printf('%d.%06d', v / 1000000, v % 1000000) AS rate,
  printf('%.6f', max(0, low)) AS lo, printf('%.6f', min(1, high)) AS hi,
  CASE WHEN v_365 IS NOT NULL THEN printf('%d.%06d', v_365 / 1000000, v_365 % 1000000) END AS rate_365, median_days
FROM line;
