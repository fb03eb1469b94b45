/* Zones, days and periods against the C library's own zones, known facts and brute force. */
#include <inttypes.h>
#include <string.h>

#include "core.h"
#include "core_zones.h"

/* The zone of the C library agrees at an instant. */
static bool same_offset(const struct qun_zone *z, int64_t ts)
{
	time_t t = (time_t)(ts / QUN_SECOND);
	struct tm tm;

	return localtime_r(&t, &tm) && tm.tm_gmtoff == qun_zone_offset(z, ts, NULL, NULL);
}

static void test_offsets(void)
{
	for (size_t i = 0; i < COUNT(zones); i++) {
		struct qun_zone *z = NULL;
		char what[128];
		int64_t from, to, bad = 0;
		size_t changes = 0;

		use_zone(zones[i]);
		if (qun_zone_open(&z, NULL, NULL) < 0 || strcmp(qun_zone_name(z), zones[i]) != 0) {
			report(false, zones[i]);
			qun_zone_close(z);
			continue;
		}
		for (int j = 0; j < 4000; j++)
			bad += !same_offset(z, (int64_t)draw((uint64_t)QUN_TIME_MAX));
		for (int64_t ts = QUN_TIME_MIN; ts <= QUN_TIME_MAX; ts = to, changes++) {
			int32_t offset = qun_zone_offset(z, ts, &from, &to);

			bad += from > ts || to <= ts || !same_offset(z, ts);
			if (to > QUN_TIME_MAX)
				break;
			bad += !same_offset(z, to - 1) || !same_offset(z, to) ||
			       qun_zone_offset(z, to, NULL, NULL) == offset;
		}
		snprintf(what, sizeof(what), "%s agrees with the C library, %zu changes", zones[i],
			changes);
		report(bad == 0, what);
		qun_zone_close(z);
	}
	use_zone("UTC");
}

/* Blocks of instants around changes of the offset, by day and by period. */
static void test_blocks(void)
{
	static const char *const words[] = {"day", "week", "month", "quarter", "year", "11d", "all"};
	struct qun_period p;
	int64_t bad = 0;

	for (size_t i = 0; i < COUNT(zones); i++) {
		struct qun_cal c = {.week_start = i % 2 ? 1 : 7, .day_start = (int64_t)(i % 3) * 5 * 3600 * QUN_SECOND};
		struct qun_zone *z = NULL;

		bad += qun_zone_open(&z, zones[i], NULL) < 0;
		c.zone = z;
		for (int j = 0; j < 4000 && z; j++) {
			int64_t ts = (int64_t)draw((uint64_t)QUN_TIME_MAX), from, to, other;
			bool by_day = qun_period_parse(&p, words[j % COUNT(words)], true, NULL) == 0 && draw(2);
			struct qun_block b;

			qun_zone_offset(z, ts, &from, &to);
			if (draw(2) && to < QUN_TIME_MAX)
				ts = to - 1 + (int64_t)draw(2);
			p.horizon = (int64_t)draw(20000);
			b = qun_block_of(&c, by_day ? NULL : &p, ts);
			bad += !qun_block_holds(&b, ts);
			from = b.from < QUN_TIME_MIN ? QUN_TIME_MIN : b.from;
			to = b.to > QUN_TIME_MAX ? QUN_TIME_MAX : b.to;
			for (int k = 0; k < 5; k++) {
				other = k == 0 ? from : k == 1 ? to - 1 : from + (int64_t)draw((uint64_t)(to - from));
				bad += (by_day ? qun_cal_day(&c, other) : qun_period_of(&c, &p, other)) != b.number;
			}
		}
		qun_zone_close(z);
	}
	report(bad == 0, "a block of instants has one day or period");
}

static void test_facts(void)
{
	static const struct {
		const char *zone, *last, *next; /* the instants around a change, from zdump -v */
		int32_t before_s, after_s;
	} facts[] = {
		{"Asia/Shanghai", "1986-05-03 17:59:59", "1986-05-03 18:00:00", 28800, 32400},
		{"Asia/Shanghai", "1991-09-14 16:59:59", "1991-09-14 17:00:00", 32400, 28800},
		{"America/New_York", "2018-11-04 05:59:59", "2018-11-04 06:00:00", -14400, -18000},
		{"Europe/London", "2018-03-25 00:59:59", "2018-03-25 01:00:00", 0, 3600},
		{"Australia/Lord_Howe", "2018-03-31 14:59:59", "2018-03-31 15:00:00", 39600, 37800},
		{"America/Sao_Paulo", "2018-11-04 02:59:59", "2018-11-04 03:00:00", -10800, -7200},
	};
	struct qun_zone *z = NULL;
	int64_t from = 0, to = 0;
	bool ok = true;

	for (size_t i = 0; i < COUNT(facts); i++) {
		z = NULL;
		ok &= qun_zone_open(&z, facts[i].zone, NULL) == 0 &&
		      qun_zone_offset(z, at(facts[i].last), NULL, NULL) == facts[i].before_s &&
		      qun_zone_offset(z, at(facts[i].next), NULL, NULL) == facts[i].after_s;
		qun_zone_close(z);
	}
	/* The C library errs by hours on the turn of the year here; RFC 8536 says all the year is
	 * summer. */
	ok &= qun_zone_open(&z, "XYZ3ZYX4,0/0,J365/23", NULL) == 0 &&
	      qun_zone_offset(z, at("2024-01-01 01:00"), &from, &to) == -14400 && from < 0 &&
	      to > QUN_TIME_MAX;
	qun_zone_close(z);
	report(ok, "known changes of offset fall on their second");
}

/* By definition: the first instant that shows the local time, else that of the offset before. */
static int64_t instant_brute(const struct qun_zone *z, int64_t local)
{
	int64_t best = INT64_MAX, before = INT64_MIN;
	int64_t ts, step = 900 * QUN_SECOND;

	for (ts = local - 27 * 4 * step; ts <= local + 27 * 4 * step; ts += step) {
		int64_t offset = qun_zone_offset(z, ts, NULL, NULL) * QUN_SECOND;

		if (qun_zone_offset(z, local - offset, NULL, NULL) * QUN_SECOND == offset &&
			local - offset < best)
			best = local - offset;
		if (ts + offset <= local)
			before = offset;
	}
	return best < INT64_MAX ? best : local - before;
}

static void test_instants(void)
{
	bool ok = true;

	for (size_t i = 0; i < COUNT(zones); i++) {
		struct qun_zone *z = NULL;
		int64_t ts, to = 0;

		if (qun_zone_open(&z, zones[i], NULL) < 0) {
			ok = false;
			continue;
		}
		for (int j = 0; j < 60; j++) {
			int64_t local = (int64_t)draw((uint64_t)QUN_TIME_MAX / 3);

			qun_zone_offset(z, local, NULL, &to);
			if (to < QUN_TIME_MAX) /* near a change, to the second and beyond */
				local = to + qun_zone_offset(z, to, NULL, NULL) * QUN_SECOND +
					((int64_t)draw(10800) - 7200) * QUN_SECOND -
					(int64_t)draw(2);
			ts = qun_zone_instant(z, local);
			if (ts != instant_brute(z, local)) {
				printf("# %s %" PRId64 "\n", zones[i], local);
				ok = false;
			}
		}
		qun_zone_close(z);
	}
	report(ok, "local times become instants: gaps forward, folds first");
}

static bool starts(const char *zone, int64_t day, int64_t day_start, const char *utc)
{
	struct qun_cal c = {.week_start = 1, .day_start = day_start};
	struct qun_zone *z = NULL;
	bool ok = qun_zone_open(&z, zone, NULL) == 0;

	c.zone = z;
	ok = ok && qun_cal_day_start(&c, day) == at(utc) && qun_cal_day(&c, at(utc)) == day;
	qun_zone_close(z);
	return ok;
}

static void test_days(void)
{
	struct qun_zone *z = NULL;
	struct qun_cal c = {.week_start = 1};
	bool ok = true;
	int y, m, d;

	for (int64_t day = -800000; day < 200000; day++) {
		qun_civil(day, &y, &m, &d);
		ok &= qun_day_of(y, m, d) == day;
	}
	qun_civil(0, &y, &m, &d);
	ok &= y == 1970 && m == 1 && d == 1 && qun_weekday(0) == 3 && qun_weekday(-4) == 6;
	qun_civil(qun_day_of(2000, 2, 29) + 1, &y, &m, &d);
	ok &= y == 2000 && m == 3 && d == 1 &&
	      qun_day_of(1900, 3, 1) - qun_day_of(1900, 2, 28) == 1;
	report(ok, "civil dates and day numbers are one to one");
	ok = starts("Asia/Shanghai", qun_day_of(2024, 4, 9), 0, "2024-04-08 16:00:00");
	ok &= starts("Asia/Shanghai", qun_day_of(2024, 4, 9), 4 * 3600 * QUN_SECOND,
		"2024-04-08 20:00:00");
	ok &= starts("America/Sao_Paulo", qun_day_of(2018, 11, 4), 0,
		"2018-11-04 03:00:00"); /* no midnight */
	ok &= starts("America/Havana", qun_day_of(2018, 11, 4), 0,
		"2018-11-04 04:00:00"); /* two midnights */
	report(ok, "days begin at midnight, or where midnight would have been");
	ok = qun_zone_open(&z, "Pacific/Apia", NULL) == 0;
	c.zone = z;
	ok &= qun_cal_day_start(&c, qun_day_of(2011, 12, 30)) ==
	      qun_cal_day_start(&c, qun_day_of(2011, 12, 31));
	ok &= qun_cal_day(&c, INT64_MIN) < -100000000 && qun_cal_day(&c, INT64_MAX) > 100000000;
	ok &= qun_cal_day_start(&c, INT64_MIN) == INT64_MIN &&
	      qun_cal_day_start(&c, INT64_MAX) == INT64_MAX;
	report(ok, "a skipped day is empty, and ever and never do not overflow");
	qun_zone_close(z);
}

/* A clock that goes back over the beginning of a day, or skips it, tells each instant one day. */
static void test_begun_days(void)
{
	static const struct {
		const char *zone, *around;
		int64_t day_start_minutes;
	} cases[] = {
		{"America/St_Johns", "2006-10-29", 0}, /* 00:01 becomes 23:01 */
		{"America/New_York", "2026-11-01", 90},
		{"America/New_York", "2026-03-08", 150},
		{"America/Havana", "2026-11-01", 30},
		{"America/Havana", "2026-03-08", 0},
		{"Pacific/Apia", "2011-12-30", 720},
	};
	bool ok = true;

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct qun_zone *z = NULL;
		struct qun_cal c = {.week_start = 1, .day_start = cases[i].day_start_minutes * 60 * QUN_SECOND};
		int64_t from = at(cases[i].around) - 2 * QUN_DAY, last = 0;

		ok &= qun_zone_open(&z, cases[i].zone, NULL) == 0;
		c.zone = z;
		for (int minute = 0; ok && minute < 4 * 1440; minute++) {
			int64_t ts = from + minute * 60 * QUN_SECOND, day = qun_cal_day(&c, ts);

			ok &= qun_cal_day_start(&c, day) <= ts && ts < qun_cal_day_start(&c, day + 1);
			ok &= !minute || day >= last;
			last = day;
		}
		qun_zone_close(z);
	}
	report(ok, "days follow their beginnings where clocks change over them");
}

static void test_periods(void)
{
	static const struct {
		const char *period, *day, *first, *last;
	} cases[] = {
		{"week", "2021-01-01", "2020-12-28", "2021-01-03"}, /* ISO week 53 */
		{"week", "2024-04-14", "2024-04-08", "2024-04-14"},
		{"week", "1970-01-01", "1969-12-29", "1970-01-04"},
		{"month", "2024-02-29", "2024-02-01", "2024-02-29"},
		{"month", "2023-12-31", "2023-12-01", "2023-12-31"},
		{"quarter", "2024-05-31", "2024-04-01", "2024-06-30"},
		{"quarter", "2023-12-31", "2023-10-01", "2023-12-31"},
		{"year", "2100-12-31", "2100-01-01", "2100-12-31"},
		{"day", "2024-04-09", "2024-04-09", "2024-04-09"},
		{"10d", "2024-04-19", "2024-04-19", "2024-04-28"},
		{"10d", "2024-04-08", "2024-03-30", "2024-04-08"},
		{"sunday", "2024-04-14", "2024-04-14", "2024-04-20"},
	};
	struct qun_zone *z = NULL;
	struct qun_cal c = {.week_start = 1};
	struct qun_period p;
	struct qun_buf b = {0};
	bool ok = qun_zone_open(&z, "Asia/Shanghai", NULL) == 0;

	c.zone = z;
	for (size_t i = 0; i < COUNT(cases); i++) {
		bool sunday = strcmp(cases[i].period, "sunday") == 0;
		int64_t index, day = at(cases[i].day) / QUN_DAY;

		c.week_start = sunday ? 7 : 1;
		ok &= qun_period_parse(&p, sunday ? "week" : cases[i].period, false, NULL) == 0;
		p.horizon = qun_day_of(2024, 4, 9);
		index = qun_period_of_day(&c, &p, day);
		ok &= qun_period_of(&c, &p, qun_cal_day_start(&c, day)) == index;
		qun_day_format(&b, qun_period_first_day(&c, &p, index));
		ok &= buf_is(&b, cases[i].first);
		qun_day_format(&b, qun_cal_day(&c, qun_period_end(&c, &p, index)));
		ok &= buf_is(&b, cases[i].last);
		ok &= qun_period_end(&c, &p, index) + 1 == qun_period_start(&c, &p, index + 1);
	}
	report(ok, "periods hold their days");
	ok = qun_period_parse(&p, "all", true, NULL) == 0 &&
	     qun_period_of(&c, &p, INT64_MAX) == 0 && qun_period_start(&c, &p, 0) == INT64_MIN &&
	     qun_period_end(&c, &p, 0) == INT64_MAX;
	ok &= qun_period_parse(&p, "all", false, NULL) == QUN_EUSAGE &&
	      qun_period_parse(&p, "0d", true, NULL) < 0 &&
	      qun_period_parse(&p, "weekly", true, NULL) < 0;
	for (size_t i = 0; i < 6; i++) {
		static const char *const words[] = {
			"day", "week", "month", "quarter", "year", "7d"};

		qun_period_parse(&p, words[i], true, NULL);
		qun_period_of_day(&c, &p, INT64_MIN);
		qun_period_end(&c, &p, INT64_MAX);
		qun_period_start(&c, &p, INT64_MIN);
	}
	report(ok, "all time is one period, and words are checked");
	qun_zone_close(z);
	qun_buf_release(&b);
}

static void test_zone_names(void)
{
	static const char *const bad[] = {"", "/etc/passwd", "../zoneinfo/UTC", "Asia",
		"Asia/Nowhere", "Asia/Shanghai/", "zone.tab", "EST5EDT,M13.1.0,M11.1.0", "AB3",
		"right/UTC"};
	struct qun_zone *z = NULL;
	struct qun_err err = {0};
	bool ok = true;

	for (size_t i = 0; i < COUNT(bad); i++)
		if (qun_zone_open(&z, bad[i], &err) >= 0 || !err.msg[0]) {
			printf("# '%s' was opened\n", bad[i]);
			ok = false;
		}
	ok &= qun_zone_open(&z, "shanghai", &err) == QUN_EUSAGE && strstr(err.msg, "Asia/Shanghai");
	use_zone(":Europe/London");
	ok &= qun_zone_open(&z, NULL, NULL) == 0 && strcmp(qun_zone_name(z), "Europe/London") == 0;
	qun_zone_close(z);
	unsetenv("TZ");
	ok &= qun_zone_open(&z, NULL, NULL) == 0;
	qun_zone_close(z);
	use_zone("UTC");
	report(ok, "unknown zones are refused with a near one");
}

int main(void)
{
	use_zone("UTC");
	test_offsets();
	test_blocks();
	test_facts();
	test_instants();
	test_days();
	test_begun_days();
	test_periods();
	test_zone_names();
	printf("1..%d\n", tests);
	return failures > 0;
}
