-- activity-rate: what share of the members is active? Runs after base.sql; options total and
-- denominator in opt. The columns of --talk, --rolling and --lifecycle are always computed; the
-- reader takes those he asked for.
WITH RECURSIVE
c AS (
  SELECT o.*, m.*,
    coalesce((SELECT value FROM opt WHERE name = 'denominator'), 'present') AS denominator,
    coalesce((SELECT value FROM opt WHERE name = 'total'), 0) + 0 AS total
  FROM o, moment m),
numbered AS (
  SELECT p, date, first_us, last_us, min(last_us, a) AS end_us, last_us <= a AS complete,
    (SELECT max(day) FROM civil WHERE civil.p = period.p AND start_us <= a) AS last_day,
    NOT EXISTS (SELECT * FROM record WHERE ts >= first_us AND ts <= last_us) AS hole
  FROM period, c WHERE first_us <= a),

-- Tables: one for each group but '-' beside others; with --total one, group '*', that holds every
-- event.
scope AS (
  SELECT grp AS scope, first_us, basis FROM head, c
  WHERE NOT nobody AND NOT total AND grp GLOB wanted
  UNION ALL
  SELECT '*', min(first_us), (SELECT basis FROM head WHERE NOT nobody
    ORDER BY CASE basis WHEN 'seen' THEN 1 WHEN 'joins' THEN 2 WHEN 'events' THEN 3 ELSE 4 END
    LIMIT 1)
  FROM head, c WHERE total GROUP BY total),
-- Every period from the first event to A, empty ones too.
line AS (
  SELECT scope, basis, n.*, n.first_us <= s.first_us AS truncated
  FROM scope s JOIN numbered n ON n.last_us >= s.first_us),

-- Members: at any time in the period; at its last microsecond (A in the running one); at its first,
-- where those present since the log's start (or longer, by the roster) are members at the start of
-- its first period.
belongs AS (
  SELECT l.scope, l.p, i.user,
    max(i.from_us <= end_us AND coalesce(to_us, end_us) >= l.first_us) AS present,
    max(i.from_us <= end_us AND coalesce(to_us, end_us) >= end_us) AS at_end,
    max(coalesce(to_us, end_us) >= l.first_us AND (i.from_us <= l.first_us
      OR (opening = 'start' OR opening = 'roster' AND i.from_us <= h.first_us)
        AND h.first_us BETWEEN l.first_us AND end_us)) AS at_start
  FROM line l JOIN interval i ON l.scope IN ('*', i.grp) JOIN head h ON h.grp = i.grp
    JOIN person USING (user)
  WHERE counted GROUP BY l.scope, l.p, i.user),
member AS (
  SELECT scope, p, user FROM belongs, c
  WHERE CASE denominator WHEN 'end' THEN at_end WHEN 'start' THEN at_start ELSE present END),
size AS (
  SELECT scope, p, sum(present) AS present, sum(at_end) AS at_end, sum(at_start) AS at_start
  FROM belongs GROUP BY scope, p),

-- What people do there; --where chooses what counts, bots are nowhere.
deed AS (
  SELECT s.scope, e.p, e.day, user, counted, e.active, e.type = 'message' AS message
  FROM event e JOIN scope s ON s.scope IN ('*', e.grp) JOIN person USING (user)
  WHERE e.counts AND NOT bot),
done AS (
  SELECT scope, p, user, max(d.active) AS active, max(d.message) AS talks
  FROM deed d JOIN member USING (scope, p, user) GROUP BY scope, p, user),
share AS (
  SELECT scope, p, sum(active) AS active, sum(talks) AS talkers FROM done GROUP BY scope, p),
-- messages are those of all members and staff, whatever the denominator.
talk AS (
  SELECT scope, p, sum(said) AS messages, sum(said * counted) AS member_messages,
    sum(said * NOT counted) AS staff_messages, max(said * counted) AS top
  FROM (SELECT scope, p, user, counted, sum(message) AS said FROM deed GROUP BY scope, p, user)
  GROUP BY scope, p),

-- Trailing days that end with the period's last day, or A's: people with an active event, members
-- or not.
rolling AS (
  SELECT l.scope, l.p, count(DISTINCT CASE WHEN d.day > last_day - 1 THEN d.user END) AS dau,
    count(DISTINCT CASE WHEN d.day > last_day - 7 THEN d.user END) AS wau,
    count(DISTINCT d.user) AS mau
  FROM line l JOIN deed d ON d.scope = l.scope AND d.day <= last_day AND d.day > last_day - 30
  WHERE d.active AND d.counted GROUP BY l.scope, l.p),

-- The sets behind the column active: new in no earlier row's, returning also in the row's before,
-- resurrected the others; dormant in the row's before and not in this one.
life AS (
  SELECT scope, p, user, lag(p) OVER (PARTITION BY scope, user ORDER BY p) AS before,
    lead(p) OVER (PARTITION BY scope, user ORDER BY p) AS after
  FROM done WHERE active),
cycle AS (
  SELECT scope, p, sum(fresh) AS fresh, sum(back) AS back, sum(risen) AS risen,
    sum(dormant) AS dormant FROM (
    SELECT scope, p, before IS NULL AS fresh, coalesce(before = p - 1, 0) AS back,
      coalesce(before < p - 1, 0) AS risen, 0 AS dormant FROM life
    UNION ALL SELECT scope, p + 1, 0, 0, 0, 1 FROM life WHERE coalesce(after <> p + 1, 1))
  GROUP BY scope, p),

counted_row AS (
  SELECT l.*,
    CASE denominator WHEN 'present' THEN 2 * coalesce(s.present, 0)
      WHEN 'end' THEN 2 * coalesce(at_end, 0) WHEN 'start' THEN 2 * coalesce(at_start, 0)
      WHEN 'mean' THEN coalesce(at_start + at_end, 0) ELSE 2 * denominator END AS twice,
    coalesce(share.active, 0) AS active, coalesce(talkers, 0) AS talkers,
    coalesce(messages, 0) AS messages, coalesce(member_messages, 0) AS member_messages,
    coalesce(staff_messages, 0) AS staff_messages, top,
    coalesce(dau, 0) AS dau, coalesce(wau, 0) AS wau, coalesce(mau, 0) AS mau,
    coalesce(fresh, 0) AS fresh, coalesce(back, 0) AS back, coalesce(risen, 0) AS risen,
    coalesce(dormant, 0) AS dormant,
    denominator IN ('present', 'end', 'start') AS people
  FROM line l LEFT JOIN size s USING (scope, p) LEFT JOIN share USING (scope, p)
    LEFT JOIN talk USING (scope, p)
    LEFT JOIN rolling USING (scope, p) LEFT JOIN cycle USING (scope, p), c),
-- Fractions in millionths, rounded half away from zero (a division by zero is NULL); no rate in a
-- hole, none above 1. Bounds are Wilson's, only where the members are distinct people.
fraction AS (
  SELECT r.*,
    CASE WHEN NOT hole AND 2 * active <= twice
      THEN (4000000 * active + twice) / (2 * twice) END AS rate,
    CASE WHEN NOT hole AND people AND twice > 0 THEN twice / 2 END AS n,
    (2000000 * member_messages + messages) / (2 * messages) AS ugc,
    (2000000 * top + member_messages) / (2 * member_messages) AS top_share,
    (2000000 * member_messages + talkers) / (2 * talkers) AS per_talker,
    (2000000 * dau + mau) / (2 * mau) AS sticky
  FROM counted_row r),
bound AS (
  SELECT f.*, active + z * z / 2 AS mid,
    z * sqrt(1.0 * active * (n - active) / n + z * z / 4) AS half, n + z * z AS whole
  FROM fraction f, (SELECT 1.959963984540054 AS z))
SELECT scope AS "group", date AS period,
  CASE denominator WHEN 'mean' THEN printf('%.6f', twice / 2.0) ELSE twice / 2 END AS members,
  basis, active,
  CASE WHEN rate IS NOT NULL THEN printf('%d.%06d', rate / 1000000, rate % 1000000) END AS rate,
  CASE WHEN n IS NOT NULL THEN printf('%.6f', max(0, (mid - half) / whole)) END AS lo,
  CASE WHEN n IS NOT NULL THEN printf('%.6f', min(1, (mid + half) / whole)) END AS hi,
  talkers,
  CASE denominator WHEN 'mean' THEN printf('%.6f', twice / 2.0 - talkers)
    ELSE twice / 2 - talkers END AS lurkers,
  messages, member_messages, staff_messages,
  CASE WHEN ugc IS NOT NULL THEN printf('%d.%06d', ugc / 1000000, ugc % 1000000) END AS ugc_share,
  CASE WHEN top_share IS NOT NULL THEN printf('%d.%06d', top_share / 1000000, top_share % 1000000)
    END AS top_talker_share,
  CASE WHEN per_talker IS NOT NULL
    THEN printf('%d.%06d', per_talker / 1000000, per_talker % 1000000) END AS messages_per_talker,
  dau, wau, mau,
  CASE WHEN sticky IS NOT NULL THEN printf('%d.%06d', sticky / 1000000, sticky % 1000000)
    END AS stickiness,
  fresh AS new, back AS "returning", risen AS resurrected, dormant, truncated, complete
FROM bound, c
WHERE first_us >= since_us AND first_us < until_us ORDER BY scope = '*', scope, date;
