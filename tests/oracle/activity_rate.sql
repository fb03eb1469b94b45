-- activity-rate: what share of the members is active?
-- The columns of all options are always computed; the reader takes those he asked for.
WITH
size AS (
  SELECT scope, p, sum(present) AS present, sum(at_end) AS at_end, sum(at_start) AS at_start
  FROM belongs GROUP BY scope, p),
done AS (
  SELECT scope, p, user, max(d.active) AS active, max(d.message) AS talks
  FROM deed d JOIN member USING (scope, p, user) GROUP BY scope, p, user),
share AS (
  SELECT scope, p, sum(active) AS active, sum(talks) AS talkers FROM done GROUP BY scope, p),
-- messages are those of all members and staff, whatever the denominator.
talk AS (
  SELECT scope, p, sum(said) AS messages, sum(said * counted) AS member_messages,
    sum(said * NOT counted) AS staff_messages, max(said * counted) AS top, sum(floods) AS floods
  FROM (SELECT scope, p, user, counted, sum(message) AS said, sum(flood) AS floods
    FROM deed GROUP BY scope, p, user)
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
-- resurrected the others; dormant in the row's before and not in this one. Who is in --seen was there
-- before the log.
life AS (
  SELECT scope, p, user, user IN (SELECT user FROM person WHERE printed IN (SELECT value FROM opt WHERE name = 'seen')) AS seen, lag(p) OVER (PARTITION BY scope, user ORDER BY p) AS before,
    lead(p) OVER (PARTITION BY scope, user ORDER BY p) AS after
  FROM done WHERE active),
cycle AS (
  SELECT scope, p, sum(fresh) AS fresh, sum(back) AS back, sum(risen) AS risen,
    sum(dormant) AS dormant FROM (
    SELECT scope, p, before IS NULL AND NOT seen AS fresh, coalesce(before = p - 1, 0) AS back,
      coalesce(before < p - 1, seen) AS risen, 0 AS dormant FROM life
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
    coalesce(floods, 0) AS floods,
    coalesce(dau, 0) AS dau, coalesce(wau, 0) AS wau, coalesce(mau, 0) AS mau,
    coalesce(fresh, 0) AS fresh, coalesce(back, 0) AS back, coalesce(risen, 0) AS risen,
    coalesce(dormant, 0) AS dormant,
    denominator IN ('present', 'end', 'start') AS people
  FROM line l LEFT JOIN size s USING (scope, p) LEFT JOIN share USING (scope, p)
    LEFT JOIN talk USING (scope, p)
    LEFT JOIN rolling USING (scope, p) LEFT JOIN cycle USING (scope, p), asked),
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
    (2000000 * dau + mau) / (2 * mau) AS sticky,
    (2000000 * floods + floods + messages) / (2 * (floods + messages)) AS flooded
  FROM counted_row r),
bound AS (
  SELECT f.*, active + z * z / 2 AS mid,
    z * sqrt(1.0 * active * (n - active) / n + z * z / 4) AS half, n + z * z AS whole
  FROM fraction f, normal)
SELECT json_array(scope) AS by_key, scope AS "group", date AS period,
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
  fresh AS new, back AS "returning", risen AS resurrected, dormant,
  truncated AND NOT EXISTS (SELECT * FROM opt WHERE name = 'seen') AS truncated,
  -- labels of the period's days in the order of days, each once
  (SELECT group_concat(label, ';') FROM (SELECT label FROM event_day e JOIN civil
      ON civil.day = e.day AND civil.p = bound.p
    GROUP BY label ORDER BY min(e.day), label)) AS event,
  CASE WHEN flooded IS NOT NULL THEN printf('%d.%06d', flooded / 1000000, flooded % 1000000)
    END AS flood_share,
  complete
FROM bound, asked
WHERE first_us >= since_us AND first_us < until_us ORDER BY scope = '*', scope, date;
