-- Zones of the tests: from each instant on, seconds east of UTC. Havana changes at midnight: one
-- midnight of March does not exist, and in November an hour after midnight is there twice.
DROP TABLE IF EXISTS zone;
CREATE TABLE zone(name, from_us INTEGER, offset_us INTEGER);
WITH z(name, utc, offset) AS (VALUES
  ('UTC', '1900-01-01', 0),
  ('Asia/Shanghai', '1992-01-01', 28800),
  ('America/New_York', '2024-11-03 06:00', -18000),
  ('America/New_York', '2025-03-09 07:00', -14400),
  ('America/New_York', '2025-11-02 06:00', -18000),
  ('America/New_York', '2026-03-08 07:00', -14400),
  ('America/New_York', '2026-11-01 06:00', -18000),
  ('America/New_York', '2027-03-14 07:00', -14400),
  ('America/New_York', '2027-11-07 06:00', -18000),
  ('America/New_York', '2028-03-12 07:00', -14400),
  ('America/Havana', '2024-11-03 05:00', -18000),
  ('America/Havana', '2025-03-09 05:00', -14400),
  ('America/Havana', '2025-11-02 05:00', -18000),
  ('America/Havana', '2026-03-08 05:00', -14400),
  ('America/Havana', '2026-11-01 05:00', -18000),
  ('America/Havana', '2027-03-14 05:00', -14400),
  ('America/Havana', '2027-11-07 05:00', -18000),
  ('America/Havana', '2028-03-12 05:00', -14400))
INSERT INTO zone SELECT name, strftime('%s', utc) * 1000000, offset * 1000000 FROM z;
