-- cohort-retention --survival, --summary and --hazard: how long memberships last.
WITH RECURSIVE
-- Days since joining on which somebody leaves or is lost sight of. Who enters on a day is at risk on
-- it; leaves come before censorings.
day_of AS (
  SELECT life.by_key, last AS t, sum(leaves) AS left, sum(NOT leaves) AS censored
  FROM life GROUP BY life.by_key, last),
step AS MATERIALIZED (
  SELECT d.*, row_number() OVER (PARTITION BY by_key ORDER BY t) AS i,
    (SELECT count(*) FROM life l WHERE l.by_key = d.by_key AND entry <= t AND last >= t)
      AS at_risk
  FROM day_of d),
curve AS (
  SELECT *, 1.0 * (at_risk - left) / at_risk AS s, CASE WHEN at_risk > left
    THEN 1.0 * left / at_risk / (at_risk - left) END AS v FROM step WHERE i = 1
  UNION ALL
  SELECT n.*, s * (n.at_risk - n.left) / n.at_risk, CASE WHEN n.at_risk > n.left
    THEN v + 1.0 * n.left / n.at_risk / (n.at_risk - n.left) END
  FROM curve p JOIN step n ON n.by_key = p.by_key AND n.i = p.i + 1),
-- The curve stops where fewer than 5 are at risk.
shown AS (
  SELECT *, s < 1 - 1e-12 AND s > 1e-12 AS inside, z * sqrt(v) / -ln(s) AS half
  FROM curve p, normal
  WHERE NOT EXISTS (SELECT * FROM step q WHERE q.by_key = p.by_key AND q.t <= p.t AND q.at_risk < 5)),


-- Log-rank: at each time somebody leaves, those at risk of each value are drawn without putting back.
-- diff is what left beyond what was to be expected, cov the covariances, row by row.
stratum AS MATERIALIZED (
  SELECT by_key, row_number() OVER (ORDER BY by_key) AS i FROM (SELECT DISTINCT by_key FROM life)),
drawn AS MATERIALIZED (
  SELECT t, i, (SELECT count(*) FROM life l WHERE l.by_key = s.by_key AND entry <= t AND last >= t) AS n,
    (SELECT total(leaves) FROM life l WHERE l.by_key = s.by_key AND last = t) AS d
  FROM (SELECT DISTINCT last AS t FROM life WHERE leaves), stratum s),
pool AS (SELECT t, sum(n) AS n, sum(d) AS d FROM drawn GROUP BY t),
tested AS MATERIALIZED (
  SELECT x.i, y.i AS j, 1.0 * sum(CASE WHEN p.n > 1 THEN p.d * (p.n - p.d) / (p.n - 1.0) * x.n / p.n
      * ((x.i = y.i) - 1.0 * y.n / p.n) ELSE 0 END) AS cov
  FROM pool p JOIN drawn x USING (t) JOIN drawn y USING (t) GROUP BY x.i, y.i
  UNION ALL
  SELECT x.i, 1000000, sum(x.d - 1.0 * p.d * x.n / p.n) FROM pool p JOIN drawn x USING (t) GROUP BY x.i),
-- chi-squared = diff' cov^- diff, by elimination of one value after another. The covariances add up to
-- 0, so at least one pivot vanishes; those that do take no degree of freedom.
solved(k, width, m, least, chi2, df) AS (
  SELECT 1, (SELECT max(i) FROM stratum) + 1, (SELECT json_group_array(cov) FROM (SELECT cov FROM tested ORDER BY i, j)),
    1e-9 * (SELECT max(cov) FROM tested WHERE i = j), 0.0, 0
  FROM asked WHERE summary
  UNION ALL
  SELECT k + 1, width,
    CASE WHEN m ->> ((k - 1) * (width + 1)) > least THEN (
      SELECT json_group_array(e.value - CASE WHEN e.key / width >= k
        THEN m ->> (e.key / width * width + k - 1) * (m ->> ((k - 1) * width + e.key % width)) / (m ->> ((k - 1) * (width + 1)))
        ELSE 0 END)
      FROM json_each(m) e) ELSE m END, least,
    chi2 + CASE WHEN m ->> ((k - 1) * (width + 1)) > least
      THEN pow(m ->> (k * width - 1), 2) / (m ->> ((k - 1) * (width + 1))) ELSE 0 END,
    df + (m ->> ((k - 1) * (width + 1)) > least)
  FROM solved WHERE k < width AND json_array_length(m) > 0),
-- Upper tail of chi-squared: for 1 degree of freedom by the normal density (Simpson's rule), for 2
-- exp(-x / 2), and from df to df + 2 by one more term.
test AS (SELECT chi2, df FROM solved WHERE df > 0 ORDER BY k DESC LIMIT 1),
weight(i, w) AS (
  SELECT value, CASE WHEN value IN (0, 1000) THEN 1 WHEN value % 2 THEN 4 ELSE 2 END
  FROM generate_series(0, 1000)),
tail(at, half, p, term) AS (
  SELECT 2 - df % 2, chi2 / 2, CASE df % 2 WHEN 1
      THEN 1 - sqrt(chi2) / 1500 / sqrt(2 * pi()) * (SELECT sum(w * exp(-chi2 * i * i / 2e6)) FROM weight)
      ELSE exp(-chi2 / 2) END,
    exp(-chi2 / 2) * CASE df % 2 WHEN 1 THEN sqrt(chi2 / 2) / (sqrt(pi()) / 2) ELSE chi2 / 2 END
  FROM test
  UNION ALL
  SELECT at + 2, half, p + term, term * half / (at / 2.0 + 1) FROM tail WHERE at < (SELECT df FROM test)),

range(i, word, rest) AS (
  SELECT 0, NULL, hazard || ',' FROM asked WHERE hazard IS NOT NULL
  UNION ALL SELECT i + 1, substr(rest, 1, instr(rest, ',') - 1), substr(rest, instr(rest, ',') + 1)
  FROM range WHERE rest <> ''),
age AS (
  SELECT i, word, CAST(word AS INTEGER) AS low, CASE WHEN word LIKE '%-' THEN 100000
    ELSE CAST(substr(word, instr(word, '-') + 1) AS INTEGER) END AS high FROM range WHERE i),
exposed AS (
  SELECT life.by_key, i, word, sum(max(0, min(last, high) - max(entry, low) + 1)) AS days,
    sum(leaves AND last BETWEEN low AND high) AS left
  FROM life, age GROUP BY life.by_key, i)
SELECT s.by_key, t AS t_days, at_risk, left, censored, printf('%.6f', s + 1e-12) AS survival,
  CASE WHEN inside THEN printf('%.6f', exp(ln(s) * exp(half))) END AS lo,
  CASE WHEN inside THEN printf('%.6f', exp(ln(s) * exp(-half))) END AS hi,
  NULL AS people, NULL AS median_days, NULL AS p_value, NULL AS age, NULL AS at_risk_days,
  NULL AS rate_per_1000_days, t AS k
FROM shown s, asked WHERE hazard IS NULL AND NOT summary
UNION ALL
SELECT l.by_key, NULL, NULL, sum(leaves), sum(NOT leaves), NULL, NULL, NULL, count(*),
  (SELECT min(t) FROM shown s WHERE s.by_key = l.by_key AND s <= 0.5 + 1e-12),
  (SELECT printf('%.6f', min(1, max(0, p))) FROM tail ORDER BY at DESC LIMIT 1), NULL, NULL, NULL, 0
FROM life l, asked WHERE summary GROUP BY l.by_key
UNION ALL
SELECT e.by_key, NULL, NULL, left, NULL, NULL, NULL, NULL, NULL, NULL, NULL, word, days,
  CASE WHEN days THEN printf('%.6f', 1000.0 * left / days + 1e-11) END, i
FROM exposed e
ORDER BY by_key, k;
