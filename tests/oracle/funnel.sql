-- funnel: where do people drop on the way?
-- Runs after base.sql; options step (one row each, in order) or steps, window order gap exclude hold count mature
-- list levels in opt. The result holds the table, or that of --levels or --list.
WITH RECURSIVE
c AS (
  SELECT a, since_us, until_us, by1 AS field1, by2 AS field2,
    -- With --by group the unit is member.
    CASE WHEN 'group' IN (coalesce(by1, ''), coalesce(by2, '')) THEN 'member' ELSE unit END AS whose,
    coalesce((SELECT value FROM opt WHERE name = 'window'), '7d') AS window_text,
    (SELECT value FROM opt WHERE name = 'gap') AS gap_text,
    coalesce((SELECT value FROM opt WHERE name = 'order'), 'ordered') AS how,
    coalesce((SELECT value FROM opt WHERE name = 'hold'), '') AS hold_field,
    coalesce((SELECT value FROM opt WHERE name = 'count'), 'people') AS counting,
    coalesce((SELECT value FROM opt WHERE name = 'mature'), 0) + 0 AS mature,
    coalesce((SELECT value FROM opt WHERE name = 'levels'), 0) + 0 AS levels,
    (SELECT value FROM opt WHERE name = 'list') AS list
  FROM o, moment),
-- Durations are elapsed time, 1 d = 86 400 s.
k AS (
  SELECT CASE WHEN window_text <> 'none' THEN CAST(window_text AS INTEGER) * CASE substr(window_text, -1)
      WHEN 'd' THEN 86400000000 WHEN 'h' THEN 3600000000 ELSE 60000000 END END AS window_us,
    CAST(gap_text AS INTEGER) * CASE substr(gap_text, -1)
      WHEN 'd' THEN 86400000000 WHEN 'h' THEN 3600000000 ELSE 60000000 END AS gap_us
  FROM c),

-- Steps: LABEL=PRED, where no field of an event is called LABEL; without a label the predicate is it.
given(i, text, rest) AS (
  SELECT 0, '', value || ',' FROM opt WHERE name = 'steps'
  UNION ALL SELECT i + 1, substr(rest, 1, instr(rest, ',') - 1), substr(rest, instr(rest, ',') + 1)
  FROM given WHERE rest <> ''),
spelt AS (
  SELECT i, text FROM given WHERE i > 0
  UNION ALL SELECT row_number() OVER (ORDER BY rowid), value FROM opt WHERE name = 'step'),
step AS (
  SELECT i, CASE WHEN labelled THEN substr(text, 1, instr(text, '=') - 1) ELSE text END AS label,
    CASE WHEN labelled THEN substr(text, instr(text, '=') + 1) ELSE text END AS pred
  FROM (SELECT i, text, instr(text, '=') AND substr(text, 1, instr(text, '=') - 1)
      NOT GLOB '*[^a-z]*' AND substr(text, 1, instr(text, '=') - 1)
      NOT IN ('type', 'group', 'user', 'text', 'amount', 'product', 'ref', 'source', 'city') AS labelled FROM spelt)),
-- A predicate is terms joined by &: type words, or FIELD OP VALUE. Step 0 is --exclude.
term(i, term, rest) AS (
  SELECT i, NULL, pred || '&' FROM step
  UNION ALL SELECT 0, NULL, value || '&' FROM opt WHERE name = 'exclude'
  UNION ALL SELECT i, trim(substr(rest, 1, instr(rest, '&') - 1)), substr(rest, instr(rest, '&') + 1)
  FROM term WHERE rest <> ''),
condition AS (
  SELECT i, CASE WHEN op IS NULL THEN 'type' ELSE trim(substr(term, 1, instr(term, op) - 1)) END AS field,
    coalesce(op, '|') AS op,
    CASE WHEN op IS NULL THEN '|' || replace(term, ' ', '') || '|'
      ELSE trim(substr(term, instr(term, op) + length(op))) END AS value
  FROM (SELECT i, term, CASE WHEN instr(term, '!=') THEN '!=' WHEN instr(term, '>=') THEN '>='
      WHEN instr(term, '<=') THEN '<=' WHEN instr(term, '=') THEN '=' WHEN instr(term, '>') THEN '>'
      WHEN instr(term, '<') THEN '<' END AS op
    FROM term WHERE term IS NOT NULL)),

-- The events of those who count, as units: a person once over all groups, or once in each. One event per valid
-- order, its amount net, its fields those of the earliest line; --where and --group choose what counts.
deed AS MATERIALIZED (
  SELECT e.n, e.tie, e.ts, e.user, e.grp, CASE whose WHEN 'member' THEN e.grp ELSE '' END AS unit_grp, e.type, e.text,
    e.amount, e.product, e.ref, e.source, e.city, coalesce(person.role, '') AS role,
    CASE hold_field WHEN 'product' THEN e.product WHEN 'city' THEN e.city WHEN 'group' THEN e.grp WHEN 'ref' THEN e.ref
      WHEN 'source' THEN e.source ELSE '' END AS hold
  FROM event e JOIN person USING (user), c WHERE counted AND counts),
-- What matches a step: no term of it fails. An unknown amount meets no comparison.
match AS MATERIALIZED (
  SELECT s.i, d.* FROM deed d, (SELECT DISTINCT i FROM condition) s
  WHERE NOT EXISTS (SELECT * FROM condition t WHERE t.i = s.i AND NOT CASE
    WHEN op = '|' THEN instr(value, '|' || type || '|') > 0
    WHEN field = 'amount' THEN coalesce(CASE op WHEN '=' THEN amount = round(value * 10000)
      WHEN '!=' THEN amount <> round(value * 10000) WHEN '>=' THEN amount >= round(value * 10000)
      WHEN '<=' THEN amount <= round(value * 10000) WHEN '>' THEN amount > round(value * 10000)
      ELSE amount < round(value * 10000) END, 0)
    ELSE (op = '=') = (value = CASE field WHEN 'type' THEN type WHEN 'group' THEN grp WHEN 'user' THEN user
      WHEN 'text' THEN text WHEN 'product' THEN product WHEN 'ref' THEN ref WHEN 'source' THEN source
      WHEN 'city' THEN city END) END)),

-- Every first-step event in [since, until) starts an attempt. An event of --exclude ends it at its instant; steps at
-- that very instant still count. closed: its window has ended or it was ended so; --window none has no pending.
begun AS MATERIALIZED (
  SELECT m.*, (SELECT min(x.ts) FROM match x WHERE x.i = 0 AND x.user = m.user AND x.unit_grp = m.unit_grp
      AND x.ts >= m.ts) AS excluded_us
  FROM match m, c WHERE m.i = 1 AND ts >= since_us AND ts < until_us),
attempt AS MATERIALIZED (
  SELECT b.*, min(coalesce(ts + window_us, 9000000000000000000), coalesce(excluded_us, 9000000000000000000)) AS end_us,
    window_us IS NULL OR ts + window_us <= a OR excluded_us IS NOT NULL AS closed
  FROM begun b, c, k WHERE NOT mature OR window_us IS NULL OR ts + window_us <= a OR excluded_us IS NOT NULL),

-- ordered and strict: every choice of events, one event for one step, equal times may advance in step order;
-- --gap between neighbouring steps, --hold the same value in all; strict: no event that matches any step
-- strictly between two taken ones. times: the choice as text that sorts like its times, step by step.
walk(attempt, user, unit_grp, hold, end_us, i, ts, used, times) AS (
  SELECT n, user, unit_grp, hold, end_us, 1, ts, ',' || n || ',', printf('%020d', ts) FROM attempt
  UNION
  SELECT w.attempt, w.user, w.unit_grp, w.hold, w.end_us, w.i + 1, m.ts,
    CASE WHEN m.ts > w.ts THEN ',' ELSE w.used END || m.n || ',', w.times || printf('%020d', m.ts)
  FROM walk w JOIN match m ON m.i = w.i + 1 AND m.user = w.user AND m.unit_grp = w.unit_grp, c, k
  WHERE how <> 'any' AND m.ts >= w.ts AND m.ts <= w.end_us AND instr(w.used, ',' || m.n || ',') = 0
    AND (gap_us IS NULL OR m.ts - w.ts <= gap_us) AND (hold_field = '' OR m.hold = w.hold)
    AND (how <> 'strict' OR NOT EXISTS (SELECT * FROM match x WHERE x.i > 0 AND x.user = w.user
      AND x.unit_grp = w.unit_grp AND x.ts > w.ts AND x.ts < m.ts))),

-- any: a row is reached when that many of the other steps can first be filled by different events at or after the
-- first step's. Of n steps no more than the first n events of each are ever needed.
chance AS MATERIALIZED (
  SELECT t.n AS attempt, m.i, m.n, m.ts,
    row_number() OVER (PARTITION BY t.n, m.i ORDER BY m.ts, m.tie) AS place
  FROM attempt t JOIN match m ON m.i > 1 AND m.user = t.user AND m.unit_grp = t.unit_grp, c
  WHERE how = 'any' AND m.ts >= t.ts AND m.ts <= t.end_us AND m.n <> t.n AND (hold_field = '' OR m.hold = t.hold)),
filled(attempt, i, taken, ts, used) AS (
  SELECT n, 1, 1, ts, ',' FROM attempt, c WHERE how = 'any'
  UNION
  SELECT attempt, i + 1, taken, ts, used FROM filled WHERE i < (SELECT max(i) FROM step)
  UNION
  SELECT f.attempt, f.i + 1, f.taken + 1, max(f.ts, x.ts), f.used || x.n || ','
  FROM filled f JOIN chance x ON x.attempt = f.attempt AND x.i = f.i + 1
  WHERE place <= (SELECT max(i) FROM step) AND instr(f.used, ',' || x.n || ',') = 0),
row_time AS (
  SELECT attempt, taken, min(ts) AS ts FROM filled GROUP BY attempt, taken),
reach(attempt, i, times) AS (
  SELECT attempt, i, times FROM walk, c WHERE how <> 'any'
  UNION ALL
  SELECT attempt, taken, group_concat(printf('%020d', ts), '') OVER (PARTITION BY attempt ORDER BY taken)
  FROM row_time),
-- The deepest step that any choice reaches; among the choices the earliest times count, step by step.
deepest AS (
  SELECT attempt, i AS depth, times, row_number() OVER (PARTITION BY attempt ORDER BY i DESC, times) AS place
  FROM reach),

-- --by: source is that of the join that opened the interval holding the entry (an instant that ends one and begins
-- another holds a join in the later, anything else in the earlier); role is the newest; any other field is
-- read on the first step. Each value is a table of its own.
holding AS (
  SELECT t.*, (
    SELECT CASE t.type WHEN 'join' THEN max(from_us) ELSE min(from_us) END FROM interval v
    WHERE v.user = t.user AND v.grp = t.grp AND v.from_us <= t.ts AND coalesce(v.to_us, t.ts) >= t.ts) AS since
  FROM attempt t),
valued AS (
  SELECT h.*, depth, times, coalesce(r.source, '') AS join_source
  FROM holding h JOIN deepest d ON d.attempt = h.n AND place = 1
  LEFT JOIN interval v ON v.user = h.user AND v.grp = h.grp AND v.from_us = h.since AND opening = 'join'
  LEFT JOIN record r ON r.n = v.join_n),
tried AS (
  SELECT v.*, CASE field1 WHEN 'group' THEN grp WHEN 'source' THEN join_source WHEN 'role' THEN role
      WHEN 'product' THEN product WHEN 'city' THEN city ELSE '' END AS by1,
    CASE field2 WHEN 'group' THEN grp WHEN 'source' THEN join_source WHEN 'role' THEN role
      WHEN 'product' THEN product WHEN 'city' THEN city ELSE '' END AS by2,
    CASE counting WHEN 'entries' THEN n ELSE 0 END AS entry
  FROM valued v, c),
-- People are counted with the deepest of their attempts, the earliest of those; --count entries: each by itself.
-- open: any attempt of the person's window goes on.
best AS (
  SELECT t.*, row_number() OVER (PARTITION BY by1, by2, user, unit_grp, entry ORDER BY depth DESC, times) AS place,
    max(NOT closed) OVER (PARTITION BY by1, by2, user, unit_grp, entry) AS open
  FROM tried t),
counted AS (SELECT * FROM best WHERE place = 1),

taken AS (
  SELECT by1, by2, s.i, substr(times, 20 * s.i - 19, 20) - substr(times, 20 * s.i - 39, 20) AS us,
    substr(times, 20 * s.i - 19, 20) - substr(times, 1, 20) AS total_us
  FROM counted JOIN step s ON s.i > 1 AND s.i <= depth),
-- The smallest value with at least half, or nine tenths, of them <= it; seconds rounded half away from zero.
seconds AS (
  SELECT by1, by2, i, max(CASE WHEN place = (n + 1) / 2 THEN (us + 500000) / 1000000 END) AS median_s,
    max(CASE WHEN place = (9 * n + 9) / 10 THEN (us + 500000) / 1000000 END) AS p90_s,
    max(CASE WHEN total_place = (n + 1) / 2 THEN (total_us + 500000) / 1000000 END) AS median_total_s
  FROM (SELECT t.*, row_number() OVER (PARTITION BY by1, by2, i ORDER BY us) AS place,
      row_number() OVER (PARTITION BY by1, by2, i ORDER BY total_us) AS total_place,
      count(*) OVER (PARTITION BY by1, by2, i) AS n FROM taken t)
  GROUP BY by1, by2, i),
-- A --by value has rows when someone entered; without --by the rows are always printed.
value AS (
  SELECT DISTINCT by1, by2 FROM counted UNION SELECT '', '' FROM c WHERE field1 IS NULL),
line AS (
  SELECT v.by1, v.by2, s.i, s.label, coalesce(sum(depth >= s.i), 0) AS reached,
    coalesce(sum(depth >= s.i - 1), 0) AS before, count(depth) AS entered,
    coalesce(sum(depth = s.i - 1 AND NOT open), 0) AS dropped, coalesce(sum(depth = s.i - 1 AND open), 0) AS pending
  FROM value v JOIN step s LEFT JOIN counted USING (by1, by2) GROUP BY v.by1, v.by2, s.i),

-- --levels: every user of the input (of the groups that --group lets in) up to A but staff and bots; attempts
-- in [since, until), the deepest of them.
everyone AS (
  SELECT DISTINCT r.user, CASE whose WHEN 'member' THEN r.grp ELSE '' END AS unit_grp
  FROM record r JOIN person ON person.user = r.user, c, o WHERE counted AND r.user <> '' AND r.grp GLOB wanted),
-- --list STEP:WHAT.
wanted AS (
  SELECT CAST(list AS INTEGER) AS i, substr(list, instr(list, ':') + 1) AS what FROM c)
SELECT by1, by2, '' AS grp, '' AS user, NULL AS entries, NULL AS level, i AS step, label, reached,
  CASE WHEN i > 1 AND before > 0 THEN printf('%d.%06d', (2000000 * reached + before) / (2 * before) / 1000000,
    (2000000 * reached + before) / (2 * before) % 1000000) END AS rate_prev,
  CASE WHEN i > 1 AND before > 0 AND people THEN printf('%.6f', max(0, (reached + z * z / 2
    - z * sqrt(reached * (1.0 * before - reached) / before + z * z / 4)) / (before + z * z))) END AS lo,
  CASE WHEN i > 1 AND before > 0 AND people THEN printf('%.6f', min(1, (reached + z * z / 2
    + z * sqrt(reached * (1.0 * before - reached) / before + z * z / 4)) / (before + z * z))) END AS hi,
  CASE WHEN entered > 0 THEN printf('%d.%06d', (2000000 * reached + entered) / (2 * entered) / 1000000,
    (2000000 * reached + entered) / (2 * entered) % 1000000) END AS rate_first,
  CASE WHEN entered > 0 AND people THEN printf('%.6f', max(0, (reached + z * z / 2
    - z * sqrt(reached * (1.0 * entered - reached) / entered + z * z / 4)) / (entered + z * z))) END AS first_lo,
  CASE WHEN entered > 0 AND people THEN printf('%.6f', min(1, (reached + z * z / 2
    + z * sqrt(reached * (1.0 * entered - reached) / entered + z * z / 4)) / (entered + z * z))) END AS first_hi,
  dropped, pending, median_s, p90_s, median_total_s
FROM line LEFT JOIN seconds USING (by1, by2, i), (SELECT 1.959963984540054 AS z, counting = 'people' AS people FROM c)
WHERE (SELECT list IS NULL AND NOT levels FROM c)
UNION ALL
SELECT '', '', e.unit_grp, e.user, count(t.n), coalesce(max(t.depth), 0), NULL, NULL, NULL, NULL, NULL, NULL, NULL,
  NULL, NULL, NULL, NULL, NULL, NULL, NULL
FROM everyone e LEFT JOIN tried t ON t.user = e.user AND t.unit_grp = e.unit_grp
WHERE (SELECT levels FROM c) GROUP BY e.unit_grp, e.user
UNION ALL
SELECT by1, by2, unit_grp, user, NULL, NULL, w.i, (SELECT label FROM step WHERE step.i = w.i), NULL, NULL, NULL, NULL,
  NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
FROM counted JOIN wanted w ON CASE what WHEN 'reached' THEN depth >= w.i
  WHEN 'dropped' THEN depth = w.i - 1 AND NOT open ELSE depth = w.i - 1 AND open END
WHERE (SELECT list IS NOT NULL FROM c)
ORDER BY 1, 2, 3, 4, 7;
