-- What every metric starts from: one log, looked at from one moment with the options of the table
-- opt(name, value), a row for each value. Reads given (the user's records as text; more holds the
-- columns beside the canonical ones that the options name, as JSON), zone(from_us, offset_us) and
-- roster_raw (lines of all member lists, each with its list's date); leaves temporary tables.
--
-- Instants are microseconds since 1970 UTC, days are numbered from 1970-01-01 = 0. A user is his id,
-- or his name, char(31) and his group where the input has no ids; printed is what stands before it.

DROP TABLE IF EXISTS temp.o;
CREATE TEMP TABLE o AS
SELECT max(value) FILTER (WHERE name = 'period') AS period,
  max(value) FILTER (WHERE name = 'week_start') AS week_start,
  max(3600000000 * substr(value, 1, 2) + 60000000 * substr(value, 4, 2))
    FILTER (WHERE name = 'day_start') AS day_start_us,
  count(*) FILTER (WHERE name = 'include_staff') AS include_staff,
  max(value) FILTER (WHERE name = 'refund') AS refund,
  count(*) FILTER (WHERE name = 'zero_ok') AS zero_ok,
  0.0 + max(value) FILTER (WHERE name = 'confidence') AS confidence,
  -- as in fnmatch(3), where a set is turned by ! too and \ takes a sign as it is
  replace(replace(replace(replace(coalesce(max(value) FILTER (WHERE name = 'group'), '*'),
    '[!', '[^'), '\*', '[*]'), '\?', '[?]'), '\[', '[[]') AS wanted,
  -- With --by group the unit is member.
  CASE WHEN count(*) FILTER (WHERE name = 'by' AND value = 'group') THEN 'member'
    ELSE max(value) FILTER (WHERE name = 'unit') END AS unit
FROM opt;
DROP TABLE IF EXISTS temp.by_field;
CREATE TEMP TABLE by_field AS
SELECT row_number() OVER (ORDER BY rowid) AS i, value AS field FROM opt WHERE name = 'by';

-- Durations are elapsed time: 1 d = 86 400 s.
DROP TABLE IF EXISTS temp.duration;
CREATE TEMP TABLE duration AS
SELECT name, value AS text, CAST(value AS INTEGER) * CASE substr(value, -1) WHEN 'w' THEN 604800000000
  WHEN 'd' THEN 86400000000 WHEN 'h' THEN 3600000000 WHEN 'm' THEN 60000000 WHEN 's' THEN 1000000 END AS us
FROM opt WHERE name IN ('last', 'rejoin', 'newcomer', 'window', 'gap', 'silent');

-- z of --confidence: where the integral of the normal density from -z to z is so much, by Simpson's
-- rule, halving.
DROP TABLE IF EXISTS temp.normal;
CREATE TEMP TABLE normal AS
WITH RECURSIVE weight(i, w) AS (
  SELECT value, CASE WHEN value IN (0, 400) THEN 1 WHEN value % 2 THEN 4 ELSE 2 END
  FROM generate_series(0, 400)),
half(k, z) AS (
  SELECT 1, 4.0 FROM o WHERE confidence <> 0.95
  UNION ALL
  SELECT k + 1, z + 4 / pow(2, k) * CASE
    WHEN z / 600 / sqrt(2 * pi()) * (SELECT sum(w * exp(-pow(z * i / 400, 2) / 2)) FROM weight) < (
      SELECT confidence FROM o) THEN 1 ELSE -1 END
  FROM half WHERE k < 50)
SELECT coalesce((SELECT z FROM half WHERE k = 50), 1.959963984540054) AS z;

-- The zone of the run as spans of one offset.
DROP TABLE IF EXISTS temp.span;
CREATE TEMP TABLE span AS
SELECT from_us, lead(from_us, 1, 9000000000000000000) OVER (ORDER BY from_us) AS to_us, offset_us
FROM zone;
CREATE UNIQUE INDEX temp.span_from ON span(from_us);

-- Words that are types, whatever their case. An empty type is a message.
DROP TABLE IF EXISTS temp.word;
CREATE TEMP TABLE word(word, type);
INSERT INTO word SELECT value, value FROM json_each('["message", "join", "leave", "order", "refund",
  "share", "click", "view", "redpacket", "signin", "reaction", "system"]');
INSERT INTO word VALUES ('', 'message'), ('action', 'message'), ('quit', 'leave'), ('part', 'leave'),
  ('kick', 'leave'), ('rename', 'system'), ('nick', 'system'), ('topic', 'system'), ('mode', 'system');

-- Every record: types in their canonical word, an absent group is '-', amounts in 1/10000. A time
-- without zone is local; one that does not exist moves forward by the gap, one that exists twice is
-- the first.
DROP TABLE IF EXISTS temp.record;
CREATE TEMP TABLE record AS
WITH cut AS (
  SELECT g.*, substr(ts, 1, 19) AS civil, substr(ts, 20, length(ts) - 19 - length(zone)) AS fraction, zone
  FROM given g JOIN (
    SELECT n, CASE WHEN ts LIKE '%Z' THEN 'Z' WHEN instr(substr(ts, 20), '+')
      THEN substr(ts, 19 + instr(substr(ts, 20), '+')) WHEN instr(substr(ts, 20), '-')
      THEN substr(ts, 19 + instr(substr(ts, 20), '-')) ELSE '' END AS zone FROM given) USING (n)),
clock AS (
  SELECT cut.*, strftime('%s', civil) * 1000000
    + CAST(substr(replace(fraction, '.', '') || '000000', 1, 6) AS INTEGER) AS local_us,
    CASE substr(zone, 1, 1) WHEN '-' THEN -1 ELSE 1 END * 1000000
      * (3600 * substr(zone, 2, 2) + 60 * substr(zone, 5, 2) + substr(zone, 8, 2)) AS east_us
  FROM cut)
SELECT n, CASE zone WHEN '' THEN coalesce((
      SELECT min(local_us - offset_us) FROM span
      WHERE local_us - offset_us >= from_us AND local_us - offset_us < to_us), (
      SELECT local_us - offset_us FROM span WHERE local_us - offset_us >= from_us
      ORDER BY from_us DESC LIMIT 1))
    ELSE local_us - east_us END AS ts,
  CASE "group" WHEN '' THEN '-' ELSE "group" END AS grp, user,
  substr(user, 1, instr(user || char(31), char(31)) - 1) AS printed, name,
  coalesce((SELECT w.type FROM word w WHERE w.word = lower(clock.type)), type) AS type,
  text, order_id, product, qty, ref, source, role, id, more,
  CASE WHEN amount <> '' THEN CAST(round(amount * 10000) AS INTEGER) END AS amount
FROM clock;
-- The bytes by which amounts are ordered.
ALTER TABLE record ADD COLUMN amount_text AS (CASE WHEN amount IS NULL THEN '' ELSE printf('%s%d.%04d',
  CASE WHEN amount < 0 THEN '-' ELSE '' END, abs(amount) / 10000, abs(amount) % 10000) END);

-- A: the newest event, taken before every filter; a bare date is that day's last microsecond. In
-- --since and --until it is its first; --last counts back from A. A day begins at --day-start by the
-- local clock, as above.
DROP TABLE IF EXISTS temp.moment;
CREATE TEMP TABLE moment AS
WITH asked AS (
  SELECT name, value, strftime('%s', value) / 86400 + CASE name WHEN 'as_of' THEN 1 ELSE 0 END AS day
  FROM opt WHERE name IN ('as_of', 'since', 'until') AND value <> 'last'),
local AS (
  SELECT name, value, day * 86400000000 + day_start_us AS local_us FROM asked, o),
read AS (
  SELECT name, CASE WHEN value GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]' THEN coalesce((
      SELECT min(local_us - offset_us) FROM span
      WHERE local_us - offset_us >= from_us AND local_us - offset_us < to_us), (
      SELECT local_us - offset_us FROM span WHERE local_us - offset_us >= from_us
      ORDER BY from_us DESC LIMIT 1)) - CASE name WHEN 'as_of' THEN 1 ELSE 0 END
    ELSE CAST(value AS INTEGER) END AS us
  FROM local),
looked(a) AS (
  SELECT coalesce((SELECT us FROM read WHERE name = 'as_of'), max(ts)) FROM record HAVING count(*))
SELECT a, EXISTS (SELECT * FROM opt WHERE name IN ('since', 'last')) AS begins,
  coalesce((SELECT a - us FROM duration WHERE name = 'last'),
    (SELECT us FROM read WHERE name = 'since'), 0) AS since_us,
  coalesce((SELECT us FROM read WHERE name = 'until'), 9000000000000000000) AS until_us
FROM looked;

-- Events after A do not exist for the run. Of the zone the years around the log are left.
DELETE FROM record WHERE ts > (SELECT a FROM moment);
DELETE FROM span WHERE to_us < (SELECT min(ts) FROM record) - 40000000000000
  OR from_us > (SELECT a FROM moment) + 70000000000000;

-- Civil days around the log with their first microsecond. An instant is of the newest day that has begun.
DROP TABLE IF EXISTS temp.day;
CREATE TEMP TABLE day AS
WITH RECURSIVE d(day) AS (
  SELECT min(ts) / 86400000000 - 370 FROM record
  UNION ALL SELECT day + 1 FROM d WHERE day < (SELECT a / 86400000000 + 740 FROM moment)),
local AS (SELECT day, day * 86400000000 + day_start_us AS local_us FROM d, o)
SELECT day, coalesce((
    SELECT min(local_us - offset_us) FROM span
    WHERE local_us - offset_us >= from_us AND local_us - offset_us < to_us), (
    SELECT local_us - offset_us FROM span WHERE local_us - offset_us >= from_us
    ORDER BY from_us DESC LIMIT 1)) AS start_us
FROM local;
CREATE UNIQUE INDEX temp.day_start ON day(start_us, day);
DROP TABLE IF EXISTS temp.today;
CREATE TEMP TABLE today AS SELECT max(day) AS today FROM day, moment WHERE start_us <= a;

-- Periods are civil: day, week, month, quarter, year, or blocks of N days from the first day of
-- --since, else of the input. p numbers them; last_us is the last microsecond.
DROP TABLE IF EXISTS temp.civil;
CREATE TEMP TABLE civil AS
WITH begin(us) AS (
  SELECT CASE WHEN begins THEN since_us ELSE (SELECT min(ts) FROM record) END FROM moment),
horizon(first) AS (
  SELECT coalesce((SELECT day FROM day WHERE start_us <= us ORDER BY start_us DESC, day DESC LIMIT 1),
    us / 86400000000) FROM begin),
month(day, ym) AS (
  SELECT day, strftime('%Y', day * 86400, 'unixepoch') * 12
    + strftime('%m', day * 86400, 'unixepoch') - 1 FROM day)
SELECT day, start_us,
  CASE period WHEN 'day' THEN day
    WHEN 'week' THEN (day + CASE week_start WHEN 'sun' THEN 4 ELSE 3 END) / 7
    WHEN 'month' THEN ym WHEN 'quarter' THEN ym / 3 WHEN 'year' THEN ym / 12
    ELSE (day - first + 100000 * CAST(period AS INTEGER)) / CAST(period AS INTEGER) END AS p
FROM day JOIN month USING (day), horizon, o;
CREATE UNIQUE INDEX temp.civil_day ON civil(day);
DROP TABLE IF EXISTS temp.period;
CREATE TEMP TABLE period AS
SELECT p, date(min(day) * 86400, 'unixepoch') AS date, min(start_us) AS first_us,
  min(day) AS first_day, max(day) AS last_day, lead(min(start_us)) OVER (ORDER BY p) - 1 AS last_us
FROM civil GROUP BY p;
CREATE UNIQUE INDEX temp.period_p ON period(p);

-- Money has 4 digits when any amount of the input has more than 2.
DROP TABLE IF EXISTS temp.money;
CREATE TEMP TABLE money AS SELECT EXISTS (SELECT * FROM record WHERE amount % 100 <> 0) AS four;

-- Member lists that exist at A: the one as of A has no date, and is taken for A; a dated one is taken
-- for its day's last microsecond, but exists from its first on. joined later than the list: not on it.
-- Of two lines for one person in a list the later one given counts. who: the id of the line's person; where
-- names are ids, a name that some group knows is a person of its own in each.
DROP TABLE IF EXISTS temp.list;
CREATE TEMP TABLE list AS
SELECT DISTINCT CASE at_us WHEN '' THEN a ELSE min(at_us, a) END AS at_us, at_us AS date, "group" AS grp
FROM roster_raw, moment WHERE from_us = '' OR from_us <= a;
DROP TABLE IF EXISTS temp.roster_line;
CREATE TEMP TABLE roster_line AS
SELECT r.rowid AS nr, at_us AS date, "group" AS grp, user, name, role, nullif(joined, '') AS joined,
  nullif("left", '') AS "left", CASE WHEN user NOT IN (SELECT user FROM record) AND EXISTS (
      SELECT * FROM roster_raw s WHERE s.user = r.user AND s.user || char(31) || s."group" IN (SELECT user FROM record))
    THEN user || char(31) || "group" ELSE user END AS who
FROM roster_raw r
WHERE r.rowid = (SELECT max(rowid) FROM roster_raw s
  WHERE s.at_us = r.at_us AND s."group" = r."group" AND s.user = r.user);
-- Of each person the line of the list as of A, else of the newest with one, be it later than A.
DROP TABLE IF EXISTS temp.newest_line;
CREATE TEMP TABLE newest_line AS
SELECT * FROM roster_line l WHERE nr = (SELECT nr FROM roster_line s WHERE s.grp = l.grp AND s.user = l.user
  ORDER BY s.date = '' DESC, CAST(s.date AS INTEGER) DESC LIMIT 1);

-- Heads: the first event of the input and of each group (any event, of nobody or of staff too); a
-- group that only the lists know has no log, the input's beginning stands for it. What is of group '-'
-- makes no member when the input has other groups.
-- Basis: events if the group has a leave that is no removal, else joins if it has a join or a
-- removal, else seen. A removal is a leave with source 'removed' or whose ref is another person.
DROP TABLE IF EXISTS temp.head;
CREATE TEMP TABLE head AS
SELECT grp, min(ts) AS first_us, 1 AS logged,
  grp = '-' AND EXISTS (SELECT * FROM record WHERE grp <> '-') AS nobody,
  CASE WHEN grp IN (SELECT grp FROM list) THEN 'roster'
    WHEN sum(user <> '' AND type = 'leave' AND source <> 'removed' AND ref IN ('', user, printed)) THEN 'events'
    WHEN sum(user <> '' AND type IN ('join', 'leave')) THEN 'joins' ELSE 'seen' END AS basis
FROM record GROUP BY grp;
INSERT INTO head
SELECT DISTINCT grp, (SELECT min(ts) FROM record), 0, grp = '-' AND EXISTS (SELECT * FROM record), 'roster'
FROM list WHERE grp NOT IN (SELECT grp FROM head);

-- People. Staff: role staff or owner in any record up to A or roster line, or named by --staff; bots
-- likewise; both over all groups, and who is both is a bot. counted: those who are in the counts. The
-- newest name and role are the user's over all groups, the list's where no record tells.
DROP TABLE IF EXISTS temp.person;
CREATE TEMP TABLE person AS
WITH said AS (
  SELECT user, printed, name, role, ts FROM record WHERE user <> ''
  UNION ALL
  SELECT who, substr(who, 1, instr(who || char(31), char(31)) - 1), name, role, -1 FROM newest_line)
SELECT user, min(printed) AS printed, max(role = 'bot') AS bot,
  (max(role IN ('staff', 'owner')) OR printed IN (SELECT value FROM opt WHERE name = 'staff'))
    AND NOT max(role = 'bot') AND NOT include_staff AS staff,
  (SELECT role FROM said s WHERE s.user = said.user AND role <> '' ORDER BY ts DESC, role DESC LIMIT 1) AS role,
  (SELECT name FROM said s WHERE s.user = said.user AND name <> '' ORDER BY ts DESC, name DESC LIMIT 1) AS name
FROM said, o GROUP BY user;
ALTER TABLE person ADD COLUMN counted AS (NOT bot AND NOT staff);
CREATE UNIQUE INDEX temp.person_user ON person(user);

-- Orders: (user, order_id) is one order with its lines, a row without order_id is its own. A refund
-- is a row of that type or with a negative amount; it matches by that key, whatever its sign and
-- time.
DROP TABLE IF EXISTS temp.order_row;
CREATE TEMP TABLE order_row AS
WITH row AS (
  SELECT *, CASE order_id WHEN '' THEN 'row ' || n ELSE 'id ' || order_id END AS key,
    type = 'refund' OR coalesce(amount < 0, 0) AS is_refund
  FROM record WHERE user <> '' AND type IN ('order', 'refund'))
SELECT n, user, key, product, amount, is_refund, row_number() OVER (PARTITION BY user, key, is_refund
    ORDER BY ts, product, amount_text, id, text, ref, source, grp, qty, more) AS i
FROM row;
CREATE INDEX temp.order_row_of ON order_row(user, key);

-- An order takes every field from its earliest line (n). gross: its lines, one without amount is 0;
-- unknown when none of them has one: it counts all the same. What adds up to nothing after refunds
-- is none, unless --zero-ok; --refund drop: nor is any order with a refund; ignore: refunds are not
-- looked at.
DROP TABLE IF EXISTS temp.valid_order;
CREATE TEMP TABLE valid_order AS
WITH total AS (
  SELECT user, key, max(CASE WHEN NOT is_refund AND i = 1 THEN n END) AS n,
    sum(CASE WHEN NOT is_refund THEN amount END) AS gross,
    coalesce(sum(CASE WHEN is_refund THEN abs(amount) END), 0) AS refunded, sum(is_refund) AS refunds
  FROM order_row GROUP BY user, key)
SELECT n, key, gross, gross - CASE refund WHEN 'ignore' THEN 0 ELSE refunded END AS net
FROM total, o WHERE n IS NOT NULL AND NOT (refund = 'drop' AND refunds);
DELETE FROM valid_order WHERE net <= 0 AND NOT (SELECT zero_ok FROM o);
CREATE UNIQUE INDEX temp.valid_order_n ON valid_order(n);

-- Predicates: those of the options, births and returns being of the active set where nothing else is
-- said, and the steps of a funnel. LABEL=PRED, where no field is called LABEL; without a label the
-- predicate is its own.
DROP TABLE IF EXISTS temp.pred;
CREATE TEMP TABLE pred AS
WITH RECURSIVE listed(i, text, rest, quoted) AS (
  SELECT 1, '', value || ',', 0 FROM opt WHERE name = 'steps'
  UNION ALL
  SELECT i + (rest LIKE ',%' AND NOT quoted), CASE WHEN rest LIKE ',%' AND NOT quoted THEN ''
    ELSE text || substr(rest, 1, 1) END, substr(rest, 2), CASE WHEN rest LIKE '"%' THEN NOT quoted ELSE quoted END
  FROM listed WHERE rest <> ''),
step AS (
  SELECT i, text FROM listed WHERE substr(rest, 1, 1) = ',' AND NOT quoted
  UNION ALL SELECT row_number() OVER (ORDER BY rowid), value FROM opt WHERE name = 'step'),
labelled AS (
  SELECT i, text, trim(substr(text, 1, instr(text, '=') - 1)) AS label FROM step
  WHERE instr(text, '=') AND substr(text, 1, instr(text, '=') - 1) NOT GLOB '*[&|!<>~"]*'
    AND trim(substr(text, 1, instr(text, '=') - 1)) NOT IN ('', 'ts', 'group', 'user', 'name', 'type', 'text',
      'amount', 'order_id', 'product', 'qty', 'ref', 'source', 'role', 'id', 'status', 'refund'))
SELECT 'step' AS name, i, coalesce(label, trim(step.text)) AS label,
  CASE WHEN label IS NULL THEN step.text ELSE substr(step.text, instr(step.text, '=') + 1) END AS text
FROM step LEFT JOIN labelled USING (i)
UNION ALL SELECT name, 0, NULL, value FROM opt WHERE name IN ('active', 'where', 'exclude')
UNION ALL
SELECT q.value, 0, NULL, coalesce((SELECT value FROM opt WHERE name = q.value AND NOT (value = 'first' AND name = 'birth')),
  (SELECT value FROM opt WHERE name = 'active'))
FROM json_each('["birth", "return"]') q;

-- They are conditions, cut at & outside of quotes, which must all hold: type words between |, or
-- FIELD OP VALUE, the value perhaps in quotes.
DROP TABLE IF EXISTS temp.condition;
CREATE TEMP TABLE condition AS
WITH RECURSIVE cut(name, i, part, text, rest, quoted) AS (
  SELECT name, i, 1, '', text || '&', 0 FROM pred
  UNION ALL
  SELECT name, i, part + (rest LIKE '&%' AND NOT quoted), CASE WHEN rest LIKE '&%' AND NOT quoted THEN ''
    ELSE text || substr(rest, 1, 1) END, substr(rest, 2),
    CASE WHEN rest LIKE '"%' AND NOT (quoted AND text LIKE '%\') THEN NOT quoted ELSE quoted END
  FROM cut WHERE rest <> ''),
term AS (
  SELECT name, i, trim(text) AS text, (SELECT min(instr(text, s.value)) FROM json_each('["=", "!", "<", ">", "~"]') s
    WHERE instr(text, s.value)) - (length(text) - length(ltrim(text))) AS at
  FROM cut WHERE substr(rest, 1, 1) = '&' AND NOT quoted),
split AS (
  SELECT name, i, text, at, CASE WHEN substr(text, at, 2) IN ('!=', '!~', '<=', '>=') THEN 2 ELSE 1 END AS width FROM term),
said AS (
  SELECT name, i, coalesce(trim(substr(text, 1, at - 1)), 'type') AS field,
    coalesce(substr(text, at, width), '=') AS op,
    CASE WHEN at IS NULL THEN text ELSE trim(substr(text, at + width)) END AS value
  FROM split)
SELECT name, i, field, op,
  CASE WHEN value LIKE '"%' THEN replace(replace(replace(substr(value, 2, length(value) - 2),
      '\\', char(1)), '\"', '"'), char(1), '\')
    WHEN field = 'type' AND op IN ('=', '!=') THEN (
      SELECT '|' || group_concat(coalesce((SELECT type FROM word w WHERE w.word = lower(trim(j.value))),
        trim(j.value)), '|') || '|'
      FROM json_each('["' || replace(said.value, '|', '","') || '"]') j)
    ELSE value END AS value
FROM said;

-- What predicates, --by and --hold read of a record: any field but time, type and amount.
DROP TABLE IF EXISTS temp.cell;
CREATE TEMP TABLE cell AS
SELECT f.field, n, CASE f.field WHEN 'group' THEN grp WHEN 'user' THEN printed WHEN 'name' THEN name
    WHEN 'type' THEN type WHEN 'text' THEN text WHEN 'order_id' THEN order_id WHEN 'product' THEN product
    WHEN 'qty' THEN qty WHEN 'ref' THEN ref WHEN 'source' THEN source WHEN 'role' THEN role WHEN 'id' THEN id
    ELSE (SELECT value FROM json_each(more) WHERE key = f.field) END AS value
FROM record, (SELECT field FROM condition WHERE NOT (field = 'type' AND op IN ('=', '!='))
  UNION SELECT field FROM by_field UNION SELECT value FROM opt WHERE name = 'hold') f;
CREATE UNIQUE INDEX temp.cell_of ON cell(field, n);

-- The events that metrics see, in the order in which ties are taken where membership is not at
-- stake: one for every valid order, none for other order and refund rows, none of nobody.
DROP TABLE IF EXISTS temp.seen_event;
CREATE TEMP TABLE seen_event AS
WITH e AS (
  SELECT r.* FROM record r WHERE user <> '' AND type NOT IN ('order', 'refund')
  UNION ALL
  SELECT r.n, ts, grp, user, printed, name, type, text, order_id, product, qty, ref, source, role, id, more, net,
    amount_text
  FROM record r JOIN valid_order USING (n))
SELECT row_number() OVER (ORDER BY ts, type <> 'join', type = 'leave', type, order_id, product,
    amount_text, id, text, ref, source, grp, more) AS tie,
  e.*, c.day, c.p
FROM e JOIN civil c ON c.day = (SELECT day FROM day WHERE start_us <= ts ORDER BY start_us DESC, day DESC LIMIT 1);

-- The predicates that an event meets: none of the conditions fails. ~ is sqlite3's REGEXP, which
-- knows less than PCRE2. An unknown amount meets no comparison, nor does what is no number < or >.
DROP TABLE IF EXISTS temp.met;
CREATE TEMP TABLE met AS
SELECT p.name, p.i, e.n FROM seen_event e, pred p
WHERE NOT EXISTS (SELECT * FROM condition t LEFT JOIN cell v ON v.field = t.field AND v.n = e.n
  WHERE t.name = p.name AND t.i = p.i AND NOT coalesce(CASE
    WHEN t.field = 'type' AND op IN ('=', '!=') THEN
      (op = '=') = (instr(t.value, '|' || type || '|') > 0 OR t.value = '|*|')
    WHEN t.field IN ('amount', 'ts') THEN (
      SELECT CASE op WHEN '=' THEN x = y WHEN '!=' THEN x <> y WHEN '<' THEN x < y WHEN '<=' THEN x <= y
        WHEN '>' THEN x > y ELSE x >= y END
      FROM (SELECT CASE t.field WHEN 'ts' THEN ts ELSE amount END AS x, CASE
        WHEN t.field = 'amount' THEN CAST(round(t.value * 10000) AS INTEGER)
        WHEN t.value GLOB '*[^0-9.]*' THEN strftime('%s', t.value) * 1000000
        ELSE CAST(t.value * 1000000 AS INTEGER) END AS y))
    WHEN op IN ('=', '!=') THEN (op = '=') = (v.value = t.value)
    WHEN op IN ('~', '!~') THEN (op = '~') = (v.value REGEXP t.value)
    WHEN v.value GLOB '*[0-9]*' AND v.value NOT GLOB '*[^-+.0-9]*'
      AND t.value GLOB '*[0-9]*' AND t.value NOT GLOB '*[^-+.0-9]*' THEN CASE op WHEN '<' THEN v.value + 0 < t.value + 0
      WHEN '<=' THEN v.value + 0 <= t.value + 0 WHEN '>' THEN v.value + 0 > t.value + 0 ELSE v.value + 0 >= t.value + 0 END
    ELSE 0 END, 0));
CREATE INDEX temp.met_of ON met(name, n);

-- Those of the groups of --group, which moves neither A, heads, roles nor the lines of an order. counts:
-- --where chooses what a metric counts.
DROP TABLE IF EXISTS temp.event;
CREATE TEMP TABLE event AS
SELECT e.*, NOT EXISTS (SELECT * FROM pred WHERE name = 'where') OR n IN (SELECT n FROM met WHERE name = 'where') AS counts,
  n IN (SELECT n FROM met WHERE name = 'active') AS active, n IN (SELECT n FROM met WHERE name = 'birth') AS is_birth,
  n IN (SELECT n FROM met WHERE name = 'return') AS is_return
FROM seen_event e, o WHERE grp GLOB wanted;
CREATE INDEX temp.event_of ON event(user, grp, ts);
CREATE INDEX temp.event_n ON event(n);
