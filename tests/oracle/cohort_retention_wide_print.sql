-- --wide: one row a cohort, a column of rates for each offset that some cohort has.
WITH
heading AS (SELECT offset, min(k) AS k FROM result GROUP BY offset),
cells AS (
  SELECT by_key, cohort, size, (SELECT group_concat(coalesce((SELECT rate FROM result r
    WHERE r.by_key = c.by_key AND r.cohort = c.cohort AND r.k = h.k), '')) FROM (SELECT k FROM heading ORDER BY k) h) AS rates
  FROM result c WHERE k = 0),
csv AS (
  SELECT (SELECT group_concat(CASE WHEN value GLOB '*[",' || char(10, 13) || ']*'
    THEN '"' || replace(value, '"', '""') || '"' ELSE value END) FROM json_each(by_key)) AS by_values, c.*
  FROM cells c)
SELECT line FROM (
  SELECT NULL AS by_key, NULL AS cohort, 0 AS place, coalesce((SELECT group_concat(field) FROM by_field) || ',', '')
    || 'cohort,size' || coalesce(',' || (SELECT group_concat(offset) FROM (SELECT offset FROM heading ORDER BY k)), '') AS line
  UNION ALL
  SELECT by_key, cohort, 1, coalesce(by_values || ',', '') || cohort || ',' || size || ',' || rates FROM csv)
ORDER BY place, (SELECT group_concat((value IN ('all', '*')) || value || char(1), '') FROM json_each(by_key)), cohort;
