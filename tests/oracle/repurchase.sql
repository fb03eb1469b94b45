-- repurchase: how many buyers buy again?
WITH RECURSIVE
within(i, days, rest) AS (
  SELECT 0, 0, value || ',' FROM opt WHERE name = 'within'
  UNION ALL SELECT i + 1, CAST(substr(rest, 1, instr(rest, ',') - 1) AS INTEGER), substr(rest, instr(rest, ',') + 1)
  FROM within WHERE rest <> ''),
-- --period reports the periods that start in [since, until), all the orders in it.
reported AS (
  SELECT h.*, CASE asked.period WHEN 'all' THEN 0 ELSE h.p END AS q,
    CASE asked.period WHEN 'all' THEN since_us ELSE period.first_us END AS from_us
  FROM history h LEFT JOIN period ON period.p = h.p, asked
  WHERE CASE asked.period WHEN 'all' THEN h.ts ELSE period.first_us END >= since_us
    AND CASE asked.period WHEN 'all' THEN h.ts ELSE period.first_us END < until_us),

-- A buyer in a period. fresh: the first order lies in it; else he bought before the period, as does who is
-- in --seen.
buyer AS (
  SELECT by_key, q, user, unit_grp, count(*) AS orders, first_ts >= from_us AND user NOT IN (
      SELECT user FROM person WHERE printed IN (SELECT value FROM opt WHERE name = 'seen')) AS fresh, EXISTS (
      SELECT * FROM history n WHERE n.by_key = r.by_key AND n.user = r.user AND n.unit_grp = r.unit_grp
        AND asked.period <> 'all' AND n.p = q + 1) AS buys_next,
    first_ts, max(CASE WHEN nr = 1 THEN next_ts END) AS second_ts
  FROM reported r, asked GROUP BY by_key, q, user, unit_grp),
people AS (
  SELECT by_key, q, count(*) AS buyers, sum(orders > 1) AS repeat_buyers, sum(fresh) AS new_buyers,
    sum(NOT fresh) AS returning_buyers, sum(buys_next) AS next_buyers
  FROM buyer GROUP BY by_key, q),
-- Money that holds an order of unknown value is unknown.
money_of AS (
  SELECT by_key, q, count(*) AS orders, sum(nr > 1) AS repeat_orders,
    CASE WHEN count(net) = count(*) THEN sum(gross) END AS gmv,
    CASE WHEN count(net) = count(*) THEN sum(net) END AS net,
    CASE WHEN count(net) = count(*) THEN sum(CASE WHEN nr > 1 THEN net ELSE 0 END) END AS repeat_net
  FROM reported GROUP BY by_key, q),
-- The median is the smallest gap with at least half of them <= it: gaps in civil days that end in the period.
gap AS (
  SELECT by_key, q, gap_days, row_number() OVER (PARTITION BY by_key, q ORDER BY gap_days) AS i,
    count(*) OVER (PARTITION BY by_key, q) AS n
  FROM reported WHERE gap_days IS NOT NULL),

-- all prints one row even without orders, a table with --by has none then.
line AS (
  SELECT * FROM money_of JOIN people USING (by_key, q)
  UNION ALL
  SELECT '[]', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
  FROM asked WHERE period = 'all' AND NOT EXISTS (SELECT * FROM by_field) AND NOT EXISTS (SELECT * FROM money_of)
    AND EXISTS (SELECT * FROM record)),
-- truncated: the period holds the first event of the group's log, of the whole input without groups.
log_start AS MATERIALIZED (
  SELECT by_key, (SELECT max(p) FROM period WHERE period.first_us <= coalesce((
      SELECT h.first_us FROM by_field f JOIN head h ON h.grp = by_key ->> (f.i - 1) WHERE f.field = 'group' AND NOT nobody),
    (SELECT min(first_us) FROM head))) AS p
  FROM (SELECT DISTINCT by_key FROM line)),
dated AS (
  SELECT row_number() OVER (ORDER BY line.by_key, q) AS r, line.*,
    CASE asked.period WHEN 'all' THEN 'all' ELSE (SELECT date FROM period WHERE p = q) END AS period,
    asked.period = 'all' OR (SELECT last_us FROM period WHERE p = q) <= a AS complete,
    -- next is empty while the next period is unfinished, and for all.
    CASE WHEN asked.period <> 'all' AND (SELECT last_us FROM period WHERE p = q + 1) <= a THEN buyers END AS next_base,
    (asked.period = 'all' OR q = l.p) AND NOT EXISTS (SELECT * FROM opt WHERE name = 'seen') AS truncated,
    (SELECT gap_days FROM gap g WHERE g.by_key = line.by_key AND g.q = line.q AND i = (n + 1) / 2) AS median_gap_days
  FROM line JOIN log_start l USING (by_key), asked),
-- --within N: new buyers whose N days are closed by A, and those of them with a second order within N days.
again AS (
  SELECT r, w.days, total(fresh AND first_ts + w.days * 86400000000 <= a) AS n,
    total(fresh AND first_ts + w.days * 86400000000 <= a AND coalesce(second_ts <= first_ts + w.days * 86400000000, 0)) AS x
  FROM dated d JOIN within w ON w.i > 0 LEFT JOIN buyer b ON b.by_key = d.by_key AND b.q = d.q, asked
  GROUP BY r, w.i),

-- Quotients in millionths, rounded half away from zero from the exact fraction; none of nothing. Wilson's
-- interval where n counts people.
ratio AS (
  SELECT r, name, CASE name WHEN 'repeat' THEN repeat_buyers WHEN 'returning' THEN returning_buyers
      WHEN 'next' THEN next_buyers WHEN 'repeat_order' THEN repeat_orders WHEN 'per_buyer' THEN orders
      WHEN 'repeat_net' THEN repeat_net WHEN 'aov' THEN net END AS x,
    CASE name WHEN 'next' THEN next_base WHEN 'repeat_order' THEN orders WHEN 'repeat_net' THEN net
      WHEN 'aov' THEN 10000 * orders ELSE buyers END AS n
  FROM dated, (SELECT value AS name FROM json_each('["repeat", "returning", "next", "repeat_order", "per_buyer",
    "repeat_net", "aov"]'))
  UNION ALL SELECT r, 'again_' || days || 'd', CAST(x AS INTEGER), CAST(n AS INTEGER) FROM again),
scaled AS (
  SELECT r, name, x, n, sign(x) * sign(n) * ((2000000 * abs(x) + abs(n)) / (2 * abs(n))) AS v, z
  FROM ratio, normal WHERE x IS NOT NULL AND n <> 0),
quotient AS (
  SELECT r, name, printf('%s%d.%06d', CASE WHEN v < 0 THEN '-' ELSE '' END, abs(v) / 1000000, abs(v) % 1000000) AS rate,
    printf('%.6f', max(0, (x + z * z / 2 - z * sqrt(x * (1.0 * n - x) / n + z * z / 4)) / (n + z * z))) AS lo,
    printf('%.6f', min(1, (x + z * z / 2 + z * sqrt(x * (1.0 * n - x) / n + z * z / 4)) / (n + z * z))) AS hi
  FROM scaled),
across AS (
  SELECT r,
    max(CASE name WHEN 'repeat' THEN rate END) AS repeat_rate,
    max(CASE name WHEN 'repeat' THEN lo END) AS lo,
    max(CASE name WHEN 'repeat' THEN hi END) AS hi,
    max(CASE name WHEN 'returning' THEN rate END) AS returning_rate,
    max(CASE name WHEN 'returning' THEN lo END) AS returning_lo,
    max(CASE name WHEN 'returning' THEN hi END) AS returning_hi,
    max(CASE name WHEN 'next' THEN rate END) AS next_rate,
    max(CASE name WHEN 'next' THEN lo END) AS next_lo,
    max(CASE name WHEN 'next' THEN hi END) AS next_hi,
    max(CASE name WHEN 'repeat_order' THEN rate END) AS repeat_order_rate,
    max(CASE name WHEN 'per_buyer' THEN rate END) AS orders_per_buyer,
    max(CASE name WHEN 'repeat_net' THEN rate END) AS repeat_net_share,
    max(CASE name WHEN 'aov' THEN rate END) AS aov
  FROM quotient GROUP BY r),
-- The columns again_Nd and the like, by name.
extra AS (
  SELECT r, json_group_object(name || word, value) AS more FROM (
    SELECT r, 'again_' || days || 'd' AS name, '_base' AS word, CAST(n AS INTEGER) AS value FROM again
    UNION ALL SELECT r, 'again_' || days || 'd', '', CAST(x AS INTEGER) FROM again
    UNION ALL SELECT r, name, '_rate', rate FROM quotient UNION ALL SELECT r, name, '_lo', lo FROM quotient
    UNION ALL SELECT r, name, '_hi', hi FROM quotient)
  WHERE name LIKE 'again%' GROUP BY r)
SELECT by_key, period, buyers, orders, repeat_buyers, repeat_rate, lo, hi, repeat_orders, repeat_order_rate,
  new_buyers, returning_buyers, returning_rate, returning_lo, returning_hi,
  next_base, CASE WHEN next_base IS NOT NULL THEN next_buyers END AS next_buyers, next_rate, next_lo, next_hi,
  orders_per_buyer,
  CASE WHEN gmv IS NULL THEN NULL WHEN four THEN printf('%d.%04d', gmv / 10000, gmv % 10000)
    ELSE printf('%d.%02d', gmv / 10000, gmv % 10000 / 100) END AS gmv,
  CASE WHEN net IS NULL THEN NULL
    WHEN four THEN printf('%s%d.%04d', CASE WHEN net < 0 THEN '-' ELSE '' END, abs(net) / 10000, abs(net) % 10000)
    ELSE printf('%s%d.%02d', CASE WHEN net < 0 THEN '-' ELSE '' END, abs(net) / 10000, abs(net) % 10000 / 100)
  END AS net,
  repeat_net_share, aov, median_gap_days, more, complete, truncated
FROM dated LEFT JOIN across USING (r) LEFT JOIN extra USING (r), money;
