/* Times, moments and durations as people and programs write them. */
#include <inttypes.h>
#include <string.h>

#include "core.h"
#include "core_zones.h"

enum {
	S = 1 << QUN_TIME_EPOCH_S,
	MS = 1 << QUN_TIME_EPOCH_MS,
	US = 1 << QUN_TIME_EPOCH_US,
	YMD = 1 << QUN_TIME_YMD,
	DMY = 1 << QUN_TIME_DMY,
	MDY = 1 << QUN_TIME_MDY
};

static const struct {
	const char *text;
	unsigned guess;
	const char *utc; /* its instant under the last style guessed, in a zone of +08:00 */
} times[] = {
	{"2024-04-09 11:54:00", YMD, "2024-04-09T03:54:00Z"},
	{"2024-04-09T11:54", YMD, "2024-04-09T03:54:00Z"},
	{"2024-04-09T11:54:00Z", YMD, "2024-04-09T11:54:00Z"},
	{"2024-04-09T11:54:00.5+0200", YMD, "2024-04-09T09:54:00.5Z"},
	{"2024-04-09 11:54:00 +0200", YMD, "2024-04-09T09:54:00Z"},
	{"2024-04-09 11:54:00 UTC", YMD, "2024-04-09T11:54:00Z"},
	{"2024-04-09T11:54:00-05", YMD, "2024-04-09T16:54:00Z"},
	{"2026-03-02T09:00:01.1230009+08:00", YMD, "2026-03-02T01:00:01.123Z"},
	{"2024-04-09", YMD, "2024-04-08T16:00:00Z"},
	{"2024/4/9 1:05", YMD, "2024-04-08T17:05:00Z"},
	{"2024.4.9", YMD, "2024-04-08T16:00:00Z"},
	{"2024年4月9日 11:54", YMD, "2024-04-09T03:54:00Z"},
	{"2024年4月9日下午3:34", YMD, "2024-04-09T07:34:00Z"},
	{"2024年4月9日", YMD, "2024-04-08T16:00:00Z"},
	{"2024/4/9 上午12:30", YMD, "2024-04-08T16:30:00Z"},
	{"20240409", YMD | S | MS | US, "2024-04-08T16:00:00Z"},
	{"20240409T115400", YMD, "2024-04-09T03:54:00Z"},
	{"20240409115400", YMD | US, "2024-04-09T03:54:00Z"},
	{"20241309", S | MS | US, "1970-01-01T00:00:20.241309Z"},
	{"4/9/2024 11:54 AM", DMY | MDY, "2024-04-09T03:54:00Z"},
	{"25/12/2020, 3:34:09 p. m.", DMY, "2020-12-25T07:34:09Z"},
	{"12/25/69 12:00 am", MDY, "2069-12-24T16:00:00Z"},
	{"09.04.70", DMY | MDY, "1970-09-03T16:00:00Z"},
	{"\u200e14/10/2021, 3:34:09\u202fPM", DMY, "2021-10-14T07:34:09Z"},
	{"14-10-2021 03:34:09", DMY, "2021-10-13T19:34:09Z"},
	{"1772413201", S | MS | US, "1970-01-01T00:29:32.413201Z"},
	{"1772413201.000200", S, "2026-03-02T01:00:01.0002Z"},
	{"1772413201000", MS | US, "1970-01-21T12:20:13.201Z"},
	{"1772413201000200", US, "2026-03-02T01:00:01.0002Z"},
	{"2024-04-31", 0, NULL},
	{"2023-02-29", 0, NULL},
	{"2024-04-09 24:00:00", 0, NULL},
	{"2024-04-09 23:59:60", 0, NULL},
	{"2024-04-09 11:60", 0, NULL},
	{"2024-04-09 13:00 PM", 0, NULL},
	{"2024-04-09x", 0, NULL},
	{"2024-04/09", 0, NULL},
	{"2024-04-0911:54", 0, NULL},
	{"2024-04-09 11:54:00.", 0, NULL},
	{"2024-04-09 11:54:00.1234567890", 0, NULL},
	{"2024-04-09 11", 0, NULL},
	{"2024-04-09 11:54 +25:00", 0, NULL},
	{"2024-04-09,", 0, NULL},
	{"2024-04-09T", 0, NULL},
	{"4/9/024", 0, NULL},
	{"13/13/2024", 0, NULL},
	{"", 0, NULL},
	{" ", 0, NULL},
	{"-5", 0, NULL},
	{"abc", 0, NULL},
	{"1969-12-30", 0, NULL},
	{"2201-02-01", 0, NULL},
	{"99999999999999999999", 0, NULL},
	{"1e9", 0, NULL},
	{"2024-04-09\x01", 0, NULL},
	{"2024\x01"
	 "4\x02"
	 "9\x03",
		0, NULL},
};

static void test_times(void)
{
	struct qun_zone *z = NULL;
	bool ok = qun_zone_open(&z, "Asia/Shanghai", NULL) == 0;
	int64_t ts;

	for (size_t i = 0; i < COUNT(times); i++) {
		struct qun_span s = qun_span_of(times[i].text);
		unsigned guess = qun_time_guess(s);
		int style, last = 0;
		bool same = guess == times[i].guess;

		for (style = QUN_TIME_EPOCH_S; style <= QUN_TIME_MDY; style++) {
			bool can = qun_time_parse(s, (enum qun_time_style)style, z, &ts) == 0;

			same &= can == (guess >> style & 1);
			last = can ? style : last;
		}
		if (last)
			qun_time_parse(s, (enum qun_time_style)last, z, &ts);
		if (!same || (last && ts != at(times[i].utc))) {
			printf("# '%s': guess %x, %" PRId64 "\n", times[i].text, guess,
				last ? ts : -1);
			ok = false;
		}
	}
	report(ok, "every style of time is known, and nothing else");
	ok = qun_time_parse(qun_span_of("2024-04-09"), QUN_TIME_AUTO, z, &ts) == QUN_EDATA;
	ok &= qun_time_parse(qun_span_of("1970-01-01 07:59:59"), QUN_TIME_YMD, z, &ts) == QUN_EDATA;
	ok &= qun_time_parse(qun_span_of("1970-01-01 08:00:00"), QUN_TIME_YMD, z, &ts) == 0 &&
	      ts == 0;
	ok &= qun_time_parse(qun_span_of("2201-01-01 07:59:59.999999"), QUN_TIME_YMD, z, &ts) ==
		      0 &&
	      ts == QUN_TIME_MAX;
	ok &= qun_time_parse(qun_span_of("2201-01-01 08:00"), QUN_TIME_YMD, z, &ts) == QUN_EDATA;
	report(ok, "times outside 1970 to 2200 are refused");
	qun_zone_close(z);
}

/* The day kept from the time before changes nothing: all forms, near changes of the offset, days apart. */
static void test_next_times(void)
{
	static const char *const apart[] = {" ", "T", "  ", "", " 2", "x"};
	static const char *const tail[] = {"", "+08:00", "Z", ".250", " ", ":60", "+8", " UTC", ".25Z", "-08:00"};
	bool ok = true;

	for (size_t i = 0; i < COUNT(zones); i++) {
		struct qun_time_memo memo = {0};
		struct qun_zone *z = NULL;
		int64_t day = 0;

		ok &= qun_zone_open(&z, zones[i], NULL) == 0;
		for (int j = 0; j < 20000; j++) {
			struct qun_buf b = {0};
			char text[64];
			int64_t got = 7, expected = 7;
			int rc;

			if (draw(8) == 0)
				day = (int64_t)draw((uint64_t)QUN_TIME_MAX / QUN_DAY) * QUN_DAY;
			qun_time_format(&b, z, day + (int64_t)draw(2 * 86400) * QUN_SECOND);
			snprintf(text, sizeof(text), "%.10s%s%.*s%s", b.ptr, apart[draw(4) ? 0 : draw(COUNT(apart))],
				draw(8) ? 8 : 5, b.ptr + 11, tail[draw(4) ? 0 : draw(COUNT(tail))]);
			rc = qun_time_parse(qun_span_of(text), QUN_TIME_YMD, z, &expected);
			ok &= qun_time_parse_next(&memo, qun_span_of(text), QUN_TIME_YMD, z, &got) == rc && got == expected;
			qun_buf_release(&b);
		}
		qun_zone_close(z);
	}
	report(ok, "a time of the same day as the one before is the same time");
}

static void test_formats(void)
{
	struct qun_zone *z = NULL;
	struct qun_buf b = {0};
	bool ok = true;

	for (size_t i = 0; i < COUNT(zones); i++) {
		ok &= qun_zone_open(&z, zones[i], NULL) == 0;
		for (int j = 0; j < 200; j++) {
			int64_t back, ts = (int64_t)draw((uint64_t)QUN_TIME_MAX);

			ts -= draw(2) ? ts % QUN_SECOND : 0;
			qun_buf_clear(&b);
			ok &= qun_time_format(&b, z, ts) == 0 &&
			      qun_time_parse(qun_buf_span(&b), QUN_TIME_YMD, z, &back) == 0 &&
			      back == ts;
		}
		qun_zone_close(z);
		z = NULL;
	}
	qun_buf_clear(&b);
	ok &= qun_zone_open(&z, "America/St_Johns", NULL) == 0 &&
	      qun_time_format(&b, z, at("2024-01-01T00:00:00.25Z")) == 0;
	ok &= buf_is(&b, "2023-12-31T20:30:00.25-03:30");
	qun_zone_close(z);
	qun_buf_release(&b);
	report(ok, "times are written so that they read back");
}

static void test_moments(void)
{
	static const struct {
		const char *text;
		bool end;
		const char *utc;
	} cases[] = {
		{"now", true, "2024-04-09T12:00:00Z"},
		{"today", false, "2024-04-08T20:00:00Z"},
		{"yesterday", true, "2024-04-08T19:59:59.999999Z"},
		{"-28d", false, "2024-03-12T12:00:00Z"},
		{"-90s", true, "2024-04-09T11:58:30Z"},
		{"2024-04-09", false, "2024-04-08T20:00:00Z"},
		{"2024-04-09", true, "2024-04-09T19:59:59.999999Z"},
		{"2024-04-09 10:00", true, "2024-04-09T02:00:00Z"},
		{"1712664000", true, "2024-04-09T12:00:00Z"},
		{"20240409", false, "2024-04-08T20:00:00Z"},
	};
	static const char *const bad[] = {
		"", "tomorrow", "-", "-5", "-28x", "28d", "9/4/2024", "1969-01-01", "-999999d"};
	struct qun_cal c = {.week_start = 1, .day_start = 4 * 3600 * QUN_SECOND};
	struct qun_zone *z = NULL;
	struct qun_err err = {0};
	int64_t ts;
	bool ok = qun_zone_open(&z, "Asia/Shanghai", NULL) == 0;

	c.zone = z;
	for (size_t i = 0; i < COUNT(cases); i++)
		if (qun_moment_parse(qun_span_of(cases[i].text), &c, at("2024-04-09 12:00"),
			    cases[i].end, &ts, &err) < 0 ||
			ts != at(cases[i].utc)) {
			printf("# '%s'\n", cases[i].text);
			ok = false;
		}
	for (size_t i = 0; i < COUNT(bad); i++) {
		int rc = qun_moment_parse(
			qun_span_of(bad[i]), &c, at("2024-04-09 12:00"), false, &ts, &err);

		ok &= rc == QUN_EUSAGE && err.code == rc && err.msg[0];
	}
	report(ok, "moments of a user, with days that begin at four");
	ok = qun_duration_parse(&ts, "2w", NULL) == 0 && ts == 14 * QUN_DAY &&
	     qun_duration_parse(&ts, "90s", NULL) == 0 && ts == 90 * QUN_SECOND &&
	     qun_duration_parse(&ts, "7", &err) < 0 && qun_duration_parse(&ts, "-7d", &err) < 0 &&
	     qun_duration_parse(&ts, "", &err) < 0 &&
	     qun_duration_parse(&ts, "999999999999w", &err) == QUN_EUSAGE;
	report(ok, "durations");
	qun_zone_close(z);
}

int main(void)
{
	use_zone("UTC");
	test_times();
	test_next_times();
	test_formats();
	test_moments();
	printf("1..%d\n", tests);
	return failures > 0;
}
