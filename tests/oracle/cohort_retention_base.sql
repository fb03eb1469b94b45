-- What the tables of cohort-retention start from.
DROP TABLE IF EXISTS temp.asked;
CREATE TEMP TABLE asked AS
SELECT o.*, m.*,
  max(value) FILTER (WHERE name = 'mode') AS mode, max(value) FILTER (WHERE name = 'clock') AS clock,
  max(value) FILTER (WHERE name = 'cohorts') AS cohorts, max(0 + value) FILTER (WHERE name = 'min_events') AS min_events,
  max(value) FILTER (WHERE name = 'brackets') AS brackets, max(value) FILTER (WHERE name = 'removed') AS removed,
  coalesce(max(0 + value) FILTER (WHERE name = 'periods'), 1000000) AS periods,
  max(value) FILTER (WHERE name = 'average') AS average, max(value) FILTER (WHERE name = 'people') AS people,
  max(value) FILTER (WHERE name = 'hazard') AS hazard, count(*) FILTER (WHERE name = 'summary') AS summary,
  count(*) FILTER (WHERE name = 'lost') AS lost, count(*) FILTER (WHERE name = 'seen') AS known,
  (SELECT us FROM duration WHERE name = 'rejoin') AS rejoin_us,
  86400000000 * CASE period WHEN 'day' THEN 1 WHEN 'week' THEN 7 ELSE CAST(period AS INTEGER) END AS length_us,
  -- A join tells itself when somebody came: nobody of such births is called new by what he does.
  max(value) FILTER (WHERE name = 'mode') = 'member' OR EXISTS (SELECT * FROM condition
    WHERE name = 'birth' AND field = 'type' AND op = '=' AND value = '|join|') AS by_join
FROM o LEFT JOIN moment m ON 1 JOIN opt;

-- Who counts, as units: a person once over all groups, or once in each.
DROP TABLE IF EXISTS temp.unit_event;
CREATE TEMP TABLE unit_event AS
SELECT e.*, CASE unit WHEN 'member' THEN e.grp ELSE '' END AS unit_grp
FROM event e JOIN person USING (user), asked WHERE counted;
CREATE INDEX temp.unit_event_of ON unit_event(user, unit_grp);

-- Membership of a unit: its intervals united; a gap of at most --rejoin that has ended by A counts
-- as membership.
DROP TABLE IF EXISTS temp.unit_interval;
CREATE TEMP TABLE unit_interval AS
SELECT i.*, coalesce(to_us, 9000000000000000000) AS end_us,
  CASE unit WHEN 'member' THEN i.grp ELSE '' END AS unit_grp
FROM interval i JOIN person USING (user), asked WHERE counted;
CREATE INDEX temp.unit_interval_of ON unit_interval(user, unit_grp);

DROP TABLE IF EXISTS temp.membership;
CREATE TEMP TABLE membership AS
WITH
reach AS (
  SELECT u.*, max(end_us) OVER (PARTITION BY user, unit_grp ORDER BY from_us, end_us
    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before_us
  FROM unit_interval u),
island AS (
  SELECT r.*, sum(before_us IS NULL OR from_us - before_us > rejoin_us)
    OVER (PARTITION BY user, unit_grp ORDER BY from_us, end_us) AS nr
  FROM reach r, asked)
SELECT user, unit_grp, nr, min(from_us) AS from_us, max(end_us) AS end_us FROM island
GROUP BY user, unit_grp, nr;
CREATE INDEX temp.membership_of ON membership(user, unit_grp);

-- Candidates of birth: events of the active set, or those that match --birth; for mode member the
-- join that opened the first interval (of all groups: who has an opening by join at the earliest).
DROP TABLE IF EXISTS temp.birth;
CREATE TEMP TABLE birth AS
WITH
candidate AS (
  SELECT e.tie, e.n, e.user, unit_grp, e.grp, ts, day, p, type
  FROM unit_event e, asked
  WHERE mode <> 'member' AND counts AND is_birth
  UNION ALL
  SELECT e.tie, e.n, e.user, u.unit_grp, e.grp, e.ts, e.day, e.p, e.type
  FROM unit_interval u JOIN event e ON e.n = u.join_n, asked
  WHERE mode = 'member' AND opening = 'join' AND from_us = (SELECT min(from_us) FROM unit_interval f
    WHERE f.user = u.user AND f.unit_grp = u.unit_grp)),

-- --by: source is that of the join that opened the interval holding the birth (an instant that ends
-- one and begins another holds a join in the later, anything else in the earlier); role is the
-- newest; any other field is read on the birth event, and each of its values has firsts of its own.
holding AS (
  SELECT k.*, coalesce(person.role, '') AS role, (
    SELECT CASE k.type WHEN 'join' THEN max(from_us) ELSE min(from_us) END FROM interval i
    WHERE i.user = k.user AND i.grp = k.grp
      AND i.from_us <= k.ts AND coalesce(i.to_us, k.ts) >= k.ts) AS since
  FROM candidate k JOIN person USING (user)),
sourced AS (
  SELECT h.*, coalesce(r.source, '') AS join_source FROM holding h
  LEFT JOIN interval i
    ON i.user = h.user AND i.grp = h.grp AND i.from_us = h.since AND opening = 'join'
  LEFT JOIN record r ON r.n = i.join_n),
valued AS (
  SELECT h.*,
    (SELECT json_group_array(CASE f.field WHEN 'group' THEN grp WHEN 'source' THEN join_source WHEN 'role' THEN h.role
      ELSE (SELECT value FROM cell WHERE cell.field = f.field AND cell.n = h.n) END) FROM by_field f) AS by_key,
    (SELECT json_group_array(value) FROM by_field f JOIN cell ON cell.field = f.field AND cell.n = h.n
      WHERE f.field NOT IN ('source', 'role')) AS own_table
  FROM sourced h),

-- Births: the first candidate of each unit, or with --cohorts recurring of each unit and period.
-- Cohorts are reported that start in [since, until).
ranked AS (
  SELECT v.*, row_number() OVER (PARTITION BY user, unit_grp, own_table,
    CASE cohorts WHEN 'recurring' THEN v.p END ORDER BY tie) AS i
  FROM valued v, asked
  -- Who is in --seen was there before: nothing that he does makes him new.
  WHERE cohorts = 'recurring' OR by_join
    OR (SELECT printed FROM person WHERE person.user = v.user) NOT IN (SELECT value FROM opt WHERE name = 'seen'))
SELECT row_number() OVER () AS b, r.* FROM ranked r JOIN period USING (p), asked
WHERE i = 1 AND first_us >= since_us AND first_us < until_us;
CREATE UNIQUE INDEX temp.birth_b ON birth(b);

-- --brackets: ranges of days, before them day 0 unless the first one holds it.
DROP TABLE IF EXISTS temp.bracket;
CREATE TEMP TABLE bracket AS
WITH RECURSIVE
label(i, word, rest) AS (
  SELECT -1, NULL, CASE WHEN CAST(brackets AS INTEGER) > 0 THEN '0,' ELSE '' END || brackets || ','
  FROM asked WHERE mode = 'bracket'
  UNION ALL SELECT i + 1, substr(rest, 1, instr(rest, ',') - 1), substr(rest, instr(rest, ',') + 1)
  FROM label WHERE rest <> '')
SELECT i AS k, word, CAST(word AS INTEGER) AS low,
  CAST(substr(word, instr(word, '-') + 1) AS INTEGER) AS high FROM label WHERE i >= 0;

-- Return events and the k they fall in. Calendar: difference of periods, whatever their order
-- inside period 0. Elapsed: floor((t - birth) / P), those before the birth are none. Bracket: days
-- from the birth date.
DROP TABLE IF EXISTS temp.hit;
CREATE TEMP TABLE hit AS
WITH
return_event AS (
  SELECT user, unit_grp, ts, day, p, coalesce(amount, 0) AS amount,
    type = 'order' AND amount IS NULL AS unknown FROM unit_event e, asked
  WHERE counts AND is_return),
apart AS (
  SELECT b, r.ts >= birth.ts AS after, r.ts - birth.ts AS us, r.day - birth.day AS days,
    r.p - birth.p AS periods, amount, unknown
  FROM birth JOIN return_event r USING (user, unit_grp))
SELECT b, k, count(*) >= min_events AS hits, sum(amount) AS amount, sum(unknown) AS unknown FROM (
  SELECT b, CASE clock WHEN 'calendar' THEN apart.periods ELSE us / length_us END AS k, amount,
    unknown
  FROM apart, asked WHERE mode NOT IN ('bracket', 'member') AND (clock = 'calendar' OR after)
  UNION ALL
  SELECT b, k, amount, unknown FROM apart, asked
    JOIN bracket
      ON CASE clock WHEN 'calendar' THEN days ELSE us / 86400000000 END BETWEEN low AND high
  WHERE mode = 'bracket' AND (clock = 'calendar' OR after)), asked
WHERE k >= 0 GROUP BY b, k;
CREATE UNIQUE INDEX temp.hit_of ON hit(b, k);
