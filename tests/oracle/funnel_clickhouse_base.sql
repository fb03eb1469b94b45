-- --clickhouse: the levels of windowFunnel, as ClickHouse finds them: the events of a person one after
-- another, an event once for every step that it meets; step 0 here are those that meet none, which only
-- strict_order looks at. First steps count in [since, until).
DROP TABLE IF EXISTS temp.happened;
CREATE TEMP TABLE happened AS
WITH taken AS (
  SELECT user, unit_grp, ts, i, n, (SELECT sum(1 << x.i) FROM match x WHERE x.n = m.n) AS meets FROM match m
  UNION ALL
  SELECT user, unit_grp, ts, 0, n, 0 FROM deed, asked
  WHERE instr(clickhouse, ',strict_order,') AND n NOT IN (SELECT n FROM match))
SELECT *, row_number() OVER (PARTITION BY user, unit_grp ORDER BY ts, i, meets, n) AS at FROM taken
WHERE i <> 1 OR (SELECT ts >= since_us AND ts < until_us FROM asked);
CREATE UNIQUE INDEX temp.happened_at ON happened(user, unit_grp, at);

-- Without strict_once every step keeps the newest chain that got to it: the times of its beginning and of
-- this step, two numbers for each in m.
DROP TABLE IF EXISTS temp.level;
CREATE TEMP TABLE level AS
WITH RECURSIVE
mode AS (
  SELECT instr(clickhouse, ',strict_deduplication,') > 0 AS dedup, instr(clickhouse, ',strict_order,') > 0 AS ordered,
    instr(clickhouse, ',strict_increase,') > 0 AS increase, instr(clickhouse, ',strict_once,') > 0 AS once,
    instr(clickhouse, ',allow_reentry,') > 0 AS reentry, (SELECT max(i) FROM step) AS steps
  FROM asked),
chain(w, window_us, user, unit_grp, at, m, over) AS (
  SELECT w, window_us, user, unit_grp, 0, json_array(), 0 FROM frame, mode, (SELECT DISTINCT user, unit_grp FROM happened)
  WHERE NOT once
  UNION ALL
  SELECT w, window_us, c.user, c.unit_grp, h.at,
    CASE WHEN i = 1 THEN json_set(m, '$[0]', ts, '$[1]', ts)
      WHEN i > 1 AND NOT (dedup AND m ->> (2 * i - 2) IS NOT NULL)
        AND (m ->> (2 * i - 4)) + coalesce(window_us, 5000000000000000000) >= ts AND NOT (increase AND m ->> (2 * i - 3) >= ts)
      THEN (SELECT json_group_array(value) FROM (
        SELECT CASE s.value WHEN 2 * i - 2 THEN m ->> (2 * i - 4) WHEN 2 * i - 1 THEN ts ELSE m ->> s.value END AS value
        FROM generate_series(0, 2 * steps - 1) s))
      ELSE m END,
    CASE WHEN i = 0 THEN m ->> 0 IS NOT NULL WHEN i = 1 THEN 0
      WHEN dedup AND m ->> (2 * i - 2) IS NOT NULL THEN 1
      WHEN m ->> (2 * i - 4) IS NULL THEN ordered AND NOT reentry AND m ->> 0 IS NOT NULL
      ELSE i = steps AND (m ->> (2 * i - 4)) + coalesce(window_us, 5000000000000000000) >= ts
        AND NOT (increase AND m ->> (2 * i - 3) >= ts) END
  FROM chain c JOIN happened h ON h.user = c.user AND h.unit_grp = c.unit_grp AND h.at = c.at + 1, mode WHERE NOT over),

-- With strict_once all chains, an event at most once in each.
path(w, window_us, user, unit_grp, i, at, first_us, ts, used) AS (
  SELECT w, window_us, user, unit_grp, 1, at, ts, ts, ',' || n || ',' FROM frame, mode, happened WHERE once AND i = 1
  UNION
  SELECT w, window_us, p.user, p.unit_grp, h.i, h.at, first_us, h.ts, used || h.n || ','
  FROM path p JOIN happened h ON h.user = p.user AND h.unit_grp = p.unit_grp AND h.i = p.i + 1 AND h.at > p.at, mode
  WHERE h.ts <= first_us + coalesce(window_us, 5000000000000000000) AND NOT (increase AND p.ts >= h.ts)
    AND NOT instr(used, ',' || h.n || ',')),
got AS (
  SELECT w, user, unit_grp, i, min(at) AS at FROM path GROUP BY w, user, unit_grp, i),
-- It ends at a step met again, or one too early, or an event that meets none, as the modes say.
stop AS (
  SELECT f.w, h.user, h.unit_grp, min(h.at) AS at FROM frame f, happened h, mode WHERE once AND (
    EXISTS (SELECT * FROM got g WHERE g.w = f.w AND g.user = h.user AND g.unit_grp = h.unit_grp AND g.i = h.i AND h.i > 1
      AND dedup AND g.at < h.at)
    OR h.i <> 1 AND ordered AND NOT (reentry AND h.i > 0)
      AND EXISTS (SELECT * FROM got g WHERE g.w = f.w AND g.user = h.user AND g.unit_grp = h.unit_grp AND g.i = 1 AND g.at < h.at)
      AND NOT EXISTS (SELECT * FROM got g WHERE g.w = f.w AND g.user = h.user AND g.unit_grp = h.unit_grp AND g.i = h.i - 1
        AND g.at < h.at))
  GROUP BY f.w, h.user, h.unit_grp)
SELECT w, user, unit_grp, count(s.value) AS depth
FROM chain c LEFT JOIN generate_series(0, 31) s ON m ->> (2 * s.value) IS NOT NULL
WHERE at = (SELECT max(at) FROM chain x WHERE x.w = c.w AND x.user = c.user AND x.unit_grp = c.unit_grp)
GROUP BY w, user, unit_grp
UNION ALL
SELECT g.w, g.user, g.unit_grp, count(*) FROM got g LEFT JOIN stop s USING (w, user, unit_grp)
WHERE s.at IS NULL OR g.at < s.at GROUP BY g.w, g.user, g.unit_grp;

-- Levels take the place of attempts; those of a person have one --by value, his group or role.
DELETE FROM tried;
INSERT INTO tried
SELECT l.w, NULL, l.user, l.unit_grp, by_key, depth, NULL, 1, count(*)
FROM level l JOIN attempt t ON t.w = l.w AND t.user = l.user AND t.unit_grp = l.unit_grp JOIN entry e ON e.n = t.n
GROUP BY l.w, l.user, l.unit_grp;
