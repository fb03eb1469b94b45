/*
 * --event-days: days with a label, and what their rates are beside those of ordinary days. Days are
 * the sample here, for the same people are there on many of them: each day is one value, whatever
 * its number of members.
 */
#include "metric/activity_rate/activity.h"

#include <math.h>
#include <stdlib.h>

#include "qun/stat.h"

/* 2024-04-09 or 2024/4/9, as spreadsheets write it. */
static bool read_date(struct qun_span s, int64_t *day)
{
	int part[3] = {0}, year, month, mday;
	size_t at = 0;

	for (int i = 0; i < 3; i++) {
		size_t start = at;

		for (; at < s.len && at < start + 4 && s.ptr[at] >= '0' && s.ptr[at] <= '9'; at++)
			part[i] = part[i] * 10 + s.ptr[at] - '0';
		if (at == start || (i == 0 && at != 4))
			return false;
		if (i < 2 && (at == s.len || (s.ptr[at] != '-' && s.ptr[at] != '/')))
			return false;
		at += i < 2;
	}
	*day = qun_day_of(part[0], part[1], part[2]);
	qun_civil(*day, &year, &month, &mday);
	return at == s.len && year == part[0] && month == part[1] && mday == part[2];
}

static int by_day(const void *a, const void *b)
{
	const struct qun_activity_event *x = a, *y = b;

	if (x->day != y->day)
		return x->day < y->day ? -1 : 1;
	return qun_span_cmp(x->label, y->label);
}

int qun_activity_events(struct qun_activity_conf *c, struct qun_err *err)
{
	const struct qun_sheet *s = &c->event_days;
	int date = qun_sheet_column(s, "date"), label = qun_sheet_column(s, "label");
	size_t n = 0;

	if (!s->path)
		return c->summary ? qun_fail(err, QUN_EUSAGE, "--summary compares event days: it needs --event-days")
				  : 0;
	if (date < 0 || label < 0)
		return qun_fail(err, QUN_EDATA, "--event-days: %s needs the columns date and label", s->path);
	c->event = calloc(s->nrow, sizeof(*c->event));
	if (!c->event)
		return qun_fail_mem(err);
	for (size_t i = 1; i < s->nrow; i++) {
		struct qun_activity_event *ev = &c->event[n++];

		if (!read_date(qun_sheet_at(s, i, (size_t)date), &ev->day))
			return qun_sheet_fail(s, i, err, "cannot read the date (expected e.g. 2024-04-09)");
		ev->label = qun_sheet_at(s, i, (size_t)label);
		if (!ev->label.len)
			return qun_sheet_fail(s, i, err, "an event day without a label");
		if (qun_span_is(ev->label, "all"))
			return qun_sheet_fail(s, i, err, "the label 'all' stands for all event days");
	}
	if (n)
		qsort(c->event, n, sizeof(*c->event), by_day);
	for (size_t i = 0; i < n; i++) {
		if (!i || by_day(&c->event[i], &c->event[c->nevent - 1]) != 0)
			c->event[c->nevent++] = c->event[i];
	}
	return 0;
}

/* First event at or after a day. */
static size_t event_from(const struct qun_activity_conf *c, int64_t day)
{
	size_t low = 0, high = c->nevent;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (c->event[mid].day < day)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

int qun_activity_labels(const struct qun_activity_conf *c, int64_t first, int64_t last, struct qun_buf *out)
{
	size_t from = event_from(c, first);
	int rc = 0;

	qun_buf_clear(out);
	for (size_t i = from; rc == 0 && i < c->nevent && c->event[i].day <= last; i++) {
		size_t k = from;

		while (k < i && !qun_span_eq(c->event[k].label, c->event[i].label))
			k++;
		if (k < i)
			continue;
		if (out->len)
			rc = qun_buf_add_char(out, ';');
		if (rc == 0)
			rc = qun_buf_add_span(out, c->event[i].label);
	}
	return rc;
}

void qun_activity_summary_columns(struct qun_table *out)
{
	static const struct qun_column column[] = {
		{"group", QUN_K_TEXT, QUN_COL_KEY},
		{"event", QUN_K_TEXT, QUN_COL_KEY},
		{"basis", QUN_K_WORD, 0},
		{"days", QUN_K_INT, 0},
		{"rate", QUN_K_RATE, QUN_COL_MAIN},
		{"ordinary_days", QUN_K_INT, 0},
		{"ordinary_rate", QUN_K_RATE, 0},
		{"difference", QUN_K_RATE, 0},
		{"lo", QUN_K_BOUND, 0},
		{"hi", QUN_K_BOUND, 0},
		{0},
	};

	for (const struct qun_column *c = column; c->name; c++)
		qun_table_column(out, c->name, c->kind, c->flags);
}

/* Days of one kind. The sum of their rates is exact where it fits, for it is rounded in print. */
struct sample {
	int64_t n;
	qun_i128 num, den; /* den 0: does not fit */
	double sum, squares, least, most; /* squares of distances from the mean */
};

static double real_of(const struct qun_activity_rate *r)
{
	return (double)r->num / (double)r->den;
}

static qun_i128 divisor(qun_i128 a, qun_i128 b)
{
	while (b) {
		qun_i128 rest = a % b;

		a = b;
		b = rest;
	}
	return a < 0 ? -a : a;
}

/* num / den + a / b, as reduced as it gets; den 0 where that does not fit. */
static void add_fraction(qun_i128 *num, qun_i128 *den, qun_i128 a, qun_i128 b)
{
	qun_i128 common, left, right;

	if (!*den)
		return;
	common = divisor(*den, b);
	if (__builtin_mul_overflow(*num, b / common, &left) || __builtin_mul_overflow(a, *den / common, &right) ||
		__builtin_add_overflow(left, right, num) || __builtin_mul_overflow(*den, b / common, den)) {
		*den = 0;
		return;
	}
	common = divisor(*num, *den);
	*num /= common;
	*den /= common;
}

static double mean(const struct sample *s)
{
	return s->sum / (double)s->n;
}

/* A mean, or the difference of two of them. */
static void put_mean(const struct sample *a, const struct sample *b, struct qun_table *out)
{
	qun_i128 num = a->num, den = a->den, less;

	if (!den || __builtin_mul_overflow(den, (qun_i128)a->n, &den))
		den = 0;
	if (den && b) {
		if (!b->den || __builtin_mul_overflow(b->den, (qun_i128)b->n, &less))
			den = 0;
		else if (less && den)
			add_fraction(&num, &den, -b->num, less);
	}
	if (!a->n || (b && !b->n))
		qun_put_null(out);
	else if (den)
		qun_put_fraction(out, num, den);
	else
		qun_put_real(out, mean(a) - (b ? mean(b) : 0));
}

/* Is this day one with the label (any, where it is NULL), or, for ordinary days, with none at all? */
static bool is_kind(const struct qun_activity_conf *c, int64_t day, const struct qun_span *label, bool ordinary)
{
	size_t i = event_from(c, day);

	if (ordinary)
		return i == c->nevent || c->event[i].day != day;
	for (; i < c->nevent && c->event[i].day == day; i++) {
		if (!label || qun_span_eq(*label, c->event[i].label))
			return true;
	}
	return false;
}

static struct sample sample_of(const struct qun_activity_conf *c, const struct qun_activity_rate *rate, size_t n,
	const struct qun_span *label, bool ordinary)
{
	struct sample s = {.den = 1, .least = INFINITY, .most = -INFINITY};

	for (size_t i = 0; i < n; i++) {
		if (!is_kind(c, rate[i].day, label, ordinary))
			continue;
		s.n++;
		add_fraction(&s.num, &s.den, rate[i].num, rate[i].den);
		s.sum += real_of(&rate[i]);
		s.least = fmin(s.least, real_of(&rate[i]));
		s.most = fmax(s.most, real_of(&rate[i]));
	}
	for (size_t i = 0; i < n; i++) {
		double off = real_of(&rate[i]) - mean(&s);

		if (is_kind(c, rate[i].day, label, ordinary))
			s.squares += off * off;
	}
	return s;
}

/*
 * Student's interval of the difference of two means, of days that scatter alike: one event day has
 * one too, from the scatter of the ordinary ones. None where fewer than three days are left or
 * where the days of each kind are all alike.
 */
static int put_difference(const struct qun_ctx *ctx, const struct sample *a, const struct sample *b,
	struct qun_table *out)
{
	double d = mean(a) - mean(b), half;
	int64_t df = a->n + b->n - 2;

	put_mean(a, b, out);
	if (!a->n || !b->n || df < 1 || (a->least == a->most && b->least == b->most)) {
		qun_put_null(out);
		qun_put_null(out);
	} else {
		half = qun_t_of(ctx->run->confidence, df) *
			sqrt((a->squares + b->squares) / (double)df * (1 / (double)a->n + 1 / (double)b->n));
		qun_put_real(out, fmax(d - half, -1));
		qun_put_real(out, fmin(d + half, 1));
	}
	return qun_row_end(out);
}

static int put_row(const struct qun_ctx *ctx, struct qun_span group, const char *basis,
	const struct qun_activity_rate *rate, size_t n, const struct qun_span *label, struct qun_table *out)
{
	struct sample event = sample_of(ctx->conf, rate, n, label, false);
	struct sample ordinary = sample_of(ctx->conf, rate, n, NULL, true);

	qun_put_text(out, group);
	qun_put_text(out, label ? *label : qun_span_of("all"));
	qun_put_word(out, basis);
	qun_put_int(out, event.n);
	put_mean(&event, NULL, out);
	qun_put_int(out, ordinary.n);
	put_mean(&ordinary, NULL, out);
	return put_difference(ctx, &event, &ordinary, out);
}

int qun_activity_summary(const struct qun_ctx *ctx, struct qun_span group, const char *basis,
	const struct qun_activity_rate *rate, size_t n, struct qun_table *out)
{
	const struct qun_activity_conf *c = ctx->conf;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < c->nevent; i++) {
		size_t k = 0;

		while (!qun_span_eq(c->event[k].label, c->event[i].label))
			k++;
		if (k == i)
			rc = put_row(ctx, group, basis, rate, n, &c->event[i].label, out);
	}
	return rc < 0 ? rc : put_row(ctx, group, basis, rate, n, NULL, out);
}
