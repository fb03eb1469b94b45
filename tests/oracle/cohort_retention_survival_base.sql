-- How long the first membership of each unit lasts.
--
-- Stays of units. The first in a group begins when the roster says, if that is not after it, nor
-- older than a list without him.
-- dated: it is known when it began, by a join or by the roster.
DROP TABLE IF EXISTS temp.life;
CREATE TEMP TABLE life AS
WITH
stay AS (
  SELECT i.*, CASE unit WHEN 'member' THEN i.grp ELSE '' END AS unit_grp, head.first_us,
    coalesce(to_us, 9000000000000000000) AS end_us, r.joined,
    i.from_us = min(i.from_us) OVER (PARTITION BY i.user, i.grp) AND opening <> 'join'
      AND r.joined BETWEEN coalesce(earliest_us, 0) AND i.from_us AS by_roster
  FROM interval i JOIN person USING (user) JOIN head USING (grp)
    LEFT JOIN newest_line r ON r.user IN (i.user, printed) AND r.grp = i.grp, asked
  WHERE counted),
begun AS (
  SELECT stay.*, CASE WHEN by_roster THEN joined ELSE from_us END AS begin_us,
    coalesce(by_roster, 0) OR opening = 'join' AS dated
  FROM stay),

-- Born is who has a dated stay at the earliest beginning of all; he is watched from the start of
-- that group's log.
birth AS (
  SELECT user, unit_grp, begin_us AS birth_us, min(CASE WHEN dated THEN first_us END) AS watched_us
  FROM begun b
  WHERE begin_us = (SELECT min(begin_us) FROM begun f WHERE f.user = b.user AND f.unit_grp = b.unit_grp)
  GROUP BY user, unit_grp HAVING max(dated)),

-- The first stay with all that it touches, or that follows within --rejoin.
reach AS (
  SELECT b.*, max(end_us) OVER (PARTITION BY user, unit_grp ORDER BY begin_us, end_us
    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before_us
  FROM begun b),
island AS (
  SELECT r.*, sum(before_us IS NULL OR begin_us - before_us > rejoin_us)
    OVER (PARTITION BY user, unit_grp ORDER BY begin_us, end_us) AS nr
  FROM reach r, asked),
first_stay AS (
  SELECT user, unit_grp, max(end_us) AS end_us FROM island WHERE nr = 1 GROUP BY user, unit_grp),
ended AS (
  SELECT f.*, (SELECT max(removed) FROM island i WHERE i.user = f.user AND i.unit_grp = f.unit_grp
    AND nr = 1 AND i.end_us = f.end_us) AS removed
  FROM first_stay f),

-- --by: source and fields of the event are those of the join, empty where the roster alone knows it.
join_n AS (
  SELECT b.user, b.unit_grp, (SELECT e.n FROM begun s JOIN event e ON e.n = s.join_n
    WHERE s.user = b.user AND s.unit_grp = b.unit_grp AND s.begin_us = birth_us AND opening = 'join'
    ORDER BY e.tie LIMIT 1) AS n
  FROM birth b)
SELECT (SELECT json_group_array(CASE f.field WHEN 'group' THEN unit_grp WHEN 'role' THEN coalesce(person.role, '')
    ELSE coalesce((SELECT value FROM cell WHERE cell.field = f.field AND cell.n = join_n.n), '') END)
    FROM by_field f) AS by_key,
  max(0, (SELECT max(day) FROM day WHERE start_us <= watched_us) - d.day) AS entry,
  (SELECT max(day) FROM day WHERE start_us <= min(end_us, a)) - d.day AS last,
  end_us <= a AND NOT (ended.removed AND asked.removed = 'censored') AS leaves
FROM birth JOIN ended USING (user, unit_grp) JOIN join_n USING (user, unit_grp) JOIN person USING (user), asked
  JOIN day d ON d.day = (SELECT max(day) FROM day WHERE start_us <= birth_us)
WHERE birth_us >= since_us AND birth_us < until_us;
CREATE INDEX temp.life_of ON life(by_key, last);
