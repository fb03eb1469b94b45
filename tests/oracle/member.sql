-- Rule R: when somebody is a member. Runs after base.sql and leaves interval.

-- It looks at joins, leaves and five presence types only. Here one row for each instant at which a
-- (group, user) has any: the join and the leave that count are the first in the order of ties.
DROP TABLE IF EXISTS temp.instant;
CREATE TEMP TABLE instant AS
WITH r AS (
  SELECT e.*, row_number() OVER (PARTITION BY e.grp, user, ts, type ORDER BY tie) AS i
  FROM event e JOIN head USING (grp)
  WHERE NOT nobody
    AND type IN ('join', 'leave', 'message', 'reaction', 'share', 'signin', 'redpacket'))
SELECT grp, user, ts,
  max(type = 'join') AS joins, max(type NOT IN ('join', 'leave')) AS presence, max(type = 'leave') AS leaves,
  max(CASE WHEN type = 'join' AND i = 1 THEN n END) AS join_n,
  max(type = 'leave' AND i = 1 AND (source = 'removed' OR ref NOT IN ('', user, printed))) AS removal
FROM r GROUP BY grp, user, ts;

-- Who may be a member: people with such an instant, and those on a list of the group, silent where
-- they have none. A name is nobody in another group than its own.
DROP TABLE IF EXISTS temp.candidate;
CREATE TEMP TABLE candidate AS
WITH c AS (
  SELECT DISTINCT grp, user, 0 AS silent FROM instant
  UNION ALL
  SELECT l.grp, who, 1 FROM roster_line l JOIN head USING (grp)
  WHERE NOT nobody AND grp GLOB (SELECT wanted FROM o))
SELECT grp, user, printed, min(silent) AS silent FROM c JOIN person USING (user) GROUP BY grp, user;

-- What the lists say of him, each at its moment: he is in, since joined where that is told, or out; a
-- line's own left is one more leave, unless it lies before the log. on_list, left: of the list as of A.
DROP TABLE IF EXISTS temp.told;
CREATE TEMP TABLE told AS
SELECT c.grp, c.user, t.at_us, t.date, l.joined, l.left,
  l.nr IS NOT NULL AND coalesce(l.joined <= t.at_us, 1) AS on_list,
  coalesce(l.left >= first_us AND l.left <= t.at_us, 0) AS has_left
FROM candidate c JOIN head USING (grp) JOIN list t USING (grp)
  LEFT JOIN roster_line l ON l.date = t.date AND l.grp = c.grp AND l.user IN (c.user, c.printed);

-- All of it as acts, one after another. At one instant: who is no member arrives by a join, else by
-- presence or because he leaves; then he leaves; who was a member before that leave comes back by a
-- join. A list speaks after all that happened at its moment, and the list as of A at last.
DROP TABLE IF EXISTS temp.act;
CREATE TEMP TABLE act AS
WITH said AS (
  SELECT grp, user, "left" AS ts, min(CASE date WHEN '' THEN NULL ELSE joined END) AS joined FROM told
  WHERE has_left AND (date <> '' OR on_list) GROUP BY grp, user, "left"),
moments AS (
  SELECT grp, user, ts FROM instant UNION SELECT grp, user, ts FROM said),
whole AS (
  SELECT m.*, coalesce(joins, 0) AS joins, coalesce(presence, 0) AS presence, coalesce(leaves, 0) AS leaves,
    join_n, removal, s.ts IS NOT NULL AS has_left, joined
  FROM moments m LEFT JOIN instant USING (grp, user, ts) LEFT JOIN said s USING (grp, user, ts)),
acts AS (
  SELECT grp, user, ts, 1 AS place, 'arrive' AS what, joins, presence, has_left, join_n, removal, joined, 0 AS list FROM whole
  UNION ALL SELECT grp, user, ts, 2, 'leave', 0, 0, 0, NULL, removal, NULL, 0 FROM whole WHERE leaves
  UNION ALL SELECT grp, user, ts, 3, 'date', 0, 0, 0, NULL, NULL, joined, 0 FROM whole WHERE has_left
  UNION ALL SELECT grp, user, ts, 4, 'end', 0, 0, 0, NULL, NULL, NULL, 0 FROM whole WHERE has_left
  UNION ALL SELECT grp, user, ts, 5, 'return', 0, 0, 0, join_n, NULL, NULL, 0 FROM whole WHERE joins AND (leaves OR has_left)
  UNION ALL SELECT grp, user, at_us, 6, CASE WHEN on_list AND NOT coalesce("left" <= at_us, 0) THEN 'in' ELSE 'out' END,
    0, 0, 0, NULL, NULL, joined, date FROM told WHERE date <> ''
  UNION ALL SELECT grp, user, at_us, 7, 'date', 0, 0, 0, NULL, NULL, joined, date FROM told
    WHERE date <> '' AND on_list AND NOT coalesce("left" <= at_us, 0)
  UNION ALL SELECT grp, user, at_us, 8, CASE WHEN NOT on_list THEN 'gone' WHEN "left" <= at_us THEN 'past' ELSE 'here' END,
    0, 0, 0, NULL, NULL, joined, 0 FROM told WHERE date = '')
SELECT *, row_number() OVER (PARTITION BY grp, user ORDER BY place = 8, ts, place > 5, list, place) AS i FROM acts;
CREATE UNIQUE INDEX temp.act_i ON act(grp, user, i);

-- The walk through the acts. inside says whether he is a member after the act; from_us, opening and
-- join_n since when and by what, earliest_us when he is last known to have been none; nr counts his
-- intervals. unlisted_us: the newest list without him; known_out_us: the newest moment at which he is
-- known to be none. A member whose first event is no join, or a first leave, was there since the start
-- of the group's log; in a seen group he is from his first event on.
DROP TABLE IF EXISTS temp.walk;
CREATE TEMP TABLE walk AS
WITH RECURSIVE step AS (
  SELECT grp, user, silent, 0 AS i, NULL AS what, NULL AS ts, 0 AS inside, NULL AS from_us, NULL AS opening,
    NULL AS join_n, NULL AS earliest_us, 0 AS nr, NULL AS unlisted_us, NULL AS known_out_us,
    NULL AS first_us, NULL AS last_us, 0 AS was_inside, 0 AS removed, basis, head.first_us AS log_us, NULL AS closed_us,
    NULL AS latest_us
  FROM candidate JOIN head USING (grp)
  UNION ALL
  SELECT s.grp, s.user, silent, a.i, a.what, a.ts,
    -- inside
    CASE a.what WHEN 'arrive' THEN s.inside OR a.joins OR (s.first_us IS NULL AND basis <> 'seen') OR a.presence
        OR (a.has_left AND coalesce(a.joined <= a.ts AND a.joined > coalesce(known_out_us, -1), 0))
      WHEN 'leave' THEN 0 WHEN 'end' THEN 0 WHEN 'out' THEN 0 WHEN 'gone' THEN 0
      WHEN 'return' THEN s.inside OR was_inside WHEN 'in' THEN 1
      WHEN 'here' THEN 1 ELSE s.inside END,
    -- from_us
    CASE WHEN a.what = 'date' AND s.inside AND opening <> 'join' AND CASE WHEN earliest_us IS NULL
        THEN opening = 'start' AND (a.joined > log_us OR silent) AND a.joined <= s.first_us
        ELSE a.joined > earliest_us AND a.joined < from_us END THEN a.joined
      WHEN s.inside THEN from_us
      WHEN a.what = 'arrive' THEN CASE WHEN a.joins THEN a.ts
        WHEN s.first_us IS NULL AND basis <> 'seen' AND unlisted_us IS NULL THEN log_us ELSE a.ts END
      WHEN a.what = 'return' THEN a.ts
      WHEN a.what = 'in' THEN CASE WHEN known_out_us IS NULL THEN log_us ELSE a.ts END
      WHEN a.what = 'here' THEN CASE WHEN a.joined > coalesce(known_out_us, -1) THEN a.joined
        WHEN known_out_us IS NULL THEN log_us ELSE a.ts END END,
    -- opening
    CASE WHEN a.what = 'date' AND s.inside AND opening <> 'join' AND CASE WHEN earliest_us IS NULL
        THEN opening = 'start' AND (a.joined > log_us OR silent) AND a.joined <= s.first_us
        ELSE a.joined > earliest_us AND a.joined < from_us END THEN 'roster'
      WHEN s.inside THEN opening
      WHEN a.what = 'arrive' THEN CASE WHEN a.joins THEN 'join'
        WHEN s.first_us IS NULL AND basis <> 'seen' AND unlisted_us IS NULL THEN 'start'
        WHEN a.presence THEN 'activity' ELSE 'roster' END
      WHEN a.what = 'return' THEN 'join'
      WHEN a.what = 'in' THEN CASE WHEN known_out_us IS NULL THEN 'start' ELSE 'roster' END
      WHEN a.what = 'here' THEN 'roster' END,
    -- join_n
    CASE WHEN s.inside THEN s.join_n ELSE a.join_n END,
    -- earliest_us
    CASE WHEN a.what = 'date' AND s.inside AND opening <> 'join' AND CASE WHEN earliest_us IS NULL
        THEN opening = 'start' AND (a.joined > log_us OR silent) AND a.joined <= s.first_us
        ELSE a.joined > earliest_us AND a.joined < from_us END THEN a.joined
      WHEN s.inside THEN earliest_us
      WHEN a.joins OR a.what = 'return' THEN a.ts
      WHEN a.what = 'here' AND a.joined > coalesce(known_out_us, -1) THEN a.joined
      ELSE known_out_us END,
    -- nr: an interval that ended before the log began is none
    CASE WHEN a.what IN ('out', 'gone') AND s.inside AND last_us < log_us THEN nr - 1
      WHEN NOT s.inside AND (a.what IN ('in', 'here') OR (a.what = 'return' AND was_inside)
        OR (a.what = 'arrive' AND (a.joins OR (s.first_us IS NULL AND basis <> 'seen') OR a.presence
          OR (a.has_left AND coalesce(a.joined <= a.ts AND a.joined > coalesce(known_out_us, -1), 0))))) THEN nr + 1
      ELSE nr END,
    -- unlisted_us
    CASE a.what WHEN 'out' THEN a.ts ELSE unlisted_us END,
    -- known_out_us: the later of both
    CASE WHEN a.what = 'out' THEN a.ts WHEN s.inside AND a.what IN ('leave', 'end') THEN a.ts
      WHEN s.inside AND a.what = 'gone' THEN last_us ELSE known_out_us END,
    -- first_us and last_us: of the moments that show him
    CASE WHEN a.what IN ('arrive', 'in') THEN coalesce(s.first_us, a.ts) ELSE s.first_us END,
    CASE WHEN a.what IN ('arrive', 'in') THEN a.ts ELSE last_us END,
    CASE a.what WHEN 'arrive' THEN s.inside ELSE was_inside END,
    a.what = 'leave' AND a.removal, basis, log_us,
    -- closed_us: he was a member until then
    CASE WHEN NOT s.inside THEN NULL WHEN a.what IN ('leave', 'end') THEN a.ts
      WHEN a.what IN ('out', 'gone') AND last_us >= log_us THEN last_us END,
    a.ts
  FROM step s JOIN act a ON a.grp = s.grp AND a.user = s.user AND a.i = s.i + 1)
SELECT * FROM step;
CREATE UNIQUE INDEX temp.walk_i ON walk(grp, user, i);

-- Intervals hold both their ends; to_us is NULL while open. What is open at A is still a member.
-- He came after earliest_us and went before latest_us. removed: ended by a removal. join_n: the record that opened it, for an opening by join. A first
-- interval from the log's start, unless a record ended it, begins where the list as of A says so.
DROP TABLE IF EXISTS temp.interval;
CREATE TEMP TABLE interval AS
WITH every AS (
  SELECT w.grp, w.user, w.silent, w.nr, w.from_us, w.opening, w.join_n, w.earliest_us, n.closed_us AS to_us, n.latest_us, n.removed,
    n.what <> 'leave' AS by_list, w.log_us,
    (SELECT min(first_us) FROM walk f WHERE f.grp = w.grp AND f.user = w.user) AS first_us
  FROM walk w JOIN walk n ON n.grp = w.grp AND n.user = w.user AND n.i = w.i + 1 WHERE n.closed_us IS NOT NULL
  UNION ALL
  SELECT grp, user, silent, nr, from_us, opening, join_n, earliest_us, NULL, NULL, 0, 1, log_us,
    (SELECT min(first_us) FROM walk f WHERE f.grp = w.grp AND f.user = w.user)
  FROM walk w WHERE inside AND i = (SELECT max(i) FROM walk f WHERE f.grp = w.grp AND f.user = w.user)),
dated AS (
  SELECT e.*, CASE WHEN nr = 1 AND by_list AND opening = 'start' AND on_list
    AND (joined > log_us OR silent) AND joined <= coalesce(first_us, joined) THEN joined END AS dated_us
  FROM every e LEFT JOIN told t ON t.grp = e.grp AND t.user = e.user AND t.date = '')
SELECT grp, user, coalesce(dated_us, from_us) AS from_us, to_us,
  CASE WHEN dated_us IS NULL THEN opening ELSE 'roster' END AS opening,
  CASE opening WHEN 'join' THEN join_n END AS join_n, removed,
  coalesce(dated_us, earliest_us) AS earliest_us, latest_us
FROM dated WHERE coalesce(dated_us, from_us) <= (SELECT a FROM moment);
CREATE INDEX temp.interval_of ON interval(user, grp);
