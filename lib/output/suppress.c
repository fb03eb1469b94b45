/*
 * --min-cell: counts of few people leave the table, and with them what would tell them: the row's
 * other figures, later steps of a funnel, steps of a curve, parts of a whole, and totals over what
 * is left out. 0 says nothing of anybody and stays, unless its row goes.
 */
#include <stdlib.h>
#include <string.h>

#include "output/output.h"
#include "qun/dict.h"

struct suppress {
	struct qun_table *t;
	qun_i128 least;
	bool *hit;  /* by row: something was taken out of it */
	bool *core; /* by row: block 0 was */
	struct qun_buf key;
};

static struct qun_value *at(const struct suppress *s, size_t row, size_t col)
{
	return &s->t->cell[row * s->t->ncol + col];
}

static unsigned flags(const struct suppress *s, size_t col)
{
	return s->t->column[col].flags;
}

static bool is_few(const struct suppress *s, size_t row, size_t col)
{
	const struct qun_value *v = at(s, row, col);

	return (flags(s, col) & QUN_COL_PEOPLE) && !qun_is_null(v) && v->num > 0 &&
	       v->num < s->least * v->den;
}

/* Does the column say which row it is, how far it is known or whether it is whole? */
static bool is_label(const struct suppress *s, size_t col)
{
	enum qun_kind kind = s->t->column[col].kind;

	return (flags(s, col) & QUN_COL_KEY) || kind == QUN_K_TEXT || kind == QUN_K_WORD ||
	       kind == QUN_K_FLAG;
}

static void empty(struct suppress *s, size_t row, size_t col)
{
	*at(s, row, col) = (struct qun_value){.den = QUN_V_NULL};
	s->hit[row] = true;
}

/* Empties a block of the row; block 0 takes all others but single cells with it where whole. Of the
 * base, who the row is about, only a count of few goes. */
static void empty_block(struct suppress *s, size_t row, unsigned block, bool whole)
{
	for (size_t c = 0; c < s->t->ncol; c++) {
		bool base = flags(s, c) & QUN_COL_BASE, single = flags(s, c) & QUN_COL_SINGLE;

		if (is_label(s, c) || (base && !is_few(s, row, c)))
			continue;
		if (whole || (!single && (flags(s, c) & QUN_COL_BLOCKS) == block))
			empty(s, row, c);
	}
}

static void suppress_row(struct suppress *s, size_t row)
{
	bool core = false, single = false;

	for (size_t c = 0; c < s->t->ncol; c++) {
		if (!is_few(s, row, c))
			continue;
		if (flags(s, c) & QUN_COL_SINGLE)
			single = true;
		else if (!(flags(s, c) & QUN_COL_BLOCKS))
			core = true;
	}
	s->core[row] = core || single;
	if (core) {
		empty_block(s, row, 0, true);
		return;
	}
	for (size_t c = 0; c < s->t->ncol; c++) {
		if (!is_few(s, row, c))
			continue;
		if (flags(s, c) & QUN_COL_SINGLE)
			empty(s, row, c);
		else
			empty_block(s, row, flags(s, c) & QUN_COL_BLOCKS, false);
	}
	if (single)
		empty_block(s, row, 0, false);
}

/* The row's keys but for one column as bytes. */
static int key_without(struct suppress *s, size_t row, size_t col)
{
	int err = 0;

	qun_buf_clear(&s->key);
	for (size_t c = 0; !err && c < s->t->ncol; c++) {
		struct qun_buf text = {0};

		if (c == col || !(flags(s, c) & QUN_COL_KEY))
			continue;
		err = qun_cell_format(&text, s->t, c, at(s, row, c));
		if (!err)
			err = qun_key_text(&s->key, qun_buf_span(&text));
		qun_buf_release(&text);
	}
	return err;
}

static bool is_total(const struct suppress *s, size_t row, size_t col)
{
	const struct qun_value *v = at(s, row, col);

	return qun_is_text(v) &&
	       (qun_span_is(v->text, "all") || qun_span_is(v->text, "*"));
}

/* Rows that were hit, by their keys but for one column, of which they are no total. */
static int note_hits(struct suppress *s, size_t col, struct qun_dict *hits)
{
	uint32_t id;
	int err = 0;

	for (size_t r = 0; !err && r < s->t->nrow; r++) {
		if (!s->hit[r] || is_total(s, r, col))
			continue;
		err = key_without(s, r, col);
		if (!err)
			err = qun_dict_add(hits, qun_buf_span(&s->key), &id);
	}
	return err;
}

/* A total tells what its parts leave out: it goes where one of them does. */
static int suppress_totals(struct suppress *s, size_t col)
{
	struct qun_dict hits = {0};
	int err = note_hits(s, col, &hits);

	for (size_t r = 0; !err && r < s->t->nrow; r++) {
		if (!is_total(s, r, col))
			continue;
		err = key_without(s, r, col);
		if (err || qun_dict_find(&hits, qun_buf_span(&s->key)) == QUN_NONE)
			continue;
		for (size_t c = 0; c < s->t->ncol; c++) {
			if (!is_label(s, c))
				empty(s, r, c);
		}
	}
	qun_dict_release(&hits);
	return err;
}

/*
 * Rows that differ only in this column are parts of a whole that may be known: all shares go where
 * a part does, and the smallest part that is left goes with it, so that what is missing in the
 * whole is no single count and tells of no count of few.
 */
static int suppress_parts(struct suppress *s, size_t col)
{
	struct qun_dict hits = {0};
	size_t *least = NULL;
	int err = note_hits(s, col, &hits), people = -1;

	for (size_t c = 0; c < s->t->ncol; c++)
		people = flags(s, c) & QUN_COL_PEOPLE ? (int)c : people;
	least = calloc(hits.n + 1, sizeof(*least)); /* row + 1, 0: none yet */
	if (!least)
		err = QUN_ENOMEM;
	for (size_t r = 0; !err && r < s->t->nrow; r++) {
		const struct qun_value *v = at(s, r, (size_t)people);
		uint32_t id;

		err = key_without(s, r, col);
		id = err ? QUN_NONE : qun_dict_find(&hits, qun_buf_span(&s->key));
		if (id == QUN_NONE)
			continue;
		for (size_t c = 0; c < s->t->ncol; c++) {
			if (!is_label(s, c) && (int)c != people)
				empty(s, r, c);
		}
		if (!qun_is_null(v) && v->num > 0 &&
			(!least[id] || v->num < at(s, least[id] - 1, (size_t)people)->num))
			least[id] = r + 1;
	}
	for (size_t i = 0; !err && i < hits.n; i++) {
		if (least[i])
			empty(s, least[i] - 1, (size_t)people);
	}
	free(least);
	qun_dict_release(&hits);
	return err;
}

/* Blocks that tell of the row before go where that lost its block 0. The last key counts the rows.
 */
static int suppress_chains(struct suppress *s)
{
	struct qun_buf before = {0};
	size_t last = 0;
	int err = 0;

	for (size_t c = 0; c < s->t->ncol; c++)
		last = flags(s, c) & QUN_COL_KEY ? c : last;
	for (size_t r = 1; !err && r < s->t->nrow; r++) {
		if (!s->core[r - 1])
			continue;
		err = key_without(s, r - 1, last);
		qun_buf_clear(&before);
		if (!err)
			err = qun_buf_add_span(&before, qun_buf_span(&s->key));
		if (!err)
			err = key_without(s, r, last);
		if (err || !qun_span_eq(qun_buf_span(&before), qun_buf_span(&s->key)))
			continue;
		for (size_t c = 0; c < s->t->ncol; c++) {
			if (flags(s, c) & QUN_COL_CHAIN)
				empty(s, r, c);
		}
	}
	qun_buf_release(&before);
	return err;
}

/* What comes after a step that is left out would tell it: it is among those of the step before. */
static int suppress_steps(struct suppress *s)
{
	struct qun_dict hits = {0};
	int step = qun_table_find(s->t, "step"), err = 0;
	uint32_t id;

	for (size_t r = 0; !err && step >= 0 && r < s->t->nrow; r++) {
		err = key_without(s, r, (size_t)step);
		if (err)
			break;
		if (s->hit[r])
			err = qun_dict_add(&hits, qun_buf_span(&s->key), &id);
		else if (qun_dict_find(&hits, qun_buf_span(&s->key)) != QUN_NONE)
			empty_block(s, r, 0, true);
	}
	qun_dict_release(&hits);
	return err;
}

static qun_i128 count_at(const struct suppress *s, size_t row, int col)
{
	return at(s, row, (size_t)col)->num;
}

static bool is_enough(const struct suppress *s, qun_i128 n)
{
	return n == 0 || n >= s->least;
}

/* What the steps of a curve that are left out since the last one shown add up to. */
struct unshown {
	qun_i128 left, censored, entered;
};

/* May this step be shown? Its at_risk tells how many went and came since the last one shown, and
 * the share that stays tells how many of them left. Then nothing is unshown, else it is one more.
 */
static bool pass_step(
	const struct suppress *s, size_t row, const int col[3], qun_i128 rest, struct unshown *u)
{
	qun_i128 at_risk = count_at(s, row, col[0]), left = count_at(s, row, col[1]);
	qun_i128 censored = count_at(s, row, col[2]);

	u->entered += at_risk - rest;
	if (at_risk >= s->least && is_enough(s, left) && is_enough(s, censored) &&
		is_enough(s, u->left) && is_enough(s, u->censored) && is_enough(s, u->entered)) {
		*u = (struct unshown){0};
		return true;
	}
	u->left += left;
	u->censored += censored;
	return false;
}

/* Steps of a curve that may not be shown go with their rows, as a row alone says that someone went.
 */
static int suppress_curve(struct suppress *s)
{
	const int col[] = {qun_table_find(s->t, "at_risk"), qun_table_find(s->t, "left"),
		qun_table_find(s->t, "censored")};
	size_t t_days = (size_t)qun_table_find(s->t, "t_days"), n = 0;
	struct unshown u = {0};
	struct qun_buf before = {0};
	qun_i128 rest = 0;
	int err = 0;

	for (size_t r = 0; !err && r < s->t->nrow; r++) {
		err = key_without(s, r, t_days);
		if (!err &&
			(r == 0 || !qun_span_eq(qun_buf_span(&before), qun_buf_span(&s->key)))) {
			u = (struct unshown){0};
			rest = 0;
			qun_buf_clear(&before);
			err = qun_buf_add_span(&before, qun_buf_span(&s->key));
		}
		if (err)
			break;
		bool show = pass_step(s, r, col, rest, &u);

		rest = count_at(s, r, col[0]) - count_at(s, r, col[1]) - count_at(s, r, col[2]);
		if (show)
			memmove(at(s, n++, 0), at(s, r, 0), s->t->ncol * sizeof(*s->t->cell));
	}
	s->t->nrow = err ? s->t->nrow : n;
	qun_buf_release(&before);
	return err;
}

int qun_table_suppress(struct qun_table *t, int64_t least, struct qun_err *err)
{
	struct suppress s = {.t = t, .least = least};
	bool people = false;
	int rc = 0;

	for (size_t c = 0; c < t->ncol; c++)
		people |= (t->column[c].flags & QUN_COL_PEOPLE) != 0;
	if (qun_table_find(t, "user") >= 0)
		return qun_fail(err, QUN_EUSAGE, "--min-cell: this table is a list of people");
	if (!people)
		return qun_fail(err, QUN_EUSAGE,
			"--min-cell: no column of this table is known to count people");
	s.hit = calloc(t->nrow + 1, sizeof(*s.hit));
	s.core = calloc(t->nrow + 1, sizeof(*s.core));
	if (!s.hit || !s.core)
		rc = QUN_ENOMEM;
	if (rc == 0 && t->shape == QUN_SHAPE_CURVE)
		rc = suppress_curve(&s);
	for (size_t r = 0; rc == 0 && r < t->nrow; r++)
		suppress_row(&s, r);
	if (rc == 0)
		rc = suppress_chains(&s);
	if (rc == 0 && t->shape == QUN_SHAPE_FUNNEL)
		rc = suppress_steps(&s);
	for (size_t c = 0; rc == 0 && c < t->ncol; c++) {
		if (flags(&s, c) & QUN_COL_PART)
			rc = suppress_parts(&s, c);
		if (rc == 0 && (flags(&s, c) & QUN_COL_KEY))
			rc = suppress_totals(&s, c);
	}
	free(s.hit);
	free(s.core);
	qun_buf_release(&s.key);
	return rc < 0 ? qun_fail_mem(err) : 0;
}
