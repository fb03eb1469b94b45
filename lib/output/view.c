/* The view of a table as a list of rows, also with the bars of a funnel; marks and their notes. */
#include "output/view.h"

#include <stdlib.h>
#include <string.h>

#include "qun/utf8.h"

#define BAR_COLUMNS 20

int qun_view_size(struct qun_viewing *w, size_t ncol, size_t nrow)
{
	struct qun_view *v = w->v;
	size_t n;

	free(v->column);
	free(v->cell);
	v->column = NULL;
	v->cell = NULL;
	if (__builtin_mul_overflow(ncol, nrow, &n))
		return QUN_ENOMEM;
	v->column = calloc(ncol + 1, sizeof *v->column);
	v->cell = calloc(n, sizeof *v->cell);
	v->ncol = ncol;
	v->nrow = nrow;
	return v->column && (v->cell || !n) ? 0 : QUN_ENOMEM;
}

void qun_view_release(struct qun_view *v)
{
	free(v->column);
	free(v->cell);
	qun_arena_release(&v->text);
	*v = (struct qun_view){0};
}

int qun_view_keep(struct qun_viewing *w, struct qun_span *s)
{
	s->ptr = qun_arena_copy(&w->v->text, qun_buf_span(&w->scratch));
	s->len = w->scratch.len;
	qun_buf_clear(&w->scratch);
	return s->ptr ? 0 : QUN_ENOMEM;
}

int qun_view_head(struct qun_viewing *w, size_t at, size_t col)
{
	enum qun_kind kind = w->t->column[col].kind;
	int err = qun_view_word(w, w->t->column[col].name);

	w->v->column[at].right = kind == QUN_K_INT || kind == QUN_K_RATE || kind == QUN_K_REAL ||
				 kind == QUN_K_BOUND || kind == QUN_K_MONEY ||
				 kind == QUN_K_SECONDS;
	return err ? err : qun_view_keep(w, &w->v->cell[at].text);
}

static bool is_flag(const struct qun_table *t, size_t row, int col, int flag)
{
	if (col < 0)
		return false;
	const struct qun_value *v = qun_table_at(t, row, (size_t)col);
	return !qun_is_null(v) && v->num == flag;
}

bool qun_view_unfinished(struct qun_viewing *w, size_t row)
{
	bool is = is_flag(w->t, row, w->complete, 0);

	w->any_unfinished |= is;
	return is;
}

bool qun_view_truncated(struct qun_viewing *w, size_t row)
{
	bool is = is_flag(w->t, row, w->truncated, 1);

	w->any_truncated |= is;
	return is;
}

static int flagged(const struct qun_table *t, unsigned flag)
{
	for (size_t i = 0; i < t->ncol; i++)
		if (t->column[i].flags & flag)
			return (int)i;
	return -1;
}

/* Do the columns from col on hold both ends of the interval of the rate before them? */
static bool is_interval(const struct qun_table *t, size_t col)
{
	if (col == 0 || col + 1 >= t->ncol)
		return false;
	const struct qun_column *c = t->column + col;
	struct qun_span lo = qun_span_of(c[0].name), hi = qun_span_of(c[1].name);
	return (c[-1].kind == QUN_K_RATE || c[-1].kind == QUN_K_BOUND) &&
	       c[0].kind == QUN_K_BOUND && c[1].kind == QUN_K_BOUND && qun_span_ends(lo, "lo") &&
	       qun_span_ends(hi, "hi") && lo.len == hi.len && !memcmp(lo.ptr, hi.ptr, lo.len - 2);
}

/* What stands in a column of the list. */
struct part {
	size_t col;
	enum { PLAIN, INTERVAL, BAR } what;
};

/* The marks say what `complete` and `truncated` say, where there is a main rate to bear them. */
static size_t plan_parts(const struct qun_viewing *w, struct part *part)
{
	const struct qun_table *t = w->t;
	int bar = t->shape == QUN_SHAPE_FUNNEL ? qun_table_find(t, "rate_first") : -1;
	size_t n = 0;

	for (size_t c = 0; c < t->ncol; c++) {
		if (w->main >= 0 && ((int)c == w->complete || (int)c == w->truncated))
			continue;
		bool interval = is_interval(t, c);
		part[n++] = (struct part){c, interval ? INTERVAL : PLAIN};
		c += interval;
	}
	if (bar >= 0)
		part[n++] = (struct part){(size_t)bar, BAR};
	return n;
}

static int add_interval(
	struct qun_viewing *w, const struct qun_value *lo, const struct qun_value *hi)
{
	int err;

	if (qun_is_null(lo) || qun_is_null(hi))
		return 0;
	if ((err = qun_value_format(&w->scratch, lo, 100, 1, 1)) ||
		(err = qun_buf_add_text(&w->scratch, "–")) ||
		(err = qun_value_format(&w->scratch, hi, 100, 1, 1)))
		return err;
	return qun_buf_add_text(&w->scratch, " %");
}

/* Full blocks and one of eighths; something is never drawn as nothing. */
static int add_bar(struct qun_viewing *w, const struct qun_value *rate)
{
	double x = qun_is_null(rate) ? 0 : qun_value_real(rate);
	int eighths = x >= 1 ? BAR_COLUMNS * 8 : x > 0 ? (int)(x * BAR_COLUMNS * 8 + 0.5) : 0;
	int err = 0;

	if (x > 0 && eighths == 0)
		eighths = 1;
	for (; !err && eighths > 0; eighths -= 8)
		err = qun_utf8_put(&w->scratch, 0x2588 + (uint32_t)(eighths < 8 ? 8 - eighths : 0));
	return err;
}

static int list_cell(
	struct qun_viewing *w, size_t row, struct part part, struct qun_view_cell *cell)
{
	const struct qun_value *v = qun_table_at(w->t, row, part.col);
	int err = 0;

	if (part.what == INTERVAL) {
		err = add_interval(w, v, v + 1);
	} else if (part.what == BAR) {
		err = add_bar(w, v);
	} else {
		if ((int)part.col == w->main) {
			cell->unfinished = qun_view_unfinished(w, row);
			if (!qun_is_null(v) && qun_view_truncated(w, row))
				err = qun_buf_add_text(&w->scratch, "≈");
		}
		if (!err)
			err = qun_view_text(w, part.col, v);
	}
	return err ? err : qun_view_keep(w, &cell->text);
}

static int list_head(struct qun_viewing *w, size_t at, struct part part)
{
	int err = 0;

	if (part.what == PLAIN)
		return qun_view_head(w, at, part.col);
	w->v->column[at].right = part.what == INTERVAL;
	if (part.what == INTERVAL)
		err = qun_view_word(w, "interval");
	return err ? err : qun_view_keep(w, &w->v->cell[at].text);
}

static int view_list(struct qun_viewing *w)
{
	struct part *part = calloc(w->t->ncol + 1, sizeof *part);

	if (!part)
		return QUN_ENOMEM;
	size_t n = plan_parts(w, part);
	int err = qun_view_size(w, n, w->t->nrow + 1);
	for (size_t c = 0; !err && c < n; c++) {
		err = list_head(w, c, part[c]);
		for (size_t r = 0; !err && r < w->t->nrow; r++) {
			struct qun_view_cell *cell = w->v->cell + (r + 1) * n + c;
			err = list_cell(w, r, part[c], cell);
			w->v->column[c].marked |= cell->unfinished;
		}
	}
	free(part);
	return err;
}

static int add_note(struct qun_viewing *w, const char *english)
{
	int err = qun_view_word(w, english);

	return err ? err : qun_view_keep(w, &w->v->note[w->v->nnote++]);
}

int qun_view_make(
	struct qun_view *v, const struct qun_table *t, const struct qun_style *style, bool words)
{
	struct qun_viewing w = {.v = v, .t = t, .style = style, .words = words};

	w.complete = flagged(t, QUN_COL_COMPLETE);
	w.truncated = qun_table_find(t, "truncated");
	w.main = flagged(t, QUN_COL_MAIN);
	int triangle = t->shape == QUN_SHAPE_TRIANGLE ? qun_view_triangle(&w) : 1;
	int err = triangle > 0 ? view_list(&w) : triangle;
	if (!err && triangle == 0)
		err = add_note(&w, "rate in % by offset");
	if (!err && w.any_unfinished)
		err = add_note(&w, "* not finished yet");
	if (!err && w.any_truncated)
		err = add_note(
			&w, "≈ the log begins here: some of the new may have been there before");
	qun_buf_release(&w.scratch);
	return err;
}
