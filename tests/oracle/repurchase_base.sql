-- What the tables of repurchase start from: history, the orders of each buyer inside each --by value.
DROP TABLE IF EXISTS temp.asked;
CREATE TEMP TABLE asked AS
SELECT o.*, m.*,
  -- For --clv days with an order count.
  CASE WHEN count(*) FILTER (WHERE name = 'clv') THEN 'day' ELSE max(value) FILTER (WHERE name = 'collapse') END AS collapse
FROM o LEFT JOIN moment m ON 1 JOIN opt;

DROP TABLE IF EXISTS temp.history;
CREATE TEMP TABLE history AS
WITH
-- One event per valid order, dated by its earliest line; --where and --group choose which count. --by source is that
-- of the join that opened the interval holding the order, role is the person's newest.
bought AS (
  SELECT e.tie, e.n, e.user, e.printed, CASE unit WHEN 'member' THEN e.grp ELSE '' END AS unit_grp, e.grp, e.ts, e.day, e.p,
    v.key, v.gross, coalesce(person.role, '') AS role, coalesce((
      SELECT r.source FROM interval i LEFT JOIN record r ON r.n = i.join_n AND i.opening = 'join'
      WHERE i.user = e.user AND i.grp = e.grp AND i.from_us <= e.ts AND coalesce(i.to_us, e.ts) >= e.ts
      ORDER BY i.from_us LIMIT 1), '') AS join_source
  FROM event e JOIN valid_order v USING (n) JOIN person USING (user), asked
  WHERE e.type = 'order' AND counted AND counts),

-- A product, and any further column, is read on the order line: an order is in the table of every value of
-- its lines, with the amounts of those lines; a refund row reduces the value it names, no product if it
-- names none. Validity and date are those of the whole order.
line_value AS (
  SELECT b.*, l.product, l.amount, is_refund, (
    SELECT json_group_array(CASE f.field WHEN 'group' THEN grp WHEN 'source' THEN join_source WHEN 'role' THEN role
      WHEN 'user' THEN b.printed
      ELSE (SELECT value FROM cell WHERE cell.field = f.field AND cell.n = l.n) END) FROM by_field f) AS by_key
  FROM bought b JOIN order_row l USING (user, key)),
part AS (
  SELECT v.*,
    CASE WHEN gross IS NOT NULL THEN coalesce(sum(CASE WHEN NOT is_refund THEN amount END), 0) END AS part_gross,
    CASE WHEN gross IS NOT NULL THEN coalesce(sum(CASE WHEN NOT is_refund THEN amount
      WHEN refund = 'net' AND (product <> '' OR 'product' NOT IN (SELECT field FROM by_field))
        THEN -abs(amount) END), 0) END AS part_net
  FROM line_value v, asked
  GROUP BY n, by_key HAVING max(NOT is_refund)),

-- --collapse day: a buyer's orders of a civil day inside the --by value are one: earliest time, summed amounts,
-- unknown if one is unknown.
purchase AS (
  SELECT by_key, user, unit_grp, min(tie) AS tie, min(ts) AS ts, day, p,
    CASE WHEN count(part_net) = count(*) THEN sum(part_gross) END AS gross,
    CASE WHEN count(part_net) = count(*) THEN sum(part_net) END AS net
  FROM part, asked GROUP BY by_key, user, unit_grp, CASE collapse WHEN 'day' THEN day ELSE -tie END)

-- Firsts, repeats and people are counted inside each --by value: nr 1 is the buyer's first in the whole log.
SELECT h.*, row_number() OVER w AS nr, day - lag(day) OVER w AS gap_days, lead(ts) OVER w AS next_ts,
  lead(day) OVER w AS next_day, first_value(ts) OVER w AS first_ts
FROM purchase h WINDOW w AS (PARTITION BY by_key, user, unit_grp ORDER BY tie);
CREATE INDEX temp.history_of ON history(user, unit_grp, by_key);
