-- What the tables of activity-rate start from.
DROP TABLE IF EXISTS temp.asked;
CREATE TEMP TABLE asked AS
SELECT o.*, m.*, max(value) FILTER (WHERE name = 'denominator') AS denominator,
  count(*) FILTER (WHERE name = 'total') AS total, count(*) FILTER (WHERE name = 'no_flood') AS no_flood
FROM o LEFT JOIN moment m ON 1 JOIN opt;

-- Tables: one for each group but '-' beside others; with --total one, group '*', that holds every
-- event.
DROP TABLE IF EXISTS temp.scope;
CREATE TEMP TABLE scope AS
SELECT grp AS scope, first_us, basis FROM head, asked
WHERE logged AND NOT nobody AND NOT total AND grp GLOB wanted
UNION ALL
SELECT '*', min(first_us), (SELECT basis FROM head WHERE NOT nobody
  ORDER BY CASE basis WHEN 'seen' THEN 1 WHEN 'joins' THEN 2 WHEN 'events' THEN 3 ELSE 4 END
  LIMIT 1)
FROM head, asked WHERE total GROUP BY total;

-- Every period from the first event to A, empty ones too. A period without any event in any group
-- is a hole of the export.
DROP TABLE IF EXISTS temp.line;
CREATE TEMP TABLE line AS
WITH numbered AS (
  SELECT p, date, first_us, last_us, min(last_us, a) AS end_us, last_us <= a AS complete,
    (SELECT max(day) FROM civil WHERE civil.p = period.p AND start_us <= a) AS last_day,
    NOT EXISTS (SELECT * FROM record WHERE ts >= first_us AND ts <= last_us) AS hole
  FROM period, asked WHERE first_us <= a)
SELECT scope, basis, n.*, n.first_us <= s.first_us AS truncated
FROM scope s JOIN numbered n ON n.last_us >= s.first_us;

-- Members: at any time in the period; at its last microsecond (A in the running one); at its first,
-- where those present since the log's start (or longer, by the roster) are members at the start of
-- its first period.
DROP TABLE IF EXISTS temp.belongs;
CREATE TEMP TABLE belongs AS
SELECT l.scope, l.p, i.user,
  max(i.from_us <= end_us AND coalesce(to_us, end_us) >= l.first_us) AS present,
  max(i.from_us <= end_us AND coalesce(to_us, end_us) >= end_us) AS at_end,
  max(coalesce(to_us, end_us) >= l.first_us AND (i.from_us <= l.first_us
    OR (opening = 'start' OR opening = 'roster' AND i.from_us <= h.first_us)
      AND h.first_us BETWEEN l.first_us AND end_us)) AS at_start
FROM line l JOIN interval i ON l.scope IN ('*', i.grp) JOIN head h ON h.grp = i.grp
  JOIN person USING (user)
WHERE counted GROUP BY l.scope, l.p, i.user;
DROP TABLE IF EXISTS temp.member;
CREATE TEMP TABLE member AS
SELECT scope, p, user FROM belongs, asked
WHERE CASE denominator WHEN 'end' THEN at_end WHEN 'start' THEN at_start ELSE present END;
CREATE UNIQUE INDEX temp.member_of ON member(scope, p, user);

-- Floods: messages of one person in one group, 8 of them within 60 s, or 3 with one text within
-- 10 min. --no-flood leaves them out of all that is counted; they still make someone a member.
DROP TABLE IF EXISTS temp.flood;
CREATE TEMP TABLE flood AS
WITH said AS (SELECT tie, grp, user, ts, text FROM event WHERE type = 'message' AND counts),
rush AS (
  SELECT tie, grp, user, ts, lead(ts, 7) OVER w - ts <= 60000000 AS begins
  FROM said WINDOW w AS (PARTITION BY grp, user ORDER BY ts, tie)),
echo AS (
  SELECT tie, grp, user, ts, text, lead(ts, 2) OVER w - ts <= 600000000 AS begins
  FROM said WHERE text <> '' WINDOW w AS (PARTITION BY grp, user, text ORDER BY ts, tie))
SELECT tie FROM (
  SELECT tie, max(begins) OVER (PARTITION BY grp, user ORDER BY ts, tie
    ROWS BETWEEN 7 PRECEDING AND CURRENT ROW) AS of_flood FROM rush) WHERE of_flood
UNION
SELECT tie FROM (
  SELECT tie, max(begins) OVER (PARTITION BY grp, user, text ORDER BY ts, tie
    ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) AS of_flood FROM echo) WHERE of_flood;

-- What people do there; --where chooses what counts, bots are nowhere.
DROP TABLE IF EXISTS temp.deed;
CREATE TEMP TABLE deed AS
SELECT s.scope, e.p, e.day, user, counted, e.active AND NOT flood AS active,
  e.type = 'message' AND NOT flood AS message, flood
FROM (SELECT *, no_flood AND tie IN (SELECT tie FROM flood) AS flood FROM event, asked) e
  JOIN scope s ON s.scope IN ('*', e.grp) JOIN person USING (user)
WHERE e.counts AND NOT bot;

-- The days of --event-days, written 2024-04-09 or 2024/4/9.
DROP TABLE IF EXISTS temp.event_day;
CREATE TEMP TABLE event_day AS
WITH part(label, year, rest) AS (
  SELECT cells ->> 'label', substr(cells ->> 'date', 1, 4), replace(substr(cells ->> 'date', 6), '/', '-')
  FROM event_days_raw)
SELECT DISTINCT strftime('%s', printf('%s-%02d-%02d', year, substr(rest, 1, instr(rest, '-') - 1),
  substr(rest, instr(rest, '-') + 1))) / 86400 AS day, label FROM part;
