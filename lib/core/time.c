/*
 * Times as people and programs write them. A text is read in one pass by a strict grammar over
 * ASCII; anything else is first put into ASCII stand-ins, so the usual text pays nothing for it.
 */
#include "core/clock.h"
#include "qun/cal.h"

#include <string.h>

#define TEXT_MAX 64    /* bytes of the longest time */
#define FRACTION_MAX 9 /* digits behind the second */

/* Stand-ins for what is not ASCII; no text can hold them itself. */
enum { MARK_YEAR = 1, MARK_MONTH, MARK_DAY, MARK_AM, MARK_PM };

/* What a text said. */
struct when {
	int64_t local_us;
	bool has_offset;
	int32_t offset_s;
	bool bare; /* a date without a time */
};

struct date {
	int year, month, day;
	bool compact; /* 20240409 */
	bool closed;  /* 2024年4月9日 ends by itself */
};

struct clock {
	int hour, minute, second;
	int64_t fraction_us;
	int half; /* MARK_AM, MARK_PM, or 0 on a clock of 24 hours */
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool take(struct qun_span *s, char c)
{
	if (s->len == 0 || *s->ptr != c)
		return false;
	s->ptr++;
	s->len--;
	return true;
}

/* An ASCII letter in either case; c is the small one. */
static bool take_letter(struct qun_span *s, char c)
{
	return take(s, c) || take(s, (char)(c - 'a' + 'A'));
}

static size_t take_blanks(struct qun_span *s)
{
	size_t n = 0;

	while (take(s, ' '))
		n++;
	return n;
}

/* A number of least to most digits; false where there are fewer. Further ones stay. */
static bool take_int(struct qun_span *s, int least, int most, int *v)
{
	int n = 0;

	for (*v = 0; n < most && s->len > 0 && is_digit(*s->ptr); n++) {
		*v = *v * 10 + (*s->ptr++ - '0');
		s->len--;
	}
	return n >= least;
}

/* Fraction behind the point, in microseconds; digits beyond are cut off. */
static bool take_fraction(struct qun_span *s, int64_t *us)
{
	int n = 0, scale;

	for (*us = 0; s->len > 0 && is_digit(*s->ptr); n++) {
		if (n < 6)
			*us = *us * 10 + (*s->ptr - '0');
		s->ptr++;
		s->len--;
	}
	for (scale = n; scale < 6; scale++)
		*us *= 10;
	return n >= 1 && n <= FRACTION_MAX;
}

/* AM, a.m., "p. m." or a stand-in; 0 where none stands here. */
static int take_half(struct qun_span *s)
{
	struct qun_span rest = *s;
	int half = 0;

	if (take(&rest, MARK_AM) || take(&rest, MARK_PM)) {
		half = rest.ptr[-1];
	} else if (take_letter(&rest, 'a') || take_letter(&rest, 'p')) {
		half = rest.ptr[-1] == 'a' || rest.ptr[-1] == 'A' ? MARK_AM : MARK_PM;
		if (take(&rest, '.'))
			take(&rest, ' ');
		if (!take_letter(&rest, 'm'))
			return 0;
		take(&rest, '.');
	}
	if (half)
		*s = rest;
	return half;
}

/* The end of a text: nothing, or Z, UTC, GMT, +08:00, +0800, +08, +08:05:43. */
static bool take_zone(struct qun_span *s, struct when *w)
{
	int h = 0, m = 0, sec = 0;
	bool west;

	take_blanks(s);
	if (s->len == 0)
		return true;
	w->has_offset = true;
	if (qun_span_is(*s, "UTC") || qun_span_is(*s, "GMT"))
		return true;
	if (take_letter(s, 'z'))
		return s->len == 0;
	west = take(s, '-');
	if ((!west && !take(s, '+')) || !take_int(s, 2, 2, &h))
		return false;
	if (take(s, ':')) {
		if (!take_int(s, 2, 2, &m) || (take(s, ':') && !take_int(s, 2, 2, &sec)))
			return false;
	} else if (s->len > 0 && !take_int(s, 2, 2, &m)) {
		return false;
	}
	w->offset_s = (h * 3600 + m * 60 + sec) * (west ? -1 : 1);
	return s->len == 0 && h < 24 && m < 60 && sec < 60;
}

/* h:mm[:ss[.frac]], or hhmm[ss[.frac]] behind a compact date. */
static bool take_clock(struct qun_span *s, bool compact, struct clock *c)
{
	bool second;

	if (!take_int(s, 1, 2, &c->hour))
		return false;
	if (take(s, ':')) {
		if (!take_int(s, 2, 2, &c->minute))
			return false;
		second = take(s, ':');
	} else {
		if (!compact || !take_int(s, 2, 2, &c->minute))
			return false;
		second = s->len > 0 && is_digit(*s->ptr);
	}
	if (!second)
		return true;
	return take_int(s, 2, 2, &c->second) &&
	       (!(take(s, '.') || take(s, ',')) || take_fraction(s, &c->fraction_us));
}

/* What follows a date: its separator, the clock with its half of the day, the zone. */
static bool take_time(struct qun_span *s, const struct date *d, struct clock *c, struct when *w)
{
	bool comma = take(s, ',');
	bool apart = take_blanks(s) > 0 || (!comma && take_letter(s, 't'));

	if (!apart &&
		(comma || !(d->closed || d->compact || *s->ptr == MARK_AM || *s->ptr == MARK_PM)))
		return false;
	c->half = take_half(s);
	if (c->half)
		take_blanks(s);
	if (!take_clock(s, d->compact, c))
		return false;
	if (!c->half) {
		struct qun_span rest = *s;

		take_blanks(&rest);
		c->half = take_half(&rest);
		*s = c->half ? rest : *s;
	}
	return take_zone(s, w);
}

static bool take_ymd(struct qun_span *s, struct date *d)
{
	size_t digits = 0;
	char mark;

	while (digits < s->len && digits < 8 && is_digit(s->ptr[digits]))
		digits++;
	d->compact = digits == 8;
	if (!take_int(s, 4, 4, &d->year) || s->len == 0)
		return false;
	mark = *s->ptr;
	if (!d->compact && !take(s, '-') && !take(s, '/') && !take(s, '.') && !take(s, MARK_YEAR))
		return false;
	if (!take_int(s, d->compact ? 2 : 1, 2, &d->month))
		return false;
	if (!d->compact && !take(s, mark == MARK_YEAR ? MARK_MONTH : mark))
		return false;
	if (!take_int(s, d->compact ? 2 : 1, 2, &d->day))
		return false;
	d->closed = mark == MARK_YEAR;
	return !d->closed || take(s, MARK_DAY);
}

/* Jan, as in 02-Mar-26 */
static bool take_month(struct qun_span *s, int *month)
{
	static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";

	for (*month = 1; *month <= 12; ++*month) {
		const char *name = names + 3 * (*month - 1);
		struct qun_span rest = *s;
		if (take_letter(&rest, name[0]) && take_letter(&rest, name[1]) && take_letter(&rest, name[2])) {
			*s = rest;
			return true;
		}
	}
	return false;
}

/* a/b/year; two digits of a year are those of 1970 to 2069. */
static bool take_dmy(struct qun_span *s, bool month_first, struct date *d)
{
	int *first = month_first ? &d->month : &d->day;
	int *second = month_first ? &d->day : &d->month;
	const char *from;
	char mark;

	if (!take_int(s, 1, 2, first) || s->len == 0)
		return false;
	mark = *s->ptr;
	if (!take(s, '/') && !take(s, '.') && !take(s, '-'))
		return false;
	if (!take_int(s, 1, 2, second) && (mark != '-' || month_first || !take_month(s, second)))
		return false;
	if (!take(s, mark))
		return false;
	from = s->ptr;
	if (!take_int(s, 2, 4, &d->year))
		return false;
	if (s->ptr - from == 2)
		d->year += d->year < 70 ? 2000 : 1900;
	return s->ptr - from != 3;
}

static bool when_set(struct when *w, const struct date *d, const struct clock *c)
{
	static const char lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = d->year % 4 == 0 && (d->year % 100 != 0 || d->year % 400 == 0);
	int hour = c->hour;

	if (d->month < 1 || d->month > 12 || d->day < 1 ||
		d->day > lengths[d->month - 1] + (leap && d->month == 2))
		return false;
	if (c->minute > 59 || c->second > 59 || hour > (c->half ? 12 : 23))
		return false;
	if (c->half)
		hour = hour % 12 + (c->half == MARK_PM ? 12 : 0);
	w->local_us = qun_day_of(d->year, d->month, d->day) * QUN_DAY +
		      (hour * 3600 + c->minute * 60 + c->second) * QUN_SECOND + c->fraction_us;
	return true;
}

static int two_digits(const char *p, bool *bad)
{
	unsigned tens = (unsigned)(p[0] - '0'), ones = (unsigned)(p[1] - '0');

	*bad |= (tens > 9) | (ones > 9);
	return (int)(tens * 10 + ones);
}

/* 2024-04-09 11:54:00 and what may follow it: nearly every time there is, so with few branches. */
static bool read_usual(struct qun_span s, struct when *w)
{
	const char *p = s.ptr;
	struct date d = {0};
	struct clock c = {0};
	bool bad;

	if (s.len < 19)
		return false;
	bad = (p[4] ^ p[7]) | ((p[4] != '-') & (p[4] != '/')) | ((p[10] != ' ') & (p[10] != 'T')) |
	      (p[13] ^ ':') | (p[16] ^ ':');
	d.year = two_digits(p, &bad) * 100 + two_digits(p + 2, &bad);
	d.month = two_digits(p + 5, &bad);
	d.day = two_digits(p + 8, &bad);
	c.hour = two_digits(p + 11, &bad);
	c.minute = two_digits(p + 14, &bad);
	c.second = two_digits(p + 17, &bad);
	s.ptr += 19;
	s.len -= 19;
	if (bad || (take(&s, '.') && !take_fraction(&s, &c.fraction_us)) || !take_zone(&s, w))
		return false;
	return when_set(w, &d, &c);
}

static const struct {
	const char *text, *plain;
} stand_ins[] = {
	{"年", "\1"}, {"月", "\2"}, {"日", "\3"}, {"上午", "\4"}, {"午前", "\4"}, {"오전", "\4"},
	{"下午", "\5"}, {"午後", "\5"}, {"오후", "\5"},
	/* kinds of blank, and marks that nobody sees */
	{"\u00a0", " "}, {"\u2009", " "}, {"\u202f", " "}, {"\u3000", " "}, {"\u200e", ""},
	{"\u200f", ""}, {"\u202a", ""}, {"\u202c", ""}, {"\ufeff", ""},
};

/* Puts *s into ASCII and stand-ins; false where it holds anything else or is too long. */
static bool make_plain(struct qun_span *s, char plain[TEXT_MAX])
{
	size_t n = 0, i;

	if (s->len > TEXT_MAX)
		return false;
	while (s->len > 0) {
		if (*s->ptr >= ' ' && *s->ptr <= '~') {
			plain[n++] = *s->ptr++;
			s->len--;
			continue;
		}
		for (i = 0; i < sizeof(stand_ins) / sizeof(*stand_ins); i++)
			if (qun_span_starts(*s, stand_ins[i].text))
				break;
		if (i == sizeof(stand_ins) / sizeof(*stand_ins))
			return false;
		if (*stand_ins[i].plain)
			plain[n++] = *stand_ins[i].plain;
		s->ptr += strlen(stand_ins[i].text);
		s->len -= strlen(stand_ins[i].text);
	}
	*s = qun_span_trim((struct qun_span){plain, n});
	return true;
}

static bool read_text(struct qun_span s, enum qun_time_style style, struct when *w)
{
	char plain[TEXT_MAX];
	struct date d = {0};
	struct clock c = {0};

	s = qun_span_trim(s);
	*w = (struct when){0};
	if (style == QUN_TIME_YMD && read_usual(s, w))
		return true;
	*w = (struct when){0};
	if (!make_plain(&s, plain))
		return false;
	if (!(style == QUN_TIME_YMD ? take_ymd(&s, &d) : take_dmy(&s, style == QUN_TIME_MDY, &d)))
		return false;
	w->bare = s.len == 0;
	return (w->bare || take_time(&s, &d, &c, w)) && when_set(w, &d, &c);
}

/* Eight digits at once, the first one in the lowest byte; negative where one is none. */
static int64_t eight_digits(uint64_t d)
{
	if (((d + UINT64_C(0x7676767676767676)) | d) & UINT64_C(0x8080808080808080))
		return -1;
	d = d * 10 + (d >> 8); /* pairs, in every other byte */
	return (int64_t)(((d & UINT64_C(0xff000000ff)) * ((UINT64_C(1000000) << 32) + 100) +
		(d >> 16 & UINT64_C(0xff000000ff)) * ((UINT64_C(10000) << 32) + 1)) >> 32);
}

/* Epochs of our time, 9 to 16 digits and nothing else. */
static bool read_digits(struct qun_span s, int64_t *whole)
{
	static const uint64_t zeros = UINT64_C(0x3030303030303030);
	static const int64_t scale[] = {10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000};
	int64_t first, last;

	if (s.len < 9 || s.len > 16)
		return false;
	first = eight_digits(qun_short_word(s.ptr) - zeros);
	last = eight_digits((qun_short_word(s.ptr + s.len - 8) - zeros) & UINT64_MAX << 8 * (16 - s.len));
	*whole = first * scale[s.len - 9] + last;
	return first >= 0 && last >= 0;
}

/* Digits in one of the epoch units; only seconds have a fraction. */
static bool read_epoch(struct qun_span s, enum qun_time_style style, int64_t *ts)
{
	static const int64_t units_us[] = {[QUN_TIME_EPOCH_S] = QUN_SECOND,
		[QUN_TIME_EPOCH_MS] = 1000, [QUN_TIME_EPOCH_US] = 1};
	int64_t whole = 0, fraction = 0;
	size_t n;

	s = qun_span_trim(s);
	if (read_digits(s, &whole))
		return !__builtin_mul_overflow(whole, units_us[style], ts);
	whole = 0;
	for (n = 0; n < s.len && is_digit(s.ptr[n]); n++)
		if (__builtin_mul_overflow(whole, 10, &whole) ||
			__builtin_add_overflow(whole, s.ptr[n] - '0', &whole))
			return false;
	if (n == 0 || __builtin_mul_overflow(whole, units_us[style], &whole))
		return false;
	s.ptr += n;
	s.len -= n;
	if (style == QUN_TIME_EPOCH_S && take(&s, '.') && !take_fraction(&s, &fraction))
		return false;
	return s.len == 0 && !__builtin_add_overflow(whole, fraction, ts);
}

static bool in_years(int64_t ts, int64_t slack)
{
	return ts >= QUN_TIME_MIN - slack && ts <= QUN_TIME_MAX + slack;
}

unsigned qun_time_guess(struct qun_span s)
{
	unsigned bits = 0;
	struct when w = {0};
	int64_t ts;
	int style;

	/* A year and a dash begin neither a number nor a day or month. */
	if (read_usual(qun_span_trim(s), &w))
		return in_years(w.local_us, QUN_DAY) ? 1U << QUN_TIME_YMD : 0;
	for (style = QUN_TIME_EPOCH_S; style <= QUN_TIME_EPOCH_US; style++)
		if (read_epoch(s, (enum qun_time_style)style, &ts) && in_years(ts, 0))
			bits |= 1U << style;
	for (style = QUN_TIME_YMD; style <= QUN_TIME_MDY; style++)
		if (read_text(s, (enum qun_time_style)style, &w) && in_years(w.local_us, QUN_DAY))
			bits |= 1U << style;
	return bits;
}

/* The unit of an epoch by its size: seconds have up to 11 digits before the year 2200, milliseconds 14. */
static enum qun_time_style style_of(struct qun_span s)
{
	size_t digits = 0;

	s = qun_span_trim(s);
	while (digits < s.len && is_digit(s.ptr[digits]))
		digits++;
	if (!digits || (digits < s.len && s.ptr[digits] != '.'))
		return QUN_TIME_YMD;
	/* 2024.4.9 is a date, 1712634840.123456 is none */
	if (digits < s.len && memchr(s.ptr + digits + 1, '.', s.len - digits - 1))
		return QUN_TIME_YMD;
	return digits < 12 ? QUN_TIME_EPOCH_S : digits < 15 ? QUN_TIME_EPOCH_MS : QUN_TIME_EPOCH_US;
}

int qun_time_parse(
	struct qun_span s, enum qun_time_style style, const struct qun_zone *z, int64_t *ts)
{
	struct when w;
	int64_t read;

	if (style == QUN_TIME_EACH)
		style = style_of(s);
	switch (style) {
	case QUN_TIME_EPOCH_S:
	case QUN_TIME_EPOCH_MS:
	case QUN_TIME_EPOCH_US:
		if (!read_epoch(s, style, &read))
			return QUN_EDATA;
		break;
	case QUN_TIME_YMD:
	case QUN_TIME_DMY:
	case QUN_TIME_MDY:
		if (!read_text(s, style, &w))
			return QUN_EDATA;
		read = w.has_offset ? w.local_us - w.offset_s * QUN_SECOND
				    : qun_zone_instant(z, w.local_us);
		break;
	case QUN_TIME_AUTO:
	default: return QUN_EDATA;
	}
	if (!in_years(read, 0))
		return QUN_EDATA;
	*ts = read;
	return 0;
}

/* Keeps the day of a time just read, where every clock of that day means what it says. */
static void keep_day(struct qun_time_memo *m, struct qun_span s, const struct qun_zone *z)
{
	enum { TAIL_MAX = 8 };
	char text[10 + 9 + TAIL_MAX];
	size_t tail = s.len - 19;
	struct when w = {0};
	int64_t from = INT64_MIN, to = INT64_MAX;

	m->len = 0;
	if (tail > TAIL_MAX || (s.ptr[10] != 'T' && s.ptr[10] != ' '))
		return;
	memcpy(text, s.ptr, 10);
	memcpy(text + 10, "T00:00:00", 9);
	memcpy(text + 19, s.ptr + 19, tail);
	if (!read_usual((struct qun_span){text, s.len}, &w) || w.local_us % QUN_DAY != 0)
		return; /* a fraction stands in the tail */
	m->midnight = w.has_offset ? w.local_us - w.offset_s * QUN_SECOND : qun_zone_instant(z, w.local_us);
	if (!w.has_offset)
		qun_zone_offset(z, m->midnight, &from, &to);
	if (!in_years(m->midnight, 0) || !in_years(m->midnight + QUN_DAY, 0) ||
		(from != INT64_MIN && from > m->midnight - QUN_DAY) || to < m->midnight + 2 * QUN_DAY)
		return;
	m->date = qun_short_word(s.ptr);
	m->before = qun_short_half(s.ptr + 7);
	m->tail = qun_short_word(s.ptr + s.len - 8);
	m->tail_mask = tail ? UINT64_MAX << (64 - 8 * tail) : 0;
	m->len = (uint32_t)s.len;
}

int qun_time_parse_next(struct qun_time_memo *m, struct qun_span s, enum qun_time_style style,
	const struct qun_zone *z, int64_t *ts)
{
	int rc;

	if (qun_clock_read(m, s, ts))
		return 0;
	rc = qun_time_parse(s, style, z, ts);
	if (rc == 0 && style == QUN_TIME_YMD && s.len >= 19)
		keep_day(m, s, z);
	return rc;
}

static int64_t day_moment(const struct qun_cal *c, int64_t day, bool end)
{
	return end ? qun_cal_day_start(c, day + 1) - 1 : qun_cal_day_start(c, day);
}

int qun_moment_parse(struct qun_span s, const struct qun_cal *c, int64_t now, bool bare_date_end,
	int64_t *ts, struct qun_err *err)
{
	char text[TEXT_MAX];
	int64_t read = 0, length;
	struct when w;
	bool ok = true;

	s = qun_span_trim(s);
	if (qun_span_is(s, "now")) {
		read = now;
	} else if (qun_span_is(s, "today") || qun_span_is(s, "yesterday")) {
		read = day_moment(c, qun_cal_day(c, now) - (*s.ptr == 'y'), bare_date_end);
	} else if (s.len > 1 && s.len <= TEXT_MAX && *s.ptr == '-') {
		memcpy(text, s.ptr + 1, s.len - 1);
		text[s.len - 1] = '\0';
		ok = qun_duration_parse(&length, text, NULL) == 0 &&
		     !__builtin_sub_overflow(now, length, &read);
	} else if (read_text(s, QUN_TIME_YMD, &w)) {
		if (w.bare)
			read = day_moment(c, w.local_us / QUN_DAY, bare_date_end);
		else
			read = w.has_offset ? w.local_us - w.offset_s * QUN_SECOND
					    : qun_zone_instant(c->zone, w.local_us);
	} else {
		ok = read_epoch(s, QUN_TIME_EPOCH_S, &read);
	}
	s.len = s.len < TEXT_MAX ? s.len : TEXT_MAX;
	if (!ok)
		return qun_fail(err, QUN_EUSAGE,
			"cannot read time '%.*s' (expected e.g. 2024-04-09, now, -28d)",
			(int)s.len, s.len ? s.ptr : "");
	if (!in_years(read, QUN_DAY))
		return qun_fail(
			err, QUN_EUSAGE, "time '%.*s' is outside 1970 to 2200", (int)s.len, s.ptr);
	*ts = read;
	return 0;
}
