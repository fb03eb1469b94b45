/* The table for terminals: columns aligned by what a terminal shows, a thin rule, heat. */
#include <stdlib.h>

#include "output/view.h"
#include "qun/utf8.h"

static size_t width_of(const struct qun_view *v, size_t row, size_t col)
{
	return qun_utf8_width(v->cell[row * v->ncol + col].text) + v->column[col].marked;
}

static int pad(struct qun_buf *out, size_t n)
{
	int err = 0;

	while (!err && n--)
		err = qun_buf_add_char(out, ' ');
	return err;
}

/* Pale to deep blue of the 256 colours, with black or white letters, whichever reads better. */
static int start_heat(struct qun_buf *out, int heat)
{
	static const unsigned char background[QUN_HEAT_STEPS] = {
		255, 195, 153, 117, 75, 33, 26, 19};

	return qun_buf_printf(
		out, "\x1b[48;5;%dm\x1b[38;5;%dm", background[heat - 1], heat > 6 ? 231 : 16);
}

static int add_cell(struct qun_buf *out, const struct qun_view *v, size_t row, size_t col,
	size_t width, bool color)
{
	const struct qun_view_cell *cell = v->cell + row * v->ncol + col;
	struct qun_view_column column = v->column[col];
	size_t blanks = width - width_of(v, row, col);
	bool heat = color && cell->heat;
	int err;

	if ((err = col ? pad(out, 2) : 0) || (err = heat ? start_heat(out, cell->heat) : 0) ||
		(err = pad(out, column.right ? blanks : 0)) ||
		(err = qun_buf_add_span(out, cell->text)) ||
		(err = column.marked ? qun_buf_add_char(out, cell->unfinished ? '*' : ' ') : 0) ||
		(err = pad(out, column.right ? 0 : blanks)))
		return err;
	return heat ? qun_buf_add_text(out, "\x1b[0m") : 0;
}

static int add_line(
	struct qun_buf *out, const struct qun_view *v, size_t row, const size_t *width, bool color)
{
	size_t start = out->len;
	int err = 0;

	for (size_t c = 0; !err && c < v->ncol; c++)
		err = add_cell(out, v, row, c, width[c], color);
	if (err)
		return err;
	while (out->len > start && out->ptr[out->len - 1] == ' ')
		out->len--;
	return qun_buf_add_char(out, '\n');
}

static int add_rule(struct qun_buf *out, const struct qun_view *v, const size_t *width)
{
	int err = 0;

	for (size_t c = 0; !err && c < v->ncol; c++) {
		err = c ? pad(out, 2) : 0;
		for (size_t i = 0; !err && i < width[c]; i++)
			err = qun_buf_add_char(out, '-');
	}
	return err ? err : qun_buf_add_char(out, '\n');
}

static size_t *measure(const struct qun_view *v)
{
	size_t *width = calloc(v->ncol + 1, sizeof *width);

	for (size_t r = 0; width && r < v->nrow; r++) {
		for (size_t c = 0; c < v->ncol; c++) {
			size_t w = width_of(v, r, c);
			if (w > width[c])
				width[c] = w;
		}
	}
	return width;
}

static int write_view(const struct qun_view *v, bool color, struct qun_buf *out,
	int (*sink)(void *arg, struct qun_buf *out), void *arg)
{
	size_t *width = measure(v);
	int err = width ? 0 : QUN_ENOMEM;

	for (size_t r = 0; !err && r < v->nrow; r++) {
		err = add_line(out, v, r, width, color);
		if (!err && r == 0)
			err = add_rule(out, v, width);
		if (!err)
			err = qun_write_pass(out, sink, arg);
	}
	for (size_t i = 0; !err && i < v->nnote; i++) {
		err = qun_buf_add_span(out, v->note[i]);
		if (!err)
			err = qun_buf_add_char(out, '\n');
	}
	free(width);
	return err;
}

static int write_table(const struct qun_table *t, const struct qun_style *style,
	struct qun_buf *out, int (*sink)(void *arg, struct qun_buf *out), void *arg)
{
	struct qun_view v = {0};
	int err = qun_view_make(&v, t, style, true);

	if (!err)
		err = write_view(&v, style && style->color, out, sink, arg);
	qun_view_release(&v);
	return err;
}

const struct qun_writer qun_writer_table = {
	.name = "table", .above = QUN_ABOVE_LINES, .write = write_table, .for_people = true};
