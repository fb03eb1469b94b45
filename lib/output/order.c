/* Order of cells: exact for integers and fractions, so that no rounding ever swaps two rows. */
#include <stdlib.h>

#include "output/output.h"
#include "qun/cal.h"

/* Sign of a/b - c/d, b and d > 0, by their continued fractions: nothing is multiplied, so nothing
 * can overflow. */
static int compare_fractions(qun_i128 a, qun_i128 b, qun_i128 c, qun_i128 d)
{
	if (b == d)
		return (a > c) - (a < c);
	for (int sign = 1;; sign = -sign) {
		qun_i128 p = a / b, q = c / d, r = a % b, s = c % d;
		if (r < 0) {
			r += b;
			p--;
		}
		if (s < 0) {
			s += d;
			q--;
		}
		if (p != q)
			return p < q ? -sign : sign;
		if (r == 0 || s == 0)
			return sign * ((r != 0) - (s != 0));
		/* r/b against s/d is b/r against d/s the other way round. */
		a = b;
		b = r;
		c = d;
		d = s;
	}
}

static int compare_reals(long double a, long double b)
{
	return (a > b) - (a < b);
}

static long double real_of(const struct qun_value *v)
{
	return v->den ? (long double)v->num / (long double)v->den : (long double)v->real;
}

static int compare(const struct qun_value *a, const struct qun_value *b)
{
	if (qun_is_text(a))
		return qun_span_cmp(a->text, b->text);
	if (a->den && b->den)
		return compare_fractions(a->num, a->den, b->num, b->den);
	return compare_reals(real_of(a), real_of(b));
}

enum place { KEY_EMPTY, NUMBER, TEXT, KEY_TOTAL, EMPTY };

/* Only cells of one place are compared. An empty key is the empty text, first of all bytes. */
static enum place place_of(const struct qun_value *v, bool key)
{
	if (qun_is_null(v) || (qun_is_text(v) && v->text.len == 0))
		return key ? KEY_EMPTY : EMPTY;
	if (!qun_is_text(v))
		return NUMBER;
	return key && v->text.len <= 3 && (qun_span_is(v->text, "all") || qun_span_is(v->text, "*")) ? KEY_TOTAL : TEXT;
}

struct order {
	const struct qun_table *t;
	int col; /* -1: the key columns */
	bool desc;
};

static int compare_column(const struct order *o, size_t a, size_t b, size_t col)
{
	const struct qun_value *x = qun_table_at(o->t, a, col), *y = qun_table_at(o->t, b, col);
	enum place p = place_of(x, o->col < 0), q = place_of(y, o->col < 0);
	int sign = 0;

	if (p != q)
		sign = p < q ? -1 : 1;
	else if (p != EMPTY && p != KEY_EMPTY)
		sign = compare(x, y);
	return o->desc && p != EMPTY && q != EMPTY ? -sign : sign;
}

/* Rows that tie keep their order: qsort_r alone would not promise that. */
static int compare_rows(const void *a, const void *b, void *arg)
{
	const struct order *o = arg;
	size_t x = *(const size_t *)a, y = *(const size_t *)b;
	int sign = 0;

	if (o->col >= 0)
		sign = compare_column(o, x, y, (size_t)o->col);
	for (size_t i = 0; o->col < 0 && !sign && i < o->t->ncol; i++)
		if (o->t->column[i].flags & QUN_COL_KEY)
			sign = compare_column(o, x, y, i);
	return sign ? sign : (x > y) - (x < y);
}

/* Metrics often make their rows in order. */
static bool in_order(const struct order *o)
{
	for (size_t r = 1; r < o->t->nrow; r++) {
		size_t a = r - 1;

		if (compare_rows(&a, &r, (void *)o) > 0)
			return false;
	}
	return true;
}

static int sort_rows(struct qun_table *t, int col, bool desc)
{
	struct order o = {t, col, desc};
	struct qun_value *cell;
	size_t *row;

	if (in_order(&o))
		return 0;
	row = calloc(t->nrow + 1, sizeof *row);
	cell = calloc(t->nrow + 1, t->ncol * sizeof *cell);
	if (!row || !cell) {
		free(row);
		free(cell);
		return QUN_ENOMEM;
	}
	for (size_t r = 0; r < t->nrow; r++)
		row[r] = r;
	qsort_r(row, t->nrow, sizeof *row, compare_rows, &o);
	for (size_t r = 0; r < t->nrow; r++)
		for (size_t c = 0; c < t->ncol; c++)
			cell[r * t->ncol + c] = *qun_table_at(t, row[r], c);
	free(row);
	free(t->cell);
	t->cell = cell;
	t->row_cap = t->nrow + 1;
	return 0;
}

int qun_table_end(struct qun_table *t)
{
	if (!t->err && !t->ordered)
		t->err = sort_rows(t, -1, false);
	return t->err;
}

int qun_table_sort(struct qun_table *t, const char *spec, struct qun_err *err)
{
	struct qun_span name = qun_span_trim(qun_span_of(spec));
	bool desc = false;

	/* A column may itself end in ":desc": the whole word is tried first. */
	if (qun_table_find(t, spec) < 0) {
		desc = qun_span_ends(name, ":desc");
		if (desc || qun_span_ends(name, ":asc"))
			name.len -= desc ? 5 : 4;
	}
	int col = qun_table_lookup(t, name, err);
	if (col < 0)
		return col;
	return sort_rows(t, col, desc) < 0 ? qun_fail_mem(err) : 0;
}

/* "-12.50" as -1250/100; false if it is no decimal number or has more digits than fit. */
static bool read_decimal(struct qun_span s, qun_i128 *num, qun_i128 *den)
{
	bool point = false, digits = false, minus = s.len && *s.ptr == '-';

	*num = 0;
	*den = 1;
	for (size_t i = minus || (s.len && *s.ptr == '+'); i < s.len; i++) {
		if (s.ptr[i] == '.' && !point) {
			point = true;
			continue;
		}
		if (s.ptr[i] < '0' || s.ptr[i] > '9')
			return false;
		digits = true;
		if (__builtin_mul_overflow(*num, 10, num) ||
			__builtin_add_overflow(*num, s.ptr[i] - '0', num) ||
			(point && __builtin_mul_overflow(*den, 10, den)))
			return false;
	}
	if (minus)
		*num = -*num;
	return digits;
}

/* A day as the tables print it: 2024-04-09. */
static bool read_day(struct qun_span s, qun_i128 *day)
{
	static const char form[] = "dddd-dd-dd";
	int part[3] = {0}, year, month, mday, n = 0;

	if (s.len != sizeof(form) - 1)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		bool digit = s.ptr[i] >= '0' && s.ptr[i] <= '9';

		if (form[i] == '-' ? s.ptr[i] != '-' : !digit)
			return false;
		if (digit)
			part[n] = part[n] * 10 + s.ptr[i] - '0';
		else
			n++;
	}
	*day = qun_day_of(part[0], part[1], part[2]);
	qun_civil((int64_t)*day, &year, &month, &mday);
	return year == part[0] && month == part[1] && mday == part[2];
}

static bool is_textual(const struct qun_column *c)
{
	return c->kind == QUN_K_TEXT || c->kind == QUN_K_WORD;
}

bool qun_value_fits(const struct qun_column *c, const char *text)
{
	struct qun_span s = qun_span_trim(qun_span_of(text));
	qun_i128 num, den;

	if (c->kind == QUN_K_DATE)
		return read_day(s, &num);
	return s.len && (is_textual(c) || read_decimal(s, &num, &den));
}

/* Is the text the cell's, or one of the words that it joins by ';'? */
static bool holds_text(const struct qun_column *c, struct qun_span cell, struct qun_span text)
{
	size_t from = 0;

	for (size_t at = 0; c->kind == QUN_K_WORD && at <= cell.len; at++) {
		if (at < cell.len && cell.ptr[at] != ';')
			continue;
		if (qun_span_eq((struct qun_span){cell.ptr + from, at - from}, text))
			return true;
		from = at + 1;
	}
	return qun_span_eq(cell, text);
}

int qun_value_cmp(const struct qun_column *c, const struct qun_value *v, const char *text)
{
	struct qun_span s = qun_span_trim(qun_span_of(text));
	qun_i128 num, den, of = v->den;

	if (qun_is_null(v) || (qun_is_text(v) && (!is_textual(c) || !v->text.len)) || !qun_value_fits(c, text))
		return -2;
	if (is_textual(c))
		return !holds_text(c, qun_is_text(v) ? v->text : (struct qun_span){NULL, 0}, s);
	if (c->kind == QUN_K_DATE)
		return read_day(s, &num) ? (v->num > num) - (v->num < num) : -2;
	if (!read_decimal(s, &num, &den) ||
		(c->kind == QUN_K_MONEY && __builtin_mul_overflow(of, QUN_MONEY_UNIT, &of)))
		return -2;
	if (of)
		return compare_fractions(v->num, of, num, den);
	return compare_reals(v->real, (double)num / (double)den);
}
