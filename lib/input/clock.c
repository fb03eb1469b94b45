/* A file with the date in one column and the time of day in another, as spreadsheets like it. */
#include "input/file.h"

#include "qun/num.h"

#include <string.h>

/* What stands in a column that may hold times. */
struct content {
	size_t n, dates, clocks;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* 9:05, 09:05:10, 3:34 PM */
static bool is_clock(struct qun_span s)
{
	size_t digits = s.len && is_digit(s.ptr[0]) ? 1 + (s.len > 1 && is_digit(s.ptr[1])) : 0;

	return digits && s.len > digits + 2 && s.ptr[digits] == ':' && is_digit(s.ptr[digits + 1]) && s.len <= 14;
}

static bool is_date(struct qun_span s)
{
	return s.len >= 6 && s.len <= 20 && !memchr(s.ptr, ':', s.len) && qun_time_guess(s);
}

static int look_at(struct qun_file *f, int column, struct content *c)
{
	int rc = 0;

	*c = (struct content){0};
	for (size_t i = 0; rc >= 0 && i < f->nheld; i++) {
		rc = f->held[i].bad ? 1 : qun_file_held_cells(f, &f->held[i]);
		struct qun_span s = rc == 0 ? qun_span_trim(f->map.cell[column].s) : (struct qun_span){0};
		if (rc || !s.len)
			continue;
		c->n++;
		c->dates += is_date(s);
		c->clocks += is_clock(s);
	}
	return rc < 0 ? rc : 0;
}

/* Columns of a format are known; here their names alone have said that they are times. */
int qun_file_find_clock(struct qun_file *f)
{
	int best[2] = {-1, -1}, n = 0, rc;
	struct content c[2];

	if (!f->map.by_alias || f->container == QUN_TEXT)
		return 0;
	for (int i = f->map.first[QUN_F_TS]; i >= 0; i = f->map.column[i].next_of_field) {
		if (f->map.column[i].seen && n++ < 2)
			best[n - 1] = i;
	}
	if (n != 2)
		return 0;
	for (int i = 0; i < 2; i++) {
		rc = look_at(f, best[i], &c[i]);
		if (rc < 0)
			return rc;
	}
	for (int i = 0; i < 2; i++) {
		const struct content *clock = &c[i], *date = &c[1 - i];
		if (clock->n && clock->clocks == clock->n && date->n && date->dates == date->n)
			qun_map_set_clock(&f->map, best[i]);
	}
	return 0;
}

struct qun_span qun_file_time(struct qun_file *f, int *column)
{
	struct qun_span date = qun_map_value(&f->map, QUN_F_TS, column), clock;

	if (f->map.clock < 0 || !is_date(date))
		return date;
	clock = qun_span_trim(f->map.cell[f->map.clock].s);
	qun_buf_clear(&f->joined);
	if (!clock.len || qun_buf_add_span(&f->joined, date) < 0 || qun_buf_add_char(&f->joined, ' ') < 0 ||
		qun_buf_add_span(&f->joined, clock) < 0)
		return date;
	return qun_buf_span(&f->joined);
}
