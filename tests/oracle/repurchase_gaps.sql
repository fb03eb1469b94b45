-- repurchase --gaps: civil days between a buyer's consecutive orders, of the gaps that end in the range.
WITH
ranged AS (SELECT h.* FROM history h, asked WHERE ts >= since_us AND ts < until_us),
ranked AS (
  SELECT by_key, gap_days, row_number() OVER (PARTITION BY by_key ORDER BY gap_days) AS i,
    count(*) OVER (PARTITION BY by_key) AS n
  FROM ranged WHERE gap_days IS NOT NULL),
-- A value of --by has a row when it has an order; without --by there is one unless the input is empty.
line AS (
  SELECT DISTINCT by_key FROM ranged
  UNION SELECT '[]' FROM asked WHERE NOT EXISTS (SELECT * FROM by_field) AND EXISTS (SELECT * FROM record)),
summed AS (
  SELECT l.by_key, count(gap_days) AS n, sum(gap_days) AS days,
    max(CASE WHEN i = (n * 10 + 99) / 100 THEN gap_days END) AS p10,
    max(CASE WHEN i = (n * 25 + 99) / 100 THEN gap_days END) AS p25,
    max(CASE WHEN i = (n * 50 + 99) / 100 THEN gap_days END) AS p50,
    max(CASE WHEN i = (n * 75 + 99) / 100 THEN gap_days END) AS p75,
    max(CASE WHEN i = (n * 90 + 99) / 100 THEN gap_days END) AS p90
  FROM line l LEFT JOIN ranked r USING (by_key) GROUP BY l.by_key),
mean AS (SELECT *, CASE WHEN n THEN (2000000 * days + n) / (2 * n) END AS v FROM summed)
SELECT by_key, n, p10, p25, p50, p75, p90,
  CASE WHEN n THEN printf('%d.%06d', v / 1000000, v % 1000000) END AS mean
FROM mean;
