-- repurchase --rfm: scores of the buyers of the range.
WITH
-- --cuts: what a score takes: at most so many days, at least so many orders, so much money.
cut AS (
  SELECT cells ->> 'recency_days' AS recency_days, cells ->> 'frequency' AS frequency,
    CAST(round((cells ->> 'monetary') * 10000) AS INTEGER) AS net
  FROM cuts_raw),
bins(bins) AS (
  SELECT coalesce((SELECT nullif(count(*), 0) + 1 FROM cuts_raw), (SELECT 0 + value FROM opt WHERE name = 'bins'))),
buyer AS (
  SELECT by_key, unit_grp, user, max(day) AS last_day, count(*) AS frequency,
    CASE WHEN count(net) = count(*) THEN sum(net) END AS net
  FROM history, asked WHERE ts >= since_us AND ts < until_us GROUP BY by_key, unit_grp, user),
-- A score counts the buyers of the --by value whom one surpasses: 1 + the whole part of bins * those / all;
-- or the cuts that one reaches. Unknown money is not ranked.
ranked AS (
  SELECT b.*, today - last_day AS recency_days,
    1 + bins * (rank() OVER (PARTITION BY by_key ORDER BY last_day) - 1) / count(*) OVER (PARTITION BY by_key) AS r,
    1 + bins * (rank() OVER (PARTITION BY by_key ORDER BY frequency) - 1) / count(*) OVER (PARTITION BY by_key) AS f,
    CASE WHEN net IS NOT NULL THEN
      1 + bins * (rank() OVER (PARTITION BY by_key, net IS NULL ORDER BY net) - 1)
        / count(net) OVER (PARTITION BY by_key) END AS m
  FROM buyer b, today, bins),
scored AS (
  SELECT by_key, unit_grp, user, recency_days, frequency, net,
    CASE WHEN EXISTS (SELECT * FROM cut WHERE recency_days IS NOT NULL)
      THEN 1 + (SELECT count(*) FROM cut WHERE r.recency_days <= 0 + cut.recency_days) ELSE r END AS r,
    CASE WHEN EXISTS (SELECT * FROM cut WHERE frequency IS NOT NULL)
      THEN 1 + (SELECT count(*) FROM cut WHERE r.frequency >= 0 + cut.frequency) ELSE f END AS f,
    CASE WHEN r.net IS NOT NULL AND EXISTS (SELECT * FROM cut WHERE net IS NOT NULL)
      THEN 1 + (SELECT count(*) FROM cut WHERE r.net >= cut.net) ELSE m END AS m
  FROM ranked r),
-- Segments go by fifths: the one that the middle of a score lies in.
fifths AS (SELECT s.*, 1 + 5 * (2 * r - 1) / (2 * bins) AS r5, 1 + 5 * (2 * f - 1) / (2 * bins) AS f5 FROM scored s, bins)
SELECT by_key, unit_grp AS "group", printed AS user, coalesce(name, '') AS name, recency_days, frequency,
  CASE WHEN net IS NULL THEN NULL
    WHEN four THEN printf('%s%d.%04d', CASE WHEN net < 0 THEN '-' ELSE '' END, abs(net) / 10000, abs(net) % 10000)
    ELSE printf('%s%d.%02d', CASE WHEN net < 0 THEN '-' ELSE '' END, abs(net) / 10000, abs(net) % 10000 / 100) END AS monetary,
  r, f, m,
  CASE WHEN r5 <= 2 THEN CASE WHEN f5 <= 2 THEN 'hibernating' WHEN f5 <= 4 THEN 'at-risk' ELSE 'cannot-lose' END
    WHEN r5 = 3 AND f5 <= 2 THEN 'about-to-sleep' WHEN r5 = 3 AND f5 = 3 THEN 'need-attention'
    WHEN r5 = 5 AND f5 >= 4 THEN 'champion' WHEN f5 >= 4 THEN 'loyal'
    WHEN f5 >= 2 THEN 'potential-loyal' WHEN r5 = 5 THEN 'new-buyer' ELSE 'promising' END AS segment
FROM fifths f JOIN person USING (user), money;
