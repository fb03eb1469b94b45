-- What the tables of churn-list start from.
DROP TABLE IF EXISTS temp.asked;
CREATE TEMP TABLE asked AS
SELECT a, today, max(value) FILTER (WHERE name = 'silent') AS silent,
  max(0.0 + value) FILTER (WHERE name = 'overdue') AS overdue,
  (SELECT us FROM duration WHERE name = 'newcomer') AS newcomer_us,
  -- left and newcomer only by --class.
  ',' || coalesce(max(value) FILTER (WHERE name = 'class'),
    'buyer-silent,benefits-only,never-spoke,silent,cooling') || ',' AS classes,
  count(*) FILTER (WHERE name = 'winback') AS winback, count(*) FILTER (WHERE name = 'cleanup') AS cleanup,
  coalesce(max(0 + value) FILTER (WHERE name = 'quota'), 9000000000000000000) AS quota,
  max(0.0 + value) FILTER (WHERE name = 'floor') AS floor
FROM o LEFT JOIN moment ON 1 LEFT JOIN today ON 1 JOIN opt;

-- last_active, active_days, messages, gaps and the message part of the classes look at the group only; so do
-- claimed red packets, coupons and shares.
DROP TABLE IF EXISTS temp.deed;
CREATE TEMP TABLE deed AS
SELECT e.* FROM event e JOIN person USING (user) WHERE counted AND counts;

-- Everyone who is or was a member, with the classes that fit.
DROP TABLE IF EXISTS temp.classed;
CREATE TEMP TABLE classed AS
WITH
-- Whoever was a member, with his newest interval; joined is the day of its opening.
newest AS (
  SELECT i.*, row_number() OVER (PARTITION BY grp, user ORDER BY from_us DESC, to_us IS NULL DESC, to_us DESC) AS nr
  FROM interval i JOIN person USING (user) WHERE counted),
member AS (
  SELECT grp, user, from_us, to_us, to_us IS NOT NULL AS is_left, latest_us,
    CASE WHEN opening <> 'start' THEN earliest_us END AS earliest_us,
    (SELECT max(day) FROM day WHERE start_us <= from_us) AS joined
  FROM newest WHERE nr = 1),

habit AS (
  SELECT grp, user, max(CASE WHEN active THEN day END) AS last_active,
    count(DISTINCT CASE WHEN active THEN day END) AS active_days, sum(type = 'message') AS messages,
    max(CASE WHEN type = 'message' THEN day END) AS last_message,
    max(type = 'redpacket' AND source = 'claimed' OR type IN ('coupon', 'share')) AS benefits
  FROM deed GROUP BY grp, user),
-- Gaps in civil days between active days; the usual one is the median, empty under 3 gaps.
active_day AS (SELECT DISTINCT grp, user, day FROM deed WHERE active),
gap AS (
  SELECT grp, user, days, row_number() OVER (PARTITION BY grp, user ORDER BY days) AS i,
    count(*) OVER (PARTITION BY grp, user) AS n
  FROM (SELECT grp, user, day - lag(day) OVER (PARTITION BY grp, user ORDER BY day) AS days FROM active_day)
  WHERE days IS NOT NULL),
usual AS (
  SELECT grp, user, max(CASE WHEN i = (n + 1) / 2 THEN days END) AS usual_gap, max(days) AS longest_gap
  FROM gap WHERE n >= 3 GROUP BY grp, user),

-- --silent auto: 90th percentile over the group's members with at least 3 returns of each one's longest
-- ended gap, at least 7 d, 30 d with fewer than 10 such members.
pace AS (
  SELECT grp, longest_gap, row_number() OVER (PARTITION BY grp ORDER BY longest_gap) AS i,
    count(*) OVER (PARTITION BY grp) AS n
  FROM usual JOIN member USING (grp, user) WHERE NOT is_left),
patience AS (
  SELECT grp, CASE silent WHEN 'auto' THEN coalesce((SELECT max(7, longest_gap) FROM pace
      WHERE pace.grp = g.grp AND n >= 10 AND i = (9 * n + 9) / 10), 30)
    ELSE coalesce((SELECT us / 86400000000 FROM duration WHERE name = 'silent'), CAST(silent AS INTEGER)) END AS days
  FROM (SELECT DISTINCT grp FROM member) g, asked),

-- Orders of a person count whatever their group and --group: classes, --cleanup and --winback look at all of
-- them; orders, amount and last_order are the row's group's plus those without a group.
purchase AS (
  SELECT user, grp, ts, amount AS net, day FROM seen_event
  WHERE type = 'order' AND (n IN (SELECT n FROM met WHERE name = 'where')
    OR NOT EXISTS (SELECT * FROM pred WHERE name = 'where'))),
bought AS (
  SELECT user, count(*) AS all_orders, max(ts) AS newest_us FROM purchase GROUP BY user),
spent AS (
  SELECT m.grp, m.user, count(*) AS orders, max(d.day) AS last_order,
    CASE WHEN count(net) = count(*) THEN sum(net) END AS amount
  FROM member m JOIN purchase d ON d.user = m.user AND d.grp IN (m.grp, '-') GROUP BY m.grp, m.user),

judged AS (
  SELECT m.*, last_active, today - coalesce(last_active, joined) AS silent_days,
    coalesce(active_days, 0) AS active_days, coalesce(messages, 0) AS messages,
    coalesce(orders, 0) AS orders, coalesce(all_orders, 0) AS all_orders,
    CASE WHEN orders IS NULL THEN 0 ELSE amount END AS amount, last_order, usual_gap, days AS patience,
    last_message, newest_us, coalesce(benefits, 0) AS benefits
  FROM member m JOIN patience USING (grp) LEFT JOIN habit USING (grp, user) LEFT JOIN usual USING (grp, user)
    LEFT JOIN spent USING (grp, user) LEFT JOIN bought USING (user), asked)
SELECT j.*,
    CASE WHEN is_left THEN ';left' ELSE '' END
    -- the newest interval, however opened, began at most 7 d before A
    || CASE WHEN a - from_us <= newcomer_us THEN ';newcomer' ELSE '' END
    -- an order within 90 days, no message for N days or ever
    || CASE WHEN a - newest_us <= 90 * 86400000000 AND coalesce(today - last_message >= patience, 1)
      THEN ';buyer-silent' ELSE '' END
    -- claimed red packets, coupons or shares; no message in the group, no order in any
    || CASE WHEN benefits AND messages = 0 AND all_orders = 0 THEN ';benefits-only' ELSE '' END
    -- no active event in the group
    || CASE WHEN active_days = 0 THEN ';never-spoke' ELSE '' END
    || CASE WHEN silent_days >= patience THEN ';silent' ELSE '' END
    -- overdue: silent_days >= 1.5 x usual_gap_days; as a class not yet silent, for silent comes first
    || CASE WHEN silent_days >= overdue * usual_gap THEN ';cooling' ELSE '' END
    || ';' AS fits
FROM judged j, asked;

-- class is the first that fits, reason the others.
DROP TABLE IF EXISTS temp.listed;
CREATE TEMP TABLE listed AS
SELECT *, substr(fits, 2, instr(substr(fits, 2), ';') - 1) AS class,
  rtrim(substr(fits, 2 + instr(substr(fits, 2), ';')), ';') AS reason
FROM classed WHERE fits <> ';';

-- --floor: groups whose activity rate of the 28 days (elapsed, edges included) up to A is below.
DROP TABLE IF EXISTS temp.wanted_group;
CREATE TEMP TABLE wanted_group AS
SELECT DISTINCT grp FROM classed, asked WHERE floor IS NULL OR floor > (
  SELECT sum(active) * 1.0 / count(*)
  FROM (SELECT i.user, max(i.user IN (SELECT user FROM deed d
        WHERE d.grp = i.grp AND d.active AND d.ts >= a - 28 * 86400000000)) AS active
    FROM interval i JOIN person USING (user)
    WHERE counted AND i.grp = classed.grp AND (to_us IS NULL OR to_us >= a - 28 * 86400000000)
    GROUP BY i.user));

-- Those whom the options ask for, the first --quota of each group: amount desc (none = 0), silent_days
-- desc, user.
DROP TABLE IF EXISTS temp.chosen;
CREATE TEMP TABLE chosen AS
SELECT * FROM (
  SELECT l.*, row_number() OVER (PARTITION BY grp ORDER BY coalesce(amount, 0) DESC, silent_days DESC, user) AS place
  FROM listed l JOIN wanted_group USING (grp), asked
  WHERE instr(classes, ',' || class || ',') AND (NOT winback OR all_orders > 0)
    -- --cleanup: no orders in any group, not staff, not newcomer
    AND (NOT cleanup OR all_orders = 0 AND instr(fits, ';newcomer;') = 0)), asked
WHERE place <= quota;
