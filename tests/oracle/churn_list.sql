-- churn-list: whom to win back, whom to clean out? Sorted amount desc (none = 0), silent_days desc,
-- group, user.
SELECT json_array(grp) AS by_key, grp AS "group", printed AS user, coalesce(name, '') AS name,
  date(joined * 86400, 'unixepoch') AS joined, date(last_active * 86400, 'unixepoch') AS last_active,
  silent_days, active_days, messages, orders,
  CASE WHEN amount < 0 THEN '-' ELSE '' END || CASE WHEN amount IS NULL THEN NULL
    WHEN four THEN printf('%d.%04d', abs(amount) / 10000, abs(amount) % 10000)
    ELSE printf('%d.%02d', abs(amount) / 10000, abs(amount) % 10000 / 100) END AS amount,
  date(last_order * 86400, 'unixepoch') AS last_order, usual_gap AS usual_gap_days,
  CASE WHEN usual_gap > 0 THEN printf('%d.%06d', (2000000 * silent_days + usual_gap) / (2 * usual_gap) / 1000000,
    (2000000 * silent_days + usual_gap) / (2 * usual_gap) % 1000000) END AS overdue_ratio,
  class, reason, basis,
  -- --bounds: he joined after the one day, left on the other at the earliest, by the last at the latest.
  (SELECT date(max(day) * 86400, 'unixepoch') FROM day WHERE start_us <= earliest_us) AS joined_after,
  (SELECT date(max(day) * 86400, 'unixepoch') FROM day WHERE start_us <= to_us) AS "left",
  (SELECT date(max(day) * 86400, 'unixepoch') FROM day WHERE start_us <= latest_us) AS left_by
FROM chosen JOIN person USING (user) JOIN head USING (grp), money
ORDER BY coalesce(chosen.amount, 0) DESC, silent_days DESC, grp, user;
