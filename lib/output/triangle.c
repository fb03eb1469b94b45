/* The triangle: rows that differ only in their offset become one line, a column per offset. */
#include <stdlib.h>

#include "output/view.h"
#include "qun/dict.h"
#include "qun/utf8.h"

struct triangle {
	struct qun_dict lines, offsets; /* by their texts, in order of appearance */
	uint32_t *line, *offset;	/* of each row of the table */
	uint32_t *place;		/* of each offset: its column from the left */
	int offset_col, size_col;
	size_t nkey; /* key columns beside the offset */
};

static bool is_line_key(const struct triangle *g, const struct qun_table *t, size_t col)
{
	return (t->column[col].flags & QUN_COL_KEY) && (int)col != g->offset_col;
}

/* Finds line and offset of every row. */
static int read_rows(struct qun_viewing *w, struct triangle *g)
{
	const struct qun_table *t = w->t;
	struct qun_buf key = {0};
	int err = 0;

	for (size_t r = 0; !err && r < t->nrow; r++) {
		qun_buf_clear(&key);
		for (size_t c = 0; !err && c < t->ncol; c++) {
			if (!is_line_key(g, t, c))
				continue;
			qun_buf_clear(&w->scratch);
			err = qun_cell_format(&w->scratch, t, c, qun_table_at(t, r, c));
			if (!err)
				err = qun_key_text(&key, qun_buf_span(&w->scratch));
		}
		qun_buf_clear(&w->scratch);
		size_t c = (size_t)g->offset_col;
		if (err || (err = qun_dict_add(&g->lines, qun_buf_span(&key), &g->line[r])) ||
			(err = qun_cell_format(&w->scratch, t, c, qun_table_at(t, r, c))) ||
			(err = qun_dict_add(&g->offsets, qun_buf_span(&w->scratch), &g->offset[r])))
			break;
	}
	qun_buf_clear(&w->scratch);
	qun_buf_release(&key);
	return err;
}

/* Where an offset or bracket begins: 7 of "7-13"; labels without a number come last. */
static uint64_t number_of(struct qun_span label)
{
	uint64_t n = 0;
	size_t i = 0;

	for (; i < label.len && i < 18 && label.ptr[i] >= '0' && label.ptr[i] <= '9'; i++)
		n = n * 10 + (uint64_t)(label.ptr[i] - '0');
	return i ? n : UINT64_MAX;
}

/* Insertion sort: offsets nearly always appear in order. */
static int place_offsets(struct triangle *g)
{
	uint32_t n = (uint32_t)g->offsets.n;
	uint32_t *order = calloc((size_t)n + 1, sizeof *order);

	g->place = calloc((size_t)n + 1, sizeof *g->place);
	if (!order || !g->place) {
		free(order);
		return QUN_ENOMEM;
	}
	for (uint32_t i = 0; i < n; i++) {
		uint64_t x = number_of(qun_dict_text(&g->offsets, i));
		uint32_t at = i;
		for (; at > 0 && number_of(qun_dict_text(&g->offsets, order[at - 1])) > x; at--)
			order[at] = order[at - 1];
		order[at] = i;
	}
	for (uint32_t i = 0; i < n; i++)
		g->place[order[i]] = i;
	free(order);
	return 0;
}

/* Offset 0 is nearly everybody: colours spread over what comes after it. */
static double hottest(const struct qun_viewing *w, const struct triangle *g)
{
	double most = 0;

	for (size_t r = 0; r < w->t->nrow; r++) {
		const struct qun_value *v = qun_table_at(w->t, r, (size_t)w->main);
		if (g->place[g->offset[r]] > 0 && !qun_is_null(v) && qun_value_real(v) > most)
			most = qun_value_real(v);
	}
	return most;
}

static int add_heads(struct qun_viewing *w, const struct triangle *g)
{
	size_t at = 0;
	int err = 0;

	for (size_t c = 0; !err && c < w->t->ncol; c++)
		if (is_line_key(g, w->t, c))
			err = qun_view_head(w, at++, c);
	if (!err && g->size_col >= 0)
		err = qun_view_head(w, at++, (size_t)g->size_col);
	for (uint32_t i = 0; !err && i < g->offsets.n; i++) {
		size_t to = at + g->place[i];
		w->v->column[to].right = true;
		err = qun_utf8_show(&w->scratch, qun_dict_text(&g->offsets, i));
		if (!err)
			err = qun_view_keep(w, &w->v->cell[to].text);
	}
	return err;
}

/* Key cells and size of a line, from its first row. */
static int add_line(
	struct qun_viewing *w, const struct triangle *g, size_t row, struct qun_view_cell *line)
{
	size_t at = 0;
	int err = 0;

	for (size_t c = 0; !err && c < w->t->ncol; c++) {
		if (!is_line_key(g, w->t, c))
			continue;
		err = qun_view_text(w, c, qun_table_at(w->t, row, c));
		if (!err && at + 1 == g->nkey && qun_view_truncated(w, row))
			err = qun_buf_add_text(&w->scratch, " ≈");
		if (!err)
			err = qun_view_keep(w, &line[at++].text);
	}
	if (err || g->size_col < 0)
		return err;
	err = qun_view_text(w, (size_t)g->size_col, qun_table_at(w->t, row, (size_t)g->size_col));
	return err ? err : qun_view_keep(w, &line[at].text);
}

/* Returns 1 when two rows claim one cell: nothing may disappear, so the list shows them. */
static int add_row(struct qun_viewing *w, const struct triangle *g, size_t row, double most)
{
	struct qun_view_cell *line = w->v->cell + (g->line[row] + (size_t)1) * w->v->ncol;
	size_t to = g->nkey + (g->size_col >= 0) + g->place[g->offset[row]];
	const struct qun_value *v = qun_table_at(w->t, row, (size_t)w->main);
	int err = line[0].text.ptr ? 0 : add_line(w, g, row, line);

	if (err || line[to].text.ptr)
		return err ? err : 1;
	line[to].unfinished = qun_view_unfinished(w, row);
	w->v->column[to].marked |= line[to].unfinished;
	if (!qun_is_null(v) && most > 0) {
		double heat = qun_value_real(v) / most * QUN_HEAT_STEPS;
		line[to].heat = heat < QUN_HEAT_STEPS - 1 ? 1 + (int)heat : QUN_HEAT_STEPS;
	}
	if (!qun_is_null(v))
		err = qun_value_format(&w->scratch, v, 100, 1, 1);
	return err ? err : qun_view_keep(w, &line[to].text);
}

static int fill(struct qun_viewing *w, struct triangle *g)
{
	int err;

	if ((err = read_rows(w, g)) || (err = place_offsets(g)) ||
		(err = qun_view_size(
			 w, g->nkey + (g->size_col >= 0) + g->offsets.n, g->lines.n + 1)) ||
		(err = add_heads(w, g)))
		return err;
	double most = hottest(w, g);
	for (size_t r = 0; !err && r < w->t->nrow; r++)
		err = add_row(w, g, r, most);
	return err;
}

int qun_view_triangle(struct qun_viewing *w)
{
	struct triangle g = {.offset_col = qun_table_find(w->t, "offset"),
		.size_col = qun_table_find(w->t, "size")};

	for (size_t c = 0; c < w->t->ncol; c++)
		g.nkey += is_line_key(&g, w->t, c);
	if (g.offset_col < 0 || w->main < 0 || g.nkey == 0)
		return 1;
	g.line = calloc(w->t->nrow + 1, sizeof *g.line);
	g.offset = calloc(w->t->nrow + 1, sizeof *g.offset);
	int err = g.line && g.offset ? fill(w, &g) : QUN_ENOMEM;
	free(g.line);
	free(g.offset);
	free(g.place);
	qun_dict_release(&g.lines);
	qun_dict_release(&g.offsets);
	return err;
}
