/*
 * IRC logs of irssi, and of bots and bouncers that write "[time] <nick> text". Lines have a time of
 * day only; the day comes from marker lines, or from the name of the file.
 */
#include "text/irc.h"

#include <string.h>

enum { LINE };

static const struct qun_mapping map[] = {
	{"line", QUN_F_RAW + LINE},
	{NULL, 0},
};

struct memory {
	int64_t day; /* number of the civil day; meaningful where dated */
	bool dated, asked; /* asked: the file's name was looked at */
};

/* Digits of exactly that many places, at most 8. */
static bool digits(struct qun_span s, size_t at, size_t n, int *v)
{
	*v = 0;
	for (size_t i = at; i < at + n; i++) {
		if (i >= s.len || s.ptr[i] < '0' || s.ptr[i] > '9')
			return false;
		*v = *v * 10 + (s.ptr[i] - '0');
	}
	return true;
}

static bool set_day(int y, int m, int d, int64_t *day)
{
	int yy, mm, dd;

	if (y < 1970 || y > 2200 || m < 1 || m > 12 || d < 1 || d > 31)
		return false;
	*day = qun_day_of(y, m, d);
	qun_civil(*day, &yy, &mm, &dd);
	return mm == m && dd == d;
}

/* 2026-03-02, with any sign or none between the numbers. */
static bool date_at(struct qun_span s, size_t at, int64_t *day, size_t *len)
{
	int y, m, d;
	bool apart = at + 4 < s.len && strchr("-._/", s.ptr[at + 4]);

	*len = apart ? 10 : 8;
	return digits(s, at, 4, &y) && digits(s, at + 4 + apart, 2, &m) && digits(s, at + 6 + 2 * apart, 2, &d) &&
		set_day(y, m, d, day);
}

/* Tue Sep 20 00:01:49 2016, Wed Sep 21 2016: the month's name, then the day; the year is last. */
static bool marker_date(struct qun_span s, int64_t *day)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	int month, d, y;

	s = qun_span_trim(s);
	for (size_t at = 0; at + 3 < s.len; at++) {
		for (month = 1; month <= 12 && memcmp(names + 3 * (month - 1), s.ptr + at, 3) != 0; month++)
			continue;
		if (month > 12 || (at && s.ptr[at - 1] != ' '))
			continue;
		for (at += 3; at < s.len && s.ptr[at] == ' '; at++)
			continue;
		if (!digits(s, at, 2, &d) && !digits(s, at, 1, &d))
			return false;
		return s.len >= 4 && digits(s, s.len - 4, 4, &y) && set_day(y, month, d, day);
	}
	return false;
}

static bool marker_of(struct qun_span line, struct qun_span *date)
{
	static const char *const marks[] = {"--- Log opened ", "--- Day changed ", "--- Log closed "};

	for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++) {
		if (qun_span_starts(line, marks[i])) {
			*date = (struct qun_span){line.ptr + strlen(marks[i]), line.len - strlen(marks[i])};
			return true;
		}
	}
	return false;
}

/* Time of day in microseconds at the start of a line, after a date if there is one; moves past it. */
static bool take_time(struct qun_span *line, int64_t *day, bool *dated, int64_t *us)
{
	struct qun_span s = *line;
	bool bracket = qun_span_starts(s, "[");
	size_t at = bracket, len;
	int h, m, sec = 0;

	*dated = date_at(s, at, day, &len) && at + len < s.len && strchr(" T", s.ptr[at + len]);
	at += *dated ? len + 1 : 0;
	if (!digits(s, at, 2, &h) || at + 2 >= s.len || s.ptr[at + 2] != ':' || !digits(s, at + 3, 2, &m))
		return false;
	at += 5;
	if (at < s.len && s.ptr[at] == ':') {
		if (!digits(s, at + 1, 2, &sec))
			return false;
		at += 3;
	}
	if (bracket && (at >= s.len || s.ptr[at++] != ']'))
		return false;
	if (h > 23 || m > 59 || sec > 59 || (at < s.len && s.ptr[at] != ' '))
		return false;
	*us = (h * 3600 + m * 60 + sec) * QUN_SECOND;
	at += at < s.len;
	*line = (struct qun_span){s.ptr + at, s.len - at};
	return true;
}

/* <nick> text; the nick's closing bracket is the first one behind a letter. */
static bool take_said(struct qun_span s, struct qun_span *nick, struct qun_span *text)
{
	const char *end = s.len > 2 && s.ptr[0] == '<' ? memchr(s.ptr + 1, '>', s.len - 1) : NULL;

	if (!end || end == s.ptr + 1)
		return false;
	*nick = (struct qun_span){s.ptr + 1, (size_t)(end - s.ptr) - 1};
	*text = (struct qun_span){end + 1, (size_t)(s.ptr + s.len - end) - 1};
	if (qun_span_starts(*text, " ")) {
		text->ptr++;
		text->len--;
	}
	return qun_irc_nick(*nick).len > 0 && qun_span_find(qun_irc_nick(*nick), " ", 0) < 0;
}

static int recognise(const struct qun_sample *s)
{
	struct qun_span date, nick, text;
	int64_t day, us;
	bool dated;

	if (s->container != QUN_TEXT)
		return 0;
	for (size_t i = 0; i < s->nrecord; i++) {
		struct qun_span line = qun_span_trim(s->record[i].cell[0].s);
		if (!line.len)
			continue;
		if (marker_of(line, &date))
			return 95;
		if (!take_time(&line, &day, &dated, &us))
			return 0;
		return take_said(line, &nick, &text) || qun_span_starts(line, "*** ") || qun_span_starts(line, "-!- ") ? 80 : 0;
	}
	return 0;
}

/* The day in the name of the file. */
static bool day_of_file(const char *file, int64_t *day)
{
	const char *name = strrchr(file, '/');
	struct qun_span s = qun_span_of(name ? name + 1 : file);
	size_t len;

	for (size_t at = 0; at + 8 <= s.len; at++) {
		bool begins = at == 0 || s.ptr[at - 1] < '0' || s.ptr[at - 1] > '9';
		if (begins && date_at(s, at, day, &len))
			return true;
	}
	return false;
}

static int say(struct qun_hook *hook, struct qun_event *ev, struct qun_span line)
{
	static const char *const notices[] = {"-!- ", "*** "};
	struct qun_span nick, text;

	for (size_t i = 0; i < sizeof(notices) / sizeof(*notices); i++) {
		if (qun_span_starts(line, notices[i]))
			return qun_irc_notice(hook, ev, (struct qun_span){line.ptr + 4, line.len - 4});
	}
	if (take_said(line, &nick, &text))
		return qun_irc_said(hook, ev, nick, text);
	line = qun_span_trim(line);
	if (!qun_span_starts(line, "* "))
		return qun_irc_notice(hook, ev, line);
	text = qun_span_trim((struct qun_span){line.ptr + 2, line.len - 2});
	ptrdiff_t blank = qun_span_find(text, " ", 0);
	nick = (struct qun_span){text.ptr, blank < 0 ? text.len : (size_t)blank};
	return nick.len ? qun_irc_said(hook, ev, nick, text) : qun_irc_notice(hook, ev, line);
}

static int event(struct qun_hook *hook, struct qun_event *ev)
{
	struct memory *m = hook->memory;
	struct qun_span line = hook->raw[LINE].s, date, channel = qun_irc_channel(hook->file);
	int64_t day = 0, us = 0;
	bool dated = false;

	hook->part = true;
	if (!qun_span_trim(line).len)
		return 0;
	if (marker_of(line, &date)) {
		if (!marker_date(date, &day))
			return hook->bad(hook, "time", NULL, "cannot read the date of a marker line");
		m->day = day;
		m->dated = true;
		return 0;
	}
	hook->part = false;
	if (!m->dated && !m->asked)
		m->dated = day_of_file(hook->file, &m->day);
	m->asked = true;
	if (!take_time(&line, &day, &dated, &us))
		return hook->bad(hook, "time", NULL, "a line without a time");
	if (!dated && !m->dated)
		return hook->bad(hook, "time", NULL, "no line or file name tells the day of this line");
	ev->ts = qun_zone_instant(hook->zone, (dated ? day : m->day) * QUN_DAY + us);
	if (channel.len && qun_span_is(ev->field[QUN_F_GROUP], "-"))
		ev->field[QUN_F_GROUP] = channel;
	return say(hook, ev, line);
}

/* Lines are whole as they come: the end of the file ends none. */
static int end(struct qun_hook *hook)
{
	hook->part = true;
	return 0;
}

const struct qun_format qun_format_irc = {
	.name = "irc",
	.brief = "IRC log of irssi, or of a bot ([time] <nick> text)",
	.containers = QUN_TEXT,
	.recognise = recognise,
	.map = map,
	.time = QUN_TIME_YMD,
	.memory_size = sizeof(struct memory),
	.event = event,
	.end = end,
};
