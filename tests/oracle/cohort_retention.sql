-- cohort-retention: of the people born in period c, how many return k periods later?
WITH RECURSIVE
c AS (
  SELECT o.*, m.*,
    max(value) FILTER (WHERE name = 'mode') AS mode, max(value) FILTER (WHERE name = 'clock') AS clock,
    max(value) FILTER (WHERE name = 'cohorts') AS cohorts, max(0 + value) FILTER (WHERE name = 'min_events') AS min_events,
    max(value) FILTER (WHERE name = 'brackets') AS brackets, max(value) FILTER (WHERE name = 'removed') AS removed,
    coalesce(max(0 + value) FILTER (WHERE name = 'periods'), 1000000) AS periods,
    max(value) FILTER (WHERE name = 'average') AS average, max(value) FILTER (WHERE name = 'people') AS people,
    count(*) FILTER (WHERE name = 'lost') AS lost, count(*) FILTER (WHERE name = 'seen') AS known,
    (SELECT us FROM duration WHERE name = 'rejoin') AS rejoin_us,
    86400000000 * CASE period WHEN 'day' THEN 1 WHEN 'week' THEN 7 ELSE CAST(period AS INTEGER) END AS length_us,
    -- A join tells itself when somebody came: nobody of such births is called new by what he does.
    max(value) FILTER (WHERE name = 'mode') = 'member' OR EXISTS (SELECT * FROM condition
      WHERE name = 'birth' AND field = 'type' AND op = '=' AND value = '|join|') AS by_join
  FROM o LEFT JOIN moment m ON 1 JOIN opt),

-- Who counts, as units: a person once over all groups, or once in each.
unit_event AS (
  SELECT e.*, CASE unit WHEN 'member' THEN e.grp ELSE '' END AS unit_grp
  FROM event e JOIN person USING (user), c WHERE counted),

-- Membership of a unit: its intervals united; a gap of at most --rejoin that has ended by A counts
-- as membership. lasts: until when, the greatest of those who touch.
unit_interval AS (
  SELECT i.*, coalesce(to_us, 9000000000000000000) AS end_us,
    CASE unit WHEN 'member' THEN i.grp ELSE '' END AS unit_grp
  FROM interval i JOIN person USING (user), c WHERE counted),
reach AS (
  SELECT u.*, max(end_us) OVER (PARTITION BY user, unit_grp ORDER BY from_us, end_us
    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before_us
  FROM unit_interval u),
island AS (
  SELECT r.*, sum(before_us IS NULL OR from_us - before_us > rejoin_us)
    OVER (PARTITION BY user, unit_grp ORDER BY from_us, end_us) AS nr
  FROM reach r, c),
membership AS (
  SELECT user, unit_grp, nr, min(from_us) AS from_us, max(end_us) AS end_us FROM island
  GROUP BY user, unit_grp, nr),

-- Candidates of birth: events of the active set, or those that match --birth; for mode member the
-- join that opened the first interval (of all groups: who has an opening by join at the earliest).
candidate AS (
  SELECT e.tie, e.n, e.user, unit_grp, e.grp, ts, day, p, type
  FROM unit_event e, c
  WHERE mode <> 'member' AND counts AND is_birth
  UNION ALL
  SELECT e.tie, e.n, e.user, u.unit_grp, e.grp, e.ts, e.day, e.p, e.type
  FROM unit_interval u JOIN event e ON e.n = u.join_n, c
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
  FROM valued v, c
  -- Who is in --seen was there before: nothing that he does makes him new.
  WHERE cohorts = 'recurring' OR by_join
    OR (SELECT printed FROM person WHERE person.user = v.user) NOT IN (SELECT value FROM opt WHERE name = 'seen')),
birth AS (
  SELECT row_number() OVER () AS b, r.* FROM ranked r JOIN period USING (p), c
  WHERE i = 1 AND first_us >= since_us AND first_us < until_us),

-- Return events and the k they fall in. Calendar: difference of periods, whatever their order
-- inside period 0. Elapsed: floor((t - birth) / P), those before the birth are none. Bracket: days
-- from the birth date.
return_event AS (
  SELECT user, unit_grp, ts, day, p, coalesce(amount, 0) AS amount,
    type = 'order' AND amount IS NULL AS unknown FROM unit_event e, c
  WHERE counts AND is_return),
label(i, word, rest) AS (
  SELECT 0, '0', CASE WHEN brackets LIKE '0,%' THEN substr(brackets, 3) ELSE brackets END || ','
  FROM c WHERE mode = 'bracket'
  UNION ALL SELECT i + 1, substr(rest, 1, instr(rest, ',') - 1), substr(rest, instr(rest, ',') + 1)
  FROM label WHERE rest <> ''),
bracket AS (
  SELECT i AS k, word, CAST(word AS INTEGER) AS low,
    CAST(substr(word, instr(word, '-') + 1) AS INTEGER) AS high FROM label),
apart AS (
  SELECT b, r.ts >= birth.ts AS after, r.ts - birth.ts AS us, r.day - birth.day AS days,
    r.p - birth.p AS periods, amount, unknown
  FROM birth JOIN return_event r USING (user, unit_grp)),
hit AS (
  SELECT b, k, count(*) >= min_events AS hits, sum(amount) AS amount, sum(unknown) AS unknown FROM (
    SELECT b, CASE clock WHEN 'calendar' THEN apart.periods ELSE us / length_us END AS k, amount,
      unknown
    FROM apart, c WHERE mode NOT IN ('bracket', 'member') AND (clock = 'calendar' OR after)
    UNION ALL
    SELECT b, k, amount, unknown FROM apart, c
      JOIN bracket
        ON CASE clock WHEN 'calendar' THEN days ELSE us / 86400000000 END BETWEEN low AND high
    WHERE mode = 'bracket' AND (clock = 'calendar' OR after)), c
  WHERE k >= 0 GROUP BY b, k),

-- Every offset from 0 to the period of A; brackets: 0 and those that begin by A for the cohort's
-- first day.
last_p AS (SELECT max(p) AS p FROM period, c WHERE first_us <= a),
day_of_a AS (SELECT max(day) AS day FROM civil, c WHERE start_us <= a),
offset_cell AS (
  SELECT b.b, b.user, b.unit_grp, b.by_key, b.p, b.ts, q.p - b.p AS k, q.p - b.p AS label,
    q.last_us AS period_last_us,
    CASE clock WHEN 'elapsed' THEN b.ts + (q.p - b.p + 1) * length_us - 1
      ELSE min(q.last_us, a) END AS moment_us
  FROM birth b, c, last_p JOIN period q ON q.p BETWEEN b.p AND min(last_p.p, b.p + periods)
  WHERE mode <> 'bracket'
  UNION ALL
  SELECT b.b, b.user, b.unit_grp, b.by_key, b.p, b.ts, k, word,
    (SELECT start_us - 1 FROM civil WHERE civil.day = last_day + high + 1),
    b.ts + (high + 1) * 86400000000 - 1
  FROM birth b JOIN period q USING (p)
    JOIN bracket ON first_day + low <= (SELECT day FROM day_of_a), c
  WHERE mode = 'bracket' AND k <= periods),

-- eligible: calendar: everyone; elapsed: whose period k has ended by A; member: without those
-- removed by then, unless --removed churn: not in an interval at that moment, and the newest one
-- before it ended by a removal. The rate counts the eligible only.
state AS (
  SELECT cell.b, cell.user, cell.unit_grp, k, label, cell.by_key, cell.p, cell.ts, moment_us,
    period_last_us,
    clock = 'calendar' OR moment_us <= a AS ended,
    mode = 'member' AND EXISTS (SELECT * FROM membership m
      WHERE m.user = cell.user AND m.unit_grp = cell.unit_grp
        AND m.from_us <= moment_us AND m.end_us >= moment_us) AS inside,
    mode = 'member' AND c.removed = 'censored' AND (SELECT u.removed FROM unit_interval u
      WHERE u.user = cell.user AND u.unit_grp = cell.unit_grp AND u.end_us < moment_us
      ORDER BY end_us DESC, u.removed DESC LIMIT 1) AS was_removed,
    coalesce(hits, 0) AS hits,
    sum(k > 0 AND coalesce(hits, 0)) OVER (PARTITION BY cell.b ORDER BY k) AS hits_so_far,
    (SELECT max(k) FROM hit h WHERE h.b = cell.b AND h.hits) AS last_hit
  FROM offset_cell cell LEFT JOIN hit USING (b, k), c),
ruled AS (
  SELECT state.*, ended AND (inside OR NOT coalesce(was_removed, 0)) AS is_eligible,
    CASE WHEN mode = 'member' THEN inside WHEN k = 0 THEN hits
      WHEN mode IN ('on', 'bracket') THEN hits WHEN mode = 'after' THEN coalesce(last_hit >= k, 0)
      WHEN mode = 'before' THEN hits_so_far > 0
      WHEN mode = 'streak' THEN hits_so_far = k END AS is_retained
  FROM state, c),
-- --value: the amounts of the returns that count, inside the range of the mode, of those retained.
worth AS (
  SELECT r.b, r.k, sum(h.amount) AS value, sum(h.unknown) AS unknown
  FROM ruled r JOIN hit h ON h.b = r.b AND h.hits, c
  WHERE is_eligible AND is_retained AND CASE WHEN r.k = 0 OR mode IN ('on', 'bracket') THEN h.k = r.k
    WHEN mode = 'after' THEN h.k >= r.k ELSE h.k BETWEEN 1 AND r.k END
  GROUP BY r.b, r.k),
judged AS (SELECT r.*, coalesce(value, 0) AS value, coalesce(unknown, 0) AS unknown
  FROM ruled r LEFT JOIN worth USING (b, k)),

-- complete: the period c + k has ended by A (a bracket: for those born on the cohort's last day);
-- elapsed: the cohort's period and the period k of everyone in it.
-- truncated: the cohort's period holds the first event of the log, where being first makes one new:
-- not for joins, and not for recurring cohorts, which call nobody new.
total AS (
  SELECT judged.by_key, p, k, label, count(*) AS size, sum(is_eligible) AS eligible,
    sum(is_eligible AND is_retained) AS retained, sum(value) AS value, sum(unknown) AS unknown,
    CASE clock WHEN 'calendar' THEN min(period_last_us) <= a
      ELSE max(moment_us) <= a AND (SELECT last_us FROM period WHERE period.p = judged.p) <= a
      END AS complete
  FROM judged, c GROUP BY judged.by_key, p, k),
-- The first offset with eligible 0 ends a cohort's rows.
shown AS (
  SELECT total.*, min(eligible) OVER (PARTITION BY by_key, p ORDER BY k) > 0 AS open FROM total),
log_start AS (
  SELECT by_key, (SELECT max(p) FROM period WHERE period.first_us <= coalesce((
      SELECT h.first_us FROM by_field f JOIN head h ON h.grp = by_key ->> (f.i - 1) WHERE f.field = 'group' AND NOT nobody),
    (SELECT min(first_us) FROM head))) AS p
  FROM (SELECT DISTINCT by_key FROM shown)),
cohort AS (
  SELECT s.by_key, date AS cohort, k, label, size, eligible, retained, value, unknown, complete,
    NOT by_join AND cohorts = 'first' AND NOT known AND s.p = l.p AS truncated
  FROM shown s JOIN period USING (p) JOIN log_start l USING (by_key), c WHERE open),
-- --average: over complete cells that are not truncated; simple is the mean of the rates. A mean of
-- fractions that ends in exactly one half is rounded up, however the quotients fell.
row AS (
  SELECT cohort.*, NULL AS mean, 1 AS has_interval FROM cohort
  UNION ALL
  SELECT cohort.by_key, 'all', k, label, sum(size), sum(eligible), sum(retained), sum(value),
    sum(unknown), 1, 0,
    CASE average WHEN 'simple' THEN CAST(avg(1.0 * retained / eligible) * 1e6 + 0.5 + 1e-7 AS INTEGER) END,
    average = 'pooled' AND cohorts = 'first'
  FROM cohort, c WHERE average <> 'none' AND complete AND NOT truncated
  GROUP BY cohort.by_key, k),
-- Rates in millionths, rounded half away from zero; bounds are Wilson's.
bound AS (
  SELECT s.*, coalesce(mean, (2000000 * retained + eligible) / (2 * eligible)) AS rate,
    CASE WHEN unknown = 0 THEN (200 * abs(value) + eligible) / (2 * eligible) END AS per_person,
    retained + z * z / 2 AS mid,
    z * sqrt(1.0 * retained * (eligible - retained) / eligible + z * z / 4) AS half,
    eligible + z * z AS whole
  FROM row s, normal)
SELECT s.by_key, cohort, size, label AS offset, eligible, retained,
  printf('%d.%06d', rate / 1000000, rate % 1000000) AS rate,
  CASE WHEN has_interval THEN printf('%.6f', max(0, (mid - half) / whole)) END AS lo,
  CASE WHEN has_interval THEN printf('%.6f', min(1, (mid + half) / whole)) END AS hi,
  CASE WHEN unknown THEN NULL WHEN four
    THEN printf('%s%d.%04d', CASE WHEN value < 0 THEN '-' ELSE '' END, abs(value) / 10000, abs(value) % 10000)
    ELSE printf('%s%d.%02d', CASE WHEN value < 0 THEN '-' ELSE '' END, abs(value) / 10000,
      abs(value) % 10000 / 100) END AS value,
  CASE WHEN per_person IS NOT NULL THEN printf('%s%d.%06d',
    CASE WHEN value < 0 AND per_person THEN '-' ELSE '' END, per_person / 1000000, per_person % 1000000)
    END AS value_per_person,
  complete, truncated, NULL AS "group", NULL AS user, NULL AS name, k
FROM bound s, money, c WHERE people IS NULL
UNION ALL
-- --people COHORT:K: who is behind one cell. The cohort goes by any day of its period.
SELECT j.by_key, NULL, NULL, label, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, unit_grp, printed,
  coalesce(name, ''), k
FROM judged j JOIN person USING (user) JOIN civil USING (p), c
WHERE civil.day = strftime('%s', substr(people, 1, 10)) / 86400 AND CAST(label AS TEXT) = substr(people, 12)
  AND is_eligible AND is_retained <> lost
ORDER BY by_key, cohort, k, "group", user;
