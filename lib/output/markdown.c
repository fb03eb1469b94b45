/* Markdown as GitHub reads it. Names are data: nothing in them may become markup, a link, an image
 * or the end of a cell. */
#include <string.h>

#include "output/view.h"

static int add_escaped(struct qun_buf *out, struct qun_span s)
{
	int err = 0;

	for (size_t i = 0; !err && i < s.len; i++) {
		if (s.ptr[i] && strchr("\\`*_[]<>&|~$", s.ptr[i]))
			err = qun_buf_add_char(out, '\\');
		if (!err)
			err = qun_buf_add_char(out, s.ptr[i]);
	}
	return err;
}

static int add_line(struct qun_buf *out, const struct qun_view *v, size_t row)
{
	for (size_t c = 0; c < v->ncol; c++) {
		int err;
		const struct qun_view_cell *cell = v->cell + row * v->ncol + c;
		if ((err = qun_buf_add_text(out, "| ")) || (err = add_escaped(out, cell->text)) ||
			(err = cell->unfinished ? qun_buf_add_text(out, "\\*") : 0) ||
			(err = qun_buf_add_char(out, ' ')))
			return err;
	}
	return qun_buf_add_text(out, "|\n");
}

static int add_rule(struct qun_buf *out, const struct qun_view *v)
{
	int err = 0;

	for (size_t c = 0; !err && c < v->ncol; c++)
		err = qun_buf_add_text(out, v->column[c].right ? "| ---: " : "| --- ");
	return err ? err : qun_buf_add_text(out, "|\n");
}

static int write_view(const struct qun_view *v, struct qun_buf *out,
	int (*sink)(void *arg, struct qun_buf *out), void *arg)
{
	int err = 0;

	for (size_t r = 0; !err && r < v->nrow; r++) {
		err = add_line(out, v, r);
		if (!err && r == 0)
			err = add_rule(out, v);
		if (!err)
			err = qun_write_pass(out, sink, arg);
	}
	/* A paragraph each: the lines of one paragraph would run together. */
	for (size_t i = 0; !err && i < v->nnote; i++) {
		if ((err = qun_buf_add_char(out, '\n')) || (err = add_escaped(out, v->note[i])) ||
			(err = qun_buf_add_char(out, '\n')))
			break;
	}
	return err;
}

static int write_markdown(const struct qun_table *t, const struct qun_style *style,
	struct qun_buf *out, int (*sink)(void *arg, struct qun_buf *out), void *arg)
{
	struct qun_view v = {0};
	int err = qun_view_make(&v, t, style, false);

	if (!err)
		err = write_view(&v, out, sink, arg);
	qun_view_release(&v);
	return err;
}

const struct qun_writer qun_writer_markdown = {
	.name = "markdown", .write = write_markdown, .for_people = true};
