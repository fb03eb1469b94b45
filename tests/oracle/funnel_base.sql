-- What the tables of funnel start from: tried, how far each attempt of each person gets in each window.
DROP TABLE IF EXISTS temp.asked;
CREATE TEMP TABLE asked AS
SELECT o.*, m.*, (SELECT us FROM duration WHERE name = 'gap') AS gap_us, max(value) FILTER (WHERE name = 'order') AS how,
  max(value) FILTER (WHERE name = 'hold') AS hold_field, max(value) FILTER (WHERE name = 'count') AS counting,
  count(*) FILTER (WHERE name = 'mature') AS mature, count(*) FILTER (WHERE name = 'levels') AS levels,
  max(value) FILTER (WHERE name = 'list') AS list,
  ',' || max(value) FILTER (WHERE name = 'clickhouse') || ',' AS clickhouse
FROM o LEFT JOIN moment m ON 1 JOIN opt;

-- The one window, or those of --windows in their order.
DROP TABLE IF EXISTS temp.frame;
CREATE TEMP TABLE frame AS
WITH RECURSIVE item(w, word, rest) AS (
  SELECT 0, NULL, value || ',' FROM opt WHERE name = 'windows'
  UNION ALL SELECT w + 1, trim(substr(rest, 1, instr(rest, ',') - 1)), substr(rest, instr(rest, ',') + 1)
  FROM item WHERE rest <> '')
SELECT w, word, CAST(word AS INTEGER) * CASE substr(word, -1) WHEN 'w' THEN 604800000000 WHEN 'd' THEN 86400000000
  WHEN 'h' THEN 3600000000 WHEN 'm' THEN 60000000 WHEN 's' THEN 1000000 END AS window_us
FROM item WHERE w > 0
UNION ALL
SELECT 1, 'window', (SELECT us FROM duration WHERE name = 'window') WHERE NOT EXISTS (SELECT * FROM item);
DROP TABLE IF EXISTS temp.step;
CREATE TEMP TABLE step AS SELECT i, label FROM pred WHERE name = 'step';

-- The events of those who count, as units: a person once over all groups, or once in each. One event per valid
-- order, its amount net, its fields those of the earliest line; --where and --group choose what counts. i is the
-- step that an event matches, 0 for --exclude.
DROP TABLE IF EXISTS temp.deed;
CREATE TEMP TABLE deed AS
SELECT e.n, e.tie, e.ts, e.user, e.grp, CASE unit WHEN 'member' THEN e.grp ELSE '' END AS unit_grp, e.type,
  coalesce(person.role, '') AS role,
  coalesce((SELECT value FROM cell WHERE cell.field = hold_field AND cell.n = e.n), '') AS hold
FROM event e JOIN person USING (user), asked WHERE counted AND counts;
DROP TABLE IF EXISTS temp.match;
CREATE TEMP TABLE match AS
SELECT m.i, d.* FROM deed d JOIN met m ON m.n = d.n AND m.name IN ('step', 'exclude');
CREATE INDEX temp.match_of ON match(user, unit_grp, i, ts);

-- Every first-step event in [since, until) starts an attempt. An event of --exclude ends it at its instant; steps at
-- that very instant still count. closed: its window has ended or it was ended so; --window none has no pending.
DROP TABLE IF EXISTS temp.attempt;
CREATE TEMP TABLE attempt AS
WITH begun AS (
  SELECT f.w, window_us, m.*, (SELECT min(x.ts) FROM match x WHERE x.i = 0 AND x.user = m.user
    AND x.unit_grp = m.unit_grp AND x.ts >= m.ts) AS excluded_us
  FROM frame f, match m, asked WHERE m.i = 1 AND ts >= since_us AND ts < until_us),
judged AS (
  SELECT b.*, min(coalesce(ts + window_us, 9000000000000000000), coalesce(excluded_us, 9000000000000000000)) AS end_us,
    window_us IS NULL OR ts + window_us <= a OR excluded_us IS NOT NULL AS closed
  FROM begun b, asked)
SELECT j.* FROM judged j, asked WHERE NOT mature OR closed;

-- --by: source is that of the join that opened the interval holding the entry (an instant that ends one and begins
-- another holds a join in the later, anything else in the earlier); role is the newest; any other field is
-- read on the first step. Each value is a table of its own.
DROP TABLE IF EXISTS temp.entry;
CREATE TEMP TABLE entry AS
WITH holding AS (
  SELECT DISTINCT t.n, t.user, t.grp, role, (
    SELECT CASE t.type WHEN 'join' THEN max(from_us) ELSE min(from_us) END FROM interval v
    WHERE v.user = t.user AND v.grp = t.grp AND v.from_us <= t.ts AND coalesce(v.to_us, t.ts) >= t.ts) AS since
  FROM attempt t),
sourced AS (
  SELECT h.*, coalesce(r.source, '') AS join_source FROM holding h
  LEFT JOIN interval v ON v.user = h.user AND v.grp = h.grp AND v.from_us = h.since AND opening = 'join'
  LEFT JOIN record r ON r.n = v.join_n)
SELECT n, (SELECT json_group_array(CASE f.field WHEN 'group' THEN grp WHEN 'source' THEN join_source WHEN 'role' THEN role
  ELSE (SELECT value FROM cell WHERE cell.field = f.field AND cell.n = s.n) END) FROM by_field f) AS by_key
FROM sourced s;
CREATE INDEX temp.entry_n ON entry(n);

-- ordered and strict: every choice of events, one event for one step, equal times may advance in step order;
-- --gap between neighbouring steps, --hold the same value in all; strict: no event that matches any step
-- strictly between two taken ones. times: the choice as text that sorts like its times, step by step.
DROP TABLE IF EXISTS temp.reach;
CREATE TEMP TABLE reach AS
WITH RECURSIVE
walk(w, attempt, user, unit_grp, hold, end_us, i, ts, used, times) AS (
  SELECT w, n, user, unit_grp, hold, end_us, 1, ts, ',' || n || ',', printf('%020d', ts) FROM attempt, asked
  WHERE how <> 'any' AND clickhouse IS NULL
  UNION
  SELECT w.w, w.attempt, w.user, w.unit_grp, w.hold, w.end_us, w.i + 1, m.ts,
    CASE WHEN m.ts > w.ts THEN ',' ELSE w.used END || m.n || ',', w.times || printf('%020d', m.ts)
  FROM walk w JOIN match m ON m.user = w.user AND m.unit_grp = w.unit_grp AND m.i = w.i + 1, asked
  WHERE m.ts >= w.ts AND m.ts <= w.end_us AND instr(w.used, ',' || m.n || ',') = 0
    AND (gap_us IS NULL OR m.ts - w.ts <= gap_us) AND (hold_field IS NULL OR m.hold = w.hold)
    AND (how <> 'strict' OR NOT EXISTS (SELECT * FROM match x WHERE x.i > 0 AND x.user = w.user
      AND x.unit_grp = w.unit_grp AND x.ts > w.ts AND x.ts < m.ts))),

-- any: a row is reached when that many of the other steps can first be filled by different events at or after the
-- first step's. Of n steps no more than the first n events of each are ever needed.
chance AS MATERIALIZED (
  SELECT t.w, t.n AS attempt, m.i, m.n, m.ts,
    row_number() OVER (PARTITION BY t.w, t.n, m.i ORDER BY m.ts, m.tie) AS place
  FROM attempt t JOIN match m ON m.user = t.user AND m.unit_grp = t.unit_grp AND m.i > 1, asked
  WHERE how = 'any' AND m.ts >= t.ts AND m.ts <= t.end_us AND m.n <> t.n AND (hold_field IS NULL OR m.hold = t.hold)),
filled(w, attempt, i, taken, ts, used) AS (
  SELECT w, n, 1, 1, ts, ',' FROM attempt, asked WHERE how = 'any'
  UNION
  SELECT w, attempt, i + 1, taken, ts, used FROM filled WHERE i < (SELECT max(i) FROM step)
  UNION
  SELECT f.w, f.attempt, f.i + 1, f.taken + 1, max(f.ts, x.ts), f.used || x.n || ','
  FROM filled f JOIN chance x ON x.w = f.w AND x.attempt = f.attempt AND x.i = f.i + 1
  WHERE place <= (SELECT max(i) FROM step) AND instr(f.used, ',' || x.n || ',') = 0),
row_time AS (
  SELECT w, attempt, taken, min(ts) AS ts FROM filled GROUP BY w, attempt, taken)
SELECT w, attempt, i, times FROM walk
UNION ALL
SELECT w, attempt, taken, group_concat(printf('%020d', ts), '') OVER (PARTITION BY w, attempt ORDER BY taken)
FROM row_time;

-- The deepest step that any choice reaches; among the choices the earliest times count, step by step.
DROP TABLE IF EXISTS temp.tried;
CREATE TEMP TABLE tried AS
WITH deepest AS (
  SELECT w, attempt, i AS depth, times, row_number() OVER (PARTITION BY w, attempt ORDER BY i DESC, times) AS place
  FROM reach)
SELECT t.w, t.n, t.user, t.unit_grp, by_key, depth, times, closed, 1 AS entries
FROM attempt t JOIN deepest d ON d.w = t.w AND d.attempt = t.n AND place = 1 JOIN entry e ON e.n = t.n;
