/* A triangle turned: rows that differ in their offset alone become one, with a column for each
 * offset that holds its rate. It comes after qun_table_suppress, so that a wide table tells no more
 * than the long one. */
#include <assert.h>
#include <stdlib.h>

#include "output/output.h"
#include "qun/dict.h"

struct turn {
	struct qun_table *t;
	size_t kept; /* columns before the offset */
	size_t rate;
	struct qun_dict offsets; /* texts, in order of appearance */
	uint32_t *place;	 /* by row */
	size_t *row;		 /* by row: the new one */
	size_t nrow, ncol;	 /* of the wide table */
	struct qun_column *column;
	struct qun_value *cell;
};

static bool same_value(const struct qun_value *a, const struct qun_value *b)
{
	if (qun_is_null(a) || qun_is_null(b) || qun_is_text(a) != qun_is_text(b))
		return qun_is_null(a) && qun_is_null(b);
	return qun_is_text(a) ? qun_span_eq(a->text, b->text)
			   : a->num == b->num && a->den == b->den && a->real == b->real;
}

static bool same_keys(const struct turn *w, size_t a, size_t b)
{
	for (size_t c = 0; c < w->kept; c++) {
		if ((w->t->column[c].flags & QUN_COL_KEY) &&
			!same_value(qun_table_at(w->t, a, c), qun_table_at(w->t, b, c)))
			return false;
	}
	return true;
}

static int place_rows(struct turn *w)
{
	struct qun_buf text = {0};
	int rc = 0;

	for (size_t r = 0; rc == 0 && r < w->t->nrow; r++) {
		qun_buf_clear(&text);
		rc = qun_cell_format(&text, w->t, w->kept, qun_table_at(w->t, r, w->kept));
		if (rc == 0)
			rc = qun_dict_add(&w->offsets, qun_buf_span(&text), &w->place[r]);
		w->nrow += r == 0 || !same_keys(w, r - 1, r);
		w->row[r] = w->nrow - 1;
	}
	qun_buf_release(&text);
	return rc;
}

static int make_columns(struct turn *w)
{
	w->ncol = w->kept + w->offsets.n;
	w->column = calloc(w->ncol + 1, sizeof(*w->column));
	for (size_t c = 0; w->column && c < w->kept; c++)
		w->column[c] = w->t->column[c];
	for (uint32_t i = 0; w->column && i < w->offsets.n; i++) {
		char *name = qun_arena_copy(&w->t->text, qun_dict_text(&w->offsets, i));

		if (!name)
			return QUN_ENOMEM;
		w->column[w->kept + i] = (struct qun_column){name, QUN_K_RATE, 0};
	}
	return w->column ? 0 : QUN_ENOMEM;
}

/* Of what is kept the first of the rows tells. */
static int make_cells(struct turn *w)
{
	size_t n;

	if (__builtin_mul_overflow(w->nrow, w->ncol, &n))
		return QUN_ENOMEM;
	w->cell = calloc(n + 1, sizeof(*w->cell));
	for (size_t i = 0; w->cell && i < n; i++)
		w->cell[i].den = QUN_V_NULL;
	for (size_t r = w->t->nrow; w->cell && r-- > 0;) {
		struct qun_value *to = w->cell + w->row[r] * w->ncol;

		for (size_t c = 0; c < w->kept; c++)
			to[c] = *qun_table_at(w->t, r, c);
		to[w->kept + w->place[r]] = *qun_table_at(w->t, r, w->rate);
	}
	return w->cell ? 0 : QUN_ENOMEM;
}

static void take(struct turn *w)
{
	struct qun_table *t = w->t;

	free(t->column);
	free(t->cell);
	t->column = w->column;
	t->cell = w->cell;
	t->ncol = t->col_cap = w->ncol;
	t->nrow = t->row_cap = w->nrow;
	t->shape = QUN_SHAPE_LIST;
}

int qun_table_widen(struct qun_table *t, struct qun_err *err)
{
	int offset = qun_table_find(t, "offset"), rate = qun_table_find(t, "rate"), rc = 0;
	struct turn w = {.t = t, .kept = (size_t)offset, .rate = (size_t)rate};

	assert(offset >= 0 && rate > offset);
	w.place = calloc(t->nrow + 1, sizeof(*w.place));
	w.row = calloc(t->nrow + 1, sizeof(*w.row));
	if (!w.place || !w.row)
		rc = QUN_ENOMEM;
	if (rc == 0)
		rc = place_rows(&w);
	if (rc == 0)
		rc = make_columns(&w);
	if (rc == 0)
		rc = make_cells(&w);
	if (rc == 0) {
		take(&w);
	} else {
		free(w.column);
		free(w.cell);
	}
	free(w.place);
	free(w.row);
	qun_dict_release(&w.offsets);
	return rc < 0 ? qun_fail_mem(err) : 0;
}
