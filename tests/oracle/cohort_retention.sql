-- cohort-retention: of the people born in period c, how many return k periods later?
WITH
-- Every offset from 0 to the period of A; brackets: 0 and those that begin by A for the cohort's
-- first day.
last_p AS (SELECT max(p) AS p FROM period, asked WHERE first_us <= a),
day_of_a AS (SELECT max(day) AS day FROM civil, asked WHERE start_us <= a),
offset_cell AS (
  SELECT b.b, b.user, b.unit_grp, b.by_key, b.p, b.ts, q.p - b.p AS k, q.p - b.p AS label,
    q.last_us AS period_last_us,
    CASE clock WHEN 'elapsed' THEN b.ts + (q.p - b.p + 1) * length_us - 1
      ELSE min(q.last_us, a) END AS moment_us
  FROM birth b, asked, last_p JOIN period q ON q.p BETWEEN b.p AND min(last_p.p, b.p + periods)
  WHERE mode <> 'bracket'
  UNION ALL
  SELECT b.b, b.user, b.unit_grp, b.by_key, b.p, b.ts, k, word,
    (SELECT start_us - 1 FROM civil WHERE civil.day = last_day + high + 1),
    b.ts + (high + 1) * 86400000000 - 1
  FROM birth b JOIN period q USING (p)
    JOIN bracket ON first_day + low <= (SELECT day FROM day_of_a), asked
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
    mode = 'member' AND asked.removed = 'censored' AND (SELECT u.removed FROM unit_interval u
      WHERE u.user = cell.user AND u.unit_grp = cell.unit_grp AND u.end_us < moment_us
      ORDER BY end_us DESC, u.removed DESC LIMIT 1) AS was_removed,
    coalesce(hits, 0) AS hits,
    sum(k > 0 AND coalesce(hits, 0)) OVER (PARTITION BY cell.b ORDER BY k) AS hits_so_far,
    (SELECT max(k) FROM hit h WHERE h.b = cell.b AND h.hits) AS last_hit
  FROM offset_cell cell LEFT JOIN hit USING (b, k), asked),
ruled AS MATERIALIZED (
  SELECT state.*, ended AND (inside OR NOT coalesce(was_removed, 0)) AS is_eligible,
    CASE WHEN mode = 'member' THEN inside WHEN k = 0 THEN hits
      WHEN mode IN ('on', 'bracket') THEN hits WHEN mode = 'after' THEN coalesce(last_hit >= k, 0)
      WHEN mode = 'before' THEN hits_so_far > 0
      WHEN mode = 'streak' THEN hits_so_far = k END AS is_retained
  FROM state, asked),
-- --value: the amounts of the returns that count, inside the range of the mode, of those retained.
worth AS (
  SELECT r.b, r.k, sum(h.amount) AS value, sum(h.unknown) AS unknown
  FROM ruled r JOIN hit h ON h.b = r.b AND h.hits, asked
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
  FROM judged, asked GROUP BY judged.by_key, p, k),
-- The first offset with eligible 0 ends a cohort's rows.
shown AS MATERIALIZED (
  SELECT total.*, min(eligible) OVER (PARTITION BY by_key, p ORDER BY k) > 0 AS open FROM total),
log_start AS MATERIALIZED (
  SELECT by_key, (SELECT max(p) FROM period WHERE period.first_us <= coalesce((
      SELECT h.first_us FROM by_field f JOIN head h ON h.grp = by_key ->> (f.i - 1) WHERE f.field = 'group' AND NOT nobody),
    (SELECT min(first_us) FROM head))) AS p
  FROM (SELECT DISTINCT by_key FROM shown)),
cohort AS MATERIALIZED (
  SELECT s.by_key, date AS cohort, k, label, size, eligible, retained, value, unknown, complete,
    NOT by_join AND cohorts = 'first' AND NOT known AND s.p = l.p AS truncated
  FROM shown s JOIN period USING (p) JOIN log_start l USING (by_key), asked WHERE open),
-- --average: over complete cells that are not truncated; simple is the mean of the rates. A mean of
-- fractions that ends in exactly one half is rounded up, however the quotients fell.
row AS (
  SELECT cohort.*, NULL AS mean, 1 AS has_interval FROM cohort
  UNION ALL
  SELECT cohort.by_key, 'all', k, label, sum(size), sum(eligible), sum(retained), sum(value),
    sum(unknown), 1, 0,
    CASE average WHEN 'simple' THEN CAST(avg(1.0 * retained / eligible) * 1e6 + 0.5 + 1e-7 AS INTEGER) END,
    average = 'pooled' AND cohorts = 'first'
  FROM cohort, asked WHERE average <> 'none' AND complete AND NOT truncated
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
FROM bound s, money, asked WHERE people IS NULL
UNION ALL
-- --people COHORT:K: who is behind one cell. The cohort goes by any day of its period.
SELECT j.by_key, NULL, NULL, label, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, unit_grp, printed,
  coalesce(name, ''), k
FROM judged j JOIN person USING (user) JOIN civil USING (p), asked
WHERE civil.day = strftime('%s', substr(people, 1, 10)) / 86400 AND CAST(label AS TEXT) = substr(people, 12)
  AND is_eligible AND is_retained <> lost
ORDER BY by_key, cohort, k, "group", user;
