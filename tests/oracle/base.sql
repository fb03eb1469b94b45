-- What every metric starts from: one log, looked at from one moment with the options of the table
-- opt(name, value). Reads raw (the canonical columns, as text), zone(name, from_us, offset_us) and
-- with the option roster, roster_raw (its columns, as text); leaves the tables described below.
--
-- Instants are microseconds since 1970 UTC, days are numbered from 1970-01-01 = 0.

DROP TABLE IF EXISTS o;
CREATE TABLE o AS
WITH v(name, value) AS (SELECT name, value FROM opt)
SELECT
  coalesce((SELECT value FROM v WHERE name = 'tz'), 'UTC') AS tz,
  coalesce((SELECT value FROM v WHERE name = 'week_start'), 'mon') AS week_start,
  3600000000 * coalesce((SELECT CAST(value AS INTEGER) FROM v WHERE name = 'day_start'), 0)
    AS day_start_us,
  coalesce((SELECT value FROM v WHERE name = 'period'), 'week') AS period,
  coalesce((SELECT value FROM v WHERE name = 'as_of'), 'last') AS as_of,
  (SELECT value FROM v WHERE name = 'since') AS since,
  (SELECT value FROM v WHERE name = 'until') AS until,
  coalesce((SELECT value FROM v WHERE name = 'include_staff'), 0) + 0 AS include_staff,
  ',' || coalesce((SELECT value FROM v WHERE name = 'staff'), '') || ',' AS staff,
  coalesce((SELECT value FROM v WHERE name = 'group'), '*') AS wanted,
  coalesce((SELECT value FROM v WHERE name = 'unit'), 'user') AS unit,
  coalesce((SELECT value FROM v WHERE name = 'refund'), 'net') AS refund,
  coalesce((SELECT value FROM v WHERE name = 'zero_ok'), 0) + 0 AS zero_ok,
  (SELECT value FROM v WHERE name = 'by1') AS by1,
  (SELECT value FROM v WHERE name = 'by2') AS by2;

-- Predicates: alternatives of type words and, where given, a least amount: 'order&amount>=50'.
DROP TABLE IF EXISTS pred;
CREATE TABLE pred AS
WITH p(name, text) AS (
  SELECT name, value FROM opt WHERE name IN ('active', 'where', 'birth', 'return')
  UNION ALL SELECT 'active', 'message|reaction|share|click|signin|order|redpacket'
    WHERE NOT EXISTS (SELECT * FROM opt WHERE name = 'active'))
SELECT name,
  '|' || CASE WHEN instr(text, '&') THEN substr(text, 1, instr(text, '&') - 1) ELSE text END || '|'
    AS words,
  CASE WHEN instr(text, '>=')
    THEN CAST(round(10000 * substr(text, instr(text, '>=') + 2)) AS INTEGER) END AS least
FROM p;

-- The zone of the run as spans of one offset.
DROP TABLE IF EXISTS span;
CREATE TABLE span AS
SELECT from_us, lead(from_us, 1, 9000000000000000000) OVER (ORDER BY from_us) AS to_us, offset_us
FROM zone WHERE name = (SELECT tz FROM o);

-- Every record: types in their canonical word, an absent group is '-', amounts in 1/10000.
DROP TABLE IF EXISTS record;
CREATE TABLE record AS
SELECT rowid AS n,
  CAST(strftime('%s', substr(ts, 1, 19)) AS INTEGER) * 1000000
    + CASE WHEN substr(ts, 20, 1) = '.'
      THEN CAST(substr(replace(replace(substr(ts, 21), 'Z', ''), '+00:00', '') || '000000', 1, 6) AS INTEGER)
      ELSE 0 END AS ts,
  CASE WHEN "group" = '' THEN '-' ELSE "group" END AS grp,
  user, text, amount AS amount_text, order_id, product, ref, source, role, id, city,
  CASE WHEN type IN ('quit', 'part', 'kick') THEN 'leave' WHEN type IN ('', 'action') THEN 'message'
    WHEN type IN ('rename', 'nick', 'topic', 'mode') THEN 'system' ELSE type END AS type,
  CASE WHEN amount <> '' THEN CAST(round(amount * 10000) AS INTEGER) END AS amount
FROM raw;

-- The member list, where --roster is given.
DROP TABLE IF EXISTS roster;
CREATE TABLE roster AS
SELECT "group" AS grp, user, role,
  CASE WHEN joined <> '' THEN strftime('%s', joined) * 1000000 END AS joined,
  CASE WHEN "left" <> '' THEN strftime('%s', "left") * 1000000 END AS "left"
FROM roster_raw WHERE EXISTS (SELECT * FROM opt WHERE name = 'roster');

-- Civil days around the log with their first microsecond, --day-start after midnight: a midnight
-- that does not exist moves forward, one that exists twice is the first.
DROP TABLE IF EXISTS day;
CREATE TABLE day AS
WITH RECURSIVE d(day) AS (
  SELECT min(ts) / 86400000000 - 370 FROM record
  UNION ALL SELECT day + 1 FROM d WHERE day < (SELECT max(ts) / 86400000000 + 740 FROM record))
SELECT day, (
  SELECT min(max(from_us, day * 86400000000 + day_start_us - offset_us)) FROM span
  WHERE max(from_us, day * 86400000000 + day_start_us - offset_us) < to_us) AS start_us
FROM d, o;
CREATE UNIQUE INDEX day_start ON day(start_us);

-- A: the newest event, taken before every filter; a bare date is that day's last microsecond.
-- A bare date in since and until is its first microsecond.
DROP TABLE IF EXISTS moment;
CREATE TABLE moment AS
WITH date_us(date, first_us, last_us) AS (
  SELECT date(day * 86400, 'unixepoch'), start_us, lead(start_us) OVER (ORDER BY day) - 1 FROM day)
SELECT
  CASE (SELECT as_of FROM o) WHEN 'last' THEN (SELECT max(ts) FROM record)
    ELSE (SELECT last_us FROM date_us, o WHERE date = as_of) END AS a,
  coalesce((SELECT first_us FROM date_us, o WHERE date = since), 0) AS since_us,
  coalesce((SELECT first_us FROM date_us, o WHERE date = until), 9000000000000000000) AS until_us;

-- Events after A do not exist for the run.
DELETE FROM record WHERE ts > (SELECT a FROM moment);

-- Heads: the first event of the input and of each group (any event, of nobody or of staff too).
-- What is of group '-' makes no member when the input has other groups.
-- Basis: events if the group has a leave that is no removal, else joins if it has a join or a
-- removal, else seen. A removal is a leave with source 'removed' or whose ref is another person.
DROP TABLE IF EXISTS head;
CREATE TABLE head AS
SELECT grp, min(ts) AS first_us,
  grp = '-' AND EXISTS (SELECT * FROM record WHERE grp <> '-') AS nobody,
  CASE WHEN grp IN (SELECT grp FROM roster) THEN 'roster'
    WHEN sum(user <> '' AND type = 'leave' AND source <> 'removed' AND ref IN ('', user)) THEN 'events'
    WHEN sum(user <> '' AND type IN ('join', 'leave')) THEN 'joins' ELSE 'seen' END AS basis
FROM record GROUP BY grp;

-- Periods are civil: day, week, month, quarter, year, or blocks of N days from the first day of
-- --since, else of the input. p numbers them; last_us is the last microsecond.
DROP TABLE IF EXISTS civil;
CREATE TABLE civil AS
WITH horizon(first) AS (
  SELECT max(day) FROM day, o, moment
  WHERE start_us <= CASE WHEN since IS NULL THEN (SELECT min(ts) FROM record) ELSE since_us END),
month(day, ym) AS (
  SELECT day, strftime('%Y', day * 86400, 'unixepoch') * 12
    + strftime('%m', day * 86400, 'unixepoch') - 1 FROM day)
SELECT day, start_us,
  CASE period WHEN 'day' THEN day
    WHEN 'week' THEN (day + CASE week_start WHEN 'sun' THEN 4 ELSE 3 END) / 7
    WHEN 'month' THEN ym WHEN 'quarter' THEN ym / 3 WHEN 'year' THEN ym / 12
    ELSE (day - first + 1000 * CAST(period AS INTEGER)) / CAST(period AS INTEGER) END AS p
FROM day JOIN month USING (day), horizon, o;
CREATE UNIQUE INDEX civil_day ON civil(day);
DROP TABLE IF EXISTS period;
CREATE TABLE period AS
SELECT p, date(min(day) * 86400, 'unixepoch') AS date, min(start_us) AS first_us,
  min(day) AS first_day, max(day) AS last_day, lead(min(start_us)) OVER (ORDER BY p) - 1 AS last_us
FROM civil GROUP BY p;
CREATE UNIQUE INDEX period_p ON period(p);

-- People. Staff: role staff or owner in any record or roster line up to A, or named by --staff;
-- bots likewise; both over all groups, and who is both is a bot. counted: those who are in the
-- counts.
DROP TABLE IF EXISTS person;
CREATE TABLE person AS
WITH said AS (
  SELECT user, role, ts FROM record WHERE user <> ''
  UNION ALL SELECT user, role, -1 FROM roster)
SELECT user, max(role = 'bot') AS bot,
  max(role IN ('staff', 'owner') OR instr(staff, ',' || user || ',')) AND NOT max(role = 'bot')
    AND NOT include_staff AS staff,
  (SELECT role FROM said s WHERE s.user = said.user AND role <> '' ORDER BY ts DESC LIMIT 1) AS role
FROM said, o GROUP BY user;
ALTER TABLE person ADD COLUMN counted AS (NOT bot AND NOT staff);
CREATE UNIQUE INDEX person_user ON person(user);

-- Orders: (user, order_id) is one order with its lines, a row without order_id is its own. A refund
-- is a row of that type or with a negative amount; it matches by that key, whatever its sign and
-- time.
DROP TABLE IF EXISTS order_row;
CREATE TABLE order_row AS
WITH row AS (
  SELECT *, CASE order_id WHEN '' THEN 'row ' || n ELSE 'id ' || order_id END AS key,
    type = 'refund' OR coalesce(amount < 0, 0) AS is_refund
  FROM record WHERE user <> '' AND type IN ('order', 'refund'))
SELECT n, user, key, product, city, amount, is_refund, row_number() OVER (PARTITION BY user, key, is_refund
    ORDER BY ts, product, amount_text, id, text, ref, source) AS i
FROM row;
CREATE INDEX order_row_of ON order_row(user, key);

-- An order takes every field from its earliest line (n). gross: its lines, one without amount is 0;
-- unknown when none of them has one: it counts all the same. What adds up to nothing after refunds
-- is none, unless --zero-ok; --refund drop: nor is any order with a refund; ignore: refunds are not
-- looked at.
DROP TABLE IF EXISTS valid_order;
CREATE TABLE valid_order AS
WITH total AS (
  SELECT user, key, max(CASE WHEN NOT is_refund AND i = 1 THEN n END) AS n,
    sum(CASE WHEN NOT is_refund THEN amount END) AS gross,
    coalesce(sum(CASE WHEN is_refund THEN abs(amount) END), 0) AS refunded, sum(is_refund) AS refunds
  FROM order_row GROUP BY user, key)
SELECT n, key, gross, gross - CASE refund WHEN 'ignore' THEN 0 ELSE refunded END AS net
FROM total, o WHERE n IS NOT NULL AND NOT (refund = 'drop' AND refunds);
DELETE FROM valid_order WHERE net <= 0 AND NOT (SELECT zero_ok FROM o);

-- The events that metrics see, in the order in which ties are taken where membership is not at
-- stake: one for every valid order, none for other order and refund rows, none of nobody; only of
-- the groups of --group, which moves neither A, heads, roles nor the lines of an order. counts:
-- --where.
DROP TABLE IF EXISTS event;
CREATE TABLE event AS
WITH e AS (
  SELECT r.n, ts, grp, user, type, order_id, product, amount_text, id, text, ref, source, city, amount
  FROM record r WHERE user <> '' AND type NOT IN ('order', 'refund')
  UNION ALL
  SELECT r.n, ts, grp, user, type, order_id, product, amount_text, id, text, ref, source, city, net
  FROM record r JOIN valid_order USING (n))
SELECT row_number() OVER (ORDER BY ts, type <> 'join', type = 'leave', type, order_id, product,
    amount_text, id, text, ref, source, grp, city) AS tie,
  e.*, c.day, c.p,
  NOT EXISTS (SELECT * FROM pred WHERE name = 'where' AND NOT (instr(words, '|' || type || '|')
    AND (least IS NULL OR coalesce(amount >= least, 0)))) AS counts,
  EXISTS (SELECT * FROM pred WHERE name = 'active' AND instr(words, '|' || type || '|')
    AND (least IS NULL OR amount >= least)) AS active,
  EXISTS (SELECT * FROM pred WHERE name = 'birth' AND instr(words, '|' || type || '|')
    AND (least IS NULL OR amount >= least)) AS is_birth,
  EXISTS (SELECT * FROM pred WHERE name = 'return' AND instr(words, '|' || type || '|')
    AND (least IS NULL OR amount >= least)) AS is_return
FROM e JOIN span ON ts >= from_us AND ts < to_us
JOIN o JOIN civil c ON c.day = (ts + offset_us - day_start_us) / 86400000000
WHERE grp GLOB wanted;
CREATE INDEX event_of ON event(user, grp, ts);

-- Rule R looks at joins, leaves and five presence types. Here one row for each instant at which a
-- (group, user) has any: the join and the leave that count are the first in the order of ties.
DROP TABLE IF EXISTS instant;
CREATE TABLE instant AS
WITH r AS (
  SELECT e.*, row_number() OVER (PARTITION BY e.grp, user, ts, type
    ORDER BY order_id, product, amount_text, id, text, ref, source) AS i
  FROM event e JOIN head USING (grp)
  WHERE NOT nobody
    AND type IN ('join', 'leave', 'message', 'reaction', 'share', 'signin', 'redpacket')),
t AS (
  SELECT grp, user, ts,
    max(type = 'join') AS joins, max(type NOT IN ('join', 'leave')) AS presence,
    max(type = 'leave') AS leaves,
    max(CASE WHEN type = 'join' AND i = 1 THEN n END) AS join_n,
    max(type = 'leave' AND i = 1 AND (source = 'removed' OR ref NOT IN ('', user))) AS removal
  FROM r GROUP BY grp, user, ts)
SELECT *, row_number() OVER (PARTITION BY grp, user ORDER BY ts) AS i FROM t;
CREATE UNIQUE INDEX instant_i ON instant(grp, user, i);

-- The walk through the instants. member says whether he is one after the instant,
-- opened/opening/join_n by what; done is the interval that ended at it. At one instant: join if he
-- is no member, then presence, then leave, then join if he was a member. A member whose first event
-- is no join, or a first leave, was there since the start of the group's log; in a seen group he is
-- from his first event on.
DROP TABLE IF EXISTS walk;
CREATE TABLE walk AS
WITH RECURSIVE step AS (
  SELECT t.*, 0 AS was, NULL AS was_from, NULL AS was_opening, NULL AS was_join,
    CASE WHEN joins THEN ts WHEN basis = 'seen' THEN ts ELSE first_us END AS open_from,
    CASE WHEN joins THEN 'join' WHEN basis = 'seen' THEN 'activity' ELSE 'start' END AS opening,
    join_n AS opening_n, NOT leaves AS member, leaves AS closes
  FROM instant t JOIN head USING (grp) WHERE i = 1
  UNION ALL
  SELECT t.*, s.member, s.open_from, s.opening, s.opening_n,
    CASE WHEN s.member AND NOT (t.leaves AND t.joins) THEN s.open_from ELSE t.ts END,
    CASE WHEN s.member AND NOT (t.leaves AND t.joins) THEN s.opening
      WHEN t.joins THEN 'join' ELSE 'activity' END,
    CASE WHEN s.member AND NOT (t.leaves AND t.joins) THEN s.opening_n ELSE t.join_n END,
    CASE WHEN t.leaves AND t.joins THEN s.member WHEN t.leaves THEN 0 ELSE 1 END,
    t.leaves AND (s.member OR t.joins OR t.presence)
  FROM step s JOIN instant t ON t.grp = s.grp AND t.user = s.user AND t.i = s.i + 1)
SELECT * FROM step;

-- Intervals hold both their ends; to_us is NULL while open. What is open at A is still a member.
-- removed: ended by a removal. join_n: the record that opened it, for an opening by join. The
-- roster of a group adds silent members, from joined or the log's start, and closes those not on it
-- at the last of the events that rule R looks at.
DROP TABLE IF EXISTS interval;
CREATE TABLE interval AS
SELECT grp, user, CASE WHEN was AND joins THEN was_from ELSE open_from END AS from_us, ts AS to_us,
  CASE WHEN was AND joins THEN was_opening ELSE opening END AS opening,
  CASE WHEN was AND joins THEN was_join ELSE opening_n END AS join_n, removal AS removed
FROM walk WHERE closes
UNION ALL
SELECT grp, user, open_from,
  CASE WHEN grp IN (SELECT grp FROM roster)
    AND (grp, user) NOT IN (SELECT grp, user FROM roster) THEN ts END,
  opening, opening_n, 0 FROM walk w
WHERE member AND i = (SELECT max(i) FROM instant t WHERE t.grp = w.grp AND t.user = w.user)
UNION ALL
SELECT grp, user, coalesce(joined, first_us), CASE WHEN "left" <= a THEN "left" END,
  CASE WHEN joined IS NULL THEN 'start' ELSE 'roster' END, NULL, 0
FROM roster JOIN head USING (grp), moment
WHERE NOT nobody AND grp GLOB (SELECT wanted FROM o) AND coalesce(joined, 0) <= a
  AND (grp, user) NOT IN (SELECT grp, user FROM instant);
CREATE INDEX interval_of ON interval(user, grp);
