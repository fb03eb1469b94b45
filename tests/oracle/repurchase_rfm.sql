-- repurchase --rfm: scores of the buyers of the range. Follows the first half of repurchase.sql.
today AS (SELECT max(day.day) AS today FROM day, moment WHERE start_us <= a),
bins(bins) AS (SELECT coalesce((SELECT CAST(value AS INTEGER) FROM opt WHERE name = 'bins'), 5)),
buyer AS (
  SELECT by1, by2, unit_grp, user, max(day) AS last_day, count(*) AS frequency,
    CASE WHEN count(net) = count(*) THEN sum(net) END AS net
  FROM history, c WHERE ts >= since_us AND ts < until_us GROUP BY by1, by2, unit_grp, user),
-- A score counts the buyers of the --by value whom one surpasses: 1 + the whole part of bins * those / all.
-- Unknown money is not ranked.
scored AS (
  SELECT b.*, today - last_day AS recency_days,
    1 + bins * (rank() OVER (PARTITION BY by1, by2 ORDER BY last_day) - 1) / count(*) OVER (PARTITION BY by1, by2) AS r,
    1 + bins * (rank() OVER (PARTITION BY by1, by2 ORDER BY frequency) - 1) / count(*) OVER (PARTITION BY by1, by2) AS f,
    CASE WHEN net IS NOT NULL THEN
      1 + bins * (rank() OVER (PARTITION BY by1, by2, net IS NULL ORDER BY net) - 1)
        / count(net) OVER (PARTITION BY by1, by2) END AS m
  FROM buyer b, today, bins),
-- Segments go by fifths: the one that the middle of a score lies in.
fifths AS (SELECT s.*, 1 + 5 * (2 * r - 1) / (2 * bins) AS r5, 1 + 5 * (2 * f - 1) / (2 * bins) AS f5 FROM scored s, bins),
newest AS (
  SELECT user, name, row_number() OVER (PARTITION BY user ORDER BY ts DESC) AS i
  FROM (SELECT record.user, raw.name, record.ts FROM record JOIN raw ON raw.rowid = record.n
    WHERE record.user <> '' AND raw.name <> '')),
four AS (SELECT EXISTS (SELECT * FROM record WHERE amount % 100 <> 0) AS four)
SELECT by1, by2, unit_grp AS grp, user, coalesce((SELECT name FROM newest n WHERE n.user = f.user AND i = 1), '') AS name,
  recency_days, frequency,
  CASE WHEN net IS NULL THEN NULL
    WHEN four THEN printf('%s%d.%04d', CASE WHEN net < 0 THEN '-' ELSE '' END, abs(net) / 10000, abs(net) % 10000)
    ELSE printf('%s%d.%02d', CASE WHEN net < 0 THEN '-' ELSE '' END, abs(net) / 10000, abs(net) % 10000 / 100) END AS monetary,
  r, f, m,
  CASE WHEN r5 <= 2 THEN CASE WHEN f5 <= 2 THEN 'hibernating' WHEN f5 <= 4 THEN 'at-risk' ELSE 'cannot-lose' END
    WHEN r5 = 3 AND f5 <= 2 THEN 'about-to-sleep' WHEN r5 = 3 AND f5 = 3 THEN 'need-attention'
    WHEN r5 = 5 AND f5 >= 4 THEN 'champion' WHEN f5 >= 4 THEN 'loyal'
    WHEN f5 >= 2 THEN 'potential-loyal' WHEN r5 = 5 THEN 'new-buyer' ELSE 'promising' END AS segment
FROM fifths f, four ORDER BY by1, by2, unit_grp, user;
