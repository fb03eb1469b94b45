/*
 * A zone is a table of instants at which its offset changes, read from tzdata and continued to
 * the year 2201 by the rule in the file's footer; every question is a binary search in it.
 */
#include "qun/cal.h"


#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RULE_FIRST 1900 /* a bare rule has held since then */
#define RULE_LAST 2201
#define FILE_MAX (size_t)(1 << 20)
#define OFFSET_MAX (26 * 3600)	  /* seconds, as RFC 8536 allows */
#define EVER_S (INT64_C(1) << 40) /* transitions beyond are no dates */
#define HELD (INT64_C(1) << 62)	  /* instants beyond are held there: no sum overflows */
#define ZONEINFO "/usr/share/zoneinfo"

struct shift {
	int64_t at; /* first instant with this offset; INT64_MIN for the first */
	int32_t offset_s;
};

struct qun_zone {
	struct shift *shift;
	size_t n, cap;
	char *name;
};

/* What a POSIX TZ rule says: "EST5EDT,M3.2.0,M11.1.0". */
struct rule_day {
	char kind; /* M: week of a month, J: day without 29 February, 0: day with it */
	int month, week, day;
	int32_t time_s;
};

struct rule {
	int32_t std_s, dst_s;
	bool has_dst;
	struct rule_day start, end;
};

/* Appends a change of the offset, which undoes those that are not before it; one that changes
 * nothing is left out. */
static int zone_put(struct qun_zone *z, int64_t at, int32_t offset_s)
{
	int rc;

	while (z->n > 0 && z->shift[z->n - 1].at >= at)
		z->n--;
	if (z->n > 0 && z->shift[z->n - 1].offset_s == offset_s)
		return 0;
	rc = qun_grow(&z->shift, &z->cap, z->n, sizeof(*z->shift));
	if (rc == 0)
		z->shift[z->n++] = (struct shift){at, offset_s};
	return rc;
}

static bool rule_char(const char **p, char c)
{
	if (**p != c)
		return false;
	++*p;
	return true;
}

/* A number of 1 to 3 digits up to most. */
static bool rule_int(const char **p, int least, int most, int *v)
{
	const char *from = *p;
	int n = 0;

	while (*p - from < 3 && **p >= '0' && **p <= '9')
		n = n * 10 + (*(*p)++ - '0');
	*v = n;
	return *p > from && n >= least && n <= most;
}

/* A name: three or more letters, or anything alphanumeric in angle brackets. */
static bool rule_name(const char **p)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	size_t n;

	if (rule_char(p, '<')) {
		*p += strcspn(*p, ">");
		return rule_char(p, '>');
	}
	n = strspn(*p, letters);
	*p += n;
	return n >= 3;
}

/* [+-]h[:mm[:ss]] in seconds. */
static bool rule_time(const char **p, int most_h, int32_t *s)
{
	int sign = rule_char(p, '-') ? -1 : 1;
	int h, m = 0, sec = 0;

	if (sign > 0)
		rule_char(p, '+');
	if (!rule_int(p, 0, most_h, &h))
		return false;
	if (rule_char(p, ':') &&
		(!rule_int(p, 0, 59, &m) || (rule_char(p, ':') && !rule_int(p, 0, 59, &sec))))
		return false;
	*s = sign * (h * 3600 + m * 60 + sec);
	return true;
}

static bool rule_date(const char **p, struct rule_day *d)
{
	bool ok;

	*d = (struct rule_day){.time_s = 7200};
	if (rule_char(p, 'M')) {
		d->kind = 'M';
		ok = rule_int(p, 1, 12, &d->month) && rule_char(p, '.') &&
		     rule_int(p, 1, 5, &d->week) && rule_char(p, '.') && rule_int(p, 0, 6, &d->day);
	} else {
		d->kind = rule_char(p, 'J') ? 'J' : '0';
		ok = rule_int(p, d->kind == 'J', 365, &d->day);
	}
	return ok && (!rule_char(p, '/') || rule_time(p, 167, &d->time_s));
}

static bool rule_parse(const char *p, struct rule *r)
{
	*r = (struct rule){0};
	if (!rule_name(&p) || !rule_time(&p, 24, &r->std_s))
		return false;
	r->std_s = -r->std_s; /* POSIX counts west of Greenwich */
	if (!*p)
		return true;
	r->has_dst = true;
	if (!rule_name(&p))
		return false;
	r->dst_s = r->std_s + 3600;
	if (*p && *p != ',') {
		if (!rule_time(&p, 24, &r->dst_s))
			return false;
		r->dst_s = -r->dst_s;
	}
	if (!*p)
		p = ",M3.2.0,M11.1.0"; /* what POSIX leaves open and everybody takes */
	return rule_char(&p, ',') && rule_date(&p, &r->start) && rule_char(&p, ',') &&
	       rule_date(&p, &r->end) && !*p;
}

/* Instant of a rule's date in a year, told by a clock that shows offset_s. */
static int64_t rule_instant(const struct rule_day *d, int year, int32_t offset_s)
{
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
	int64_t day;

	if (d->kind == 'M') {
		int64_t next = d->month == 12 ? qun_day_of(year + 1, 1, 1)
					      : qun_day_of(year, d->month + 1, 1);

		day = qun_day_of(year, d->month, 1);
		/* Rules count weekdays from Sunday = 0, and the fifth one means the last. */
		day += (d->day - 1 - qun_weekday(day) + 14) % 7 + 7 * (d->week - 1);
		while (day >= next)
			day -= 7;
	} else {
		day = qun_day_of(year, 1, 1) + d->day;
		if (d->kind == 'J')
			day -= !(leap && d->day >= 60);
	}
	return (day * 86400 + d->time_s - offset_s) * QUN_SECOND;
}

/* Continues the table by the rule for everything after `last`; INT64_MIN: it is all there is. */
static int zone_continue(struct qun_zone *z, const struct rule *r, int64_t last)
{
	int year = RULE_FIRST, month, mday, rc = 0;

	if (last == INT64_MIN)
		rc = zone_put(z, last, r->std_s);
	if (!r->has_dst)
		return rc;
	if (last > INT64_MIN)
		qun_civil(last / QUN_DAY, &year, &month, &mday);
	for (year -= year > RULE_FIRST; rc == 0 && year <= RULE_LAST; year++) {
		struct shift a = {rule_instant(&r->start, year, r->std_s), r->dst_s};
		struct shift b = {rule_instant(&r->end, year, r->dst_s), r->std_s};
		struct shift first = a.at <= b.at ? a : b, second = a.at <= b.at ? b : a;

		if (first.at > last)
			rc = zone_put(z, first.at, first.offset_s);
		if (rc == 0 && second.at > last)
			rc = zone_put(z, second.at, second.offset_s);
	}
	return rc;
}

/* A block of a TZif file: the counts of its header, and its data. */
struct tzif {
	size_t times, types, chars, leaps, std, ut;
	const unsigned char *data;
};

static uint64_t be(const unsigned char *p, int n)
{
	uint64_t v = 0;

	while (n-- > 0)
		v = v << 8 | *p++;
	return v;
}

/* Takes a block, with times of `wide` bytes, off the front of *s; false where it does not fit. */
static bool tzif_block(struct qun_span *s, size_t wide, struct tzif *t)
{
	const unsigned char *p = (const unsigned char *)s->ptr;
	size_t len;

	if (s->len < 44 || !qun_span_starts(*s, "TZif") || p[4] < '2')
		return false;
	t->ut = be(p + 20, 4);
	t->std = be(p + 24, 4);
	t->leaps = be(p + 28, 4);
	t->times = be(p + 32, 4);
	t->types = be(p + 36, 4);
	t->chars = be(p + 40, 4);
	t->data = p + 44;
	len = t->times * (wide + 1) + t->types * 6 + t->chars + t->leaps * (wide + 4) + t->std +
	      t->ut;
	if (len > s->len - 44 || t->types == 0)
		return false;
	s->ptr += 44 + len;
	s->len -= 44 + len;
	return true;
}

/* Offset of a local time type; false where the file is damaged. */
static bool tzif_offset(const struct tzif *t, size_t type, int32_t *offset_s)
{
	if (type >= t->types)
		return false;
	*offset_s = (int32_t)(uint32_t)be(t->data + t->times * 9 + type * 6, 4);
	return *offset_s > -OFFSET_MAX && *offset_s < OFFSET_MAX;
}

/* Fills the table from the 64-bit block. *last is the instant of its last transition. */
static int zone_fill(struct qun_zone *z, const struct tzif *t, int64_t *last)
{
	int64_t before = INT64_MIN;
	int32_t offset_s;
	size_t i;
	int rc;

	if (!tzif_offset(t, 0, &offset_s))
		return QUN_EDATA;
	rc = zone_put(z, INT64_MIN, offset_s);
	for (i = 0; rc == 0 && i < t->times; i++) {
		int64_t at_s = (int64_t)be(t->data + i * 8, 8);

		if (!tzif_offset(t, t->data[t->times * 8 + i], &offset_s) ||
			(i > 0 && at_s <= before))
			return QUN_EDATA;
		before = at_s;
		if (at_s >= EVER_S)
			break;
		*last = at_s > -EVER_S ? at_s * QUN_SECOND : INT64_MIN;
		rc = zone_put(z, *last, offset_s);
	}
	return rc;
}

/* Builds the table from the bytes of a TZif file of version 2 or later. */
static int zone_build(struct qun_zone *z, struct qun_span s, struct qun_err *err)
{
	struct tzif t;
	struct rule r;
	struct qun_buf text = {0};
	int64_t last = INT64_MIN;
	int rc = QUN_EDATA;

	if (tzif_block(&s, 4, &t) && tzif_block(&s, 8, &t)) {
		if (t.leaps > 0)
			return qun_fail(err, QUN_EUSAGE,
				"zone '%s' counts leap seconds, which no export does", z->name);
		rc = zone_fill(z, &t, &last);
	}
	/* The footer is a rule between two newlines; an empty one says nothing. */
	if (rc == 0 && s.len > 2) {
		rc = qun_buf_add(&text, s.ptr + 1, s.len - 1);
		if (rc == 0 && text.ptr[text.len - 1] != '\n')
			rc = QUN_EDATA;
		if (rc == 0) {
			text.ptr[text.len - 1] = '\0';
			rc = rule_parse(text.ptr, &r) ? zone_continue(z, &r, last) : QUN_EDATA;
		}
		qun_buf_release(&text);
	}
	if (rc == QUN_EDATA)
		return qun_fail(err, rc, "the file of zone '%s' is damaged or too old", z->name);
	return rc;
}

/* Reads a whole file, at most FILE_MAX bytes. 0, or QUN_EIO with errno. */
static int file_read(const char *path, struct qun_buf *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = 1;
	int rc = fd < 0 ? QUN_EIO : 0, sys;

	while (rc == 0 && got != 0) {
		rc = qun_buf_reserve(out, 4096);
		if (rc < 0)
			break;
		got = read(fd, out->ptr + out->len, out->cap - out->len);
		if (got > 0)
			out->len += (size_t)got;
		else if (got < 0 && errno != EINTR)
			rc = QUN_EIO;
	}
	sys = errno;
	if (fd >= 0)
		close(fd);
	errno = sys;
	return rc;
}

/* The zone name most like the one asked for, copied into the arena; NULL: none. */
static const char *zone_near(const char *dir, const char *asked, struct qun_arena *arena)
{
	struct qun_buf path = {0}, tab = {.max = FILE_MAX};
	const char **names = NULL, *near = NULL;
	size_t n = 0, cap = 0, i;
	char *line, *next, *name, *tail;

	if (qun_buf_printf(&path, "%s/zone.tab%c", dir, '\0') < 0 ||
		file_read(path.ptr, &tab) < 0 || qun_buf_add_char(&tab, '\0') < 0)
		goto out;
	for (line = tab.ptr; line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		/* country code, TAB, coordinates, TAB, name, and sometimes TAB and a remark */
		name = *line == '#' ? NULL : strchr(line, '\t');
		name = name ? strchr(name + 1, '\t') : NULL;
		if (!name || qun_grow(&names, &cap, n, sizeof(*names)) < 0)
			continue;
		*strchrnul(++name, '\t') = '\0';
		names[n++] = name;
	}
	for (i = 0; i < n && !near; i++) {
		tail = strrchr(names[i], '/');
		if (strcasecmp(names[i], asked) == 0 || (tail && strcasecmp(tail + 1, asked) == 0))
			near = names[i];
	}
	near = near ? near : qun_nearest(qun_span_of(asked), names, n);
	near = near ? qun_arena_copy(arena, qun_span_of(near)) : NULL;
out:
	free(names);
	qun_buf_release(&path);
	qun_buf_release(&tab);
	return near;
}

/* Fills z from a file. 0, an error, or 1 where there is no such file. */
static int zone_load(struct qun_zone *z, const char *path, struct qun_err *err)
{
	struct qun_buf bytes = {.max = FILE_MAX};
	int rc = file_read(path, &bytes);

	if (rc == QUN_EIO && (errno == ENOENT || errno == ENOTDIR || errno == EISDIR))
		rc = 1;
	else if (rc == QUN_EIO)
		qun_fail_sys(err, "cannot read zone file '%s'", path);
	else if (rc == QUN_ELIMIT)
		qun_fail(err, rc, "zone file '%s' is too large", path);
	else if (rc == 0)
		rc = zone_build(z, qun_buf_span(&bytes), err);
	qun_buf_release(&bytes);
	return rc == QUN_ENOMEM ? qun_fail_mem(err) : rc;
}

static int zone_name(struct qun_zone *z, const char *name, struct qun_err *err)
{
	free(z->name);
	z->name = strdup(name);
	return z->name ? 0 : qun_fail_mem(err);
}

/* A name as users give it: a file below the zone folder, or a rule. */
static int zone_named(struct qun_zone *z, const char *name, struct qun_err *err)
{
	const char *dir = getenv("TZDIR"), *near;
	struct qun_arena arena = {0};
	struct qun_buf path = {0};
	struct rule rule;
	int rc = 1;

	if (zone_name(z, name, err) < 0)
		return QUN_ENOMEM;
	if (strcmp(name, "UTC") == 0)
		return zone_put(z, INT64_MIN, 0) < 0 ? qun_fail_mem(err) : 0;
	dir = dir && *dir ? dir : ZONEINFO;
	if (*name && *name != '/' && !strstr(name, "..")) {
		if (qun_buf_printf(&path, "%s/%s%c", dir, name, '\0') < 0)
			return qun_fail_mem(err);
		rc = zone_load(z, path.ptr, err);
		qun_buf_release(&path);
	}
	if (rc == 1 && rule_parse(name, &rule))
		return zone_continue(z, &rule, INT64_MIN) < 0 ? qun_fail_mem(err) : 0;
	if (rc == 1) {
		near = zone_near(dir, name, &arena);
		rc = near ? qun_fail(err, QUN_EUSAGE, "unknown time zone '%s', did you mean '%s'?",
				    name, near)
			  : qun_fail(err, QUN_EUSAGE,
				    "unknown time zone '%s' (expected e.g. Asia/Shanghai or UTC)",
				    name);
		qun_arena_release(&arena);
	}
	return rc;
}

/* A zone file outside the zone folder; it is known by what it links to. */
static int zone_local(struct qun_zone *z, const char *path, struct qun_err *err)
{
	char target[512];
	ssize_t len = readlink(path, target, sizeof(target) - 1);
	const char *tail;

	target[len > 0 ? len : 0] = '\0';
	tail = strstr(target, "zoneinfo/");
	if (zone_name(z, tail ? tail + strlen("zoneinfo/") : "localtime", err) < 0)
		return QUN_ENOMEM;
	return zone_load(z, path, err);
}

static int zone_system(struct qun_zone *z, struct qun_err *err)
{
	const char *tz = getenv("TZ");
	int rc;

	if (tz && *tz == ':')
		tz++;
	if (tz && *tz != '/')
		return zone_named(z, *tz ? tz : "UTC", err); /* an empty TZ means UTC */
	rc = zone_local(z, tz ? tz : "/etc/localtime", err);
	if (rc == 1 && tz)
		return qun_fail(err, QUN_EUSAGE, "TZ: no zone file '%s'", tz);
	return rc == 1 ? zone_named(z, "UTC", err) : rc;
}

int qun_zone_open(struct qun_zone **z, const char *name, struct qun_err *err)
{
	struct qun_zone *made = calloc(1, sizeof(*made));
	int rc;

	if (!made)
		return qun_fail_mem(err);
	rc = name ? zone_named(made, name, err) : zone_system(made, err);
	if (rc < 0)
		qun_zone_close(made);
	else
		*z = made;
	return rc;
}

/* tzdata.zi, which comes with the rules, begins with "# version 2025b". */
int qun_zone_release(struct qun_buf *out)
{
	static const char before[] = "# version ";
	const char *dir = getenv("TZDIR");
	struct qun_buf path = {0}, text = {.max = FILE_MAX};
	struct qun_span s;
	int rc = qun_buf_printf(&path, "%s/tzdata.zi%c", dir && *dir ? dir : ZONEINFO, '\0');

	if (rc == 0 && file_read(path.ptr, &text) == 0) {
		s = qun_buf_span(&text);
		if (qun_span_starts(s, before)) {
			s.ptr += strlen(before);
			s.len = strcspn(s.ptr, "\n");
			rc = qun_buf_add_span(out, s);
		}
	}
	qun_buf_release(&path);
	qun_buf_release(&text);
	return rc;
}

void qun_zone_close(struct qun_zone *z)
{
	if (!z)
		return;
	free(z->shift);
	free(z->name);
	free(z);
}

const char *qun_zone_name(const struct qun_zone *z)
{
	return z->name;
}

/* Number of the interval that holds ts. */
static size_t zone_at(const struct qun_zone *z, int64_t ts)
{
	size_t low = 0, high = z->n;

	while (high - low > 1) {
		size_t mid = low + (high - low) / 2;

		if (z->shift[mid].at <= ts)
			low = mid;
		else
			high = mid;
	}
	return low;
}

int32_t qun_zone_offset(const struct qun_zone *z, int64_t ts, int64_t *from, int64_t *to)
{
	size_t i = zone_at(z, ts);

	if (from)
		*from = z->shift[i].at;
	if (to)
		*to = i + 1 < z->n ? z->shift[i + 1].at : INT64_MAX;
	return z->shift[i].offset_s;
}

/*
 * The first interval that ends after the local time, told by its own offset, holds the answer;
 * where it begins only later, the local time was skipped and the offset before it counts.
 */
int64_t qun_zone_instant(const struct qun_zone *z, int64_t local)
{
	int64_t ts;
	size_t i;

	if (local <= -HELD || local >= HELD)
		return local < 0 ? INT64_MIN : INT64_MAX;
	i = zone_at(z, local - OFFSET_MAX * QUN_SECOND);
	for (;; i++) {
		ts = local - z->shift[i].offset_s * QUN_SECOND;
		if (i + 1 == z->n || ts < z->shift[i + 1].at)
			break;
	}
	if (ts < z->shift[i].at)
		ts = local - z->shift[i - 1].offset_s * QUN_SECOND;
	return ts;
}
