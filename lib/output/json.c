/* JSON and NDJSON: one object a line, numbers as they are printed everywhere, text that no
 * terminal, log viewer or script tag can take for anything else. */
#include "output/output.h"
#include "qun/escape.h"

static int add_value(const struct qun_table *t, size_t col, const struct qun_value *v,
	struct qun_buf *out, struct qun_buf *scratch)
{
	if (qun_is_null(v))
		return qun_buf_add_text(out, "null");
	if (!qun_is_text(v) && t->column[col].kind != QUN_K_DATE)
		return qun_cell_format(out, t, col, v);
	qun_buf_clear(scratch);
	int err = qun_cell_format(scratch, t, col, v);
	return err ? err : qun_escape_json(out, qun_buf_span(scratch), false);
}

static int add_object(
	const struct qun_table *t, size_t row, struct qun_buf *out, struct qun_buf *scratch)
{
	for (size_t c = 0; c < t->ncol; c++) {
		int err;
		if ((err = qun_buf_add_char(out, c ? ',' : '{')) ||
			(err = qun_escape_json(out, qun_span_of(t->column[c].name), false)) ||
			(err = qun_buf_add_char(out, ':')) ||
			(err = add_value(t, c, qun_table_at(t, row, c), out, scratch)))
			return err;
	}
	return qun_buf_add_char(out, '}');
}

static int write_json(const struct qun_table *t, const struct qun_style *style, struct qun_buf *out,
	int (*sink)(void *arg, struct qun_buf *out), void *arg)
{
	struct qun_buf scratch = {0};
	int err = 0;

	(void)style;
	for (size_t r = 0; r < t->nrow; r++) {
		if ((err = qun_buf_add_text(out, r ? ",\n" : "[\n")) ||
			(err = add_object(t, r, out, &scratch)) ||
			(err = qun_write_pass(out, sink, arg)))
			break;
	}
	qun_buf_release(&scratch);
	return err ? err : qun_buf_add_text(out, t->nrow ? "\n]\n" : "[]\n");
}

static int write_ndjson(const struct qun_table *t, const struct qun_style *style,
	struct qun_buf *out, int (*sink)(void *arg, struct qun_buf *out), void *arg)
{
	struct qun_buf scratch = {0};
	int err = 0;

	(void)style;
	for (size_t r = 0; r < t->nrow; r++) {
		if ((err = add_object(t, r, out, &scratch)) ||
			(err = qun_buf_add_char(out, '\n')) ||
			(err = qun_write_pass(out, sink, arg)))
			break;
	}
	qun_buf_release(&scratch);
	return err;
}

const struct qun_writer qun_writer_json = {.name = "json", .write = write_json};
const struct qun_writer qun_writer_ndjson = {.name = "ndjson", .write = write_ndjson};
