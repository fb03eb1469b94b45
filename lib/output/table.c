/* The table type: filled cell by cell from left to right, shaped by --sort, --top and --columns. */
#include "qun/table.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/list.h"
#include "output/output.h"
#include "qun/stat.h"

void qun_table_init(struct qun_table *t)
{
	*t = (struct qun_table){.money_digits = 2};
}

void qun_table_release(struct qun_table *t)
{
	free(t->column);
	free(t->given);
	free(t->cell);
	qun_arena_release(&t->text);
	qun_table_init(t);
}

bool qun_columns_have(const char *names, const char *column)
{
	struct qun_span rest = qun_span_of(names), name;
	bool has = false;

	while (!has && qun_list_cut(&rest, &name))
		has = qun_span_is(name, column);
	return has;
}

void qun_table_column(struct qun_table *t, const char *name, enum qun_kind kind, unsigned flags)
{
	bool left_out = t->only && !(flags & QUN_COL_KEY) && !qun_columns_have(t->only, name);

	assert(t->nrow == 0 && t->put == 0);
	if (t->err)
		return;
	t->err = qun_grow(&t->column, &t->col_cap, t->ncol, sizeof *t->column);
	if (!t->err)
		t->err = qun_grow(&t->given, &t->given_cap, t->ngiven, sizeof *t->given);
	if (t->err)
		return;
	char *copy = qun_arena_copy(&t->text, qun_span_of(name));
	if (!copy) {
		t->err = QUN_ENOMEM;
		return;
	}
	t->given[t->ngiven++] = (struct qun_given){copy, left_out};
	if (!left_out)
		t->column[t->ncol++] = (struct qun_column){copy, kind, flags};
}

static int find(const struct qun_table *t, struct qun_span name)
{
	for (size_t i = 0; i < t->ncol; i++)
		if (qun_span_is(name, t->column[i].name))
			return (int)i;
	return -1;
}

int qun_table_find(const struct qun_table *t, const char *column)
{
	return find(t, qun_span_of(column));
}

/* Is the next cell of a column that is left out, or the table failed? */
static bool skip(struct qun_table *t)
{
	assert(t->err || t->put < t->ngiven);
	if (t->err || !t->given[t->put].left_out)
		return t->err;
	t->put++;
	return true;
}

static void put(struct qun_table *t, struct qun_value v)
{
	if (skip(t))
		return;
	if (t->stored == 0) {
		t->err = qun_grow(&t->cell, &t->row_cap, t->nrow, t->ncol * sizeof *t->cell);
		if (t->err)
			return;
	}
	t->put++;
	t->cell[t->nrow * t->ncol + t->stored++] = v;
}

void qun_put_null(struct qun_table *t)
{
	put(t, (struct qun_value){.den = QUN_V_NULL});
}

void qun_put_text(struct qun_table *t, struct qun_span s)
{
	char *copy;

	if (skip(t))
		return;
	copy = qun_arena_copy(&t->text, s);
	if (!copy)
		t->err = QUN_ENOMEM;
	put(t, (struct qun_value){.text = {copy, s.len}, .den = QUN_V_TEXT});
}

void qun_put_word(struct qun_table *t, const char *text)
{
	if (text)
		qun_put_text(t, qun_span_of(text));
	else
		qun_put_null(t);
}

void qun_put_int(struct qun_table *t, qun_i128 v)
{
	put(t, (struct qun_value){.num = v, .den = 1});
}

void qun_put_fraction(struct qun_table *t, qun_i128 num, qun_i128 den)
{
	if (den == 0) {
		qun_put_null(t);
		return;
	}
	if (den < 0 &&
		(__builtin_sub_overflow((qun_i128)0, num, &num) ||
			__builtin_sub_overflow((qun_i128)0, den, &den)) &&
		!t->err)
		t->err = QUN_EOVERFLOW;
	put(t, (struct qun_value){.num = num, .den = den});
}

void qun_put_real(struct qun_table *t, double v)
{
	if (isfinite(v))
		put(t, (struct qun_value){.real = v, .den = QUN_V_REAL});
	else
		qun_put_null(t);
}

/* Are the next n cells of columns that are left out? */
static bool are_skipped(const struct qun_table *t, size_t n)
{
	bool all = true;

	for (size_t i = t->put; all && i < t->ngiven && i < t->put + n; i++)
		all = t->given[i].left_out;
	return all;
}

void qun_put_wilson(struct qun_table *t, qun_i128 x, qun_i128 n, double z)
{
	/* Not a number when n is 0: three empty cells. */
	double lo = NAN, hi = NAN;

	qun_put_fraction(t, x, n);
	if (n != 0 && !are_skipped(t, 2))
		qun_wilson((double)x, (double)n, z, &lo, &hi);
	qun_put_real(t, lo);
	qun_put_real(t, hi);
}

int qun_row_end(struct qun_table *t)
{
	assert(t->err || t->put == t->ngiven);
	t->put = t->stored = 0;
	if (!t->err)
		t->nrow++;
	return t->err;
}

const struct qun_value *qun_table_at(const struct qun_table *t, size_t row, size_t col)
{
	return &t->cell[row * t->ncol + col];
}

void qun_table_top(struct qun_table *t, size_t n)
{
	if (n < t->nrow)
		t->nrow = n;
}

int qun_table_lookup(const struct qun_table *t, struct qun_span name, struct qun_err *err)
{
	int col = find(t, name);

	if (col >= 0)
		return col;
	size_t n = t->only ? t->ngiven : t->ncol;
	const char **names = malloc((n + 1) * sizeof *names);
	if (!names)
		return qun_fail_mem(err);
	for (size_t i = 0; i < n; i++)
		names[i] = t->only ? t->given[i].name : t->column[i].name;
	const char *near = qun_nearest(name, names, n);
	free(names);
	return qun_fail(err, QUN_EUSAGE, "the table has no column '%.*s'%s%s%s", (int)name.len,
		name.ptr, near ? " (did you mean '" : "", near ? near : "", near ? "'?)" : "");
}

/* Column numbers of "a,b" into pick, which has room for all columns. */
static int read_columns(const struct qun_table *t, const char *columns, size_t *pick, size_t *n,
	struct qun_err *err)
{
	struct qun_span rest = qun_span_of(columns), name;

	for (*n = 0; qun_list_cut(&rest, &name);) {
		int col = qun_table_lookup(t, name, err);
		if (col < 0)
			return col;
		for (size_t i = 0; i < *n; i++)
			if (pick[i] == (size_t)col)
				return qun_fail(err, QUN_EUSAGE, "column '%s' is named twice",
					t->column[col].name);
		pick[(*n)++] = (size_t)col;
	}
	return 0;
}

int qun_table_select(struct qun_table *t, const char *columns, struct qun_err *err)
{
	size_t cols = t->ncol, n = 0;
	size_t *pick = malloc((cols + 1) * sizeof *pick);
	struct qun_column *column = malloc((cols + 1) * sizeof *column);
	struct qun_value *row = malloc((cols + 1) * sizeof *row);
	int code =
		pick && column && row ? read_columns(t, columns, pick, &n, err) : qun_fail_mem(err);

	if (code < 0)
		goto out;
	/* Packed in place: no row grows, and each is taken out before its cells move. */
	for (size_t r = 0; r < t->nrow; r++) {
		memcpy(row, t->cell + r * cols, cols * sizeof *row);
		for (size_t i = 0; i < n; i++)
			t->cell[r * n + i] = row[pick[i]];
	}
	memcpy(column, t->column, cols * sizeof *column);
	for (size_t i = 0; i < n; i++)
		t->column[i] = column[pick[i]];
	t->ncol = n;
	t->row_cap = t->nrow;
out:
	free(row);
	free(column);
	free(pick);
	return code;
}
