-- funnel: where do people drop on the way?
WITH
-- People are counted with the deepest of their attempts, the earliest of those; --count entries: each by itself.
-- open: any attempt of the person's window goes on.
best AS (
  SELECT t.*, row_number() OVER p AS place,
    max(NOT closed) OVER (PARTITION BY w, by_key, user, unit_grp, CASE counting WHEN 'entries' THEN n END) AS open
  FROM tried t, asked
  WINDOW p AS (PARTITION BY w, by_key, user, unit_grp, CASE counting WHEN 'entries' THEN n END ORDER BY depth DESC, times)),
counted AS (SELECT * FROM best WHERE place = 1 AND depth > 0),

taken AS (
  SELECT w, by_key, s.i, substr(times, 20 * s.i - 19, 20) - substr(times, 20 * s.i - 39, 20) AS us,
    substr(times, 20 * s.i - 19, 20) - substr(times, 1, 20) AS total_us
  FROM counted JOIN step s ON s.i > 1 AND s.i <= depth WHERE times IS NOT NULL),
-- The smallest value with at least half, or nine tenths, of them <= it; seconds rounded half away from zero.
seconds AS (
  SELECT w, by_key, i, max(CASE WHEN place = (n + 1) / 2 THEN (us + 500000) / 1000000 END) AS median_s,
    max(CASE WHEN place = (9 * n + 9) / 10 THEN (us + 500000) / 1000000 END) AS p90_s,
    max(CASE WHEN total_place = (n + 1) / 2 THEN (total_us + 500000) / 1000000 END) AS median_total_s
  FROM (SELECT t.*, row_number() OVER (PARTITION BY w, by_key, i ORDER BY us) AS place,
      row_number() OVER (PARTITION BY w, by_key, i ORDER BY total_us) AS total_place,
      count(*) OVER (PARTITION BY w, by_key, i) AS n FROM taken t)
  GROUP BY w, by_key, i),
-- A --by value has rows when someone entered; without --by the rows are always printed.
value AS (
  SELECT DISTINCT w, by_key FROM counted
  UNION SELECT w, '[]' FROM frame WHERE NOT EXISTS (SELECT * FROM by_field)),
line AS (
  SELECT v.w, v.by_key, s.i, s.label, coalesce(sum(depth >= s.i), 0) AS reached,
    coalesce(sum(depth >= s.i - 1), 0) AS before, count(depth) AS entered,
    coalesce(sum(depth = s.i - 1 AND NOT open), 0) AS dropped, coalesce(sum(depth = s.i - 1 AND open), 0) AS pending
  FROM value v JOIN step s LEFT JOIN counted USING (w, by_key) GROUP BY v.w, v.by_key, s.i),

-- --levels: every user of the input (of the groups that --group lets in) up to A but staff and bots; attempts
-- in [since, until), the deepest of them.
everyone AS (
  SELECT DISTINCT r.user, CASE unit WHEN 'member' THEN r.grp ELSE '' END AS unit_grp
  FROM record r JOIN person USING (user), asked WHERE counted AND r.user <> '' AND r.grp GLOB wanted),
-- --list STEP:WHAT, the step by number or label.
wanted_step AS (
  SELECT i, label, what FROM step JOIN (
    SELECT rtrim(rtrim(list, 'abcdefghijklmnopqrstuvwxyz'), ':') AS word,
      substr(list, 1 + length(rtrim(list, 'abcdefghijklmnopqrstuvwxyz'))) AS what FROM asked)
  WHERE CASE WHEN word GLOB '*[^0-9]*' THEN label = word ELSE i = 0 + word END ORDER BY i LIMIT 1),
-- When he took the last step that he took, up to the listed one.
listed AS (
  SELECT c.*, i, label, 0 + substr(times, 20 * min(i, depth) - 19, 20) AS last_us, CASE WHEN min(i, depth) > 1
    THEN substr(times, 20 * min(i, depth) - 19, 20) - substr(times, 20 * min(i, depth) - 39, 20) END AS us
  FROM counted c JOIN wanted_step ON CASE what WHEN 'reached' THEN depth >= i
    WHEN 'dropped' THEN depth = i - 1 AND NOT open ELSE depth = i - 1 AND open END),
row AS (
  SELECT w, by_key, '' AS "group", '' AS user, '' AS name, NULL AS entries, NULL AS level, i AS step, label, reached, before,
    entered, dropped, pending, median_s, p90_s, median_total_s, NULL AS last_us, NULL AS us, '' AS id
  FROM line LEFT JOIN seconds USING (w, by_key, i) WHERE (SELECT list IS NULL AND NOT levels FROM asked)
  UNION ALL
  SELECT f.w, json_array(e.unit_grp), e.unit_grp, p.printed, '', coalesce(sum(entries), 0), coalesce(max(t.depth), 0), NULL,
    NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, e.user
  FROM everyone e JOIN person p USING (user), frame f
    LEFT JOIN tried t ON t.w = f.w AND t.user = e.user AND t.unit_grp = e.unit_grp
  WHERE (SELECT levels FROM asked) GROUP BY f.w, e.unit_grp, e.user
  UNION ALL
  SELECT w, by_key, unit_grp, printed, coalesce(p.name, ''), NULL, NULL, i, label, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
    NULL, last_us, us, user
  FROM listed JOIN person p USING (user))
SELECT by_key, word AS window, "group", user, name, entries, level, step, label, reached,
  CASE WHEN step > 1 AND before > 0 THEN printf('%d.%06d', (2000000 * reached + before) / (2 * before) / 1000000,
    (2000000 * reached + before) / (2 * before) % 1000000) END AS rate_prev,
  CASE WHEN step > 1 AND before > 0 AND people THEN printf('%.6f', max(0, (reached + z * z / 2
    - z * sqrt(reached * (1.0 * before - reached) / before + z * z / 4)) / (before + z * z))) END AS lo,
  CASE WHEN step > 1 AND before > 0 AND people THEN printf('%.6f', min(1, (reached + z * z / 2
    + z * sqrt(reached * (1.0 * before - reached) / before + z * z / 4)) / (before + z * z))) END AS hi,
  CASE WHEN entered > 0 THEN printf('%d.%06d', (2000000 * reached + entered) / (2 * entered) / 1000000,
    (2000000 * reached + entered) / (2 * entered) % 1000000) END AS rate_first,
  CASE WHEN entered > 0 AND people THEN printf('%.6f', max(0, (reached + z * z / 2
    - z * sqrt(reached * (1.0 * entered - reached) / entered + z * z / 4)) / (entered + z * z))) END AS first_lo,
  CASE WHEN entered > 0 AND people THEN printf('%.6f', min(1, (reached + z * z / 2
    + z * sqrt(reached * (1.0 * entered - reached) / entered + z * z / 4)) / (entered + z * z))) END AS first_hi,
  -- A level does not tell an open attempt from a closed one.
  dropped, CASE WHEN clickhouse IS NULL THEN pending END AS pending, median_s, p90_s, median_total_s,
  -- the instant in the zone, with its offset
  strftime('%Y-%m-%dT%H:%M:%S', (last_us + offset_us) / 1000000, 'unixepoch')
    || CASE WHEN last_us % 1000000 THEN rtrim(printf('.%06d', last_us % 1000000), '0') ELSE '' END
    || printf('%s%02d:%02d', CASE WHEN offset_us < 0 THEN '-' ELSE '+' END, abs(offset_us) / 3600000000,
      abs(offset_us) / 60000000 % 60)
    || CASE WHEN offset_us % 60000000 THEN printf(':%02d', abs(offset_us) / 1000000 % 60) ELSE '' END AS ts,
  (us + 500000) / 1000000 AS seconds
FROM row JOIN frame USING (w) LEFT JOIN span ON last_us >= from_us AND last_us < to_us, normal,
  (SELECT counting = 'people' AS people, clickhouse FROM asked)
ORDER BY w, (SELECT group_concat((value IN ('all', '*')) || value || char(1), '') FROM json_each(by_key)),
  step, "group", user, id, last_us, us;
