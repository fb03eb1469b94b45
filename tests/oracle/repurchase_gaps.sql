-- repurchase --gaps: civil days between a buyer's consecutive orders, of the gaps that end in the range.
-- Follows the first half of repurchase.sql.
ranged AS (SELECT h.* FROM history h, c WHERE ts >= since_us AND ts < until_us),
ranked AS (
  SELECT by1, by2, gap_days, row_number() OVER (PARTITION BY by1, by2 ORDER BY gap_days) AS i,
    count(*) OVER (PARTITION BY by1, by2) AS n
  FROM ranged WHERE gap_days IS NOT NULL),
-- A value of --by has a row when it has an order; without --by there is one unless the input is empty.
line AS (
  SELECT DISTINCT by1, by2 FROM ranged
  UNION SELECT '', '' FROM c WHERE field1 IS NULL AND EXISTS (SELECT * FROM record)),
summed AS (
  SELECT l.by1, l.by2, count(gap_days) AS n, sum(gap_days) AS days,
    max(CASE WHEN i = (n * 10 + 99) / 100 THEN gap_days END) AS p10,
    max(CASE WHEN i = (n * 25 + 99) / 100 THEN gap_days END) AS p25,
    max(CASE WHEN i = (n * 50 + 99) / 100 THEN gap_days END) AS p50,
    max(CASE WHEN i = (n * 75 + 99) / 100 THEN gap_days END) AS p75,
    max(CASE WHEN i = (n * 90 + 99) / 100 THEN gap_days END) AS p90
  FROM line l LEFT JOIN ranked r ON r.by1 = l.by1 AND r.by2 = l.by2 GROUP BY l.by1, l.by2),
mean AS (SELECT *, CASE WHEN n THEN (2000000 * days + n) / (2 * n) END AS v FROM summed)
SELECT by1, by2, n, p10, p25, p50, p75, p90,
  CASE WHEN n THEN printf('%d.%06d', v / 1000000, v % 1000000) END AS mean
FROM mean ORDER BY by1, by2;
