/*
 * Days, weeks, months: arithmetic on the proleptic Gregorian calendar, and on civil days of a
 * zone. Whole days are counted, so months and leap years never meet microseconds.
 */
#include "qun/cal.h"

#include "core/clock.h"
#include "qun/num.h"

#include <string.h>

#define ERA_DAYS 146097	    /* 400 years */
#define ERA_OFFSET 719468   /* 0000-03-01 to 1970-01-01 */
#define DAY_LIMIT 700000000 /* days beyond have no year that fits an int */
#define NDAYS_MAX 100000

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* a + b, held at the ends of the range: instants there mean "ever" and "never". */
static int64_t add_held(int64_t a, int64_t b)
{
	int64_t sum;

	if (__builtin_add_overflow(a, b, &sum))
		return b < 0 ? INT64_MIN : INT64_MAX;
	return sum;
}

int qun_weekday(int64_t day)
{
	return (int)((day % 7 + 7 + 3) % 7); /* day 0 was a Thursday */
}

/* Years begin in March here, so that the leap day is the last of its year. */
void qun_civil(int64_t day, int *year, int *month, int *mday)
{
	int64_t z, era, of_era, y, of_year, m;

	day = day < -DAY_LIMIT ? -DAY_LIMIT : day > DAY_LIMIT ? DAY_LIMIT : day;
	z = day + ERA_OFFSET;
	era = floor_div(z, ERA_DAYS);
	of_era = z - era * ERA_DAYS;
	y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	of_year = of_era - (365 * y + y / 4 - y / 100);
	m = (5 * of_year + 2) / 153;
	*mday = (int)(of_year - (153 * m + 2) / 5 + 1);
	*month = (int)(m < 10 ? m + 3 : m - 9);
	*year = (int)(y + era * 400 + (m >= 10));
}

int64_t qun_day_of(int year, int month, int mday)
{
	int64_t y = (int64_t)year - (month <= 2);
	int64_t era = floor_div(y, 400);
	int64_t of_era = y - era * 400;
	int64_t m = month > 2 ? month - 3 : month + 9;
	int64_t of_year = (153 * m + 2) / 5 + mday - 1;

	return era * ERA_DAYS + of_era * 365 + of_era / 4 - of_era / 100 + of_year - ERA_OFFSET;
}

int qun_day_format(struct qun_buf *out, int64_t day)
{
	int year, month, mday;
	char text[] = "0000-00-00";

	qun_civil(day, &year, &month, &mday);
	if (year < 0 || year > 9999)
		return qun_buf_printf(out, "%04d-%02d-%02d", year, month, mday);
	qun_two_digits(text, year / 100);
	qun_two_digits(text + 2, year % 100);
	qun_two_digits(text + 5, month);
	qun_two_digits(text + 8, mday);
	return qun_buf_add(out, text, sizeof(text) - 1);
}

int qun_time_format(struct qun_buf *out, const struct qun_zone *z, int64_t ts)
{
	int32_t offset_s = qun_zone_offset(z, ts, NULL, NULL);
	int32_t east = offset_s < 0 ? -offset_s : offset_s;
	int64_t local = ts + offset_s * QUN_SECOND;
	int64_t day = local / QUN_DAY - (local % QUN_DAY < 0);
	int64_t of_day = local - day * QUN_DAY;
	int second = (int)(of_day / QUN_SECOND);
	int fraction = (int)(of_day % QUN_SECOND), digits = 6;
	char clock[] = "T00:00:00", zone[] = "+00:00";
	size_t len = out->len;
	int rc = qun_day_format(out, day);

	qun_two_digits(clock + 1, second / 3600);
	qun_two_digits(clock + 4, second / 60 % 60);
	qun_two_digits(clock + 7, second % 60);
	if (rc == 0)
		rc = qun_buf_add(out, clock, sizeof(clock) - 1);
	if (rc == 0 && fraction) {
		for (; fraction % 10 == 0; digits--)
			fraction /= 10;
		rc = qun_buf_printf(out, ".%0*d", digits, fraction);
	}
	if (offset_s < 0)
		zone[0] = '-';
	qun_two_digits(zone + 1, east / 3600);
	qun_two_digits(zone + 4, east / 60 % 60);
	if (rc == 0)
		rc = qun_buf_add(out, zone, sizeof(zone) - 1);
	if (rc == 0 && east % 60)
		rc = qun_buf_printf(out, ":%02d", east % 60); /* local mean time */
	if (rc < 0)
		out->len = len;
	return rc;
}

/* Days follow their beginnings. Where the clocks go back over one, the new day has begun and stays,
 * whatever they show; where they skip it, it begins after the gap. */
int64_t qun_cal_day(const struct qun_cal *c, int64_t ts)
{
	int64_t changed;
	int64_t local = add_held(ts, qun_zone_offset(c->zone, ts, &changed, NULL) * QUN_SECOND);
	int64_t day = floor_div(add_held(local, -c->day_start), QUN_DAY);

	if (ts < add_held(changed, QUN_DAY)) {
		if (ts < qun_cal_day_start(c, day))
			day--;
		else if (ts >= qun_cal_day_start(c, day + 1))
			day++;
	}
	return day;
}

int64_t qun_cal_day_start(const struct qun_cal *c, int64_t day)
{
	int64_t local;

	if (__builtin_mul_overflow(day, QUN_DAY, &local))
		return day < 0 ? INT64_MIN : INT64_MAX;
	return qun_zone_instant(c->zone, add_held(local, c->day_start));
}

/* Days from 1970-01-01 back to the week start before it: Monday the 29th or Sunday the 28th. */
static int64_t week_shift(const struct qun_cal *c)
{
	return c->week_start == 7 ? 4 : 3;
}

int64_t qun_period_of_day(const struct qun_cal *c, const struct qun_period *p, int64_t day)
{
	int year, month, mday;

	switch (p->unit) {
	case QUN_ALL: return 0;
	case QUN_BY_DAY: return day;
	case QUN_BY_WEEK: return floor_div(add_held(day, week_shift(c)), 7);
	case QUN_BY_NDAYS: return floor_div(add_held(day, -p->horizon), p->n);
	case QUN_BY_MONTH:
	case QUN_BY_QUARTER:
	case QUN_BY_YEAR: break;
	}
	qun_civil(day, &year, &month, &mday);
	if (p->unit == QUN_BY_MONTH)
		return (int64_t)year * 12 + month - 1;
	if (p->unit == QUN_BY_QUARTER)
		return (int64_t)year * 4 + (month - 1) / 3;
	return year;
}

int64_t qun_period_of(const struct qun_cal *c, const struct qun_period *p, int64_t ts)
{
	return p->unit == QUN_ALL ? 0 : qun_period_of_day(c, p, qun_cal_day(c, ts));
}

/* First day of month number year * 12 + month - 1. */
static int64_t month_day(int64_t index)
{
	int64_t year = floor_div(index, 12);
	int64_t limit = DAY_LIMIT / 366;

	year = year < -limit ? -limit : year > limit ? limit : year;
	return qun_day_of((int)year, (int)((index % 12 + 12) % 12) + 1, 1);
}

/* index * days + first, held at the ends. */
static int64_t block_day(int64_t index, int64_t days, int64_t first)
{
	int64_t day;

	if (__builtin_mul_overflow(index, days, &day))
		return index < 0 ? INT64_MIN : INT64_MAX;
	return add_held(day, first);
}

int64_t qun_period_first_day(const struct qun_cal *c, const struct qun_period *p, int64_t index)
{
	switch (p->unit) {
	case QUN_ALL: return index <= 0 ? INT64_MIN : INT64_MAX;
	case QUN_BY_DAY: return index;
	case QUN_BY_WEEK: return block_day(index, 7, -week_shift(c));
	case QUN_BY_NDAYS: return block_day(index, p->n, p->horizon);
	case QUN_BY_MONTH: return month_day(index);
	case QUN_BY_QUARTER: return month_day(block_day(index, 3, 0));
	case QUN_BY_YEAR: break;
	}
	return month_day(block_day(index, 12, 0));
}

int64_t qun_period_start(const struct qun_cal *c, const struct qun_period *p, int64_t index)
{
	return qun_cal_day_start(c, qun_period_first_day(c, p, index));
}

int64_t qun_period_end(const struct qun_cal *c, const struct qun_period *p, int64_t index)
{
	int64_t next;

	if (p->unit == QUN_ALL)
		return INT64_MAX;
	next = qun_period_start(c, p, add_held(index, 1));
	return next == INT64_MAX ? next : add_held(next, -1);
}

struct qun_block qun_block_of(const struct qun_cal *c, const struct qun_period *p, int64_t ts)
{
	struct qun_block b = {.number = qun_cal_day(c, ts)};
	int64_t first = b.number, next = add_held(first, 1);

	if (p) {
		b.number = qun_period_of_day(c, p, first);
		first = qun_period_first_day(c, p, b.number);
		next = qun_period_first_day(c, p, add_held(b.number, 1));
	}
	b.from = qun_cal_day_start(c, first);
	b.to = qun_cal_day_start(c, next);
	return b;
}

static const struct {
	const char *name;
	enum qun_period_unit unit;
} periods[] = {
	{"day", QUN_BY_DAY},
	{"week", QUN_BY_WEEK},
	{"month", QUN_BY_MONTH},
	{"quarter", QUN_BY_QUARTER},
	{"year", QUN_BY_YEAR},
	{"all", QUN_ALL},
};

int qun_period_parse(struct qun_period *p, const char *text, bool allow_all, struct qun_err *err)
{
	struct qun_span s = qun_span_of(text);
	const char *names[6], *near;
	size_t i, n = sizeof(periods) / sizeof(*periods) - !allow_all;
	int64_t days;

	for (i = 0; i < n; i++) {
		if (strcmp(periods[i].name, text) == 0) {
			*p = (struct qun_period){.unit = periods[i].unit};
			return 0;
		}
		names[i] = periods[i].name;
	}
	if (qun_span_ends(s, "d") && qun_int_parse((struct qun_span){s.ptr, s.len - 1}, &days)) {
		if (days < 1 || days > NDAYS_MAX)
			return qun_fail(err, QUN_EUSAGE, "period '%s': blocks have 1 to %d days",
				text, NDAYS_MAX);
		*p = (struct qun_period){.unit = QUN_BY_NDAYS, .n = (int)days};
		return 0;
	}
	near = qun_nearest(s, names, n);
	if (near)
		return qun_fail(
			err, QUN_EUSAGE, "unknown period '%s', did you mean '%s'?", text, near);
	return qun_fail(err, QUN_EUSAGE,
		"unknown period '%s' (day week month quarter year%s, or 7d)", text,
		allow_all ? " all" : "");
}

int qun_duration_parse(int64_t *us, const char *text, struct qun_err *err)
{
	static const struct {
		char letter;
		int64_t us;
	} units[] = {{'s', QUN_SECOND}, {'m', 60 * QUN_SECOND}, {'h', 3600 * QUN_SECOND},
		{'d', QUN_DAY}, {'w', 7 * QUN_DAY}};
	struct qun_span s = qun_span_of(text);
	int64_t n, length;
	size_t i;

	for (i = 0; s.len > 1 && i < sizeof(units) / sizeof(*units); i++) {
		if (s.ptr[s.len - 1] != units[i].letter ||
			!qun_int_parse((struct qun_span){s.ptr, s.len - 1}, &n) || n < 0)
			continue;
		if (__builtin_mul_overflow(n, units[i].us, &length))
			return qun_fail(err, QUN_EUSAGE, "duration '%s' is too long", text);
		*us = length;
		return 0;
	}
	return qun_fail(err, QUN_EUSAGE,
		"cannot read duration '%s' (expected e.g. 7d, 24h, 30m, 90s, 2w)", text);
}
