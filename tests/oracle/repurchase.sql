-- repurchase: how many buyers buy again?
-- Runs after base.sql; options collapse and within (three at most) in opt. The columns again_1_… again_3_… are
-- those of --within; the reader names them.
WITH RECURSIVE
within(i, days, rest) AS (
  SELECT 0, 0, value || ',' FROM opt WHERE name = 'within'
  UNION ALL SELECT i + 1, substr(rest, 1, instr(rest, ',') - 1), substr(rest, instr(rest, ',') + 1)
  FROM within WHERE rest <> ''),
c AS (
  SELECT m.*, refund, by1 AS field1, by2 AS field2,
    coalesce((SELECT value FROM opt WHERE name = 'period'), 'all') AS shown,
    coalesce((SELECT value FROM opt WHERE name = 'collapse'), 'none') AS collapse,
    (SELECT days * 86400000000 FROM within WHERE i = 1) AS within1,
    (SELECT days * 86400000000 FROM within WHERE i = 2) AS within2,
    (SELECT days * 86400000000 FROM within WHERE i = 3) AS within3,
    -- With --by group the unit is member.
    CASE WHEN 'group' IN (coalesce(by1, ''), coalesce(by2, '')) THEN 'member' ELSE unit END AS whose
  FROM o, moment m),

-- One event per valid order, dated by its earliest line; --where and --group choose which count. --by source is that
-- of the join that opened the interval holding the order, role is the person's newest.
bought AS (
  SELECT e.tie, e.n, e.user, CASE whose WHEN 'member' THEN e.grp ELSE '' END AS unit_grp, e.grp, e.ts, e.day, e.p,
    v.key, v.gross, coalesce(person.role, '') AS role, coalesce((
      SELECT r.source FROM interval i LEFT JOIN record r ON r.n = i.join_n AND i.opening = 'join'
      WHERE i.user = e.user AND i.grp = e.grp AND i.from_us <= e.ts AND coalesce(i.to_us, e.ts) >= e.ts
      ORDER BY i.from_us LIMIT 1), '') AS join_source
  FROM event e JOIN valid_order v USING (n) JOIN person USING (user), c
  WHERE e.type = 'order' AND counted AND counts),

-- A product, and any further column, is read on the order line: an order is in the table of every value of
-- its lines, with the amounts of those lines; a refund row reduces the value it names, no product if it
-- names none. Validity and date are those of the whole order.
line_value AS (
  SELECT r.*, CASE field1 WHEN 'product' THEN product WHEN 'city' THEN city END AS value1,
    CASE field2 WHEN 'product' THEN product WHEN 'city' THEN city END AS value2
  FROM order_row r, c),
part AS (
  SELECT b.*, value1, value2,
    CASE WHEN gross IS NOT NULL THEN coalesce(sum(CASE WHEN NOT is_refund THEN l.amount END), 0) END AS part_gross,
    CASE WHEN gross IS NOT NULL THEN coalesce(sum(CASE WHEN NOT is_refund THEN l.amount
      WHEN refund = 'net' AND (product <> '' OR 'product' NOT IN (coalesce(field1, ''), coalesce(field2, '')))
        THEN -abs(l.amount) END), 0) END AS part_net
  FROM bought b JOIN line_value l USING (user, key), c
  GROUP BY b.n, value1, value2 HAVING max(NOT is_refund)),
valued AS (
  SELECT p.*,
    CASE field1 WHEN 'group' THEN grp WHEN 'source' THEN join_source WHEN 'role' THEN role
      ELSE coalesce(value1, '') END AS by1,
    CASE field2 WHEN 'group' THEN grp WHEN 'source' THEN join_source WHEN 'role' THEN role
      ELSE coalesce(value2, '') END AS by2
  FROM part p, c),

-- --collapse day: a buyer's orders of a civil day inside the --by value are one: earliest time, summed amounts,
-- unknown if one is unknown.
purchase AS (
  SELECT by1, by2, user, unit_grp, min(tie) AS tie, min(ts) AS ts, day, p,
    CASE WHEN count(part_net) = count(*) THEN sum(part_gross) END AS gross,
    CASE WHEN count(part_net) = count(*) THEN sum(part_net) END AS net
  FROM valued, c GROUP BY by1, by2, user, unit_grp, CASE collapse WHEN 'day' THEN day ELSE -tie END),

-- Firsts, repeats and people are counted inside each --by value: nr 1 is the buyer's first in the whole log.
history AS (
  SELECT h.*, row_number() OVER w AS nr, day - lag(day) OVER w AS gap_days, lead(ts) OVER w AS next_ts,
    first_value(ts) OVER w AS first_ts
  FROM purchase h WINDOW w AS (PARTITION BY by1, by2, user, unit_grp ORDER BY tie)),
-- --period reports the periods that start in [since, until), all the orders in it.
reported AS (
  SELECT h.*, CASE shown WHEN 'all' THEN 0 ELSE h.p END AS q,
    CASE shown WHEN 'all' THEN since_us ELSE period.first_us END AS from_us
  FROM history h LEFT JOIN period ON period.p = h.p, c
  WHERE CASE shown WHEN 'all' THEN h.ts ELSE period.first_us END >= since_us
    AND CASE shown WHEN 'all' THEN h.ts ELSE period.first_us END < until_us),

-- A buyer in a period. fresh: the first order lies in it; else he bought before the period.
buyer AS (
  SELECT by1, by2, q, user, unit_grp, count(*) AS orders, first_ts >= from_us AS fresh, EXISTS (
      SELECT * FROM history n WHERE n.by1 = r.by1 AND n.by2 = r.by2 AND n.user = r.user AND n.unit_grp = r.unit_grp
        AND shown <> 'all' AND n.p = q + 1) AS buys_next,
    first_ts, max(CASE WHEN nr = 1 THEN next_ts END) AS second_ts
  FROM reported r, c GROUP BY by1, by2, q, user, unit_grp),
people AS (
  SELECT by1, by2, q, count(*) AS buyers, sum(orders > 1) AS repeat_buyers, sum(fresh) AS new_buyers,
    sum(NOT fresh) AS returning_buyers, sum(buys_next) AS next_buyers,
    -- --within N: new buyers whose N days are closed by A; those with a second order within N days.
    sum(fresh AND first_ts + within1 <= a) AS again_1_base,
    sum(fresh AND first_ts + within1 <= a AND coalesce(second_ts <= first_ts + within1, 0)) AS again_1,
    sum(fresh AND first_ts + within2 <= a) AS again_2_base,
    sum(fresh AND first_ts + within2 <= a AND coalesce(second_ts <= first_ts + within2, 0)) AS again_2,
    sum(fresh AND first_ts + within3 <= a) AS again_3_base,
    sum(fresh AND first_ts + within3 <= a AND coalesce(second_ts <= first_ts + within3, 0)) AS again_3
  FROM buyer, c GROUP BY by1, by2, q),
-- Money that holds an order of unknown value is unknown.
money AS (
  SELECT by1, by2, q, count(*) AS orders, sum(nr > 1) AS repeat_orders,
    CASE WHEN count(net) = count(*) THEN sum(gross) END AS gmv,
    CASE WHEN count(net) = count(*) THEN sum(net) END AS net,
    CASE WHEN count(net) = count(*) THEN sum(CASE WHEN nr > 1 THEN net ELSE 0 END) END AS repeat_net
  FROM reported GROUP BY by1, by2, q),
-- The median is the smallest gap with at least half of them <= it: gaps in civil days that end in the period.
gap AS (
  SELECT by1, by2, q, gap_days, row_number() OVER (PARTITION BY by1, by2, q ORDER BY gap_days) AS i,
    count(*) OVER (PARTITION BY by1, by2, q) AS n
  FROM reported WHERE gap_days IS NOT NULL),

-- all prints one row even without orders, a table with --by has none then.
line AS (
  SELECT * FROM money JOIN people USING (by1, by2, q)
  UNION ALL
  SELECT '', '', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, within1 * 0, within1 * 0, within2 * 0, within2 * 0, within3 * 0,
    within3 * 0
  FROM c WHERE shown = 'all' AND field1 IS NULL AND NOT EXISTS (SELECT * FROM money)
    AND EXISTS (SELECT * FROM record)),
log_start AS (
  SELECT grp, (SELECT max(p) FROM period WHERE period.first_us <= h.first_us) AS p FROM head h, c
  WHERE NOT nobody AND 'group' IN (coalesce(field1, ''), coalesce(field2, ''))
  UNION ALL SELECT NULL, (SELECT max(p) FROM period WHERE period.first_us <= min(h.first_us)) FROM head h),
dated AS (
  SELECT row_number() OVER (ORDER BY line.by1, line.by2, q) AS r, line.*,
    CASE shown WHEN 'all' THEN 'all' ELSE (SELECT date FROM period WHERE p = q) END AS period,
    shown = 'all' OR (SELECT last_us FROM period WHERE p = q) <= a AS complete,
    -- next is empty while the next period is unfinished, and for all.
    CASE WHEN shown <> 'all' AND (SELECT last_us FROM period WHERE p = q + 1) <= a THEN buyers END AS next_base,
    -- truncated: the period holds the first event of the group's log, of the whole input without groups.
    shown = 'all' OR q = coalesce((SELECT l.p FROM log_start l
      WHERE l.grp = CASE 'group' WHEN field1 THEN line.by1 WHEN field2 THEN line.by2 END),
      (SELECT l.p FROM log_start l WHERE grp IS NULL)) AS truncated,
    (SELECT gap_days FROM gap g WHERE g.by1 = line.by1 AND g.by2 = line.by2 AND g.q = line.q AND i = (n + 1) / 2)
      AS median_gap_days
  FROM line, c),

-- Quotients in millionths, rounded half away from zero from the exact fraction; none of nothing. Wilson's
-- interval where n counts people.
ratio AS (
  SELECT r, name, CASE name WHEN 'repeat' THEN repeat_buyers WHEN 'returning' THEN returning_buyers
      WHEN 'next' THEN next_buyers WHEN 'again_1' THEN again_1 WHEN 'again_2' THEN again_2 WHEN 'again_3' THEN again_3
      WHEN 'repeat_order' THEN repeat_orders WHEN 'per_buyer' THEN orders WHEN 'repeat_net' THEN repeat_net
      WHEN 'aov' THEN net END AS x,
    CASE name WHEN 'next' THEN next_base WHEN 'again_1' THEN again_1_base WHEN 'again_2' THEN again_2_base
      WHEN 'again_3' THEN again_3_base WHEN 'repeat_order' THEN orders WHEN 'repeat_net' THEN net
      WHEN 'aov' THEN 10000 * orders ELSE buyers END AS n
  FROM dated, (SELECT value AS name FROM json_each('["repeat", "returning", "next", "again_1", "again_2", "again_3",
    "repeat_order", "per_buyer", "repeat_net", "aov"]'))),
scaled AS (
  SELECT r, name, x, n, sign(x) * sign(n) * ((2000000 * abs(x) + abs(n)) / (2 * abs(n))) AS v, 1.959963984540054 AS z
  FROM ratio WHERE x IS NOT NULL AND n <> 0),
cell AS (
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
    max(CASE name WHEN 'again_1' THEN rate END) AS again_1_rate,
    max(CASE name WHEN 'again_1' THEN lo END) AS again_1_lo,
    max(CASE name WHEN 'again_1' THEN hi END) AS again_1_hi,
    max(CASE name WHEN 'again_2' THEN rate END) AS again_2_rate,
    max(CASE name WHEN 'again_2' THEN lo END) AS again_2_lo,
    max(CASE name WHEN 'again_2' THEN hi END) AS again_2_hi,
    max(CASE name WHEN 'again_3' THEN rate END) AS again_3_rate,
    max(CASE name WHEN 'again_3' THEN lo END) AS again_3_lo,
    max(CASE name WHEN 'again_3' THEN hi END) AS again_3_hi,
    max(CASE name WHEN 'repeat_order' THEN rate END) AS repeat_order_rate,
    max(CASE name WHEN 'per_buyer' THEN rate END) AS orders_per_buyer,
    max(CASE name WHEN 'repeat_net' THEN rate END) AS repeat_net_share,
    max(CASE name WHEN 'aov' THEN rate END) AS aov
  FROM cell GROUP BY r),
-- Money has 4 digits when any amount of the input has more than 2.
four AS (SELECT EXISTS (SELECT * FROM record WHERE amount % 100 <> 0) AS four)
SELECT by1, by2, period, buyers, orders, repeat_buyers, repeat_rate, lo, hi, repeat_orders, repeat_order_rate,
  new_buyers, returning_buyers, returning_rate, returning_lo, returning_hi,
  next_base, CASE WHEN next_base IS NOT NULL THEN next_buyers END AS next_buyers, next_rate, next_lo, next_hi,
  orders_per_buyer,
  CASE WHEN gmv IS NULL THEN NULL WHEN four THEN printf('%d.%04d', gmv / 10000, gmv % 10000)
    ELSE printf('%d.%02d', gmv / 10000, gmv % 10000 / 100) END AS gmv,
  CASE WHEN net IS NULL THEN NULL
    WHEN four THEN printf('%s%d.%04d', CASE WHEN net < 0 THEN '-' ELSE '' END, abs(net) / 10000, abs(net) % 10000)
    ELSE printf('%s%d.%02d', CASE WHEN net < 0 THEN '-' ELSE '' END, abs(net) / 10000, abs(net) % 10000 / 100)
  END AS net,
  repeat_net_share, aov, median_gap_days,
  again_1_base, again_1, again_1_rate, again_1_lo, again_1_hi,
  again_2_base, again_2, again_2_rate, again_2_lo, again_2_hi,
  again_3_base, again_3, again_3_rate, again_3_lo, again_3_hi,
  complete, truncated
FROM dated LEFT JOIN across USING (r), four ORDER BY by1, by2, period;
